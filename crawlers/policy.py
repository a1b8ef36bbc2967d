"""Which request comes next: a pure function of what is known and what the budget still allows.

Classes come first, learned rates order what is inside them:

1. a list that is overdue; 2. a thread never read, then one with an open alert and news; 3. the next page of a list that is all news;
4. once in a while what nobody waits for; 5. news in any thread; 6. the list that is due; 7. with what the budget leaves over: what
nobody waits for. What is known to be unread goes before a look for what may be: a post that is read waits no longer.

The list over all boards tells of every change for one request, so it is read often, at an interval that follows the hour
(`worth_s`); boards share their looks by the root of their rates (`turns`); of threads with news the one where most posts have
waited longest is read; of those without a sign the one that is likeliest to hold something unseen (`thread_rate`); looks for edits
come ever more rarely, never never (`look_after_s`). The rules and the literature behind them: `crawlers.freshness`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from crawlers.budget import saved_up
from crawlers.freshness import stirred, thread_rate, turns, worth_s
from crawlers.frontier import Frontier, ListState, ThreadState
from crawlers.news import Guide

#: news that was just noticed has waited about so long already
_NOTICED_S = 8.0


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
    CANARY = "canary"


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

    #: with a request saved up for what it tells; with the last one; when everything else stands back
    idle_s: float
    busy_s: float
    overdue_s: float
    #: the longest between two looks at a list over all boards in an hour in which hardly anything comes
    slow_s: float
    #: one look at *some* board in so many seconds, where no list over all boards tells, and with the last request saved up; a single
    #: board rests no longer than that
    turn_s: float
    turn_busy_s: float
    turn_ceiling_s: float
    #: requests of the window that low-value reading leaves alone
    reserve: int
    #: a thread with an open alert is read again without a sign of change
    hot_s: float = 100.0
    #: looks at a board's own list while the guide tells of all boards; at the forum's index
    board_s: float = 300.0
    index_s: float = 86_400.0
    #: looks at the list of newest threads while the list of newest replies holds them too
    spare_s: float = 180.0
    #: one request for what nobody waits for at least this often
    leftover_s: float = 60.0

    @classmethod
    def of(cls, poll_s: float, per_minute: float, min_delay_s: float = 0.0) -> Pace:
        """At ten a minute and `poll_s` of 8 s: a list every 8 s while a request is saved up for what it tells, with the last one
        not before 24 s, at least every 36 s however much there is to read."""
        slot = max(60.0 / per_minute, min_delay_s)
        idle = max(poll_s, slot)
        saved = saved_up(per_minute)
        return cls(
            idle_s=idle,
            busy_s=(3.0 if saved >= 2 else 1.0) * idle,
            overdue_s=max(2.0 * idle, 6.0 * slot),
            slow_s=max(idle, min(3.0 * idle, 30.0)),
            turn_s=0.9 * slot,  # a request takes a moment, and one that may go must not wait for its turn
            turn_busy_s=(1.35 if saved >= 2 else 0.9) * slot,
            turn_ceiling_s=max(100.0, 12.0 * slot),
            reserve=int(saved * 2 / 3),
            leftover_s=1_800.0 / per_minute,
        )

    @classmethod
    def once(cls) -> Pace:
        """Every list a single time."""
        never = 1e12
        lists = ("idle_s", "busy_s", "overdue_s", "slow_s", "turn_s", "turn_busy_s", "turn_ceiling_s")
        return cls(**dict.fromkeys(lists, never), reserve=0, hot_s=never, board_s=never, index_s=never, spare_s=never)


def next_request(frontier: Frontier, now: float, free: int, pace: Pace) -> Step | None:
    """The most valuable page to ask for at `now` with `free` requests left in the window; None = wait."""
    if now < frontier.quiet_until or free <= 0:
        return None
    if frontier.trial:
        return _trial(frontier)
    overdue = _polled(frontier, now, pace.overdue_s, 4.5 * pace.turn_s, pace)
    if overdue:
        return _list(overdue, 1, Reason.OVERDUE_LIST)
    urgent = _fresh(frontier) or _changed(frontier, now, hot_only=True)
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
    changed = _changed(frontier, now)
    if changed:
        return changed
    every = (pace.idle_s, pace.turn_s) if free > 1 else (pace.busy_s, pace.turn_busy_s)
    polled = _polled(frontier, now, *every, pace)
    if polled:
        return _list(polled, 1, Reason.LIST)
    return None if free <= pace.reserve else _leftover(frontier, now, pace)


def _leftover(frontier: Frontier, now: float, pace: Pace) -> Step | None:
    """What nobody waits for: threads with an open alert, what the guide hides, and the rest, by turns, so that none starves."""
    kinds = [_hot_reread, _board, _rest]
    turn = (0, 1, 0, 2)[frontier.leftovers % 4]
    for kind in (kinds[turn], *kinds[:turn], *kinds[turn + 1 :]):
        if step := kind(frontier, now, pace):
            return step
    return None


def _awake(frontier: Frontier, now: float, *kinds: str) -> list[ListState]:
    """The lists of some kinds that do not rest after a failure."""
    return [state for state in frontier.lists.values() if state.kind in kinds and now >= state.rest_until]


def _list(state: ListState, page: int, reason: Reason) -> Step:
    return Step("list", state.key, page, reason)


def _idle(frontier: Frontier, state: ListState, page: int) -> bool:
    return f"list:{state.key}:{page}" not in frontier.in_flight


def _trial(frontier: Frontier) -> Step | None:
    """After a rest: one list, the one that a reader would open first; the forum's index where the guide alone may be walled."""
    if frontier.in_flight or not frontier.lists:
        return None
    walled = any(state.failures for state in frontier.lists.values() if state.kind in ("newthread", "new"))
    first = min(frontier.lists.values(), key=lambda state: (state.failures, (state.kind == "index") != walled))
    return _list(first, 1, Reason.TRIAL)


def guide_works(frontier: Frontier) -> bool:
    """Whether a list over all boards is being read, and tells of news in time."""
    reads = any(state.kind in ("newthread", "new") and not state.failures for state in frontier.lists.values())
    return reads and frontier.news.guide is not Guide.LAGS


def _polled(frontier: Frontier, now: float, every_s: float, turn_s: float, pace: Pace) -> ListState | None:
    """The list that tells of new posts and is latest by its own interval; None when none is due. A list over all boards is due every
    `every_s` at most, some board every `turn_s`."""
    due: list[tuple[float, ListState]] = []
    guides = _awake(frontier, now, "newthread", "new")
    lags = frontier.news.guide is Guide.LAGS
    summaries = _awake(frontier, now, "index") if frontier.news.index_tells and frontier.news.guide is not Guide.LIVE else []
    rate = None if "" not in frontier.rates else max([frontier.rates[""], *(stirred(state.stir) for state in (*guides, *summaries))])
    often = max(worth_s(rate, pace.idle_s, pace.slow_s), every_s)
    for state in guides:
        every = often
        if len(guides) > 1 and frontier.new_holds_all:
            every += 0.0 if state.kind == "new" else pace.spare_s
        elif len(guides) > 1:
            every *= 1.5 if state.kind == "newthread" else 3.0
        # a guide that may be a copy is asked now and then, one that is a copy hardly ever: the index tells instead
        due.append((pace.spare_s + often if lags else 3.0 * every if summaries else every, state))
    # one that was never read comes first: it tells of the boards, and whether the guide can be believed
    due += [(often, state) for state in summaries] or [(pace.index_s, state) for state in _awake(frontier, now, "index")]
    late = [(now - state.read_at) / every for every, state in due]
    ready = [number for number, (_, state) in enumerate(due) if late[number] >= 1 and _idle(frontier, state, 1)]
    if ready:
        return due[max(ready, key=lambda number: (late[number], -number))][1]
    return None if summaries or guide_works(frontier) else _board_turn(frontier, now, turn_s, pace)


def _board_turn(frontier: Frontier, now: float, turn_s: float, pace: Pace) -> ListState | None:
    """The board that is latest by its own interval, one look at some board every so often; None before that, or when none is worth it."""
    boards = _awake(frontier, now, "board")
    if not boards or now - max(state.read_at for state in boards) < turn_s:
        return None
    rates = {state.key: _board_rate(frontier, state) for state in boards}
    every = turns(rates, pace.turn_s, pace.turn_ceiling_s)
    floor = {key: worth_s(rate if frontier.rates else None, pace.idle_s, pace.turn_ceiling_s) for key, rate in rates.items()}
    ready = [state for state in boards if now - state.read_at >= floor[state.key] and _idle(frontier, state, 1)]
    return max(ready, key=lambda state: ((now - state.read_at) / every[state.key], state.key)) if ready else None


def _board_rate(frontier: Frontier, state: ListState) -> float:
    """Posts a second of a board; boards of which nothing is known are alike."""
    known = frontier.rates.get(state.board, frontier.rates.get("", 1.0) / max(1, len(frontier.rates) - 1))
    return max(known, stirred(state.stir)) if frontier.rates else 1.0


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


def _changed(frontier: Frontier, now: float, *, hot_only: bool = False) -> Step | None:
    """A thread whose row tells of news: its last known page, where new replies are; most posts waiting longest come first."""
    best: tuple[float, Step] | None = None
    for tid, since in frontier.changed.items():
        if hot_only and tid not in frontier.hot:
            continue
        state = frontier.threads[tid]
        waiting = _unseen(state) * (now - since + _NOTICED_S)
        if best is None or waiting > best[0]:
            step = Step("thread", tid, state.pages, Reason.HOT_CHANGED if tid in frontier.hot else Reason.CHANGED)
            best = best if step.key in frontier.in_flight else (waiting, step)
    return best[1] if best else None


def _unseen(state: ThreadState) -> int:
    """Posts that a thread's row tells of and that were not read."""
    told = state.row.replies if state.row else None
    return 1 if told is None or state.replies is None else max(1, told - state.replies)


def _hot_reread(frontier: Frontier, now: float, pace: Pace) -> Step | None:
    """The thread with an open alert where an unseen post is likeliest to have waited; every fourth time its first page."""
    best: tuple[float, ThreadState] | None = None
    for tid in sorted(frontier.hot):
        state = frontier.threads.get(tid)
        age_s = min(now - state.read_at, 1e9) if state else 0.0  # never read: for ever
        if state is None or age_s < pace.hot_s or state.missing >= 2 or state.failures >= 3:
            continue
        owed = thread_rate(state.activity, age_s, frontier.tempo) * age_s**2
        if (best is None or owed > best[0]) and _hot_step(state).key not in frontier.in_flight:
            best = owed, state
    return _hot_step(best[1]) if best else None


def _hot_step(state: ThreadState) -> Step:
    return Step("thread", state.tid, 1 if state.rereads % 4 == 3 else state.pages, Reason.HOT_REREAD)


def _board(frontier: Frontier, now: float, pace: Pace) -> Step | None:
    """A board's own list: its sweep to the bound of the first crawl, then a look for what the guide hides."""
    for state in _awake(frontier, now, "index", "board"):
        every = pace.index_s if state.kind == "index" else pace.board_s
        if now - state.read_at >= every and _idle(frontier, state, 1):
            return _list(state, 1, Reason.BOARD)
        if state.sweep_page > 1 and _idle(frontier, state, state.sweep_page):
            return _list(state, state.sweep_page, Reason.BOARD)
    return None


def _rest(frontier: Frontier, now: float, pace: Pace) -> Step | None:
    """Further pages, older threads, looks for edits: every other time the looks come first, or a long backlog would put them off."""
    look = _look(frontier, now)
    if look and frontier.leftovers // 4 % 2:
        return look
    for tid, page in frontier.deep:
        step = Step("thread", tid, page, Reason.DEEP)
        if step.key not in frontier.in_flight:
            return step
    for tid in frontier.backlog:
        step = Step("thread", tid, 1, Reason.BACKLOG)
        if step.key not in frontier.in_flight:
            return step
    return look


def _look(frontier: Frontier, now: float) -> Step | None:
    """A look for edits and deletions: the last page and each of the others by turns."""
    tid = frontier.again.next(now)
    if tid is None:
        return None
    state = frontier.threads[tid]
    page = state.pages if state.rereads % 2 == 0 else 1 + state.rereads // 2 % state.pages
    step = Step("thread", tid, page, Reason.AGAIN)
    return None if step.key in frontier.in_flight else step


def begin(frontier: Frontier, step: Step, now: float) -> None:
    """Note that a step is under way, so that it is not chosen again."""
    frontier.in_flight.add(step.key)
    if step.reason in (Reason.HOT_REREAD, Reason.BOARD, Reason.DEEP, Reason.BACKLOG, Reason.AGAIN):
        frontier.leftover_at = now
        frontier.leftovers += 1
    if step.kind == "list":
        state = frontier.lists[step.id]
        if step.page == 1:
            state.read_at = now  # also when it fails: the rhythm stays
            state.wanted = False
        return
    thread = frontier.threads.get(step.id)
    if thread is None:
        return
    if step.reason is Reason.AGAIN:
        thread.again_at = math.inf
        frontier.tidy()
    if step.reason in (Reason.HOT_REREAD, Reason.AGAIN):
        thread.rereads += 1


def finish(frontier: Frontier, step: Step) -> None:
    """The step is over, one way or the other."""
    frontier.in_flight.discard(step.key)
