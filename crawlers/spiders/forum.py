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
from datetime import datetime
from typing import Any

from crawlers.budget import Budget
from crawlers.canary import Watch, yield_of_list, yield_of_thread
from crawlers.fetch import FetchError, fetch_page
from crawlers.frontier import Frontier, ListState, ThreadState
from crawlers.handover import gone_snapshot, newest_of, snapshot_of
from crawlers.hang import Endless
from crawlers.memory import Memory
from crawlers.pages import Fetched, NotAForum, PageError, ParserFailure, ThreadList, ThreadPage
from crawlers.policy import Pace, Reason, Step, begin, finish, next_request
from crawlers.sites.engine import Summarising
from crawlers.spiders.watching import Watching
from store.snapshots import FetchOutcome, TakeCount

log = logging.getLogger(__name__)

#: longest sleep of an idle worker: what is noticed late by it
_NAP_S = 0.2
#: pages of threads that may wait to be read while others are fetched
_UNREAD = 4
#: bytes of a page that may be a wall: it is read before the next one is asked for
_SMALL = 16_000
#: Scrapy wants an asynchronous iterator of requests for its scheduler
NOTHING_TO_SCHEDULE: tuple[Any, ...] = ()


class ForumSpider(Watching):
    """Reads one source."""

    name = "forum"
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
        self.watch = Watch()
        self.pace = Pace.once() if run.once else Pace.of(self.source.poll_s, self.source.requests_per_minute, self.source.min_delay_s)
        self.memory = Memory(self.source, self.engine, run, self.frontier)
        await self.memory.recall()
        await self.expect_as_stored()
        self._rest_of_hangs()
        self._tell("start", text=f"{self.source.name}：{self.source.url}，已知 {len(self.frontier.threads)} 个主题")
        workers = [asyncio.create_task(self._work()) for _ in range(max(1, self.source.concurrency))]
        self.unread: set[asyncio.Task[None]] = set()
        try:
            await asyncio.gather(*workers)
            await asyncio.gather(*self.unread)
        finally:
            for task in (*workers, *self.unread):
                task.cancel()
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
            step = await self.canary_step(now) or next_request(frontier, now, self.budget.free(now), self.pace)
            if step is None:
                if run.once and (frontier.nothing_left() or now < frontier.quiet_until):
                    self.memory.cover()
                    return
                await asyncio.sleep(_NAP_S / 4 if run.once else _NAP_S)
                continue
            begin(frontier, step, now)
            came = asyncio.Event()
            reading = asyncio.create_task(self._take(step, came))
            self.unread.add(reading)
            reading.add_done_callback(self.unread.discard)
            if step.kind == "list" or step.reason is Reason.CANARY or len(self.unread) > _UNREAD + self.source.concurrency:
                await reading  # what comes next depends on it, or there is too much to read
            else:
                await came.wait()  # a thread's page is read while the next one is on its way

    async def _take(self, step: Step, came: asyncio.Event) -> None:
        """Fetch and read one page; `came` is set as soon as the forum has answered with more than a wall."""
        try:
            await self._take_page(step, came)
        finally:
            came.set()
            finish(self.frontier, step)

    async def _take_page(self, step: Step, came: asyncio.Event) -> None:
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
            if len(fetched.body) > _SMALL:
                came.set()
            try:
                if state is not None:
                    await self._took_list(state, step, fetched, started)
                else:
                    await self._took_thread(step, fetched, url)
                failed = False
            except PageError as error:
                self._page_failed(step, state, board, fetched, error)
                await self._doubted(step, state, board, error)
        except FetchError as error:
            self._fetch_failed(step, state, board, url, error)
            if step.reason is Reason.CANARY:
                self.canary_failed(step, error)
        except Exception as error:  # a page that breaks the reader must not end the crawl of its source
            log.exception("%s: %s", self.source.name, url)
            told = f"读取程序出错 {type(error).__name__}: {error}"
            self._failed(step, state, board, url, FetchOutcome.PARSER, type(error).__name__, told, ParserFailure.advice)
        finally:
            self.runtime.tally.request(self.source.name, board, time.monotonic() - started, failed=failed)

    async def _doubted(self, step: Step, state: ListState | None, board: str, error: PageError) -> None:
        """A page that was not what it should be: is it the template?"""
        if step.reason is Reason.CANARY:
            self.canary_failed(step, error)
        elif isinstance(error, Endless):
            return  # it was not read at all
        elif isinstance(error, ParserFailure) and state is None:
            self.watch.failed(board, f"主题 {step.id}", str(error), time.monotonic())
        elif isinstance(error, (ParserFailure, NotAForum)) and state is not None:
            if isinstance(error, ParserFailure):
                self.watch.failed(board, f"版块 {board} 的列表" if board else "列表", str(error), time.monotonic(), state.key)
            await self.other_lists(state)

    async def _took_list(self, state: ListState, step: Step, fetched: Fetched, asked_at: float) -> None:
        now = self.runtime.clock.now()
        if state.kind == "index":
            boards = await self._read("list", self.engine.read_index, fetched, now)
            state.failures = 0
            self.memory.add_boards(tuple(boards))
            if isinstance(self.engine, Summarising):
                summary = await self._read("list", self.engine.read_boards, fetched, now)
                self.frontier.news.on_index(summary, self.frontier, now, time.monotonic())
            self._succeeded(step, "", fetched, len(boards))
            return
        listing = await self._read("list", self.engine.read_list, fetched, now)
        believed = step.page > 1 or self.list_seen(state, listing)
        unknown = [row for row in listing.rows if row.tid not in self.frontier.threads and not row.sticky]
        self.frontier.on_list(state, step.page, listing, now, time.monotonic())
        if not believed:
            state.failures, state.failure = 1, "说没有主题，未采信"
            await self.other_lists(state)
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
        shown = yield_of_list(listing)
        self._succeeded(step, state.board, fetched, len(listing.rows), findings=listing.findings, newest=newest, shown=shown)

    def _boards_of(self, listing: ThreadList) -> set[str]:
        """The boards of a guide's threads, those known otherwise where it names none."""
        known = self.frontier.threads
        return {row.board or (known[row.tid].board if row.tid in known else "") for row in listing.rows}

    async def _took_thread(self, step: Step, fetched: Fetched, asked: str) -> None:
        now = self.runtime.clock.now()
        page = await self._read("thread", self.engine.read_thread, fetched, now)
        known = self.frontier.on_thread(step.id, step.page, page, now, time.monotonic())
        if page.page != step.page and self.engine.thread_url(page.tid, step.page) != asked:
            self.frontier.deep[page.tid, step.page] = None  # another page came, and with it the address under which this one is
        believed = self.believed(step, page, page.board or known.board)
        board = self._hand_over(believed, known, fetched.url, now)
        self.frontier.news.learn(page, board)
        shown, newest = yield_of_thread(page), newest_of(page)
        self._succeeded(step, board, fetched, len(page.posts), findings=page.findings, newest=newest, page=believed, shown=shown)

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
