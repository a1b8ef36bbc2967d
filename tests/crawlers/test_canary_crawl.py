"""A sample forum changes its template: the spider notices by a thread that it read in full before, says so, and goes on where it can."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest

from crawlers.rounds import CrawlEvent
from crawlers.run import run_sources
from store.clock import SystemClock
from store.records import PostKind
from store.snapshots import FetchOutcome, FetchReport
from tests.crawlers.served import MemorySink, Served, crawl_once, sample_forum, source
from tests.crawlers.test_crawl import say, until

pytestmark = pytest.mark.slow


def told_by_canaries(sink: MemorySink) -> list[FetchReport]:
    return [report for report in sink.reports if report.page_kind == "canary"]


def known_forum(served: Served) -> MemorySink:
    """A forum that was read while its template was as ever."""
    sink = MemorySink()
    crawl_once(sink, source(served.url))
    assert not told_by_canaries(sink)
    return sink


def play(served: Served, scenario: str) -> None:
    httpx.post(f"{served.url}sample/scenario", data={"name": scenario}).raise_for_status()


def again(served: Served, sink: MemorySink, scenario: str) -> list[CrawlEvent]:
    play(served, scenario)
    _, events = crawl_once(sink, source(served.url))
    return events


def bodies(sink: MemorySink) -> set[str]:
    return {post.body for post in sink.posts.values()}


@pytest.mark.parametrize("scenario", ["hollow", "guideoff,hollow"])
def test_a_list_whose_template_changed_is_told_and_read_elsewhere(scenario: str, tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink = known_forum(served)
        say(served, "thread", fid=2, uid=101, title="新帖", body="模板改版之后发的帖子")
        events = again(served, sink, scenario)
    told = [report.failure for report in told_by_canaries(sink)]
    assert len({report.board for report in told_by_canaries(sink)}) >= 4
    assert any("说没有主题" in text and "只有列表的模板变了" in text for text in told), told
    assert any("代替版块列表" in event.text for event in events)
    assert "模板改版之后发的帖子" in bodies(sink)


def test_threads_whose_template_changed_are_told_and_take_nothing_away(tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink = known_forum(served)
        before = len(sink.snapshots)
        busy = sorted({post.tid for post in sink.posts.values() if post.author})[:4]
        for tid in busy:
            say(served, "reply", tid=tid, uid=101, body=f"改版期间的回复 {tid}")
        again(served, sink, "faceless")
    told = told_by_canaries(sink)
    assert [report.outcome for report in told] == [FetchOutcome.PARSER]
    assert "作者" in told[0].failure
    assert "模板变了" in told[0].failure
    assert {f"改版期间的回复 {tid}" for tid in busy} <= bodies(sink)
    canary = next(snapshot for snapshot in sink.snapshots[before:] if snapshot.tid in told[0].failure)
    assert not canary.complete


@pytest.mark.parametrize("scenario", ["hollow", "faceless"])
def test_the_next_process_notices_that_all_is_as_it_was(scenario: str, tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink = known_forum(served)
        for tid in sorted({post.tid for post in sink.posts.values() if post.author})[:4]:
            say(served, "reply", tid=tid, uid=101, body="改版期间的回复")
        again(served, sink, scenario)
        changed = {report.board for report in told_by_canaries(sink)}
        assert changed == sink.doubted("bbs")
        assert changed
        again(served, sink, "plain")
        assert sink.doubted("bbs") == set()


def test_a_running_spider_reads_again_what_it_read_in_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.canary.AGAIN_S", 1.0)
    with sample_forum(tmp_path) as served:
        sink, stop = known_forum(served), threading.Event()
        busy = sorted({post.tid for post in sink.posts.values() if post.author})[:4]
        noticed: list[bool] = []

        def told(outcome: FetchOutcome) -> bool:
            return until(lambda: [report.outcome for report in told_by_canaries(sink)][-1:] == [outcome], 20)

        def change() -> None:
            play(served, "faceless")
            replies = [str(say(served, "reply", tid=tid, uid=101, body=f"改版期间的回复 {tid}")["pid"]) for tid in busy]
            noticed.append(told(FetchOutcome.PARSER))
            play(served, "plain")
            noticed.append(told(FetchOutcome.OK))
            noticed.append(until(lambda: all(pid in sink.posts and sink.posts[pid].uid for pid in replies), 20))
            stop.set()

        actor = threading.Thread(target=change)
        actor.start()
        run_sources([source(served.url)], sink, SystemClock(), stop=stop)
        actor.join()
    assert noticed == [True, True, True]


def test_a_forum_that_is_as_it_was_asks_no_canary(tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink = known_forum(served)
        assert not any(event.reason == "canary" for event in again(served, sink, "plain"))


def test_a_board_whose_threads_were_all_deleted_has_no_changed_template(tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink = known_forum(served)
        topics = [post for post in sink.posts.values() if post.kind is PostKind.TOPIC]
        board = min({post.board for post in topics}, key=lambda one: sum(post.board == one for post in topics))
        assert sum(post.board == board for post in topics) >= 3
        for post in topics:
            if post.board == board:
                say(served, "delete", pid=post.pid)
        again(served, sink, "plain")
    assert not told_by_canaries(sink)
