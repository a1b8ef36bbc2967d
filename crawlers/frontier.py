"""What a spider knows and still wants of one forum: lists, threads, and the queues between them.

Only state and its transitions; which of the wants comes next is `crawlers.policy`. Intervals are monotonic
seconds, the forum's own times are instants.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crawlers.freshness import FADE_S, STIR_S, faded, look_after_s
from crawlers.looks import Looks
from crawlers.news import News
from crawlers.pages import ThreadList, ThreadPage, ThreadRow
from crawlers.states import ListKind as ListKind
from crawlers.states import ListState as ListState
from crawlers.states import ThreadState as ThreadState
from store.records import Precision
from store.rhythm import Rhythm
from store.snapshots import ThreadMark

#: a thread posted within this time is new; an older one that was not known is backlog
FRESH = timedelta(hours=24)
#: pages that one poll goes on for, when all rows of a page are news (an outage, a storm)
_LONGEST_RUN = 20
#: pages of the first sweep of a list
_LONGEST_SWEEP = 400
#: last pages that are followed at once, until one is the last indeed: a page that always promises another waits with the others
_CHASES = 2
#: what is missing is looked at a second time after this
_SECOND_LOOK_S = 60.0

_SLACK_S = {Precision.SECOND: 0, Precision.MINUTE: 60, Precision.HOUR: 3600, Precision.DAY: 86_400, Precision.UNKNOWN: 0}


@dataclass
class Frontier:
    """The state of one source's crawl."""

    #: threads whose last sign of life is before this are left alone by the first crawl
    oldest: datetime
    #: board ids to keep to; empty = all
    only_boards: frozenset[str] = frozenset()
    lists: dict[str, ListState] = field(default_factory=dict)
    threads: dict[str, ThreadState] = field(default_factory=dict)
    #: threads with an open alert
    hot: frozenset[str] = frozenset()
    #: new threads, newest first: (−epoch, tid)
    fresh: list[tuple[float, str]] = field(default_factory=list)
    #: threads with news, by when that was noticed
    changed: dict[str, float] = field(default_factory=dict)
    #: older threads that were never read, newest first as the lists gave them
    backlog: dict[str, None] = field(default_factory=dict)
    #: (tid, page) still to read
    deep: dict[tuple[str, int], None] = field(default_factory=dict)
    #: looks for edits and deletions, and second looks at what was missing
    again: Looks = field(default_factory=Looks)
    #: False: what is older than `oldest` is left alone (one round is no place for it)
    rare_looks: bool = True
    #: posts a second at this hour by board, "" = the whole source; empty = not known yet
    rates: dict[str, float] = field(default_factory=dict)
    #: the source's rate at this hour as a share of its mean
    tempo: float = 1.0
    in_flight: set[str] = field(default_factory=set)
    #: threads that moved: old id → real id
    moved: dict[str, str] = field(default_factory=dict)
    #: the whole source rests until then; the first request after it is a trial
    quiet_until: float = -math.inf
    trial: bool = False
    strikes: int = 0
    #: when the last request went to what nobody waits for
    leftover_at: float = -math.inf
    #: requests that went to what nobody waits for: its kinds take turns
    leftovers: int = 0
    #: the list of newest replies was seen to hold threads without replies: one list tells all
    new_holds_all: bool = False
    #: which lists tell of news in time
    news: News = field(default_factory=News)

    def remember(self, marks: Mapping[str, ThreadMark], now: datetime, mono: float) -> None:
        """Start from what the store knows."""
        for mark in marks.values():
            if mark.gone:
                continue
            read_at = mono - (now - mark.last_read_at).total_seconds() if mark.last_read_at else -math.inf
            state = self.threads[mark.tid] = ThreadState(mark.tid, board=mark.board, pages=mark.pages, replies=mark.replies)
            state.last_post_at, state.read_at, state.activity = mark.last_post_at, read_at, mark.activity
            for page in mark.missing_pages:
                self.deep[mark.tid, page] = None
            self._plan_again(state, now, read_at if math.isfinite(read_at) else mono - 86_400)

    def tune(self, rhythms: Mapping[str, Rhythm], now: datetime) -> None:
        """Take in what was learned of the hour: posts a second by board, and how the hour compares with the mean one."""
        self.rates = {board: rhythm.at(now) / 3600 for board, rhythm in rhythms.items()}
        whole = rhythms.get("")
        self.tempo = whole.at(now) / whole.mean if whole else 1.0

    def add_boards(self, boards: Iterable[str]) -> None:
        """Boards the forum's index shows (or the configuration names), each swept once to the bound of the first crawl."""
        for board in boards:
            if self.only_boards and board not in self.only_boards:
                continue
            state = ListState("board", board)
            self.lists.setdefault(state.key, state)

    def on_list(self, state: ListState, asked: int, listing: ThreadList, now: datetime, mono: float) -> int:
        """Take in a page of a list; returns how many of its threads want reading."""
        state.failures, state.failure = 0, ""
        since = mono - state.told_at
        if asked == 1:
            state.read_at = state.told_at = mono
        rows = [row for row in listing.rows if not self.only_boards or not row.board or row.board in self.only_boards]
        guide = state.kind in ("newthread", "new")
        wanted = sum(self._see(row, now, mono, guide=guide) for row in rows)
        if asked == 1 and math.isfinite(since):  # the first look finds what came before it
            state.stir = faded(state.stir, since, STIR_S) + wanted
        if state.kind == "new" and any(row.replies == 0 and not row.sticky for row in rows):
            self.new_holds_all = True
        self._go_on(state, asked, listing, wanted)
        return wanted

    def _go_on(self, state: ListState, asked: int, listing: ThreadList, wanted: int) -> None:
        """Whether the next page of the list is wanted too. Past its end a forum serves page 1 again: trust what it shows."""
        rows = [row for row in listing.rows if not row.sticky]
        told_end = listing.page != asked or asked >= listing.pages or not rows
        repeated = asked > 1 and state.swept.issuperset(row.tid for row in rows)
        last = told_end or repeated
        state.swept = {row.tid for row in rows} if asked == 1 else state.swept | {row.tid for row in rows}
        instants = [shown for row in rows if (shown := (row.posted_at if state.kind == "newthread" else row.last_post_at or row.posted_at))]
        # what is pinned on top tells nothing, also where nobody told that it is
        oldest = min(instants[len(instants) // 2 :]) if instants else None
        if state.sweep_page:  # a sweep is under way
            bound = state.sweep_until
            run = wanted > 0 if bound is None else (oldest is None or oldest >= bound)
            longest = _LONGEST_RUN if bound is None else _LONGEST_SWEEP
            state.sweep_page = asked + 1 if run and not last and asked < longest else 0
            if not state.sweep_page:
                state.swept = set()
        elif asked == 1 and not last:
            # the page is all news: there is more behind it
            state.sweep_page = 2 if wanted >= 0.9 * len(rows) else 0
            state.sweep_until = None

    def begin_sweep(self, state: ListState, until: datetime) -> None:
        """Read a list from its first page down to rows older than `until`."""
        state.sweep_page, state.sweep_until = 1, until

    def meet(self, row: ThreadRow, now: datetime, mono: float) -> bool:
        """Take in a thread that something else than a list told of; whether that is news."""
        return self._see(row, now, mono)

    def _see(self, row: ThreadRow, now: datetime, mono: float, *, guide: bool = False) -> bool:
        """Whether a row tells something that is not known yet."""
        if row.tid in self.moved:
            row = replace(row, tid=self.moved[row.tid])
        state = self.threads.get(row.tid)
        if guide and state is not None and state.uncounted and row.replies is not None:
            row = replace(row, replies=row.replies + state.uncounted)
        key = (row.replies, row.last_post_at)
        shown = row.last_post_at or row.posted_at
        if state is None:
            if shown is not None and shown < self.oldest:
                return False
            state = self.threads[row.tid] = ThreadState(row.tid, row.board, row.board_name, row=row, seen_row=key, pages=row.pages)
            if row.posted_at is None or row.posted_at >= now - FRESH:
                heapq.heappush(self.fresh, (-(shown or now).timestamp(), row.tid))
            else:
                self.backlog[row.tid] = None
            return True
        state.board, state.board_name = row.board or state.board, row.board_name or state.board_name
        if key == state.seen_row or not self._differs(row, state):
            return False
        state.seen_row, state.row, state.chased = key, row, 0
        if row.tid not in self.backlog and math.isfinite(state.read_at):
            self.changed.setdefault(row.tid, mono)
        return True

    @staticmethod
    def _differs(row: ThreadRow, state: ThreadState) -> bool:
        """A later last reply, more replies, or fewer than ever seen (a deletion)."""
        if row.last_post_at is not None:
            # "3 分钟前" wanders by a minute between two looks; the number of replies tells what this misses
            slack = timedelta(seconds=_SLACK_S[row.last_precision])
            if state.last_post_at is None or row.last_post_at > state.last_post_at + slack:
                return True
        if row.replies is None or row.replies == state.replies:
            return False
        if state.replies is None or row.replies > state.replies:
            state.fewest = None
            return True
        if state.fewest is not None and row.replies >= state.fewest:
            return False
        state.fewest = row.replies
        return True

    def on_thread(self, tid: str, asked: int, page: ThreadPage, now: datetime, mono: float) -> ThreadState:
        """Take in a page of a thread; further pages that it shows are queued."""
        if page.tid != tid:
            self.moved[tid] = page.tid
            old = self.threads.pop(tid, None)
            self.threads.setdefault(page.tid, ThreadState(page.tid, row=old.row if old else None))
            self._forget_wants(tid)
        known = self.threads.setdefault(page.tid, ThreadState(page.tid))
        first_time = not math.isfinite(known.read_at)
        before, counted_before = known.pages if not first_time else 1, known.replies
        newest = max((post.posted_at for post in page.posts), default=None)
        row_last = known.row.last_post_at if known.row else None
        times = [moment for moment in (newest, row_last, known.last_post_at) if moment is not None]
        known.last_post_at = max(times) if times else None
        if known.fewest is not None and page.replies is not None:
            known.uncounted, known.fewest = known.uncounted + max(0, page.replies - known.fewest), None
        counted = [count for count in (page.replies, known.row.replies if known.row else None) if count is not None]
        known.replies = page.replies if page.replies is not None else (max(counted) if counted else known.replies)
        came = 0 if counted_before is None else max(0, (known.replies or 0) - counted_before)
        if first_time:
            known.activity = sum(faded(1.0, (now - post.posted_at).total_seconds(), FADE_S) for post in page.posts)
        else:
            known.activity = faded(known.activity, mono - known.read_at, FADE_S) + came
        news = came > 0 or page.tid in self.changed
        known.read_at, known.missing = mono, 0
        known.failures = 0 if page.complete else known.failures + 1
        known.board, known.board_name = page.board or known.board, page.board_name or known.board_name
        known.pages = page.pages
        if page.page >= page.pages:
            known.short = known.chased = 0
        self.changed.pop(page.tid, None)
        self.backlog.pop(page.tid, None)
        self.deep.pop((page.tid, asked), None)
        self.deep.pop((page.tid, page.page), None)
        if first_time:
            wanted = [number for number in range(page.pages, 0, -1) if number != page.page]
        else:
            wanted = list(range(max(before, page.page) + 1, page.pages + 1))
            if (wanted or (news and page.page < page.pages)) and known.chased < _CHASES:  # the news is on the last page
                known.chased += 1
                self.changed[page.tid] = mono
                wanted = wanted[:-1]
        for number in wanted:
            self.deep[page.tid, number] = None
        if page.complete or known.failures >= 3:
            self._plan_again(known, now, mono)
        else:
            self._look_again(known, mono, 30.0 * known.failures)  # half a page came: the rest is wanted soon
        return known

    def on_missing(self, tid: str, now: datetime, mono: float) -> None:
        """The forum says that a thread does not exist: looked at a second time a minute later."""
        self._forget_wants(tid)
        state = self.threads.setdefault(tid, ThreadState(tid))
        state.missing += 1
        state.read_at = mono
        if state.missing < 2:
            self._look_again(state, mono, _SECOND_LOOK_S)

    def on_deleted(self, tids: Iterable[str], now: datetime, mono: float) -> list[str]:
        """A list shows these as deleted; returns those that were read before, each at most twice and not at once again."""
        told = []
        for tid in tids:
            state = self.threads.get(tid)
            if state is None or state.missing > 1 or (state.missing and mono - state.read_at < _SECOND_LOOK_S):
                continue
            if math.isfinite(state.read_at):
                self.on_missing(tid, now, mono)
                told.append(tid)
            else:
                self._forget_wants(tid)
                state.read_at = mono
        return told

    def on_short(self, tid: str, mono: float) -> None:
        """A further page is not there: the thread has become shorter, or is gone; its first page tells which."""
        self._forget_wants(tid)
        state = self.threads.setdefault(tid, ThreadState(tid))
        state.pages, state.short = 1, state.short + 1
        if state.short > 2:  # its first page goes on to promise pages that are not there
            self.on_unreadable(tid, mono)
        else:
            self.changed[tid] = mono

    def on_unreadable(self, tid: str, mono: float) -> None:
        """A thread page that could not be read: again after ten minutes, then ever more rarely, or when the list shows news."""
        state = self.threads.setdefault(tid, ThreadState(tid))
        state.failures += 1
        self._forget_wants(tid)
        self._look_again(state, mono, min(6 * 3600.0, 600.0 * 2 ** min(state.failures - 1, 6)))

    def shaky(self, tid: str) -> bool:
        """Count a failure that may be the network's; True at the third, when it is the thread's own."""
        state = self.threads.setdefault(tid, ThreadState(tid))
        state.failures += 1
        return state.failures >= 3

    def _forget_wants(self, tid: str) -> None:
        self.changed.pop(tid, None)
        self.backlog.pop(tid, None)
        self.fresh = [entry for entry in self.fresh if entry[1] != tid]
        heapq.heapify(self.fresh)
        for key in [key for key in self.deep if key[0] == tid]:
            del self.deep[key]

    def _plan_again(self, state: ThreadState, now: datetime, mono: float) -> None:
        """Edits and deletions are invisible in lists: look again, the more rarely the older and quieter."""
        old = state.last_post_at is None or state.last_post_at < self.oldest
        if old and not self.rare_looks:
            return
        age_s = (now - state.last_post_at).total_seconds() if state.last_post_at else 86_400.0
        self._look_again(state, mono, look_after_s(max(0.0, age_s), state.activity))

    def _look_again(self, state: ThreadState, mono: float, after_s: float) -> None:
        state.again_at = self.again.plan(state.tid, mono, after_s)

    def tidy(self) -> None:
        """Drop what was overtaken from the heads of the queues, so that the policy only looks."""
        while self.fresh and self.was_read(self.fresh[0][1]):
            heapq.heappop(self.fresh)
        self.again.prune(lambda tid, due: tid in self.threads and self.threads[tid].again_at == due)

    def was_read(self, tid: str) -> bool:
        """Whether a thread needs no first reading any more."""
        state = self.threads.get(tid)
        return state is None or math.isfinite(state.read_at)

    def waiting(self) -> int:
        """Pages that are known and were never read; what a sweep will still find is not among them."""
        return len(self.backlog) + len(self.deep) + sum(not self.was_read(tid) for _, tid in self.fresh)

    def covered(self) -> dict[str, float]:
        """By board, "" = the lists over all boards: when it was last read, if it was read to its bound and nothing it told of waits."""
        if self.backlog or any(not self.was_read(tid) for _, tid in self.fresh):
            return {}
        found: dict[str, float] = {}
        unfinished: set[str] = set()
        for state in self.lists.values():
            if state.kind == "index":
                continue
            if state.sweep_page or state.failures or not math.isfinite(state.told_at):
                unfinished.add(state.board)
            found[state.board] = min(state.told_at, found.get(state.board, math.inf))
        return {board: at for board, at in found.items() if board not in unfinished}

    def nothing_left(self) -> bool:
        """One round is over: every list was asked for, and every thread that wanted reading was read."""
        self.tidy()
        waiting = self.fresh or self.changed or self.backlog or self.deep or self.in_flight
        return not waiting and all(state.sweep_page <= 1 and math.isfinite(state.read_at) for state in self.lists.values())
