"""What a spider says of each page that it asked for: to source health, to whoever watches, and to the parts that rest after a failure."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from scrapy import Spider

from crawlers.backoff import list_rest_s, outcome_of, source_rest_s
from crawlers.canary import Yield
from crawlers.fetch import FetchError
from crawlers.frontier import Frontier, ListState
from crawlers.handover import gone_snapshot, read_report
from crawlers.hang import Endless
from crawlers.memory import Memory
from crawlers.pages import Fetched, Notice, NoticeKind, PageError, ParserFailure, ThreadPage, Wall, WallKind
from crawlers.policy import Reason, Step
from crawlers.reading import in_reader
from crawlers.rounds import CrawlEvent, EventKind
from crawlers.runtime import Runtime
from crawlers.samples import keep_sample
from crawlers.settings_types import SourceSettings
from crawlers.sites.decode import decode_page
from crawlers.sites.engine import Engine, Remembering
from store.snapshots import FetchOutcome, FetchReport

T = TypeVar("T")


class Reporting(Spider):
    """The end of every request, good or bad."""

    source: SourceSettings
    engine: Engine
    runtime: Runtime
    frontier: Frontier
    memory: Memory
    #: monotonic seconds of the last page that was read
    answered_at: float = -math.inf

    async def _read(self, kind: str, read: Callable[[Fetched, datetime], T], page: Fetched, now: datetime) -> T:
        """What a page reader makes of a page, in the reader's thread, and watched."""
        return await in_reader(read, page, now, source=self.source.name, kind=kind, watch=self.runtime.watch)

    def _rest_of_hangs(self) -> None:
        """The source rests when its pages ended the process again and again."""
        watch, now = self.runtime.watch, self.runtime.clock.now()
        rest = watch.rest_s(self.source.name, now) if watch is not None else 0.0
        if rest > 0:
            self.frontier.trial, self.frontier.quiet_until = True, time.monotonic() + rest
            self._tell("rest", url=self.source.url, text=f"这个来源的页面一再读不完；{rest:.0f} 秒后再试；{Endless.advice}")

    def _succeeded(
        self,
        step: Step,
        board: str,
        fetched: Fetched,
        yielded: int,
        *,
        findings: tuple[str, ...] = (),
        newest: Any = None,
        page: ThreadPage | None = None,
        shown: Yield | None = None,
    ) -> None:
        self.frontier.strikes, self.frontier.trial, self.answered_at = 0, False, time.monotonic()
        partial, name, now = page is not None and not page.complete, self.source.name, self.runtime.clock.now()
        waiting = self._progress()
        self.runtime.writer.report(
            read_report(name, board, step.kind, fetched, now, yielded, findings, newest, partial=partial, waiting=waiting, shown=shown)
        )
        what = f"列表第 {step.page} 页 {yielded} 行" if step.kind == "list" else f"主题 {step.id} 第 {step.page} 页 {yielded} 帖"
        self._tell(step.kind, board=board, url=fetched.url, reason=step.reason, count=yielded, text="；".join([what, *findings[:3]]))

    def _progress(self) -> int | None:
        """Tell now and then how much of a first crawl is still to be read; the number when it was told."""
        told = self.memory.progress()
        if told is None:
            return None
        rest = f"还有 {told[1]:,} 页待读" if told[1] else "没有待读的"
        self._tell("progress", count=told[1], text=f"已读 {told[0]:,} 个主题，{rest}")
        return told[1]

    def _page_failed(self, step: Step, state: ListState | None, board: str, fetched: Fetched, error: PageError) -> None:
        outcome, detail = outcome_of(error)
        if isinstance(error, ParserFailure) and self.runtime.samples is not None:
            page = decode_page(fetched.body, fetched.header_charset, self.source.charset).text
            keep_sample(self.runtime.samples, self.source.name, step.kind, page, self.runtime.clock.now())
        if state is None and isinstance(error, Notice) and error.kind is NoticeKind.MISSING_THREAD:
            outcome = FetchOutcome.GONE
        self._failed(step, state, board, fetched.url, outcome, detail, str(error), error.advice)

    def _fetch_failed(self, step: Step, state: ListState | None, board: str, url: str, error: FetchError) -> None:
        outcome, detail, advice = error.outcome, str(error.status or ""), error.advice
        if error.status in self.engine.walls:
            wall = Wall(WallKind.BLOCKED, str(error))
            outcome, detail, advice = FetchOutcome.WALL, wall.kind.value, wall.advice
        elif state is None and error.status in self.engine.hidden:
            notice = Notice(NoticeKind.NO_PERMISSION, str(error))
            self._failed(step, state, board, url, FetchOutcome.NOTICE, notice.kind.value, str(notice), notice.advice)
            return
        elif state is None and outcome is FetchOutcome.GONE and isinstance(self.engine, Remembering) and not self.engine.knows(step.id):
            outcome = FetchOutcome.NOTICE  # asked for under a title that nobody gave it: no sign of a deletion
        self._failed(step, state, board, url, outcome, detail, str(error), advice, error.status, error.retry_after_s)

    def _failed(
        self,
        step: Step,
        state: ListState | None,
        board: str,
        url: str,
        outcome: FetchOutcome,
        detail: str,
        text: str,
        advice: str,
        status: int = 0,
        asked_s: float = 0.0,
    ) -> None:
        """Let the source, the list or the thread rest, and say what, where and what to do."""
        now, mono, frontier = self.runtime.clock.now(), time.monotonic(), self.frontier
        rest = source_rest_s(outcome, detail, frontier.strikes + 1, status=status, asked_s=asked_s)
        quiet_until = None
        network = outcome in (FetchOutcome.UNREACHABLE, FetchOutcome.HTTP)
        passing = outcome is FetchOutcome.UNREACHABLE or (status >= 500 and not asked_s)
        if self._own_trouble(state, detail, asked_s):
            rest = 0.0
        elif state is None and frontier.strikes == 0 and passing:
            rest = 0.0  # one page that hangs is not yet a forum that is away
            frontier.strikes = 1
        elif rest > 0 and mono < frontier.quiet_until:
            rest = frontier.quiet_until - mono  # requests that were under way together fail together: one strike
        elif rest > 0:
            frontier.strikes += 1
        if rest > 0:
            frontier.trial = True
            frontier.quiet_until = mono + rest
            quiet_until = now + timedelta(seconds=rest)
        elif not network:
            frontier.trial = False  # the forum answers: the failure is this page's
        if state is not None:
            state.failures, state.failed_at, state.failure = state.failures + 1, mono, text
            if rest == 0:
                state.rest_until = mono + list_rest_s(outcome, state.failures)
            if self.runtime.once:
                state.sweep_page = 0
        elif outcome is FetchOutcome.GONE and step.page > 1:
            frontier.on_short(step.id, mono)
        elif outcome is FetchOutcome.GONE:
            frontier.on_missing(step.id, now, mono)
            self.runtime.writer.take(gone_snapshot(self.source.site_key, step.id, board, url, now))
        elif not network or self.runtime.once or frontier.shaky(step.id):
            frontier.on_unreadable(step.id, mono)
        self.runtime.writer.report(
            FetchReport(
                source=self.source.name,
                board=board,
                page_kind=step.kind,
                url=url,
                at=now,
                outcome=outcome,
                failure=text,
                advice=advice,
                detail=detail,
                quiet_until=quiet_until,
            )
        )
        kind: EventKind = "rest" if rest > 0 else "failure"
        told = f"{text}；{advice}" + (f"；{rest:.0f} 秒后再试" if rest > 0 else "")
        self._tell(kind, board=board, url=url, reason=step.reason, text=told)

    def _own_trouble(self, state: ListState | None, detail: str, asked_s: float) -> bool:
        """A list that fails again although the forum answered in between: it alone is walled or broken, and it alone rests."""
        again = state is not None and state.failures > 0 and state.failed_at < self.answered_at
        return again and not asked_s and detail != WallKind.FLOOD and detail != "429"

    def _tell(self, kind: EventKind, *, board: str = "", url: str = "", text: str = "", reason: Reason | str = "", count: int = 0) -> None:
        event = CrawlEvent(kind=kind, source=self.source.name, board=board, url=url, text=text, reason=str(reason), count=count)
        self.runtime.on_event(event)
