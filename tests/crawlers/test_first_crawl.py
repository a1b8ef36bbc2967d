"""The first crawl of an old forum: bounded by age, throttled, followed, resumed after a kill; what is old opens no alert."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks._relay import CountingRelay
from benchmarks._town import build, truth
from benchmarks.running import Forum, Home, spawn, wait_until
from benchmarks.virtual.outcome import densest
from crawlers.rounds import CrawlEvent
from crawlers.run import run_sources
from store.clock import SystemClock, parse_instant
from tests.crawlers.served import MemorySink, crawl_once, source

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def old_forum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Forum, Path]]:
    """Eighty threads of twenty-five days, four hundred posts."""
    directory = tmp_path_factory.mktemp("old")
    build(directory, threads=80, posts=400, seed=3)
    forum = Forum(directory)
    yield forum, directory
    forum.close()


@pytest.fixture
def relay(old_forum: tuple[Forum, Path]) -> Iterator[CountingRelay]:
    made = CountingRelay(old_forum[0].url)
    yield made
    made.close()


def newest_by_thread(told: dict[str, dict[str, Any]]) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for row in told.values():
        at = parse_instant(row["posted_at"])
        newest[str(row["tid"])] = max(at, newest.get(str(row["tid"]), at))
    return newest


def test_it_is_bounded_by_age(old_forum: tuple[Forum, Path], relay: CountingRelay) -> None:
    sink, bound = MemorySink(), timedelta(days=5)
    crawl_once(sink, source(relay.url, max_age=bound))
    newest = newest_by_thread(truth(old_forum[1]))
    edge = SystemClock().now() - bound
    young = {tid for tid, at in newest.items() if at > edge + timedelta(minutes=5)}
    old = {tid for tid, at in newest.items() if at < edge - timedelta(days=1, minutes=5)}
    assert len(young) > 10
    assert len(old) > 10
    read = {post.tid for post in sink.posts.values()}
    assert young <= read
    assert not old & read
    assert all(pid in sink.posts for pid, row in truth(old_forum[1]).items() if str(row["tid"]) in young)


def test_it_is_throttled_and_its_progress_is_told(relay: CountingRelay) -> None:
    sink, stop, events = MemorySink(), threading.Event(), list[CrawlEvent]()
    threading.Timer(6.0, stop.set).start()
    polite = source(relay.url, requests_per_minute=60, min_delay_s=0.3, concurrency=4)
    run_sources([polite], sink, SystemClock(), stop=stop, on_event=events.append)
    sent = relay.sent
    assert 8 <= len(sent) <= 60 * 0.3 + 6 + 2  # what may be saved up, one a second, robots.txt
    assert densest(sent) <= 61
    # counted where they arrive: a loaded machine may hold one up on its way, so single gaps prove nothing
    assert sent[-1] - sent[0] > 0.3 * (len(sent) - 1) - 0.5
    assert statistics.median(later - sooner for sooner, later in pairwise(sent)) > 0.25
    told = [event for event in events if event.kind == "progress"]
    assert told
    assert told[-1].count > 0
    assert "页待读" in told[-1].text
    assert [report.waiting for report in sink.reports if report.waiting]


def posts_of(home: Path) -> dict[str, bool]:
    """pid → backfill."""
    import sqlite3

    with sqlite3.connect(f"file:{home / 'huiying.sqlite3'}?mode=ro", uri=True) as connection:
        return {pid: bool(backfill) for pid, backfill in connection.execute("SELECT pid, backfill FROM store_post")}


def kill_after(requests: int, home: Home, relay: CountingRelay) -> float:
    """Begin a round, and kill -9 it when it has asked for so much; when that was, in monotonic seconds."""
    before = len(relay.sent)
    crawling = spawn("huiying", "--home", str(home.directory), "crawl", "--once", HUIYING_QUIET="1")
    assert wait_until(60, lambda: len(relay.sent) >= before + requests or crawling.poll() is not None, every=0.02)
    crawling.kill()
    killed = time.monotonic()
    crawling.wait()
    return killed


def test_killed_anywhere_it_goes_on_and_what_is_old_opens_no_alert(
    old_forum: tuple[Forum, Path], relay: CountingRelay, tmp_path: Path
) -> None:
    forum, directory = old_forum
    home = Home(tmp_path / "home", relay.url, rate=600, delay="20ms", poll="1s")
    home.huiying("check")
    kills = [kill_after(requests, home, relay) for requests in (20, 35, 50)]
    home.huiying("crawl", "--once")
    told = truth(directory)
    stored = posts_of(home.directory)
    assert set(told) <= set(stored)
    # what was not yet on disk at a kill, and the lists of each round, are asked for again; threads are not
    asked: dict[str, list[float]] = {}
    for path, at in zip(relay.paths, relay.sent, strict=True):
        if "viewthread" in path:
            asked.setdefault(path, []).append(at)
    lost = [min(kill - at for kill in kills if kill > at - 0.1) for times in asked.values() for at in times[:-1]]
    # a batch waits for a quarter of a second; half a second more for reading, writing and a busy machine
    assert max(lost, default=0.0) <= 0.25 + 0.5, sorted(lost)
    # at fifty pages a second, which only a forum without a budget allows, that quarter holds twelve
    assert len(lost) <= 3 * 16, lost
    fresh = forum.post("杜桥镇自来水又停了，没人通知", "从早上停到现在，老人要吃药连热水都没有，打电话没人接，谁来管管？")
    home.huiying("crawl", "--once")
    home.huiying("tick")
    alerts = home.rows("alerts")
    day_ago = SystemClock().now() - timedelta(hours=24)
    assert str(fresh["pid"]) in json.dumps(alerts)
    assert all(parse_instant(alert["posted_at"]) > day_ago - timedelta(minutes=5) for alert in alerts)
    assert sum(stored.values()) > 200  # archived, without an alert
