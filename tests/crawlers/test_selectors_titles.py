"""Sites that insist on the title in an address: another title is sent to page 1 under the right one, whatever page was asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from crawlers.pages import Fetched, ParserFailure
from crawlers.settings_types import SourceSettings
from crawlers.sites.selectors.address import Address, Found
from crawlers.sites.selectors.engine import SelectorsEngine
from crawlers.trial import try_page
from store.clock import SystemClock
from tests.crawlers.served import Answer, MemorySink, crawl_once, source, tiny_server
from tests.crawlers.town import PEOPLE, Town, compare, town

pytestmark = pytest.mark.served
RULES = json.loads((Path(__file__).parent / "fixtures" / "selectors" / "source.json").read_text(encoding="utf-8"))["rules"]
RULES |= {
    "list": ["latest/[?page={page}]"],
    "board": ["c/{board:n}/{title}/[?page={page}]"],
    "thread": ["t/{tid:n}/{title}/[?page={page}]"],
    "board_link": ["a.cat"],
}


def words(title: str) -> str:
    return title.replace(" ", "-").replace("&", "").strip("-")


def served_by(made: Town, path: str) -> Answer:
    made.asked.append(path)
    parts = urlsplit(path)
    page = int(parse_qs(parts.query).get("page", ["1"])[0])
    steps = unquote(parts.path).strip("/").split("/")
    if steps[0] == "t":
        talk = made.talk(steps[1])
        if talk is None or page > talk.pages:
            return 404, {}, b""
        if steps[2:] != [words(talk.title)]:
            return 301, {"Location": f"/t/{talk.tid}/{quote(words(talk.title))}/"}, b""
        inner = f"<h1>{escape(talk.title)}</h1>" + "".join(
            f'<article class="post" id="p{said.pid}"><a class="user" href="/u/{said.uid}">{PEOPLE[said.uid]}</a>'
            f'<time datetime="{said.at.isoformat()}">x</time><div class="text">{escape(said.body)}</div></article>'
            for said in talk.page(page)
        )
        more = page < talk.pages
    else:
        board = steps[1] if steps[0] == "c" else ""
        if board and steps[2:] != [f"版-{board}"]:
            return 301, {"Location": f"/c/{board}/{quote(f'版-{board}')}/"}, b""
        inner = "".join(f'<a class="cat" href="/c/{number}/版-{number}/">版 {number}</a>' for number in "123") + "".join(
            f'<li class="topic"><a class="title" href="/t/{talk.tid}/{words(talk.title)}/">{escape(talk.title)}</a>'
            f'<a class="cat" href="/c/{talk.board}/版-{talk.board}/">版 {talk.board}</a>'
            f'<time datetime="{talk.last.isoformat()}">x</time><span class="replies">{len(talk.posts) - 1}</span></li>'
            for talk in made.page(page, board)
        )
        more = page < made.pages(board)
    inner += '<a rel="next" href="#">下一页</a>' if more else ""
    return 200, {}, f"<html><title>街坊</title><body>{inner}</body></html>".encode()


@pytest.mark.parametrize("without", ["", "list", "board"])
def test_every_post_is_read(without: str) -> None:
    made, sink = town(), MemorySink()
    rules = {name: rule for name, rule in RULES.items() if name != without}
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="selectors", rules=rules))
    compare(made, sink, **({"board": True} if without == "board" else {}))
    if not without:
        assert {post.board_name for post in sink.posts.values()} == {"版 1", "版 2", "版 3"}


@pytest.mark.parametrize(("forgotten", "first"), [(False, 3), (True, 1)])
def test_the_last_page_of_a_thread_is_found_again(forgotten: bool, first: int) -> None:
    """Under the title that is stored, or, when there is none, under the one that page 1 is sent to."""
    made, sink = town(), MemorySink()
    rules = {name: rule for name, rule in RULES.items() if name != "board"}
    with tiny_server(lambda path: served_by(made, path)) as url:
        one = source(url, engine="selectors", rules=rules, concurrency=1)
        crawl_once(sink, one)
        old = made.talks[20]
        assert old.pages == 3
        sink.hot_tids.add(str(old.tid))
        if forgotten:
            sink.marks = {tid: replace(mark, url="") for tid, mark in sink.marks.items()}
        before = len(sink.snapshots)
        crawl_once(sink, one)
    pages = [snapshot.page for snapshot in sink.snapshots[before:] if snapshot.tid == str(old.tid)]
    assert (pages[0], pages[-1]) == (first, 3)


@pytest.mark.parametrize("forgotten", [False, True])
def test_what_is_not_found_under_a_title_that_was_never_seen_is_no_deletion(forgotten: bool) -> None:
    made, sink = town(), MemorySink()
    rules = {name: rule for name, rule in RULES.items() if name != "board"}

    def strict(path: str) -> Answer:
        status, headers, body = served_by(made, path)
        return (404, {}, b"") if status == 301 else (status, headers, body)

    with tiny_server(strict) as url:
        one = source(url, engine="selectors", rules=rules, concurrency=1)
        crawl_once(sink, one)
        compare(made, sink, board=True)
        tid = str(made.talks.pop(20).tid)
        sink.hot_tids.add(tid)
        if forgotten:
            sink.marks = {tid: replace(mark, url="") for tid, mark in sink.marks.items()}
        crawl_once(sink, one)
    assert [snapshot.tid for snapshot in sink.snapshots if snapshot.gone] == ([] if forgotten else [tid])


@pytest.mark.parametrize(
    ("template", "address", "found"),
    [
        ("t/{tid:n}/{title}/[?page={page}]", "/t/12/2035/?page=3", Found("12", 3, ("2035",))),
        ("t/{tid:n}/{title}/[?page={page}]", "/t/12/路灯/", Found("12", None, ("%E8%B7%AF%E7%81%AF",))),
        ("f/{title}-{board}/t/{title}-{tid:n}/[?page={page}]", "/f/a-b-3/t/2019-lamp-12/?page=2", Found("12", 2, ("a-b", "2019-lamp"))),
        ("t/{tid:n}/{title}/", "/t/12/a:b%e8/", Found("12", None, ("a%3Ab%E8",))),
        ("问题/{tid:n}/{title}/[第{page}页/]", "/%E9%97%AE%e9%a2%98/12/%E7%81%AF/%E7%AC%AC3%E9%A1%B5/", Found("12", 3, ("%E7%81%AF",))),
        ("问题/{tid}", "/问题/路灯", Found("路灯", None)),
        ("%E9%97%AE%E9%A2%98/{tid:n}", "/问题/12", Found("12", None)),
        ("?主题={tid:n}", "/?%E4%B8%BB%E9%A2%98=12", Found("12", None)),
        ("t/{tid:n}/[?page={page}]", "/t/12/2035/", Found("12", None)),
        ("q/{tid:n}/{title}/?sort=oldest[&page={page}]", "/q/12/lamp/", Found("12", None, ("lamp",))),
        ("q/{tid:n}/{title}/?sort=oldest[&page={page}]", "/q/12/lamp/?sort=votes&page=2", Found("12", 2, ("lamp",))),
        ("t/{tid:n}[?page={page}]", "/t/12a", None),
    ],
)
def test_words_of_an_address(template: str, address: str, found: Found | None) -> None:
    assert Address("http://site.example/", template, "tid").read(address) == found


def test_an_address_is_made_with_the_words_that_a_link_had() -> None:
    assert Address("http://site.example/", "q/{tid:n}/?sort=oldest[&page={page}]", "tid").make("12", 3) == "http://site.example/q/12/?sort=oldest&page=3"
    address = Address("http://site.example/bbs/", "f/{title}-{board}/t/{title}-{tid:n}[?page={page}]", "tid")
    assert address.make("12", 2, ("a%3Ab", "c")) == "http://site.example/bbs/f/a%3Ab-12/t/c-12?page=2"
    assert address.make("12", 1) == "http://site.example/bbs/f/--12/t/--12"


def test_a_link_that_is_no_address_of_a_thread_is_shown() -> None:
    made = town()
    engine = SelectorsEngine(
        SourceSettings(name="x", url="http://site.example/", engine="selectors", rules=RULES | {"thread": ["z/{tid:n}"]})
    )
    page = Fetched("http://site.example/latest/", served_by(made, "/latest/")[2], "", 0.1)
    with pytest.raises(ParserFailure, match=rf"行中的链接例如 /t/{made.page(1)[0].tid}/"):
        engine.read_list(page, SystemClock().now())


def test_try_says_that_another_page_came_and_that_ids_look_like_floors() -> None:
    made = town()
    for talk in made.talks:
        talk.posts[:] = [replace(said, pid=number) for number, said in enumerate(talk.posts, 1)]
    with tiny_server(lambda path: served_by(made, path)) as url:
        one = source(url, engine="selectors", rules=RULES | {"thread": ["t/{tid:n}/[?page={page}]"]})
        told = {(row.record, row.field): row.value for row in try_page(one, f"{url}t/100/x/?page=2", SystemClock()).fields}
        assert "转到了" in told["提示", "转向"]
        assert "要的是第 2 页，来的是第 1 页" in told["提示", "分页"]
        assert "像是楼层" in told["提示", "post_id"]
        assert told["页面", "下一页"] == f"{url}t/100/?page=2"
        one = replace(one, rules=RULES)
        listed = {(row.record, row.field): row.value for row in try_page(one, f"{url}latest/", SystemClock()).fields}
        assert listed["主题 100", "抓取网址"].startswith(f"{url}t/100/%E7%AC%AC")
