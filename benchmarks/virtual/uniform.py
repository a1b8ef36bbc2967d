"""Baselines: every list in turn at equal intervals, a request every so many seconds, threads with news first come, first served.

They are given more than a real crawler has: a look at a list tells all its news however long it is, a thread is read in
one request, and a request takes no time. Unless told, nothing goes into edits, alerts or hidden boards.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import cycle

from benchmarks.virtual.arrivals import Arrival
from benchmarks.virtual.outcome import Outcome, outcome_of


def uniform(
    arrivals: Sequence[Arrival], *, lists: Sequence[str], per_minute: float, start_s: float, end_s: float, duty_s: float = 0.0
) -> Outcome:
    """`lists` in turn: board ids, or "" for one list over all boards. `duty_s`: one request in so many seconds goes elsewhere (alerts,
    edits, hidden boards), as the product's do; 0 = none."""
    turn, step = cycle(lists), 60.0 / per_minute
    unread: dict[str, dict[str, list[Arrival]]] = {name: defaultdict(list) for name in lists}
    waiting: dict[str, None] = {}
    posts: dict[str, list[Arrival]] = defaultdict(list)
    sent: list[float] = []
    reasons: Counter[str] = Counter()
    coming, duty_at = 0, start_s
    now = start_s
    while now < end_s:
        while coming < len(arrivals) and arrivals[coming].at <= now:
            arrival = arrivals[coming]
            unread["" if "" in unread else arrival.board][arrival.tid].append(arrival)
            posts[arrival.tid].append(arrival)
            coming += 1
        sent.append(now)
        if duty_s and now - duty_at >= duty_s:
            duty_at = now
            reasons["duty"] += 1
        elif waiting:
            tid = next(iter(waiting))
            del waiting[tid]
            for arrival in posts.pop(tid, []):
                arrival.seen = now
            reasons["news"] += 1
        else:
            name = next(turn)
            waiting.update(dict.fromkeys(unread[name]))
            unread[name].clear()
            reasons["list"] += 1
        now += step
    return outcome_of(arrivals, sent, reasons, end_s)
