"""Servers and networks that fail: slow, cut, gone, overloaded, too large, or not a forum at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from huiying.forum.scenarios.base import Scenario
from huiying.forum.site import Site
from huiying.forum.store import ForumStore
from huiying.forum.web import Request, Response

HUGE_TITLE = "（测试）一页五十兆的帖子"
_BLOCK = "<p>这一页很长，读的人应当在自己的上限处停下。</p>\n".encode() * 1_000


class Slow(Scenario):
    name = "slow"
    promise = "每页迟 5 秒才答（slow:秒）"

    def before(self, request: Request, site: Site) -> Response | None:
        site.stop.wait(self.number(5.0))
        return None


class Broken(Scenario):
    name = "broken"
    promise = "页面在六成处断掉，长度与内容相符（broken:份额）"

    def after(self, request: Request, response: Response, site: Site) -> Response:
        if not isinstance(response.body, bytes) or response.status != 200 or request.path == "/robots.txt":
            return response
        return replace(response, body=response.body[: int(len(response.body) * self.number(0.6))])


class Cut(Scenario):
    name = "cut"
    promise = "连接在六成处断开，Content-Length 是全长（cut:份额）"

    def after(self, request: Request, response: Response, site: Site) -> Response:
        if not isinstance(response.body, bytes) or response.status != 200 or request.path == "/robots.txt":
            return response
        kept = response.body[: int(len(response.body) * self.number(0.6))]
        # Fewer bytes than claimed: the server closes the connection behind them.
        return replace(response, body=kept, claimed_length=len(response.body))


class Gone(Scenario):
    name = "gone"
    promise = "连接一建立就被断开，持续 3600 秒（gone:秒），之后照常"

    def refuses(self, monotonic: float) -> bool:
        if self.started is None:
            self.started = monotonic
        return monotonic - self.started < self.number(3600.0)


class Error503(Scenario):
    name = "error503"
    promise = "每页 503，Retry-After 30 秒（error503:秒）"
    status = 503

    def before(self, request: Request, site: Site) -> Response | None:
        text = f"<html><head><title>{self.status}</title></head><body><h1>{self.status}</h1><p>示例论坛</p></body></html>"
        return Response(self.status, text.encode(), "text/html; charset=utf-8", (("Retry-After", str(int(self.number(30)))),))


class Error429(Error503):
    name = "error429"
    promise = "每页 429，Retry-After 30 秒（error429:秒）"
    status = 429


class Error403(Error503):
    name = "error403"
    promise = "每页 403"
    status = 403


class Error500(Error503):
    name = "error500"
    promise = "每页 500"
    status = 500


class NotForum(Scenario):
    name = "notforum"
    promise = "同一地址上是别的网站（一家虚构的花店）"

    def before(self, request: Request, site: Site) -> Response | None:
        if request.path == "/robots.txt":
            return Response(200, b"User-agent: *\nAllow: /\n", "text/plain")
        flowers = "".join(f"<li><a href='/rose/{n}'>玫瑰 {n} 枝 ¥{n * 9}</a></li>" for n in range(1, 25))
        text = (
            "<!DOCTYPE html><html><head><title>示例花店 - 鲜花速递</title></head><body><h1>示例花店"
            f"</h1><ul>{flowers}</ul><p>© 2026 示例花店（示例论坛的 notforum 场景）</p></body></html>"
        )
        return Response.html(text, site.charset)


class Huge(Scenario):
    name = "huge"
    promise = "有一个帖子的页面长 50 MB，流式送出、无长度（huge:兆）；其余照常"

    def prepare(self, store: ForumStore) -> None:
        posted = store.add_thread(fid=4, uid=120, title=HUGE_TITLE, body="这一页很长。")
        store.set_note("huge:tid", str(posted.tid))

    def after(self, request: Request, response: Response, site: Site) -> Response:
        tid = site.store.note("huge:tid") or "none"
        asked = request.query.get("tid") == tid or request.path.startswith(f"/thread-{tid}-")
        if not asked or not isinstance(response.body, bytes) or response.status != 200:
            return response
        head, found, tail = response.body.partition(b'<div id="postlistreply"')
        return replace(response, body=_stretched(head, found + tail, int(self.number(50) * 1_000_000), site))


def _stretched(head: bytes, tail: bytes, size: int, site: Site) -> Iterator[bytes]:
    yield head
    for _ in range(size // len(_BLOCK) + 1):
        if site.stop.is_set():
            return
        yield _BLOCK
    yield tail
