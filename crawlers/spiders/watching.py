"""The spider's doubts: pages that yield less than they did, the canary thread that decides, and other lists meanwhile."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import datetime
from functools import partial

from crawlers.backoff import outcome_of
from crawlers.canary import Doubt, Watch, lost
from crawlers.fetch import FetchError, fetch_page
from crawlers.frontier import ListState
from crawlers.pages import Fetched, PageError, ParserFailure, ThreadList, ThreadPage
from crawlers.policy import Reason, Step
from crawlers.sites.engine import Elsewhere
from crawlers.spiders.reporting import Reporting
from store.snapshots import FetchOutcome, FetchReport

#: while other pages list a board's threads, its own list is asked for again within this time
_OWN_LIST_AGAIN_S = 60.0


class Watching(Reporting):
    """Compares what pages yield with what they yielded."""

    watch: Watch

    async def expect_as_stored(self) -> None:
        """Pages are compared with what the store holds until the first of them were read; what was found changed is looked at again."""
        if self.engine.paged:
            site, now, sink = self.source.site_key, self.runtime.clock.now(), self.runtime.writer.sink
            asked = self.runtime.writer.ask(lambda: (list(sink.canaries(site, now)), set(sink.doubted(site))))
            whole, doubted = await asyncio.wrap_future(asked)
            self.watch.expect((thread.board for thread in self.frontier.threads.values()), threads=bool(whole))
            self.watch.changed = "" in doubted
            self.watch.lists = {f"board:{board}": board for board in doubted if board}

    async def canary_step(self, mono: float) -> Step | None:
        """The canary thread to read now, None = there is no doubt, or nothing to compare with."""
        frontier, watch = self.frontier, self.watch
        if not self.engine.paged or not watch.due(mono) or frontier.trial or mono < frontier.quiet_until:
            return None
        if not watch.canaries:
            site, now, sink = self.source.site_key, self.runtime.clock.now(), self.runtime.writer.sink
            about = watch.doubt.board if watch.doubt else ""
            watch.canaries = await asyncio.wrap_future(self.runtime.writer.ask(lambda: list(sink.canaries(site, now, about))))
        if not watch.canaries:
            if watch.doubt is not None:
                self._say("", FetchOutcome.OK, f"{watch.doubt.text}；没有以前读全的旧主题可对照，请打开网页核对")
            watch.settle(mono, changed=watch.changed)
            return None
        step = Step("thread", watch.canaries[0].tid, 1, Reason.CANARY)
        return None if step.key in frontier.in_flight else step

    def believed(self, step: Step, page: ThreadPage, board: str) -> ThreadPage:
        """A thread's page as it may be stored: while its template is in doubt nothing that was read before is changed by it."""
        if step.reason is Reason.CANARY:
            self.canary_read(step, page)
        else:
            self.watch.saw_thread(board, page, time.monotonic())
        if self.watch.doubtful or self.watch.dropped:
            self.watch.half.add(page.tid)
        else:
            self.watch.half.clear()
        return replace(page, complete=False) if self.watch.doubtful else page

    def _read_again(self) -> None:
        """The template is as it was: what was read in doubt is read once more."""
        for tid in self.watch.half & self.frontier.threads.keys():
            self.frontier.changed.setdefault(tid, time.monotonic())
        self.watch.half.clear()

    def canary_read(self, step: Step, page: ThreadPage) -> None:
        """A canary's page came and was read: is it as it was?"""
        canary = next((canary for canary in self.watch.canaries if canary.tid == step.id), None)
        if canary is None:
            return
        doubt, gone = self.watch.doubt, lost(canary, page)
        mono = time.monotonic()
        if gone:
            self._changed_template(step, f"现在少了{'、'.join(gone)}")
            return
        if self.watch.changed:
            self._say("", FetchOutcome.OK, "")
        text = ""
        if doubt is not None and doubt.of_list and not self._quiet(doubt, canary.board, page):
            self.watch.lists[doubt.key] = doubt.board
            told = f"{doubt.text}；其中的旧主题 {canary.tid} 还在，也照旧读得全：只有列表的模板变了"
            self._say(doubt.board, FetchOutcome.PARSER, told, ParserFailure.advice)
        elif doubt is not None:
            text = f"{doubt.text}；旧主题 {canary.tid} 照旧读得全，模板没有变"
            self._say("", FetchOutcome.OK, text)
        self.watch.settle(mono, changed=False)
        self._read_again()

    @staticmethod
    def _quiet(doubt: Doubt, board: str, page: ThreadPage) -> bool:
        """An empty list is true where no thread of the board is known to be there. The guide shows only what is new enough."""
        return doubt.empty and (not doubt.board or doubt.board not in (board, page.board))

    def canary_failed(self, step: Step, error: PageError | FetchError) -> None:
        """A canary's page could not be read: its template has changed; or it is gone, or the forum did not answer."""
        if isinstance(error, ParserFailure):
            self._changed_template(step, f"现在读不出（{error}）")
        elif isinstance(error, FetchError) and error.outcome is not FetchOutcome.GONE:
            self.watch.settle(time.monotonic(), changed=self.watch.changed)
        else:
            # this one is gone or closed: the next one, if there is one
            self.watch.canaries = [canary for canary in self.watch.canaries if canary.tid != step.id]
            if not self.watch.canaries:
                self.watch.settle(time.monotonic(), changed=self.watch.changed)

    def _changed_template(self, step: Step, what: str) -> None:
        why = f"（起因：{self.watch.doubt.text}）" if self.watch.doubt else ""
        told = f"主题页的模板变了：以前读全的旧主题 {step.id} {what}{why}"
        self._say("", FetchOutcome.PARSER, told, ParserFailure.advice)
        self.watch.settle(time.monotonic(), changed=True)

    def _say(self, board: str, outcome: FetchOutcome, text: str, advice: str = "") -> None:
        """Tell source health, and whoever watches, what a canary showed."""
        report = FetchReport(
            source=self.source.name,
            board=board,
            page_kind="canary",
            url=self.source.url,
            at=self.runtime.clock.now(),
            outcome=outcome,
            failure=text,
            advice=advice,
        )
        self.runtime.writer.report(report)
        self._tell("failure" if outcome is not FetchOutcome.OK else "list", board=board, reason=Reason.CANARY, text=text or "模板恢复如前")

    @staticmethod
    def _other_list(engine: Elsewhere, board: str, fetched: Fetched, now: datetime) -> ThreadList:
        return engine.read_other_list(fetched, board, now)

    # -- lists ---------------------------------------------------------------------------------------------------------
    def list_seen(self, state: ListState, listing: ThreadList) -> bool:
        """Take in what a list yields; whether it may be believed."""
        again = self.watch.saw_list(state.key, state.board, listing, time.monotonic())
        if again is not None:
            self._say(again, FetchOutcome.OK, "")
        return bool(listing.rows) or self.watch.usual[state.key].rows < self.watch.few

    async def other_lists(self, state: ListState) -> None:
        """Read a board's threads from elsewhere while its own list cannot be read, or says that there are none."""
        if state.kind != "board" or not isinstance(self.engine, Elsewhere):
            return
        for url in self.engine.other_lists(state.board):
            started, failed = time.monotonic(), True
            try:
                fetched = await fetch_page(self, url, self.runtime.clock)
                now = self.runtime.clock.now()
                listing = await self._read("list", partial(self._other_list, self.engine, state.board), fetched, now)
                failed = not listing.rows
            except (FetchError, PageError) as error:
                outcome = error.outcome if isinstance(error, FetchError) else outcome_of(error)[0]
                self._tell("failure", board=state.board, url=url, text=f"{outcome.value}：{error}")
                continue
            finally:
                self.runtime.tally.request(self.source.name, state.board, time.monotonic() - started, failed=failed)
            if not listing.rows:
                continue
            failures, failure = state.failures, state.failure
            self.frontier.on_list(state, 1, listing, now, time.monotonic())
            state.failures, state.failure = failures, failure  # its own list is still not read
            state.rest_until = min(state.rest_until, time.monotonic() + _OWN_LIST_AGAIN_S)
            self._tell("list", board=state.board, url=url, count=len(listing.rows), text=f"代替版块列表：{len(listing.rows)} 行")
            return
