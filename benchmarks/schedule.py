"""The schedule in virtual time at ten requests a minute: the product's own policy against uniform polling, beside the optimum.

Six boards. `hours`: the hours of the week of a city's mailbox (`benchmarks.virtual.taidi_hours`), one new thread and four replies a
minute in the busiest hour, boards with a heavy tail, threads in bursts. `flat`: one new thread and four replies every minute of
the day, six equal boards. Uniform polling takes the boards in turn and reads what they tell of, first come first served; it is given
more than a crawler has (`benchmarks.virtual.uniform`). The policy also looks at threads with an open alert, for edits, and for what
the guide hides, within the same budget. The optimum knows all rates and does none of that (`benchmarks.virtual.optimum`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.virtual.adaptive import Crawl, learned
from benchmarks.virtual.arrivals import Arrival, Posted, Town, post, zipf
from benchmarks.virtual.optimum import optimum
from benchmarks.virtual.outcome import Outcome, percentile
from benchmarks.virtual.taidi_hours import FLAT, SHAPE
from benchmarks.virtual.uniform import uniform
from crawlers.policy import Pace

WEEK_H = float(os.environ.get("HUIYING_SCHEDULE_HOURS", "168"))
SEED, RATE, BOARDS, HISTORY_H = 20261122, 10.0, 6, 24
#: one request in so many seconds goes to alerts, edits and hidden boards however much there is to read
_DUTY_S = Pace.of(8.0, RATE).leftover_s
_IN_TURN = tuple(str(board + 1) for board in range(BOARDS))

HOURS = Town(per_minute=5 / max(SHAPE), shape=SHAPE, boards=zipf(BOARDS))
EVENING = replace(HOURS, shape=(*SHAPE[-8:], *SHAPE[:-8]))
STEADY = Town(per_minute=5, shape=FLAT)


@dataclass(frozen=True)
class Race:
    """The same posts read in several ways."""

    town: Town
    hours: float

    def posts(self) -> Posted:
        return post(self.town, seed=SEED, hours=HISTORY_H + self.hours)

    def arrivals(self) -> list[Arrival]:
        return [arrival for arrival in self.posts().arrivals if arrival.at >= HISTORY_H * 3600]

    @property
    def end_s(self) -> float:
        return (HISTORY_H + self.hours) * 3600 + 120

    def adaptive(self, *, guide: bool = True, knows: Town | None = None, **options: Any) -> Outcome:
        """`knows`: the town whose rates were learned in the four weeks before, None = nothing was."""
        rhythms = learned(knows, seed=SEED + 1, weeks=4) if knows else {}
        return Crawl(guide=guide, rhythms=rhythms, **options).run(self.posts(), HISTORY_H * 3600.0, self.end_s)

    def uniform(self, *lists: str, duty_s: float = 0.0) -> Outcome:
        start = HISTORY_H * 3600.0
        return uniform(self.arrivals(), lists=lists or _IN_TURN, per_minute=RATE, start_s=start, end_s=self.end_s, duty_s=duty_s)

    def optimum(self, *lists: str) -> float:
        return optimum(self.arrivals(), lists=lists or _IN_TURN, per_minute=RATE)


def run() -> Iterator[dict[str, Any]]:
    week, steady = Race(HOURS, WEEK_H), Race(STEADY, min(24.0, WEEK_H))
    told = "mean delay of all posts, {}; optimum {:.1f} s"
    by_hours, even = week.adaptive(knows=HOURS), steady.adaptive(knows=STEADY)
    least, least_even = week.optimum(""), steady.optimum("")
    yield _row(told.format("hours, guide read, against boards in turn", least), by_hours.mean, week.uniform().mean, 0.5)
    yield _row(told.format("flat, guide read, against boards in turn", least_even), even.mean, steady.uniform().mean, 1.0)
    yield _row(told.format("hours, guide read, against the guide read evenly", least), by_hours.mean, week.uniform("").mean, None)
    yield _row(told.format("flat, guide read, against the guide read evenly", least_even), even.mean, steady.uniform("").mean, None)
    in_turn, in_turn_even = week.uniform(duty_s=_DUTY_S).mean, steady.uniform(duty_s=_DUTY_S).mean
    boards, alike = week.adaptive(guide=False, knows=HOURS), steady.adaptive(guide=False, knows=STEADY)
    name = "hours, no guide, rates learned, against boards in turn with the same duties"
    yield _row(told.format(name, week.optimum()), boards.mean, in_turn, 1.0)
    yield _row(told.format("hours, no guide, nothing learned, the same", week.optimum()), week.adaptive(guide=False).mean, in_turn, None)
    yield _row(told.format("flat, no guide, rates learned, the same", steady.optimum()), alike.mean, in_turn_even, None)
    late = Race(EVENING, min(48.0, WEEK_H))
    yield _row(
        told.format("a forum eight hours later than was learned, guide read", late.optimum("")),
        late.adaptive(knows=HOURS).mean,
        late.adaptive(knows=EVENING).mean,
        None,
    )
    copied = steady.adaptive(knows=STEADY, copied_s=900.0)
    yield _row("mean delay of all posts, flat, a guide renewed every 15 min, the index tells", copied.mean, steady.uniform().mean, 1.0)
    for name, outcome in (("hours", by_hours), ("flat", even)):
        yield from _kinds(name, outcome)


def _kinds(name: str, outcome: Outcome) -> Iterator[dict[str, Any]]:
    for kind, delays, goals in (
        ("new threads", outcome.new_threads, (15.0, 40.0)),
        ("replies in threads with an open alert", outcome.hot_replies, (30.0, 90.0)),
    ):
        for what, share, goal in zip(("median", "p95"), (0.5, 0.95), goals, strict=True):
            yield _plain(f"{name}, {kind} ({len(delays)}), {what}", percentile(delays, share), "s", goal)
    yield _plain(f"{name}, replies in threads with an open alert, longest", max(outcome.hot_replies), "s", 120.0)
    yield _plain(f"{name}, posts never read", outcome.unseen, "posts", 0)
    yield _plain(f"{name}, requests in the densest 60 s", outcome.densest, "requests", RATE)


def _row(figure: str, value: float, baseline: float, most: float | None) -> dict[str, Any]:
    ratio = value / baseline
    return _plain(figure, value, "s", None) | {
        "baseline": round(baseline, 1),
        "ratio": round(ratio, 3),
        "goal": "none" if most is None else f"≤ {most:g} × baseline",
        "met": most is None or ratio <= most,
    }


def _plain(figure: str, value: float, unit: str, goal: float | None) -> dict[str, Any]:
    return {
        "figure": figure,
        "value": round(value, 1),
        "unit": unit,
        "baseline": None,
        "ratio": None,
        "goal": "none" if goal is None else f"≤ {goal:g}",
        "met": goal is None or value <= goal,
    }
