"""The least mean delay that looks at lists and reads of what they tell of can have under a budget by the minute.

With the rates known, regular looks are best: a post of a list that is looked at every T seconds waits T/2, and is read at the look
that tells of it; a thread is read once a look however many posts it got. Least Σ λ·T/2 over the lists subject to Σ 1/T + reads ≤
budget has T ∝ 1/√λ (Lagrange; Coffman, Liu & Weber 1998, Sia, Cho & Cho 2007); what is left is one number, the looks an hour, found
by bisection, because shorter intervals need more looks and more reads. It is solved for each hour by itself: a budget by the
minute cannot be carried from the night to the morning. Looks and reads take no time and no slot, nothing goes to edits, alerts or
hidden boards, and each hour's rates are those that came true: no policy that keeps the same promises gets there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from benchmarks.virtual.arrivals import Arrival

_HOUR = 3600.0


def optimum(arrivals: Sequence[Arrival], *, lists: Sequence[str], per_minute: float) -> float:
    """Mean delay in seconds; `lists` are board ids, or "" for one list over all boards."""
    hours: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        hours[int(arrival.at // _HOUR)].append(arrival)
    waited = sum(_waiting(posts, _intervals(posts, lists, per_minute)) for posts in hours.values())
    return waited / max(1, len(arrivals))


def _list_of(arrival: Arrival, lists: Sequence[str]) -> str:
    return "" if "" in lists else arrival.board


def _intervals(posts: Sequence[Arrival], lists: Sequence[str], per_minute: float) -> dict[str, float]:
    """Seconds between two looks at each list in an hour with these posts."""
    counts = {name: sum(_list_of(post, lists) == name for post in posts) for name in lists}
    roots = {name: math.sqrt(count) for name, count in counts.items() if count}
    low, high = 1e-3, per_minute * 60.0  # looks an hour
    for _ in range(60):
        looks = (low + high) / 2
        made = {name: _HOUR * sum(roots.values()) / (looks * root) for name, root in roots.items()}
        reads = len({(post.tid, int(post.at / made[_list_of(post, lists)])) for post in posts})
        low, high = (looks, high) if looks + reads <= per_minute * 60.0 else (low, looks)
    return {name: _HOUR * sum(roots.values()) / (low * root) for name, root in roots.items()} | ({"": _HOUR / low} if "" in lists else {})


def _waiting(posts: Sequence[Arrival], intervals: dict[str, float]) -> float:
    return sum(intervals["" if "" in intervals else post.board] / 2 for post in posts)
