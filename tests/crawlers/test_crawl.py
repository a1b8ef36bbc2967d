"""The spider on the sample forum, over HTTP, compared with what the forum says it posted."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from crawlers.pages import ParserFailure
from crawlers.rounds import CrawlEvent
from crawlers.run import run_sources
from crawlers.trial import try_url
from store.clock import SystemClock, parse_instant
from store.records import Post, PostKind, Precision
from store.snapshots import FetchOutcome
from tests.crawlers.served import MemorySink, Served, crawl_once, sample_forum, source

pytestmark = pytest.mark.slow
#: how much earlier than the truth a time may be read, by its precision (a footer tells minutes, a relative text rounds down)
_EARLIER_S = {Precision.SECOND: 0, Precision.MINUTE: 120, Precision.HOUR: 3660, Precision.DAY: 86_400}


def differences(post: Post, told: dict[str, Any], late_s: float = 0) -> list[str]:
    wanted = {
        "tid": str(told["tid"]),
        "board": str(told["fid"]),
        "uid": str(told["uid"] or ""),
        "thread_title": told["title"],
        "body": told["body"],
        "kind": PostKind.TOPIC if told["first"] else PostKind.REPLY,
        "quotes": str(told["quotes"] or ""),
        "shielded": told["shielded"],
    }
    found = [f"{name}: {getattr(post, name)!r} != {value!r}" for name, value in wanted.items() if getattr(post, name) != value]
    early = (parse_instant(told["posted_at"]) - post.posted_at).total_seconds()
    if not -late_s <= early <= _EARLIER_S[post.precision]:
        found.append(f"posted_at {early} s early at precision {post.precision}")
    return found


def compare(served: Served, sink: MemorySink, late_s: float = 0) -> None:
    """Every post of the truth once, each field right; times at most `late_s` late."""
    told = {str(line["pid"]): line for line in served.truth() if line["what"] in ("thread", "reply", "edit")}
    gone = {str(line["pid"]) for line in served.truth() if line["what"] == "delete"}
    told = {pid: line for pid, line in told.items() if pid not in gone}
    assert set(sink.posts) == set(told)
    wrong = {pid: found for pid, line in told.items() if (found := differences(sink.posts[pid], line, late_s))}
    assert not wrong


@pytest.mark.parametrize(
    "scenario",
    [
        *("plain", "relative", "absolute", "templates", "rewrite", "jammer", "endless", "sticky", "bigpost", "newestfirst"),
        *("guideoff", "guidenoboard", "guidelag"),
        *("article", "cards,guideoff", "classic,gbk", "touch", "pictures,article", "shielded,cards", "renumbered,touch"),
    ],
)
def test_complete(scenario: str, tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", scenario) as served:
        sink = MemorySink()
        crawl_once(sink, source(served.url))
        # this template shows no clock of the server: its relative times are read against ours
        compare(served, sink, late_s=5 if "touch" in scenario else 0)


def test_complete_in_gbk(tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--charset", "gbk") as served:
        sink = MemorySink()
        crawl_once(sink, source(served.url, charset="gbk"))
        compare(served, sink)


def test_a_second_round_reads_lists_only(tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink = MemorySink()
        first, _ = crawl_once(sink, source(served.url))
        assert sum(row.posts_new for row in first) == len(sink.posts)
        second, events = crawl_once(sink, source(served.url))
    assert not [event.url for event in events if event.kind == "thread"]
    assert sum(row.posts_new for row in second) == 0


def say(served: Served, action: str, **fields: object) -> dict[str, Any]:
    answer = httpx.post(f"{served.url}sample/{action}", data=fields, headers={"Accept": "application/json"})
    row: dict[str, Any] = answer.raise_for_status().json()
    return row


def until(met: Any, seconds: float = 8.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if met():
            return True
        time.sleep(0.02)
    return False


def test_a_running_spider_sees_what_happens_and_stops_at_once(tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink, stop = MemorySink(), threading.Event()
        crawl_once(sink, source(served.url))
        noticed: list[bool] = []

        def live() -> None:
            tid = say(served, "thread", fid=1, uid=114, title="路灯坏了", body="人民路")["tid"]
            noticed.append(until(lambda: any(post.tid == str(tid) for post in list(sink.posts.values()))))
            reply = say(served, "reply", tid=tid, uid=115, body="同感")["pid"]
            noticed.append(until(lambda: str(reply) in sink.posts))
            say(served, "delete", pid=next(post.pid for post in list(sink.posts.values()) if post.body == "人民路"))
            stop.set()

        actor = threading.Thread(target=live)
        actor.start()
        started = time.monotonic()
        run_sources([source(served.url, concurrency=1)], sink, SystemClock(), stop=stop)
        actor.join()
    assert noticed == [True, True]
    assert time.monotonic() - started < 20


def test_a_crawl_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink, stop = MemorySink(), threading.Event()
        read: list[str] = []

        def on_event(event: CrawlEvent) -> None:
            read.extend([event.url] if event.kind == "thread" else [])
            if len(read) > 15:
                stop.set()

        run_sources([source(served.url)], sink, SystemClock(), stop=stop, on_event=on_event)
        before = {(snapshot.tid, snapshot.page) for snapshot in sink.snapshots}
        assert 15 < len(before) < 60
        crawl_once(sink, source(served.url))
        compare(served, sink)
    again = [(snapshot.tid, snapshot.page) for snapshot in sink.snapshots]
    assert len(again) - len(set(again)) <= 2


def test_a_thread_that_answers_404_is_reported_gone(tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink = MemorySink()
        crawl_once(sink, source(served.url))
        first = next(post for post in sink.posts.values() if post.kind is PostKind.TOPIC)
        say(served, "delete", pid=first.pid)
        sink.hot_tids.add(first.tid)
        crawl_once(sink, source(served.url))
    assert {snapshot.tid for snapshot in sink.snapshots if snapshot.gone} == {first.tid}


def test_a_body_that_differs_at_each_fetch_is_no_edit(tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", "jammer") as served:
        sink = MemorySink()
        crawl_once(sink, source(served.url))
        sink.hot_tids.update(sorted({post.tid for post in sink.posts.values()})[:10])
        rounds, events = crawl_once(sink, source(served.url))
    assert sum(event.kind == "thread" for event in events) >= 10
    assert sum(row.posts_changed + row.posts_new for row in rounds) == 0


def test_nothing_is_asked_that_stock_rules_for_robots_bar(tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", "guideoff,hollow") as served:
        sink = MemorySink()
        crawl_once(sink, source(served.url))
        crawl_once(sink, source(served.url))
    assert sink.reports
    assert not [report.url for report in sink.reports if report.outcome is FetchOutcome.ROBOTS]


def test_moved_threads_are_stored_under_their_real_id(tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", "moved") as served:
        sink = MemorySink()
        reports, _ = crawl_once(sink, source(served.url))
        told = {str(line["pid"]) for line in served.truth() if line["what"] in ("thread", "reply")}
    assert set(sink.posts) == told
    assert sum(row.requests for row in reports) < 150


def test_one_field_a_line_for_the_operator(tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        tid = next(line["tid"] for line in served.truth())
        fields = try_url(source(served.url), f"{served.url}forum.php?mod=viewthread&tid={tid}", SystemClock())
        listing = try_url(source(served.url), f"{served.url}forum.php?mod=guide&view=new", SystemClock())
        boards = try_url(source(served.url), f"{served.url}forum.php", SystemClock())
    assert ("页面", "tid", str(tid)) in [(field.record, field.field, field.value) for field in fields]
    assert any(field.field == "posted_at" and field.value.endswith("+08:00") for field in fields)
    assert any(field.record.startswith("主题 ") and field.field == "title" and field.value for field in listing)
    assert ("版块", "1", "百姓呼声") in [(field.record, field.field, field.value) for field in boards]


def test_trying_an_address_that_is_no_page(tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", "antitheft") as served, pytest.raises(Exception, match="防采集"):
        try_url(source(served.url), f"{served.url}forum.php?mod=guide&view=new", SystemClock())
    assert ParserFailure.advice


def test_a_stop_does_not_wait_for_a_slow_page(tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", "slow:15") as served:
        stop = threading.Event()
        threading.Timer(0.5, stop.set).start()
        started = time.monotonic()
        run_sources([source(served.url, timeout_s=20)], MemorySink(), SystemClock(), stop=stop)
    assert time.monotonic() - started < 4
