"""Who posts when and where: a Poisson process by hour of week, boards and threads with heavy tails, replies in bursts.

Threads draw replies in proportion to a Pareto-distributed attraction that fades within hours, so that a few threads get most of
the replies, many at a time: the rich-get-richer of real forums.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from store.rhythm import HOURS, hour_number

#: second 0 of virtual time: a Monday, 0:00 in Shanghai
EPOCH = datetime(2026, 11, 1, 16, 0, tzinfo=UTC)
_FADES_S = 3 * 3600.0
#: of threads, those that need an answer; how long until the alert, and how long it stays open
_HOT_SHARE, _FLAGGED_S, _OPEN_S = 0.2, 30.0, 2 * 3600.0
_RECENT = 150


def instant(second: float) -> datetime:
    return EPOCH + timedelta(seconds=second)


@dataclass(slots=True)
class Arrival:
    """A post; `seen` is set by the crawl."""

    at: float
    tid: str
    board: str
    first: bool
    hot: bool = False
    seen: float | None = None


@dataclass(frozen=True, kw_only=True)
class Town:
    """How a town posts."""

    #: posts a minute in the mean hour, one in five of them a new thread
    per_minute: float
    shape: Sequence[float]
    #: weights of the boards
    boards: Sequence[float] = (1.0,) * 6
    #: of replies, those that go to a thread by its attraction; the others to any recent thread
    bursts: float = 0.8
    #: share of new threads among posts
    new: float = 0.2


@dataclass
class Posted:
    """What happened: the posts in order, and when which thread had an open alert."""

    arrivals: list[Arrival]
    #: (from, to, thread id)
    alerts: list[tuple[float, float, str]] = field(default_factory=list)


def zipf(boards: int, power: float = 1.2) -> tuple[float, ...]:
    return tuple(1 / (number + 1) ** power for number in range(boards))


def post(town: Town, *, seed: int, hours: float, start_s: float = 0.0, first_tid: int = 1000) -> Posted:
    """Seeded posts from `start_s` on; thread ids rise."""
    rng = random.Random(seed)
    names = [str(number + 1) for number in range(len(town.boards))]
    top = max(town.shape) * town.per_minute / 60
    posted = Posted([])
    recent: list[tuple[str, str, float, float, bool]] = []
    now = start_s
    while (now := now + rng.expovariate(top)) < start_s + hours * 3600:
        if rng.random() * max(town.shape) > town.shape[int(hour_number(instant(now))) % HOURS]:
            continue
        if not recent or rng.random() < town.new:
            tid, board = str(first_tid + len(posted.arrivals)), rng.choices(names, town.boards)[0]
            hot = rng.random() < _HOT_SHARE
            recent.append((tid, board, now, rng.paretovariate(1.2), hot))
            del recent[:-_RECENT]
            posted.arrivals.append(Arrival(now, tid, board, True))
            if hot:
                posted.alerts.append((now + _FLAGGED_S, now + _OPEN_S, tid))
            continue
        if rng.random() < town.bursts:
            weights = [pull * math.exp((begun - now) / _FADES_S) + 1e-9 for _, _, begun, pull, _ in recent]
            tid, board, begun, _, hot = rng.choices(recent, weights)[0]
        else:
            tid, board, begun, _, hot = rng.choice(recent)
        posted.arrivals.append(Arrival(now, tid, board, False, hot and begun + _FLAGGED_S < now < begun + _OPEN_S))
    return posted
