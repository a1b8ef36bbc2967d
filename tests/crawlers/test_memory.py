"""What a crawl takes up from the store when it begins, and what it asks and tells later; the writer's thread is the real one."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crawlers.frontier import Frontier, ListState
from crawlers.memory import Memory
from crawlers.rounds import Tally
from crawlers.runtime import Runtime
from crawlers.sites.discuz.engine import DiscuzEngine
from crawlers.writer import Writer
from store.clock import FixedClock
from store.rhythm import HOURS, Rhythm
from store.snapshots import ThreadMark
from tests.crawlers.served import MemorySink, source
from tests.crawlers.test_policy import NOW

OLDEST = NOW - timedelta(days=30)


@pytest.fixture
def writer() -> Iterator[Writer]:
    made = Writer(MemorySink())
    made.start()
    yield made
    made.close()


def memory(writer: Writer, *, once: bool = False, boards: tuple[str, ...] = ()) -> tuple[Memory, Frontier]:
    runtime = Runtime(writer, FixedClock(NOW), once, threading.Event(), lambda event: None, Tally())
    frontier = Frontier(oldest=OLDEST)
    settings = replace(source("http://127.0.0.1/"), boards=boards)
    return Memory(settings, DiscuzEngine(settings), runtime, frontier), frontier


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def until(met: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not met() and time.monotonic() < end:
        await asyncio.sleep(0.01)
    return met()


def test_a_first_crawl_sweeps_to_its_bound_though_threads_were_read_already(writer: Writer) -> None:
    writer.sink.marks["7"] = ThreadMark(tid="7", last_read_at=NOW, last_post_at=NOW)  # type: ignore[attr-defined]
    made, frontier = memory(writer, boards=("2",))
    run(made.recall())
    assert (frontier.lists["board:2"].sweep_page, frontier.lists["board:2"].sweep_until) == (1, OLDEST)
    assert "7" in frontier.threads


def test_lists_are_taken_up_a_day_before_they_were_covered_each_board_by_itself(writer: Writer) -> None:
    writer.sink.cover("bbs", {"2": NOW - timedelta(days=3), "9": NOW - timedelta(days=200)})
    made, frontier = memory(writer, boards=("2", "3", "9"))
    run(made.recall())
    assert frontier.lists["board:2"].sweep_until == NOW - timedelta(days=4)
    assert frontier.lists["board:3"].sweep_until == OLDEST
    assert frontier.lists["board:9"].sweep_until == OLDEST


def test_the_hours_rates_and_the_open_alerts_are_asked_for(writer: Writer) -> None:
    sink: Any = writer.sink
    sink.told_rhythms, sink.hot_tids = {"": Rhythm((36.0,) * HOURS), "2": Rhythm((18.0,) * HOURS)}, {"7"}
    made, frontier = memory(writer)

    async def work() -> None:
        await made.recall()
        made.refresh()
        assert await until(lambda: bool(frontier.rates))

    run(work())
    assert frontier.rates == {"": pytest.approx(0.01), "2": pytest.approx(0.005)}
    assert frontier.tempo == pytest.approx(1.0)
    assert frontier.hot == {"7"}


def test_one_round_asks_nothing_more(writer: Writer) -> None:
    sink: Any = writer.sink
    sink.told_rhythms = {"": Rhythm((36.0,) * HOURS)}
    made, frontier = memory(writer, once=True)

    async def work() -> None:
        await made.recall()
        made.refresh()
        await asyncio.sleep(0.1)

    run(work())
    assert not frontier.rates


def test_what_is_covered_is_told_as_of_when_it_was_read(writer: Writer) -> None:
    made, frontier = memory(writer)
    mono = time.monotonic()
    frontier.lists = {"board:2": ListState("board", "2", told_at=mono - 40), "board:3": ListState("board", "3", told_at=mono, sweep_page=4)}

    async def work() -> None:
        made.refresh()
        assert await until(lambda: bool(writer.sink.covered("bbs")))

    run(work())
    told = writer.sink.covered("bbs")
    assert set(told) == {"2"}
    assert abs((told["2"] - (NOW - timedelta(seconds=40))).total_seconds()) < 2


def test_progress_is_told_while_it_changes(writer: Writer) -> None:
    made, frontier = memory(writer)
    assert made.progress() is None
    frontier.backlog["7"] = None
    assert made.progress() == (0, 1)
    frontier.backlog["8"] = None
    assert made.progress() is None  # soon enough
    frontier.backlog.clear()
    assert made.progress() == (0, 0)
    assert made.progress() is None
