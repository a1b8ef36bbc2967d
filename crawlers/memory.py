"""What a source's crawl takes up from the store when it begins, asks of it now and then, and tells it of how far it has come.

A list is *covered* as of an instant when it was read down to its bound and no thread that it told of waits for a first reading. Only
from there is a later crawl's list taken up; a sweep that was broken off, or whose threads were not all read, begins anew: its lists
are read again, the threads that were read are not.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import TypeVar

from crawlers.frontier import Frontier, ListState
from crawlers.runtime import Runtime
from crawlers.settings_types import SourceSettings
from crawlers.sites.engine import Engine, Remembering

T = TypeVar("T")
#: seconds between questions for the threads with an open alert, and for what was learned of the hour
_ASK_HOT_S = 5.0
_ASK_RHYTHMS_S = 60.0
#: seconds between two words on how much is still to be read, and on which lists are covered
_TELL_S = 5.0
_COVER_S = 60.0
#: lists are read again from so long before they were covered: their times may be a day's
_OVERLAP = timedelta(hours=24)


class Memory:
    """One source's dealings with the store, apart from the pages it hands over."""

    def __init__(self, source: SourceSettings, engine: Engine, runtime: Runtime, frontier: Frontier) -> None:
        self._source, self._engine, self._runtime, self._frontier = source, engine, runtime, frontier
        self._sink = runtime.writer.sink
        self._covered: Mapping[str, datetime] = {}
        self._waiting = 0
        self._asked: dict[str, float] = {}

    async def recall(self) -> None:
        """Take up what the store knows: which threads, read when, which of them have an open alert; and how far the lists were read."""
        site, frontier, engine, sink = self._source.site_key, self._frontier, self._engine, self._sink
        marks = await self._answer(lambda: dict(sink.threads(site)))
        self._covered = await self._answer(lambda: dict(sink.covered(site)))
        mono = time.monotonic()
        frontier.remember(marks, self._runtime.clock.now(), mono)
        if isinstance(engine, Remembering):
            read = sorted(marks.values(), key=lambda mark: mark.last_read_at or frontier.oldest)
            engine.remember(mark.url for mark in read if mark.url)
        kinds = engine.guides if self._source.guide or not engine.indexed else ()
        frontier.lists = {kind: ListState(kind) for kind in kinds}
        if self._source.boards:
            self.add_boards(self._source.boards)
        elif engine.indexed:
            frontier.lists["index"] = ListState("index")
        else:
            for state in frontier.lists.values():  # no board will be swept: the lists over all boards are
                frontier.begin_sweep(state, self._until(""))
        if not engine.paged:
            frontier.again.clear()
            frontier.deep.clear()
            return
        frontier.hot = await self._answer(lambda: frozenset(sink.hot(site)))
        if self._runtime.once:
            frontier.changed.update({tid: mono for tid in sorted(frontier.hot) if tid in frontier.threads})

    def add_boards(self, boards: Iterable[str]) -> None:
        """Boards that were met: each is swept once, down to where it was covered or to the bound of the first crawl."""
        before = set(self._frontier.lists)
        self._frontier.add_boards(boards)
        for state in [state for key, state in self._frontier.lists.items() if key not in before]:
            self._frontier.begin_sweep(state, self._until(state.board))

    def _until(self, board: str) -> datetime:
        covered = self._covered.get(board)
        return self._frontier.oldest if covered is None else max(self._frontier.oldest, covered - _OVERLAP)

    def refresh(self) -> None:
        """Ask, without waiting, for the open alerts and the rates of the hour; tell which lists are covered."""
        if self._runtime.once:
            return
        site, sink, clock, frontier = self._source.site_key, self._sink, self._runtime.clock, self._frontier
        if self._engine.paged and self._due("hot", _ASK_HOT_S):
            self._when_told(lambda: frozenset(sink.hot(site)), lambda hot: setattr(frontier, "hot", hot))
        if self._engine.paged and self._due("rhythms", _ASK_RHYTHMS_S):
            self._when_told(lambda: sink.rhythms(site, clock.now()), lambda told: frontier.tune(told, clock.now()))
        if self._due("cover", _COVER_S):
            self.cover()

    def cover(self) -> None:
        """Tell the store which lists are covered, and as of when."""
        now, mono = self._runtime.clock.now(), time.monotonic()
        told = {board: now - timedelta(seconds=mono - at) for board, at in self._frontier.covered().items()}
        if told:
            self._runtime.writer.ask(lambda: self._sink.cover(self._source.site_key, told))

    def progress(self) -> tuple[int, int] | None:
        """(threads read, pages waiting for a first reading) now and then while the second changes."""
        waiting = self._frontier.waiting()
        if waiting == self._waiting or (waiting and not self._due("progress", _TELL_S)):
            return None
        self._waiting = waiting
        return sum(math.isfinite(state.read_at) for state in self._frontier.threads.values()), waiting

    def _due(self, what: str, every_s: float) -> bool:
        now = time.monotonic()
        if now - self._asked.get(what, -math.inf) < every_s:
            return False
        self._asked[what] = now
        return True

    async def _answer(self, question: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._runtime.writer.ask(question))

    def _when_told(self, question: Callable[[], T], then: Callable[[T], None]) -> None:
        """Ask the store, and take its answer in on the event loop."""
        loop = asyncio.get_running_loop()

        def told(answer: Future[T]) -> None:
            if not answer.cancelled() and answer.exception() is None:
                loop.call_soon_threadsafe(then, answer.result())

        self._runtime.writer.ask(question).add_done_callback(told)
