"""Which request comes next: a pure function of what is known and what the budget still allows.

The order follows the value of freshness under a budget (Cho & Garcia-Molina, "Effective page refresh policies
for web crawlers", ACM TODS 28(4), 2003; Olston & Pandey, "Recrawl scheduling based on information longevity",
WWW 2008): the list over all boards tells of every change for one request, so it is read often; a page that is
known to have changed is worth more than one that may have; what nobody waits for takes what is left over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from crawlers.frontier import Frontier, ListState
from crawlers.news import Guide


class Reason(StrEnum):
    """Why a page is asked for; shown in logs and counted by benchmarks."""

    TRIAL = "trial"
    OVERDUE_LIST = "overdue list"
    NEW_THREAD = "new thread"
    HOT_CHANGED = "news in a thread with an open alert"
    LIST_GOES_ON = "list goes on"
    LIST = "list due"
    TOLD = "news on a board"
    HOT_REREAD = "thread with an open alert"
    CHANGED = "news in a thread"
    BOARD = "board's list"
    DEEP = "further page"
    BACKLOG = "older thread"
    AGAIN = "look for edits"


@dataclass(frozen=True, slots=True)
class Step:
    """A page to ask for."""

    kind: Literal["list", "thread"]
    #: key of the list, or thread id
    id: str
    page: int
    reason: Reason

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}:{self.page}"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often lists are read, in seconds, derived from the operator's poll and budget."""

    #: when nothing else waits; when something else waits; when everything else stands back
    idle_s: float
    busy_s: float
    overdue_s: float
    #: requests of the window that low-value reading leaves alone
    reserve: int
    #: a thread with an open alert is read again without a sign of change
    hot_s: float = 100.0
    #: looks at a board's own list while the guide tells of all boards; at the forum's index
    board_s: float = 300.0
    index_s: float = 86_400.0
    #: looks at the list of newest threads while the list of newest replies holds them too
    spare_s: float = 180.0
    #: one request for what nobody waits for at least this often; news in a thread waits no longer than this for a request
    leftover_s: float = 60.0
    changed_s: float = 30.0

    @classmethod
    def of(cls, poll_s: float, per_minute: float, min_delay_s: float = 0.0) -> Pace:
        """Half of the budget for lists when there is other work: at ten a minute every 12 s, else every `poll_s`."""
        busy = max(poll_s, 120.0 / per_minute, min_delay_s)
        reserve = 0 if per_minute < 4 else 1 if per_minute < 10 else 2
        return cls(
            idle_s=max(poll_s, 60.0 / per_minute, min_delay_s),
            busy_s=busy,
            overdue_s=2.0 * busy,
            reserve=reserve,
            leftover_s=900.0 / per_minute,
            changed_s=200.0 / per_minute,
        )

    @classmethod
    def once(cls) -> Pace:
        """Every list a single time."""
        never = 1e12
        return cls(idle_s=never, busy_s=never, overdue_s=never, reserve=0, hot_s=never, board_s=never, index_s=never, spare_s=never)


def next_request(frontier: Frontier, now: float, free: int, pace: Pace) -> Step | None:
    """The most valuable page to ask for at `now` with `free` requests left in the window; None = wait."""
    if now < frontier.quiet_until or free <= 0:
        return None
    if frontier.trial:
        return _trial(frontier)
    overdue = _polled(frontier, now, pace.overdue_s, pace)
    if overdue:
        return _list(overdue, 1, Reason.OVERDUE_LIST)
    urgent = _fresh(frontier) or _changed(frontier, hot_only=True)
    if urgent:
        return urgent
    for state in _awake(frontier, now, "board"):
        if state.wanted and _idle(frontier, state, 1):
            return _list(state, 1, Reason.TOLD)
    for state in _awake(frontier, now, "newthread", "new"):
        if state.sweep_page > 1 and _idle(frontier, state, state.sweep_page):
            return _list(state, state.sweep_page, Reason.LIST_GOES_ON)
    if now - frontier.leftover_at >= pace.leftover_s and (leftover := _leftover(frontier, now, pace)):
        return leftover
    changed = _changed(frontier)
    if changed and now - max(frontier.changed_at, frontier.changed[changed.id]) >= pace.changed_s:
        return changed
    polled = _polled(frontier, now, pace.idle_s if free > 1 else pace.busy_s, pace)
    if polled:
        return _list(polled, 1, Reason.LIST)
    if free <= min(1, pace.reserve):
        return None
    return changed if changed or free <= pace.reserve else _leftover(frontier, now, pace)


def _leftover(frontier: Frontier, now: float, pace: Pace) -> Step | None:
    """What nobody waits for: edits, what the guide hides, further pages, older threads."""
    return _hot_reread(frontier, now, pace) or _board(frontier, now, pace) or _rest(frontier, now)


def _awake(frontier: Frontier, now: float, *kinds: str) -> list[ListState]:
    """The lists of some kinds that do not rest after a failure."""
    return [state for state in frontier.lists.values() if state.kind in kinds and now >= state.rest_until]


def _list(state: ListState, page: int, reason: Reason) -> Step:
    return Step("list", state.key, page, reason)


def _idle(frontier: Frontier, state: ListState, page: int) -> bool:
    return f"list:{state.key}:{page}" not in frontier.in_flight


def _trial(frontier: Frontier) -> Step | None:
    """After a rest: one list, the one that a reader would open first."""
    if frontier.in_flight or not frontier.lists:
        return None
    first = min(frontier.lists.values(), key=lambda state: (state.kind == "index", state.failures))
    return _list(first, 1, Reason.TRIAL)


def guide_works(frontier: Frontier) -> bool:
    """Whether a list over all boards is being read, and tells of news in time."""
    reads = any(state.kind in ("newthread", "new") and not state.failures for state in frontier.lists.values())
    return reads and frontier.news.guide is not Guide.LAGS


def _polled(frontier: Frontier, now: float, every_s: float, pace: Pace) -> ListState | None:
    """The list that tells of new posts and is due most; None when none is due."""
    guides = _awake(frontier, now, "newthread", "new")
    lags = frontier.news.guide is Guide.LAGS
    summaries = _awake(frontier, now, "index") if frontier.news.index_tells and frontier.news.guide is not Guide.LIVE else []
    due: list[tuple[float, ListState]] = []
    for state in guides:
        interval = every_s
        if len(guides) > 1 and frontier.new_holds_all:
            interval = every_s if state.kind == "new" else pace.spare_s + every_s
        elif len(guides) > 1:
            interval = 1.5 * every_s if state.kind == "newthread" else 3.0 * every_s
        # a guide that may be a copy is asked now and then, one that is a copy hardly ever: the index tells instead
        interval = pace.spare_s + every_s if lags else 3.0 * interval if summaries else interval
        due.append((now - state.read_at - interval, state))
    if summaries:
        due += [(now - state.read_at - every_s, state) for state in summaries]
    elif not guide_works(frontier):
        boards = _awake(frontier, now, "board")
        due += [(now - state.read_at - every_s * len(boards), state) for state in boards]
        due += [(now - state.read_at - pace.index_s, state) for state in _awake(frontier, now, "index")]
    ready = [(late, number, state) for number, (late, state) in enumerate(due) if late >= 0 and _idle(frontier, state, 1)]
    return max(ready)[2] if ready else None


def _fresh(frontier: Frontier) -> Step | None:
    """The newest thread that was never read."""
    if not frontier.fresh:
        return None
    newest = frontier.fresh[0]
    if f"thread:{newest[1]}:1" in frontier.in_flight:  # several requests at a time
        others = [entry for entry in frontier.fresh if f"thread:{entry[1]}:1" not in frontier.in_flight and not frontier.was_read(entry[1])]
        if not others:
            return None
        newest = min(others)
    return Step("thread", newest[1], 1, Reason.NEW_THREAD)


def _changed(frontier: Frontier, *, hot_only: bool = False) -> Step | None:
    """A thread whose row tells of news: its last known page, where new replies are."""
    for tid in frontier.changed:
        if hot_only and tid not in frontier.hot:
            continue
        step = Step("thread", tid, frontier.threads[tid].pages, Reason.HOT_CHANGED if tid in frontier.hot else Reason.CHANGED)
        if step.key not in frontier.in_flight:
            return step
    return None


def _hot_reread(frontier: Frontier, now: float, pace: Pace) -> Step | None:
    """The thread with an open alert that was not looked at for longest; every fourth time its first page."""
    states = [frontier.threads[tid] for tid in frontier.hot if tid in frontier.threads]
    waiting = [state for state in states if now - state.read_at >= pace.hot_s and state.missing < 2 and state.failures < 3]
    for state in sorted(waiting, key=lambda state: state.read_at)[:4]:
        page = 1 if state.rereads % 4 == 3 else state.pages
        step = Step("thread", state.tid, page, Reason.HOT_REREAD)
        if step.key not in frontier.in_flight:
            return step
    return None


def _board(frontier: Frontier, now: float, pace: Pace) -> Step | None:
    """A board's own list: its sweep to the bound of the first crawl, then a look for what the guide hides."""
    for state in _awake(frontier, now, "index", "board"):
        every = pace.index_s if state.kind == "index" else pace.board_s
        if now - state.read_at >= every and _idle(frontier, state, 1):
            return _list(state, 1, Reason.BOARD)
        if state.sweep_page > 1 and _idle(frontier, state, state.sweep_page):
            return _list(state, state.sweep_page, Reason.BOARD)
    return None


def _rest(frontier: Frontier, now: float) -> Step | None:
    for tid, page in frontier.deep:
        step = Step("thread", tid, page, Reason.DEEP)
        if step.key not in frontier.in_flight:
            return step
    for tid in frontier.backlog:
        step = Step("thread", tid, 1, Reason.BACKLOG)
        if step.key not in frontier.in_flight:
            return step
    if frontier.again and frontier.again[0][0] <= now:
        tid = frontier.again[0][1]
        return Step("thread", tid, frontier.threads[tid].pages, Reason.AGAIN)
    return None


def begin(frontier: Frontier, step: Step, now: float) -> None:
    """Note that a step is under way, so that it is not chosen again."""
    frontier.in_flight.add(step.key)
    if step.reason in (Reason.HOT_REREAD, Reason.BOARD, Reason.DEEP, Reason.BACKLOG, Reason.AGAIN):
        frontier.leftover_at = now
    if step.kind == "list":
        state = frontier.lists[step.id]
        if step.page == 1:
            state.read_at = now  # also when it fails: the rhythm stays
            state.wanted = False
        return
    thread = frontier.threads.get(step.id)
    if thread is None:
        return
    if step.reason is Reason.CHANGED:
        frontier.changed_at = now
    if step.reason is Reason.AGAIN:
        thread.again_at = math.inf
        frontier.tidy()
    if step.reason is Reason.HOT_REREAD:
        thread.rereads += 1


def finish(frontier: Frontier, step: Step) -> None:
    """The step is over, one way or the other."""
    frontier.in_flight.discard(step.key)
