"""What a crawl in virtual time came to: delays in seconds from posting to reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.virtual.arrivals import Arrival


@dataclass
class Outcome:
    """Delays by kind of post, and what the requests were spent on."""

    delays: list[float]
    new_threads: list[float]
    hot_replies: list[float]
    requests: int
    unseen: int
    #: the largest number of requests in any 60 s
    densest: int
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def mean(self) -> float:
        return sum(self.delays) / max(1, len(self.delays))


def outcome_of(arrivals: Iterable[Arrival], sent: Sequence[float], reasons: Counter[str], end: float) -> Outcome:
    """Posts that were never seen count as seen at `end`, so that leaving them out is no gain."""
    told = Outcome([], [], [], len(sent), 0, densest(sent), reasons)
    for arrival in arrivals:
        delay = (end if arrival.seen is None else arrival.seen) - arrival.at
        told.unseen += arrival.seen is None
        told.delays.append(delay)
        if arrival.first:
            told.new_threads.append(delay)
        elif arrival.hot:
            told.hot_replies.append(delay)
    return told


def densest(sent: Sequence[float]) -> int:
    """The largest number of requests in any 60 s."""
    most, first = 0, 0
    for last, at in enumerate(sent):
        while at - sent[first] >= 60.0 - 1e-6:
            first += 1
        most = max(most, last - first + 1)
    return most


def percentile(delays: Sequence[float], share: float) -> float:
    ordered = sorted(delays)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
