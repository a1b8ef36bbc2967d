"""phpwind over HTTP, in its own order of boards, with a thread that is missing with status 200."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from tests.crawlers.served import Answer, MemorySink, crawl_once, source, tiny_server
from tests.crawlers.town import PEOPLE, Said, Talk, Town, compare, town

pytestmark = pytest.mark.served
EAST = ZoneInfo("Asia/Shanghai")


def _pager(path: str, page: int, pages: int) -> str:
    links = "".join(f'<a href="{path}&amp;page={number}">{number}</a>' for number in range(1, pages + 1) if number != page)
    return f'<div class="pages"><strong>{page}</strong>{links}</div>' if pages > 1 else ""


def _row(talk: Talk) -> str:
    first, last = talk.posts[0], talk.posts[-1]
    return (
        f'<tr><td class="subject"><p class="title"><a class="st" href="read.php?tid={talk.tid}">{escape(talk.title)}</a></p>'
        f'<p class="info">楼主：<a data-uid="{first.uid}" href="space.php">{PEOPLE[first.uid]}</a>'
        f'<span>{first.at.astimezone(EAST):%Y-%m-%d}</span>'
        f'最后回复：<a>x</a><span>{last.at.astimezone(EAST):%m-%d %H:%M}</span></p></td>'
        f'<td class="num"><span>回复<em>{len(talk.posts) - 1}</em></span></td></tr>'
    )


def _post(said: Said, *, first: bool) -> str:
    return (
        f'<div id="read_{0 if first else said.pid}"><div class="name"><a data-uid="{said.uid}" href="x">{PEOPLE[said.uid]}</a></div>'
        f'<span>发布于：{said.at.astimezone(EAST):%Y-%m-%d %H:%M}</span><div class="editor_content">{escape(said.body)}</div></div>'
    )


def served_by(made: Town, path: str) -> Answer:
    made.asked.append(path)
    parts = urlsplit(path)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    page = int(query.get("page", "1"))
    if parts.path == "/read.php":
        talk = made.talk(query["tid"])
        if talk is None:
            inner = '<div class="error_wrap">帖子不存在</div>'
        else:
            posts = "".join(_post(said, first=said is talk.posts[0]) for said in talk.page(page))
            crumb = f'<div class="bread_crumb"><a href="thread.php?fid={talk.board}">版</a></div><h1>{escape(talk.title)}</h1>'
            inner = crumb + posts + _pager(f"read.php?tid={talk.tid}", page, talk.pages)
    elif parts.path == "/thread.php":
        board = query["fid"]
        rows = "".join(_row(talk) for talk in made.page(page, board))
        inner = f'<table id="J_posts_list">{rows}</table>' + _pager(f"thread.php?fid={board}", page, made.pages(board))
    elif parts.path == "/index.php":
        inner = "".join(f'<a href="thread.php?fid={number}">版 {number}</a>' for number in "123")
    else:
        return 404, {}, b""
    return 200, {}, f"<html><title>街坊</title><body>{inner}<p>Powered by phpwind</p></body></html>".encode()


def test_every_post_is_read_and_a_missing_thread_is_reported_gone() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="phpwind"))
        firsts = {f"0{talk.tid}": str(talk.posts[0].pid) for talk in made.talks}
        assert set(firsts) <= set(sink.posts)
        compare(made, MemorySink(posts={firsts.get(pid, pid): post for pid, post in sink.posts.items()}))
        tid = str(made.talks.pop(1).tid)
        sink.hot_tids.add(tid)
        made.asked.clear()
        crawl_once(sink, source(url, engine="phpwind"))
    assert [path for path in made.asked if path.startswith("/read.php")] == [f"/read.php?tid={tid}"]
    assert [snapshot.tid for snapshot in sink.snapshots if snapshot.gone] == [tid]
