"""Pages that are not told by their number: by the records before them (phpBB, SMF), or by the link to the next one alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.settings_types import SourceSettingsError
from crawlers.sites.selectors.address import Address, Found
from crawlers.trial import try_page
from store.clock import SystemClock
from tests.crawlers.served import Answer, MemorySink, crawl_once, source, tiny_server
from tests.crawlers.town import PEOPLE, POSTS, ROWS, Said, Town, compare, town

pytestmark = pytest.mark.served
RULES = json.loads((Path(__file__).parent / "fixtures" / "selectors" / "source.json").read_text(encoding="utf-8"))["rules"]
COUNTED = RULES | {
    "list": [f"search.php?id=active[&start={{skip:{ROWS}}}]"],
    "board": [f"index.php?board={{board:n}}.{{skip:{ROWS}}}"],
    "thread": [f"index.php?topic={{tid:n}}.{{skip:{POSTS}}}"],
}
LINKED = RULES | {"list": ["latest[?after={next}]"], "board": ["c/{board:n}/[?after={next}]"], "next": ["link[rel=next]::attr(href)"]}


@pytest.mark.parametrize(
    ("template", "address", "found"),
    [
        ("viewtopic.php?t={tid:n}[&start={skip:15}]", "/viewtopic.php?t=7", Found("7", None)),
        ("viewtopic.php?t={tid:n}[&start={skip:15}]", "/viewtopic.php?f=2&t=7&start=30", Found("7", 3)),
        ("viewtopic.php?t={tid:n}[&start={skip:15}]", "/viewtopic.php?p=9&t=7#p9", Found("7", None)),
        ("viewtopic.php?t={tid:n}[&start={skip:15}]", "/viewforum.php?f=7", None),
        ("index.php?topic={tid:n}.{skip:15}", "/index.php?topic=7.0", Found("7", 1)),
        ("index.php?topic={tid:n}.{skip:15}", "/index.php?topic=7.30", Found("7", 3)),
        ("index.php?topic={tid:n}.{skip:15}", "/index.php?topic=7.15;topicseen", Found("7", 2)),
        ("index.php?topic={tid:n}.{skip:15}", "/index.php?topic=7.msg12#msg12", Found("7", None)),
        ("index.php?topic={tid:n}.{skip:15}", "/index.php?board=7.0", None),
        ("topic,{tid:n}.{skip:15}.html", "/topic,7.45.html", Found("7", 4)),
    ],
)
def test_a_page_by_the_records_before_it(template: str, address: str, found: Found | None) -> None:
    made = Address("http://site.example/", template, "tid")
    assert made.read(address) == found
    for page in (1, 2, 40):
        again = made.read(made.make("77", page))
        assert again is not None
        assert (again.id, again.page or 1) == ("77", page)


@pytest.mark.parametrize("template", ["t/{tid}?s={skip}", "t/{tid}?s={skip:n}", "t/{tid}?a={next}", "t/{tid}?s={skip:0}"])
def test_what_cannot_be_meant(template: str) -> None:
    with pytest.raises(SourceSettingsError, match=r"\{skip:15\}|\{next\} is for lists"):
        Address("http://site.example/", template, "tid")


def thread_of(made: Town, tid: str, page: int) -> tuple[str, bool] | None:
    talk = made.talk(tid)
    if talk is None or page > talk.pages:
        return None
    posts = "".join(
        f'<article class="post" id="p{said.pid}"><a class="user" href="/u/{said.uid}">{PEOPLE[said.uid]}</a>'
        f'<time datetime="{said.at.isoformat()}">x</time><div class="text">{escape(said.body)}</div></article>'
        for said in talk.page(page)
    )
    return f"<h1>{escape(talk.title)}</h1>{posts}", page < talk.pages


def list_of(made: Town, board: str, page: int, thread: str, boards: str) -> str:
    return "".join(f'<a class="cat" href="{boards % number}">版 {number}</a>' for number in "123") + "".join(
        f'<li class="topic"><a class="title" href="{thread % talk.tid}">{escape(talk.title)}</a>'
        f'<a class="cat" href="{boards % talk.board}">版</a>'
        f'<time datetime="{talk.last.isoformat()}">x</time><span class="replies">{len(talk.posts) - 1}</span></li>'
        for talk in made.page(page, board)
    )


def page_of(inner: str, head: str = "") -> Answer:
    return 200, {}, f"<html><head><title>街坊</title>{head}</head><body>{inner}</body></html>".encode()


def counted(made: Town, path: str) -> Answer:
    made.asked.append(path)
    asked = {name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()}
    kind = next((name for name in ("topic", "board", "id") if name in asked), "")
    number, _, skipped = asked.get(kind, "").partition(".")
    page = int(asked.get("start", skipped) or 0) // (POSTS if kind == "topic" else ROWS) + 1
    if kind == "topic":
        told = thread_of(made, number, page)
        if told is None:
            return 404, {}, b""
        inner, more = told
    else:
        board = number if kind == "board" else ""
        inner, more = list_of(made, board, page, "/index.php?topic=%s.0", "/index.php?board=%s.0"), page < made.pages(board)
    step = (POSTS if kind == "topic" else ROWS) * page
    further = f"/search.php?id=active&start={step}" if kind == "id" else f"/index.php?{kind}={number}.{step}"
    return page_of(inner + (f'<a rel="next" href="{further}">下一页</a>' if more else ""))


def linked(made: Town, path: str) -> Answer:
    """The address of a list's page is a word that nobody can make up."""
    made.asked.append(path)
    parts = urlsplit(path)
    steps = parts.path.strip("/").split("/")
    if steps[0] == "t":
        told = thread_of(made, steps[1], int(parse_qs(parts.query).get("page", ["1"])[0]))
        return (404, {}, b"") if told is None else page_of(told[0], f'<link rel="next" href="{path}#">' if told[1] else "")
    board = steps[1] if steps[0] == "c" else ""
    after = parse_qs(parts.query).get("after", [""])[0]
    page = len(after) // 3 + 1
    head = f'<link rel="next" href="{parts.path}?after={after}x-z">' if page < made.pages(board) else ""
    return page_of(list_of(made, board, page, "/t/%s", "/c/%s/"), head)


def test_an_old_thread_pinned_on_top_does_not_end_the_first_crawl() -> None:
    """Without a rule that tells pinned rows, the rows at the end of a page tell how far down it is."""
    made, sink = town(), MemorySink()
    old = Said(900, "31", "版规", datetime.now(UTC).replace(microsecond=0) - timedelta(days=400))

    def pinned(path: str) -> Answer:
        status, headers, body = counted(made, path)
        row = f'<li class="topic"><a class="title" href="/index.php?topic=9.0">版规</a><time datetime="{old.at.isoformat()}">x</time></li>'
        return status, headers, body.replace(b'<li class="topic">', row.encode() + b'<li class="topic">', 1)

    with tiny_server(pinned) as url:
        crawl_once(sink, source(url, engine="selectors", rules={name: rule for name, rule in COUNTED.items() if name != "board"}))
    compare(made, sink, board=True)


@pytest.mark.parametrize("without", ["", "list", "board"])
@pytest.mark.parametrize("way", ["counted", "linked"])
def test_every_post_is_read(way: str, without: str) -> None:
    made, sink = town(), MemorySink()
    answer, rules = (counted, COUNTED) if way == "counted" else (linked, LINKED)
    rules = {name: rule for name, rule in rules.items() if name != without}
    with tiny_server(lambda path: answer(made, path)) as url:
        crawl_once(sink, source(url, engine="selectors", rules=rules))
        compare(made, sink, **({"board": True} if without == "board" else {}))
        first = len(made.asked)
        crawl_once(sink, source(url, engine="selectors", rules=rules))
    assert not [path for path in made.asked[first:] if "topic=" in path or path.startswith("/t/")], "a second round reads lists only"


def test_a_trial_tells_which_rules_are_missing() -> None:
    def answer(path: str) -> Answer:
        posts = "".join(
            f'<article class="post" id="p{pid}"><a class="user" href="/u/{name}/{pid}/">{name}</a>'
            f'<time datetime="2026-11-22T11:30:05+08:00">x</time>{text}</article>'
            for pid, name, text in ((501, "20230816", '<div class="text">路灯坏了</div>'), (502, "陈", "<p>已隐藏</p>"))
        )
        return page_of(f"<h1>路灯</h1>{posts}")

    with tiny_server(answer) as url:
        trial = try_page(source(url, engine="selectors", rules=LINKED), f"{url}t/12", SystemClock())
        told = {one.field: one.value for one in trial.fields if one.record == "提示"}
        assert "20230816" in told["author_id"]
        assert "rules.shielded" in told["shielded"]
        whole = LINKED | {"author_id": [r"a.user::attr(href) => /(\d+)/$"], "shielded": ["article > p"]}
        trial = try_page(source(url, engine="selectors", rules=whole), f"{url}t/12", SystemClock())
    assert not [one for one in trial.fields if one.record == "提示"]
    assert {one.value for one in trial.fields if one.field == "uid"} == {"501", "502"}


@pytest.mark.parametrize(
    ("name", "wrong"), [("list", "search.php?id=active[&start={skip:25}]"), ("thread", "index.php?topic={tid:n}.{skip:3}")]
)
def test_another_number_of_records_than_there_are_is_said(name: str, wrong: str) -> None:
    made, sink = town(), MemorySink()
    rules = {key: rule for key, rule in COUNTED.items() if key != "board"} | {name: [wrong]}
    with tiny_server(lambda path: counted(made, path)) as url:
        crawl_once(sink, source(url, engine="selectors", rules=rules))
    told = {report.failure for report in sink.reports if report.failure}
    assert any(f"写 {{skip:{ROWS if name == 'list' else POSTS}}}" in one for one in told), told
