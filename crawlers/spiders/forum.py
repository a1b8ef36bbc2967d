"""The spider of a forum: asks the policy for the next page, fetches, reads, hands over; until it is stopped.

It does not use Scrapy's scheduler: which page is worth the next request is known only at the moment when the
budget allows one. Everything else of Scrapy's downloader (robots.txt, redirects, cookies, compression, limits) is.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

from scrapy import Spider

from crawlers.backoff import list_rest_s, outcome_of, source_rest_s
from crawlers.budget import Budget
from crawlers.fetch import FetchError, fetch_page
from crawlers.frontier import Frontier, ListState, ThreadState
from crawlers.handover import gone_snapshot, newest_of, read_report, snapshot_of
from crawlers.memory import Memory
from crawlers.pages import Fetched, Notice, NoticeKind, PageError, ParserFailure, ThreadList, ThreadPage, Wall, WallKind
from crawlers.policy import Pace, Reason, Step, begin, finish, next_request
from crawlers.rounds import CrawlEvent, EventKind
from crawlers.runtime import Runtime
from crawlers.samples import keep_sample
from crawlers.settings_types import SourceSettings
from crawlers.sites.decode import decode_page
from crawlers.sites.engine import Engine, Remembering, Summarising
from store.snapshots import FetchOutcome, FetchReport, TakeCount

log = logging.getLogger(__name__)

#: longest sleep of an idle worker: what is noticed late by it
_NAP_S = 0.2
#: Scrapy wants an asynchronous iterator of requests for its scheduler
NOTHING_TO_SCHEDULE: tuple[Any, ...] = ()


class ForumSpider(Spider):
    """Reads one source."""

    name = "forum"
    source: SourceSettings
    engine: Engine
    runtime: Runtime
    budget: Budget

    async def start(self) -> AsyncIterator[Any]:
        try:
            await self.crawl_on()
        except Exception as error:
            self._tell("trouble", text=f"{self.source.name} 的抓取中断：{type(error).__name__}: {error}")
            raise
        for request in NOTHING_TO_SCHEDULE:
            yield request

    async def crawl_on(self) -> None:
        """Crawl until stopped; with `once`, until one round is over."""
        run = self.runtime
        self.frontier = Frontier(
            oldest=run.clock.now() - self.source.max_age,
            only_boards=frozenset(self.source.boards),
        )
        self.frontier.rare_looks = not run.once
        self.pace = Pace.once() if run.once else Pace.of(self.source.poll_s, self.source.requests_per_minute, self.source.min_delay_s)
        self.memory = Memory(self.source, self.engine, run, self.frontier)
        await self.memory.recall()
        self._tell("start", text=f"{self.source.name}：{self.source.url}，已知 {len(self.frontier.threads)} 个主题")
        workers = [asyncio.create_task(self._work()) for _ in range(max(1, self.source.concurrency))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            self._tell("end")

    async def _work(self) -> None:
        run, frontier = self.runtime, self.frontier
        while not run.stop.is_set():
            now = time.monotonic()
            self.memory.refresh()
            delay = self.budget.wait(now)
            if delay > 0 or run.writer.full():
                await asyncio.sleep(min(max(delay, 0.005), _NAP_S))
                continue
            frontier.tidy()
            step = next_request(frontier, now, self.budget.free(now), self.pace)
            if step is None:
                if run.once and (frontier.nothing_left() or now < frontier.quiet_until):
                    self.memory.cover()
                    return
                await asyncio.sleep(_NAP_S / 4 if run.once else _NAP_S)
                continue
            begin(frontier, step, now)
            try:
                await self._take(step)
            finally:
                finish(frontier, step)

    async def _take(self, step: Step) -> None:
        """Fetch and read one page; every way in which that can end is reported."""
        state = self.frontier.lists.get(step.id) if step.kind == "list" else None
        if state is not None:
            url, board = self.engine.list_url(state.kind, state.board, step.page), state.board
        else:
            thread = self.frontier.threads.get(step.id)
            url, board = self.engine.thread_url(step.id, step.page), thread.board if thread else ""
        started = time.monotonic()
        failed = True
        try:
            fetched = await fetch_page(self, url, self.runtime.clock)
            try:
                if state is not None:
                    await self._took_list(state, step, fetched, started)
                else:
                    await self._took_thread(step, fetched, url)
                failed = False
            except PageError as error:
                self._page_failed(step, state, board, fetched, error)
        except FetchError as error:
            self._fetch_failed(step, state, board, url, error)
        except Exception as error:  # a page that breaks the reader must not end the crawl of its source
            log.exception("%s: %s", self.source.name, url)
            told = f"读取程序出错 {type(error).__name__}: {error}"
            self._failed(step, state, board, url, FetchOutcome.PARSER, type(error).__name__, told, ParserFailure.advice)
        finally:
            self.runtime.tally.request(self.source.name, board, time.monotonic() - started, failed=failed)

    async def _took_list(self, state: ListState, step: Step, fetched: Fetched, asked_at: float) -> None:
        now = self.runtime.clock.now()
        if state.kind == "index":
            boards = await asyncio.to_thread(self.engine.read_index, fetched, now)
            state.failures = 0
            self.memory.add_boards(tuple(boards))
            if isinstance(self.engine, Summarising):
                summary = await asyncio.to_thread(self.engine.read_boards, fetched, now)
                self.frontier.news.on_index(summary, self.frontier, now, time.monotonic())
            self._succeeded(step, "", fetched, len(boards))
            return
        # in a thread: a hostile page takes seconds, and the other sources go on meanwhile
        listing = await asyncio.to_thread(self.engine.read_list, fetched, now)
        unknown = [row for row in listing.rows if row.tid not in self.frontier.threads and not row.sticky]
        self.frontier.on_list(state, step.page, listing, now, time.monotonic())
        if state.kind == "board":
            self.memory.add_boards(listing.subs)
            for row in unknown:
                self.frontier.news.tell(row.tid, row.board or state.board, time.monotonic())
        elif step.page == 1:
            self.frontier.news.on_guide(state.kind, asked_at, listing.rows, self._boards_of(listing))
        for carried in listing.carried:
            self._took_carried(carried, fetched.url, now)
        for tid in self.frontier.on_deleted(listing.deleted, now, time.monotonic()):
            self.runtime.writer.take(gone_snapshot(self.source.site_key, tid, state.board, fetched.url, now))
        newest = max((row.last_post_at or row.posted_at or self.frontier.oldest for row in listing.rows), default=None)
        self._succeeded(step, state.board, fetched, len(listing.rows), findings=listing.findings, newest=newest)

    def _boards_of(self, listing: ThreadList) -> set[str]:
        """The boards of a guide's threads, those known otherwise where it names none."""
        known = self.frontier.threads
        return {row.board or (known[row.tid].board if row.tid in known else "") for row in listing.rows}

    async def _took_thread(self, step: Step, fetched: Fetched, asked: str) -> None:
        now = self.runtime.clock.now()
        page = await asyncio.to_thread(self.engine.read_thread, fetched, now)
        known = self.frontier.on_thread(step.id, step.page, page, now, time.monotonic())
        if page.page != step.page and self.engine.thread_url(page.tid, step.page) != asked:
            self.frontier.deep[page.tid, step.page] = None  # another page came, and with it the address under which this one is
        board = self._hand_over(page, known, fetched.url, now)
        self.frontier.news.learn(page, board)
        self._succeeded(step, board, fetched, len(page.posts), findings=page.findings, newest=newest_of(page), page=page)

    def _took_carried(self, page: ThreadPage, url: str, now: datetime) -> None:
        """Store a thread that a list (a feed) told in full, and do not fetch it; what was told before is left alone."""
        known = self.frontier.threads.get(page.tid)
        if known is None or (math.isfinite(known.read_at) and page.tid not in self.frontier.changed):
            return  # too old for the first crawl, or no news
        self._hand_over(page, self.frontier.on_thread(page.tid, 1, page, now, time.monotonic()), url, now)
        known.again_at = math.inf  # there is no page of its own to look at again

    def _hand_over(self, page: ThreadPage, known: ThreadState, url: str, now: datetime) -> str:
        """Queue a page for the store; returns its board."""
        snapshot = snapshot_of(page, known, self.source.site_key, url, now)
        known.row = None  # told; a hundred thousand of them would not stay small
        source, tally = self.source.name, self.runtime.tally
        tally.thread(source, snapshot.board, page.tid)

        def taken(answer: Future[TakeCount]) -> None:
            if not answer.cancelled() and answer.exception() is None:
                tally.taken(source, snapshot.board, answer.result())

        self.runtime.writer.take(snapshot).add_done_callback(taken)
        return snapshot.board

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
    ) -> None:
        self.frontier.strikes, self.frontier.trial = 0, False
        partial, name, now = page is not None and not page.complete, self.source.name, self.runtime.clock.now()
        waiting = self._progress()
        self.runtime.writer.report(
            read_report(name, board, step.kind, fetched, now, yielded, findings, newest, partial=partial, waiting=waiting)
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
        if state is None and frontier.strikes == 0 and passing:
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
            state.failures += 1
            state.failure = text
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

    def _tell(self, kind: EventKind, *, board: str = "", url: str = "", text: str = "", reason: Reason | str = "", count: int = 0) -> None:
        event = CrawlEvent(kind=kind, source=self.source.name, board=board, url=url, text=text, reason=str(reason), count=count)
        self.runtime.on_event(event)
