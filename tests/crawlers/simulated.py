"""A forum that exists only as numbers, crawled by the real policy and budget in virtual time."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crawlers.budget import Budget
from crawlers.frontier import Frontier, ListState
from crawlers.pages import BoardRow, ThreadList, ThreadPage, ThreadRow
from crawlers.policy import Pace, Step, begin, finish, next_request
from store.records import Post, PostKind, Precision

EPOCH = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
_ROWS = 20
_PAGE = 10


def instant(second: float) -> datetime:
    return EPOCH + timedelta(seconds=second)


@dataclass
class Arrival:
    """A post of the simulated forum."""

    at: float
    tid: str
    first: bool
    seen: float | None = None


@dataclass
class SimulatedForum:
    """Threads with their posts in order; the lists show whole minutes, as Discuz! does."""

    threads: dict[str, list[Arrival]] = field(default_factory=dict)
    boards: dict[str, str] = field(default_factory=dict)
    #: the guide shows the threads as they stood at the last multiple of so many seconds; 0 = as they stand
    copied_s: float = 0.0

    def row(self, tid: str, now: float) -> ThreadRow | None:
        posts = [post for post in self.threads[tid] if post.at <= now]
        if not posts:
            return None
        last = instant(posts[-1].at - posts[-1].at % 60)
        return ThreadRow(
            tid=tid,
            title=tid,
            url="",
            board=self.boards[tid],
            posted_at=instant(posts[0].at - posts[0].at % 86_400),
            replies=len(posts) - 1,
            last_post_at=last,
            last_precision=Precision.MINUTE,
        )

    def listing(self, state: ListState, page: int, now: float) -> ThreadList:
        rows = [(row, posts) for tid, posts in self.threads.items() if (row := self.row(tid, now))]
        rows = [(row, posts) for row, posts in rows if state.kind != "board" or row.board == state.board]

        def order(pair: tuple[ThreadRow, list[Arrival]]) -> float:
            return pair[1][0].at if state.kind == "newthread" else max(post.at for post in pair[1] if post.at <= now)

        ordered = [row for row, _ in sorted(rows, key=order, reverse=True)]
        if self.copied_s and state.kind != "board":
            then = SimulatedForum(self.threads, self.boards).listing(state, 0, now - now % self.copied_s)
            ordered = [self.row(row.tid, now) or row for row in then.rows]
        if page == 0:
            return ThreadList(rows=tuple(ordered))
        pages = max(1, -(-len(ordered) // _ROWS))
        return ThreadList(rows=tuple(ordered[(page - 1) * _ROWS : page * _ROWS]), page=page, pages=pages)

    def index(self, now: float) -> list[BoardRow]:
        """Each board with its posts counted and the thread of its newest reply."""
        told = []
        for board in sorted(set(self.boards.values())):
            posts = [post for tid, posts in self.threads.items() if self.boards[tid] == board for post in posts if post.at <= now]
            last = max(posts, key=lambda post: post.at)
            at, clock = instant(last.at - last.at % 60), instant(now - now % 60)
            row = BoardRow(
                board=board, posts=len(posts), last_tid=last.tid, last_post_at=at, last_precision=Precision.MINUTE, told_at=clock
            )
            told.append(row)
        return told

    def page(self, tid: str, number: int, now: float) -> tuple[ThreadPage, list[Arrival]]:
        posts = [post for post in self.threads[tid] if post.at <= now]
        pages = max(1, -(-len(posts) // _PAGE))
        number = min(number, pages)
        shown = posts[(number - 1) * _PAGE : number * _PAGE]
        records = tuple(
            Post(site="s", pid=f"{tid}-{post.at}", tid=tid, kind=PostKind.REPLY, posted_at=instant(post.at)) for post in shown
        )
        return ThreadPage(tid=tid, posts=records, page=number, pages=pages, replies=len(posts) - 1, board=self.boards[tid]), shown


@dataclass
class Outcome:
    """Delays in seconds from posting to reading, and what the requests were spent on."""

    new_threads: list[float]
    hot_replies: list[float]
    other_replies: list[float]
    requests: int
    reasons: Counter[str]
    unseen: int


def percentile(delays: list[float], share: float) -> float:
    ordered = sorted(delays)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def crawl(
    *, seed: int, per_minute: float, minutes: float, threads_a_minute: float, replies_a_minute: float, hot: int = 12, history: int = 60,
    poll_s: float = 8.0, request_s: float = 0.15, hot_share: float = 0.5, copied_s: float = 0.0,
) -> Outcome:
    """Seeded Poisson arrivals for `minutes` on a forum with `history` threads that were read before."""
    rng = random.Random(seed)
    forum = SimulatedForum(copied_s=copied_s)
    begin_at = 6 * 3600.0
    for number in range(history):
        tid = f"h{number}"
        forum.threads[tid] = [Arrival(begin_at - rng.uniform(60, 5 * 3600), tid, True, seen=0.0)]
        forum.boards[tid] = str(rng.randint(1, 6))
    hot_tids = list(forum.threads)[:hot]
    arrivals: list[Arrival] = []
    now = begin_at
    while True:
        now += rng.expovariate((threads_a_minute + replies_a_minute) / 60)
        if now > begin_at + minutes * 60:
            break
        if rng.random() < threads_a_minute / (threads_a_minute + replies_a_minute):
            tid = f"{1000 + len(arrivals)}"
            forum.threads[tid], forum.boards[tid] = [], str(rng.randint(1, 6))
        else:
            tid = rng.choice(hot_tids) if hot and rng.random() < hot_share else rng.choice(list(forum.threads))
        arrival = Arrival(now, tid, not forum.threads[tid])
        forum.threads[tid].append(arrival)
        arrivals.append(arrival)
    return _run(forum, arrivals, frozenset(hot_tids), begin_at, begin_at + minutes * 60 + 120, Budget(per_minute, 2.0), poll_s, request_s)


def _run(
    forum: SimulatedForum, arrivals: list[Arrival], hot: frozenset[str], start: float, end: float, budget: Budget, poll_s: float,
    request_s: float,
) -> Outcome:
    frontier = Frontier(oldest=instant(0) - timedelta(days=30), hot=hot)
    kinds = [ListState("newthread"), ListState("new"), *(ListState("board", str(board)) for board in range(1, 7))]
    frontier.lists = {state.key: state for state in kinds}
    for state in kinds:
        state.read_at = start - 1.0
    frontier.lists["index"] = ListState("index")
    for tid in [tid for tid in forum.threads if tid.startswith("h")]:
        rows = tuple(filter(None, [forum.row(tid, start)]))
        frontier.on_list(frontier.lists["new"], 1, ThreadList(rows=rows), instant(start), start - 1.0)
        frontier.on_thread(tid, 1, forum.page(tid, 1, start)[0], instant(start), start - 50.0)
    pace = Pace.of(poll_s, budget.per_minute, budget.min_delay_s)
    reasons: Counter[str] = Counter()
    now = start
    while now < end:
        wait = budget.wait(now)
        if wait > 0:
            now += wait
            continue
        frontier.tidy()
        step = next_request(frontier, now, budget.free(now), pace)
        if step is None:
            now += 0.2
            continue
        budget.take(now)
        reasons[str(step.reason)] += 1
        begin(frontier, step, now)
        now += request_s
        _answer(forum, frontier, step, now)
        finish(frontier, step)
    late = {kind: [] for kind in ("new", "hot", "other")}  # type: dict[str, list[float]]
    for arrival in arrivals:
        if arrival.seen is not None:
            late["new" if arrival.first else "hot" if arrival.tid in hot else "other"].append(arrival.seen - arrival.at)
    unseen = sum(arrival.seen is None for arrival in arrivals)
    return Outcome(late["new"], late["hot"], late["other"], sum(reasons.values()), reasons, unseen)


def _answer(forum: SimulatedForum, frontier: Frontier, step: Step, now: float) -> None:
    if step.kind == "list":
        state = frontier.lists[step.id]
        if state.kind == "index":
            frontier.news.on_index(forum.index(now), frontier, instant(now), now)
            return
        listing = forum.listing(state, step.page, now)
        unknown = [row for row in listing.rows if row.tid not in frontier.threads]
        frontier.on_list(state, step.page, listing, instant(now), now)
        if state.kind == "board":
            for row in unknown:
                frontier.news.tell(row.tid, row.board, now)
        elif step.page == 1:
            frontier.news.on_guide(state.kind, now - 0.15, listing.rows, {row.board for row in listing.rows})
        return
    page, shown = forum.page(step.id, step.page, now)
    frontier.on_thread(step.id, step.page, page, instant(now), now)
    frontier.news.learn(page, page.board)
    for arrival in shown:
        if arrival.seen is None:
            arrival.seen = now
