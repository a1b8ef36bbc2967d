"""The product's policy, frontier and budget on a virtual forum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from benchmarks.virtual.arrivals import Posted, Town, instant, post
from benchmarks.virtual.forum import VirtualForum
from benchmarks.virtual.outcome import Outcome, outcome_of
from crawlers.budget import Budget
from crawlers.frontier import Frontier, ListState
from crawlers.policy import Pace, Step, begin, finish, next_request
from store.rhythm import Rhythm, WeekCounts, board_rhythm, source_rhythm

_ASK_HOT_S = 5.0
_NAP_S = 0.25


@dataclass(kw_only=True)
class Crawl:
    """One source, as its operator set it up."""

    per_minute: float = 10.0
    min_delay_s: float = 2.0
    poll_s: float = 8.0
    guide: bool = True
    boards: int = 6
    #: how long the guide keeps a copy of its list (a stock Discuz!: 900); 0 = it tells at once
    copied_s: float = 0.0
    #: from asking to having read
    request_s: float = 0.15
    #: what was learned of the forum before
    rhythms: Mapping[str, Rhythm] = field(default_factory=dict)

    def run(self, posted: Posted, start_s: float, end_s: float) -> Outcome:
        """Crawl from `start_s` to `end_s`, the forum's earlier posts being known."""
        forum = VirtualForum(posted.arrivals, copied_s=self.copied_s)
        frontier = self._begin(forum, start_s)
        budget, pace = Budget(self.per_minute, self.min_delay_s), Pace.of(self.poll_s, self.per_minute, self.min_delay_s)
        sent: list[float] = []
        reasons: Counter[str] = Counter()
        now, asked_hot_at, tuned_at = start_s, -1e9, -1e9
        while now < end_s:
            if now - asked_hot_at >= _ASK_HOT_S:
                frontier.hot = frozenset(tid for begun, ended, tid in posted.alerts if begun <= now < ended)
                asked_hot_at = now
            if now - tuned_at >= 60.0:
                frontier.tune(self.rhythms, instant(now))
                tuned_at = now
            wait = budget.wait(now)
            if wait > 0:
                now += wait
                continue
            frontier.tidy()
            step = next_request(frontier, now, budget.free(now), pace)
            if step is None:
                now += _NAP_S
                continue
            budget.take(now)
            sent.append(now)
            reasons[str(step.reason)] += 1
            begin(frontier, step, now)
            now += self.request_s
            forum.advance(now)
            _answer(forum, frontier, step, now)
            finish(frontier, step)
        return outcome_of((arrival for arrival in posted.arrivals if arrival.at >= start_s), sent, reasons, end_s)

    def _begin(self, forum: VirtualForum, start_s: float) -> Frontier:
        frontier = Frontier(oldest=instant(start_s) - timedelta(days=30))
        kinds = [ListState("newthread"), ListState("new")] if self.guide else []
        kinds += [ListState("index")] if self.copied_s else []
        kinds += [ListState("board", str(board + 1)) for board in range(self.boards)]
        frontier.lists = {state.key: state for state in kinds}
        forum.advance(start_s)
        for tid, posts in forum.threads.items():
            frontier.on_thread(tid, 1, forum.page(tid, 99)[0], instant(start_s), start_s - 60.0)
            frontier.deep.clear()
            for known in posts:
                known.seen = start_s
        for state in kinds:
            state.read_at = start_s - 1.0 if state.kind != "index" else state.read_at
        return frontier


def _answer(forum: VirtualForum, frontier: Frontier, step: Step, now: float) -> None:
    """What the spider does with a page."""
    if step.kind == "list":
        state = frontier.lists[step.id]
        if state.kind == "index":
            frontier.news.on_index(forum.index(now), frontier, instant(now), now)
            return
        listing = forum.listing(state, step.page)
        unknown = [row for row in listing.rows if row.tid not in frontier.threads]
        frontier.on_list(state, step.page, listing, instant(now), now)
        if state.kind == "board":
            for row in unknown:
                frontier.news.tell(row.tid, row.board, now)
        elif step.page == 1:
            frontier.news.on_guide(state.kind, now, listing.rows, {row.board for row in listing.rows})
        return
    page, shown = forum.page(step.id, step.page)
    frontier.on_thread(step.id, step.page, page, instant(now), now).row = None
    frontier.news.learn(page, page.board)
    for arrival in shown:
        if arrival.seen is None:
            arrival.seen = now


def learned(town: Town, *, seed: int, weeks: float) -> dict[str, Rhythm]:
    """What the product would have learned of a town from some weeks before virtual time, each post counted once."""
    posted = post(town, seed=seed, hours=weeks * 168, start_s=-weeks * 168 * 3600.0)
    counts = {board: WeekCounts(instant(-weeks * 168 * 3600.0)) for board in ("", *map(str, range(1, len(town.boards) + 1)))}
    for board, counted in counts.items():
        counts[board] = counted.add(instant(arrival.at) for arrival in posted.arrivals if board in ("", arrival.board))
    whole = source_rhythm(counts.pop(""), instant(0))
    return {"": whole} | {board: board_rhythm(counted, instant(0), whole, len(counts)) for board, counted in counts.items()}
