"""What a forum can do to a crawl: each failure says what, where and what to do; nothing stored is lost; the rest goes on."""

from __future__ import annotations

import gzip
import socket
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from crawlers.pages import ParserFailure
from crawlers.run import run_sources
from crawlers.settings_types import SourceSettings, SourceSettingsError
from crawlers.sites.discuz.page import read_thread
from store.clock import SystemClock, parse_instant
from store.records import Precision
from store.snapshots import FetchOutcome, FetchReport
from tests.costs import seconds
from tests.crawlers.served import Answer, MemorySink, crawl_once, source, tiny_server

pytestmark = pytest.mark.slow
FIXTURES = Path(__file__).parent / "fixtures" / "discuz"
AT = parse_instant("2026-11-22T14:05:20+08:00")
POSTED = parse_instant("2026-11-22T11:30:05+08:00")
HTML = {"Content-Type": "text/html; charset=utf-8"}


def fixture(case: str) -> bytes:
    return (FIXTURES / case / "page.html").read_bytes()


def pages(**by_mark: bytes | Answer) -> Callable[[str], Answer]:
    """A forum that answers with the page of the first mark in the address: guide, board, thread, index; else 404."""
    marks = {"guide": "mod=guide", "board": "mod=forumdisplay", "thread": "mod=viewthread", "robots": "robots.txt", "index": "forum.php"}

    def answer(path: str) -> Answer:
        for name, mark in marks.items():
            if mark in path:
                found = by_mark.get(name)
                if found is None:
                    break
                return found if isinstance(found, tuple) else (200, HTML, found)
        return 404, HTML, b""

    return answer


def failure_of(sink: MemorySink, outcome: FetchOutcome) -> FetchReport:
    """The one report of a kind; it names the source, the address, what came and what to do."""
    found = [report for report in sink.reports if report.outcome is outcome]
    assert found, [(report.outcome, report.failure) for report in sink.reports]
    report = found[0]
    assert report.source == "bbs"
    assert report.url.startswith("http://127.0.0.1")
    assert report.failure
    assert report.advice
    return report


GUIDE = fixture("list-guide").replace(b"tid=410", b"tid=305")


def test_unreachable_forum_and_the_others_go_on() -> None:
    with socket.socket() as reserved, tiny_server(pages(guide=GUIDE, thread=fixture("thread-stock"))) as url:
        reserved.bind(("127.0.0.1", 0))  # bound, never listening: refuses
        dead = f"http://127.0.0.1:{reserved.getsockname()[1]}/"
        sink = MemorySink()
        crawl_once(sink, source(dead), source(url, name="other"))
    assert "拒绝连接" in failure_of(sink, FetchOutcome.UNREACHABLE).failure
    assert {"9001", "9002", "9003"} <= set(sink.posts)


def test_wrong_charset_in_header_and_configuration_is_read_rightly() -> None:
    answers = pages(guide=GUIDE, thread=(200, {"Content-Type": "text/html; charset=utf-8"}, fixture("thread-gbk")))
    with tiny_server(answers) as url:
        sink = MemorySink()
        crawl_once(sink, source(url, charset="utf-8"))
    assert sink.posts["9001"].body == "朱镕基同志㙍旁路灯坏了😂 镕"


def test_bytes_in_no_charset_are_a_failure() -> None:
    noise = b"<html><title>x</title>normalthread_ " + b"\xff\xfe\x80 " * 9_000 + b"</html>"
    with tiny_server(pages(guide=noise)) as url:
        sink = MemorySink()
        crawl_once(sink, source(url, charset="utf-8"))
    assert "字符集" in failure_of(sink, FetchOutcome.PARSER).failure


def test_a_page_that_is_not_a_forum() -> None:
    with tiny_server(lambda path: (200, HTML, fixture("not-a-forum"))) as url:
        sink = MemorySink()
        reports, events = crawl_once(sink, source(url))
    report = failure_of(sink, FetchOutcome.NOT_A_FORUM)
    assert "域名出售" in report.failure
    assert report.quiet_until is not None
    assert sum(row.failures for row in reports) > 0
    assert any(event.kind == "rest" for event in events)


def test_truncated_page_keeps_what_came_and_is_marked() -> None:
    with tiny_server(pages(guide=GUIDE, thread=fixture("thread-truncated"))) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    assert set(sink.posts) == {"9001"}
    assert [snapshot.complete for snapshot in sink.snapshots] == [False]
    thread_report = next(report for report in sink.reports if report.page_kind == "thread")
    assert "不完整" in thread_report.failure
    assert thread_report.counts["partial"] == 1


def test_connection_cut_in_the_middle() -> None:
    page = fixture("thread-stock")
    cut = (200, HTML | {"Content-Length": str(len(page) * 2)}, page)
    with tiny_server(pages(guide=GUIDE, thread=cut)) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    assert "中断" in failure_of(sink, FetchOutcome.UNREACHABLE).failure
    assert not sink.posts


def test_page_of_50_mb_is_given_up_and_the_rest_goes_on() -> None:
    rows = GUIDE.replace(b"</table>", GUIDE[GUIDE.index(b"<tbody") : GUIDE.index(b"</tbody>") + 8].replace(b"305", b"306") + b"</table>")
    huge = b"<html>" + b"x" * (50 << 20)

    def answer(path: str) -> Answer:
        if "tid=306" in path:
            return 200, HTML, huge
        return pages(guide=rows, thread=fixture("thread-stock"))(path)

    with tiny_server(answer) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    report = failure_of(sink, FetchOutcome.REFUSED)
    assert "过大" in report.failure
    assert "tid=306" in report.url
    assert "9001" in sink.posts


def test_post_of_1_mb_is_taken_whole() -> None:
    text = "路灯坏了。" * 70_000
    page = fixture("thread-future").replace("时间在未来".encode(), text.encode())
    with tiny_server(pages(guide=GUIDE, thread=page)) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    assert sink.posts["9001"].body == text


def test_time_in_the_future_counts_from_the_fetch() -> None:
    page = fixture("thread-future").replace(b"2027-11-22", b"2097-11-22")
    with tiny_server(pages(guide=GUIDE, thread=page)) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    post, snapshot = sink.posts["9001"], sink.snapshots[0]
    assert post.posted_at == snapshot.fetched_at
    assert post.precision is Precision.UNKNOWN
    assert any("在未来" in report.failure for report in sink.reports)


def test_changed_template_is_a_failure_with_a_scrubbed_sample(tmp_path: Path) -> None:
    with tiny_server(pages(guide=GUIDE, thread=fixture("changed-thread"))) as url:
        sink = MemorySink()
        crawl_once(sink, source(url), samples=tmp_path / "samples")
    failure_of(sink, FetchOutcome.PARSER)
    [sample] = (tmp_path / "samples").iterdir()
    assert stat.S_IMODE(sample.stat().st_mode) == 0o600
    kept = sample.read_text(encoding="utf-8")
    assert 'id="postlist"' in kept
    assert "路灯" not in kept


def test_a_wall_rests_the_source_at_once() -> None:
    asked: list[str] = []

    def answer(path: str) -> Answer:
        asked.append(path)
        return (404, HTML, b"") if "robots" in path else (200, HTML, fixture("wall-sum"))

    with tiny_server(answer) as url:
        sink = MemorySink()
        crawl_once(sink, source(url, concurrency=1))
    report = failure_of(sink, FetchOutcome.WALL)
    assert report.detail == "sum"
    assert report.quiet_until is not None
    assert len([path for path in asked if "robots" not in path]) == 1


def test_retry_after_is_obeyed() -> None:
    with tiny_server(lambda path: (503, HTML | {"Retry-After": "3600"}, b"")) as url:
        sink = MemorySink()
        crawl_once(sink, source(url, concurrency=1))
    report = failure_of(sink, FetchOutcome.HTTP)
    assert report.quiet_until is not None
    assert (report.quiet_until - report.at).total_seconds() == pytest.approx(3600)


def test_robots_txt_is_obeyed() -> None:
    robots = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /*mod=guide*\nDisallow: /forum.php$\n")
    with tiny_server(pages(robots=robots, guide=GUIDE, thread=fixture("thread-stock"))) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    assert "robots.txt" in failure_of(sink, FetchOutcome.ROBOTS).failure
    assert not sink.posts


def test_private_addresses_are_refused_unless_configured() -> None:
    with tiny_server(pages(guide=GUIDE)) as url:
        sink = MemorySink()
        crawl_once(sink, source(url, allow_private=False))
    assert "allow_private" in failure_of(sink, FetchOutcome.REFUSED).failure


def test_redirect_to_another_site_is_not_followed() -> None:
    away = (302, {"Location": "http://other.example/"}, b"")
    with tiny_server(pages(guide=away, index=away)) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    assert "other.example" in failure_of(sink, FetchOutcome.REFUSED).failure


def test_redirects_in_a_circle_end() -> None:
    with tiny_server(lambda path: (302, {"Location": path}, b"")) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    assert "转向" in failure_of(sink, FetchOutcome.REFUSED).failure


def test_login_redirect_is_a_login_wall() -> None:
    login = (302, {"Location": "/member.php?mod=logging&action=login"}, b"")
    with tiny_server(pages(guide=login, index=login)) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    assert "登录" in failure_of(sink, FetchOutcome.LOGIN).failure


def test_a_decompression_bomb_is_given_up() -> None:
    bomb = gzip.compress(b"x" * (20 << 20))
    with tiny_server(pages(guide=(200, HTML | {"Content-Encoding": "gzip"}, bomb))) as url:
        sink = MemorySink()
        crawl_once(sink, source(url))
    failure_of(sink, FetchOutcome.REFUSED)


@pytest.mark.parametrize("name", ["huiyingbot", "scrapy-based", "Motorola", "connect"])
def test_user_agents_that_change_the_page_are_refused(name: str) -> None:
    with pytest.raises(SourceSettingsError, match=r"sources\.bbs: user agent"):
        source("http://bbs.example/", user_agent=name)


def test_an_address_must_be_one() -> None:
    with pytest.raises(SourceSettingsError, match=r"sources\.bbs\.url"):
        SourceSettings(name="bbs", url="ftp://bbs.example/")


NESTED = "<div>" * 50_000
LINKS = '<a href="home.php?mod=space&amp;uid=1">x</a>' * 5_000


@pytest.mark.parametrize(
    ("written", "complete"),
    [
        (NESTED, False),  # the parser gives up at its depth: the page is marked, not trusted
        ("<p " + " ".join(f"a{n}=1" for n in range(20_000)) + ">字", True),
        (LINKS, True),
        ("&amp;#128514;" * 20_000, True),
        (" \n" * 200_000 + "字", True),
        ("发表于 1999-1-1 00:00:00 GMT+8, 1999-1-1 00:00 <em id='authorposton9001'>发表于 1999-1-1</em>", True),
    ],
)
def test_hostile_markup_in_a_post_ends_soon_and_changes_nothing_else(written: str, complete: bool) -> None:
    whole = fixture("thread-future").decode().replace("2027", "2026")
    page_of = whole.replace("时间在未来", written)
    url = "http://b.example/forum.php?mod=viewthread&tid=305"

    def tried() -> None:
        with suppress(ParserFailure):
            read_thread(page_of.encode(), url, AT, "bbs")

    try:
        read = read_thread(page_of.encode(), url, AT, "bbs")
    except ParserFailure:
        assert not complete
    else:
        assert [(post.uid, post.author, post.posted_at) for post in read.posts] == [("77", "老街住户", POSTED)]
        assert read.complete is complete
    assert seconds(tried, 1) < 1


def test_a_page_that_fails_once_is_fetched_again_and_the_crawl_does_not_rest() -> None:
    tries: list[str] = []

    def answer(path: str) -> Answer:
        if "viewthread" in path:
            tries.append(path)
            if len(tries) == 1:
                return 500, HTML, b""
        return pages(guide=GUIDE, thread=fixture("thread-stock"))(path)

    sink, stop = MemorySink(), threading.Event()
    sink.on_take = lambda snapshot: stop.set()
    with tiny_server(answer) as url:
        run_sources([source(url, concurrency=1)], sink, SystemClock(), stop=stop)
    assert "9001" in sink.posts
    assert all(report.quiet_until is None for report in sink.reports)
