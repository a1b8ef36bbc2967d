"""Tieba as a guest is served it, and each of its walls: marked blocked, left alone, never taken for a deletion."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from huiying.config import load
from huiying.wire import source_settings
from store.snapshots import FetchOutcome
from tests.crawlers.served import Answer, MemorySink, crawl_once, source, tiny_server
from tests.crawlers.town import PEOPLE, Town, compare, town

pytestmark = pytest.mark.served
EAST = ZoneInfo("Asia/Shanghai")
BAR = "临海"


def served_by(made: Town, path: str) -> Answer:
    made.asked.append(path)
    parts = urlsplit(path)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if parts.path == "/f":
        inner = "".join(
            f'<li class="j_thread_list" data-field="{escape(json.dumps({"id": talk.tid, "reply_num": len(talk.posts) - 1}))}">'
            f'<a class="j_th_tit" href="/p/{talk.tid}">{escape(talk.title)}</a>'
            f'<span class="threadlist_reply_date">{talk.last.astimezone(EAST):%m-%d}</span></li>'
            for talk in made.of()
        )
        inner = f'<code class="pagelet_html"><!--<ul>{inner}</ul>--></code>'
    elif parts.path.startswith("/p/"):
        talk = made.talk(parts.path[3:])
        assert talk is not None
        inner = f'<h3 class="core_title_txt">{escape(talk.title)}</h3><li class="l_posts_num">共<span>{talk.pages}</span>页</li>'
        for said in talk.page(int(query.get("pn", "1"))):
            number = talk.posts.index(said) + 1
            content = {"post_id": said.pid, "post_no": number, "date": f"{said.at.astimezone(EAST):%Y-%m-%d %H:%M}"}
            told = {"author": {"user_id": int(said.uid), "user_name": PEOPLE[said.uid]}, "content": content}
            inner += f'<div class="l_post" data-field="{escape(json.dumps(told))}">'
            inner += f'<div id="post_content_{said.pid}">{escape(said.body)}</div></div>'
    else:
        return 404, {}, b""
    return 200, {}, f"<html><title>临海吧-百度贴吧</title><body>{inner}</body></html>".encode()


def test_every_post_of_the_named_bar_is_read() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="tieba", boards=(BAR,)))
        compare(made, sink, board=True)
    assert {post.board for post in sink.posts.values()} == {BAR}


@pytest.mark.parametrize(
    "wall",
    [
        (302, {"Location": "https://wappass.example.com/static/captcha/"}, b""),
        (403, {}, "<title>百度安全验证</title>".encode()),
        (404, {}, "<title>贴吧404</title>".encode()),
        (429, {"Retry-After": "7200"}, b""),
        (200, {}, "<html><title>百度安全验证</title><body>请完成验证</body></html>".encode()),
    ],
)
def test_a_wall_blocks_the_source_and_is_not_run_against(wall: Answer) -> None:
    made, sink = town(), MemorySink()

    def walled(path: str) -> Answer:
        return served_by(made, path) if path.startswith(("/f", "/robots")) or len(made.asked) < 5 else wall

    with tiny_server(lambda path: (made.asked.append(path), walled(path))[1]) as url:
        crawl_once(sink, source(url, engine="tieba", boards=(BAR,), concurrency=1, robots=False))
    blocked = [report for report in sink.reports if report.outcome is FetchOutcome.WALL]
    assert len(blocked) == 1, "one request meets the wall, then the source rests"
    assert blocked[0].quiet_until is not None
    assert (blocked[0].quiet_until - blocked[0].at).total_seconds() >= (7200 if wall[0] == 429 else 900)
    assert "不会绕过" in blocked[0].advice
    assert not [snapshot for snapshot in sink.snapshots if snapshot.gone]
    assert sink.posts, "what was read before the wall is kept"


def test_it_is_off_unless_somebody_switches_it_on(tmp_path: Path) -> None:
    told = {"engine": "tieba", "url": "https://tieba.example.com/", "boards": [BAR]}
    for added, wanted in (({}, 0), ({"enabled": "true"}, 1)):
        path = tmp_path / "pipelines.yaml"
        path.write_text(json.dumps({"extends": "shipped", "sources": {"tieba": told | added}}), encoding="utf-8")
        settings = source_settings(load(path, environment={}).pipelines)
        assert len([one for one in settings if one.engine == "tieba"]) == wanted
