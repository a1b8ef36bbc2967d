"""The WSGI application: addresses to pages, with the scenarios before and after."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from huiying.forum import posting, queries
from huiying.forum.boards import BOARDS, KINDS
from huiying.forum.bodytext import SMILIES
from huiying.forum.markup import notice
from huiying.forum.pages import lists, small, thread
from huiying.forum.queries import Order
from huiying.forum.site import Site
from huiying.forum.view import View
from huiying.forum.web import Request, Response, undrawable

codecs.register_error("sample_gbk", undrawable)

_THREAD_URL = re.compile(r"/thread-(\d{1,9})-(\d{1,6})-(\d{1,6})\.html")
_BOARD_URL = re.compile(r"/forum-(\d{1,6})-(\d{1,6})\.html")
_ARCHIVED_BOARD = re.compile(r"fid-(\d{1,6})\.html")
_ARCHIVED = re.compile(r"tid-(\d{1,9})\.html")
_TAINTED = re.compile("[<>()'\"]")
_FACES = {
    "smile": "🙂",
    "sad": "🙁",
    "biggrin": "😄",
    "cry": "😢",
    "huffy": "😠",
    "lol": "😆",
    "handshake": "🤝",
    "victory": "✌️",
    "sweat": "😅",
}
MISSING = "抱歉，指定的主题不存在或已被删除或正在被审核"
_STATIC = {"forum.css": "text/css; charset=utf-8", "forum.js": "text/javascript; charset=utf-8"}
_GIF = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


class ForumApp:
    """Answers every request of one Site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._static = {name: files("huiying.forum").joinpath("static", name).read_bytes() for name in _STATIC}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self.answer(Request(environ)).send(start_response)

    def answer(self, request: Request) -> Response:
        if not request.local:
            return Response(403, "示例论坛只在本机可见：请用 127.0.0.1 或 localhost 打开。".encode(), "text/plain; charset=utf-8")
        if request.path.startswith("/static/"):
            return self._static_file(request.path)
        if request.path.startswith("/sample/"):
            return posting.answer(request, self.site)
        scenarios = self.site.scenarios
        for scenario in scenarios:
            early = scenario.before(request, self.site)
            if early is not None:
                return early
        response = self._page(request)
        for scenario in scenarios:
            response = scenario.after(request, response, self.site)
        return response

    def _page(self, request: Request) -> Response:
        if _TAINTED.search(unquote(unquote(request.path + "?" + request.query_string))):
            return Response(503, b"request_tainting", "text/plain", (("Retry-After", "3600"),))
        if request.path == "/robots.txt":
            return Response(200, small.ROBOTS.encode(), "text/plain")
        look = self.site.look()
        for scenario in self.site.scenarios:
            look = scenario.look_for(request, look)
        view = self.site.view(look)
        if found := _THREAD_URL.fullmatch(request.path):
            return self._thread(view, int(found[1]), int(found[2]), view.look.newest_first, request)
        if found := _BOARD_URL.fullmatch(request.path):
            return self._board(view, int(found[1]), int(found[2]), Order.LAST_POST, "")
        if request.path.startswith("/archiver/"):
            return self._archiver(view, request)
        pages: dict[str, Callable[[View, Request], Response]] = {
            "/": self._index,
            "/index.php": self._index,
            "/forum.php": self._forum,
            "/home.php": self._home,
            "/member.php": self._member,
        }
        page = pages.get(request.path)
        return page(view, request) if page else self._html(view, notice(view, "抱歉，您访问的页面不存在"), 404)

    def _html(self, view: View, text: str, status: int = 200) -> Response:
        return Response.html(text, view.charset, status)

    def _index(self, view: View, request: Request) -> Response:
        return self._html(view, lists.index(view))

    def _forum(self, view: View, request: Request) -> Response:
        mod = request.query.get("mod", "")
        page = request.number("page", 1)
        match mod:
            case "" | "forum":
                return self._index(view, request)
            case "forumdisplay":
                newest = request.query.get("orderby") == "dateline" and not view.look.robot
                kind = KINDS.get(request.number("typeid"), "") if request.query.get("filter") == "typeid" else ""
                return self._board(view, request.number("fid"), page, Order.NEWEST if newest else Order.LAST_POST, kind)
            case "viewthread":
                order = request.query.get("ordertype", "1" if view.look.newest_first else "")
                return self._thread(view, request.number("tid"), page, order == "1", request)
            case "guide":
                if not view.look.guide:
                    return self._html(view, notice(view, "抱歉，导读功能尚未开启"))
                return self._html(view, lists.guide(view, "newthread" if request.query.get("view") == "newthread" else "new", page))
            case "rss":
                text = small.rss(view, request.number("fid"), self.site.url)
                return replace(Response.html(text, view.charset), content_type=f"application/xml; charset={view.charset}")
            case "redirect":
                return self._redirect(view, request)
            case "attachment":
                return self._html(view, small.attachment(view, request.query.get("aid", "")))
            case "post":
                found = queries.post(self.site.store, request.number("pid"))
                if found is None:
                    return self._html(view, notice(view, MISSING), 404)
                return self._html(view, small.edit_form(view, found))
        return self._html(view, notice(view, "抱歉，您请求的页面不存在"), 404)

    def _board(self, view: View, fid: int, page: int, order: Order, kind: str) -> Response:
        if fid not in BOARDS:
            return self._html(view, notice(view, "抱歉，指定的版块不存在"))
        return self._html(view, lists.board(view, fid, page, order, kind))

    def _thread(self, view: View, tid: int, page: int, newest_first: bool, request: Request) -> Response:
        row = queries.thread(self.site.store, tid)
        if row is None:
            return self._html(view, notice(view, MISSING), 404)
        if row.moved_to:
            return Response.redirect(f"{self.site.url}forum.php?mod=viewthread&tid={row.moved_to}")
        if request.query.get("action") == "printable":
            return self._html(view, thread.printable(view, row))
        return self._html(view, thread.thread(view, row, page, newest_first))

    def _archiver(self, view: View, request: Request) -> Response:
        if (board := _ARCHIVED_BOARD.search(request.query_string)) and int(board[1]) in BOARDS:
            return self._html(view, thread.archived_board(view, int(board[1]), request.number("page", 1)))
        found = _ARCHIVED.search(request.query_string)
        row = queries.thread(self.site.store, int(found[1])) if found else None
        if row is None or row.moved_to:
            return self._html(view, notice(view, MISSING), 404)
        return self._html(view, thread.archiver(view, row, request.number("page", 1)))

    def _redirect(self, view: View, request: Request) -> Response:
        """`goto=findpost` and `goto=lastpost`: 302 to the page that holds the post."""
        tid, pid = request.number("ptid") or request.number("tid"), request.number("pid")
        row = queries.thread(self.site.store, tid)
        if row is None:
            return self._html(view, notice(view, MISSING), 404)
        page = queries.page_count(row.replies + 1, queries.POSTS_PER_PAGE)
        if pid:
            page = queries.page_of(self.site.store, tid, pid)
        where = f"{self.site.url}forum.php?mod=viewthread&tid={tid}&page={page}"
        return Response.redirect(where + (f"#pid{pid}" if pid else "#lastpost"))

    def _home(self, view: View, request: Request) -> Response:
        if request.query.get("mod") == "space":
            return self._html(view, small.space(view, request.number("uid")))
        return self._html(view, notice(view, "抱歉，您尚未登录，没有权限访问"))

    def _member(self, view: View, request: Request) -> Response:
        return self._html(view, small.login(view))

    def _static_file(self, path: str) -> Response:
        name = path.rsplit("/", 1)[-1]
        if name in self._static and path.startswith("/static/sample/"):
            return Response(200, self._static[name], _STATIC[name], (("Cache-Control", "max-age=300"),))
        if path.startswith("/static/image/smiley/"):
            known = {file: text for text, (_, file) in SMILIES.items()}
            stem = name.removesuffix(".gif")
            if stem in known:
                face = _FACES.get(stem, "😶")
                drawing = (
                    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
                    f'<text x="12" y="19" font-size="19" text-anchor="middle">{face}</text></svg>'
                )
                return Response(200, drawing.encode(), "image/svg+xml", (("Cache-Control", "max-age=300"),))
        if name == "none.gif":
            return Response(200, _GIF, "image/gif")
        return Response(404, b"", "text/plain")
