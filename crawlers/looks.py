"""Planned looks at threads that show no change, in the order of who is latest by its own measure.

More looks may be planned than the budget has room for. A queue by due time would then make all equally late, in seconds: a look
due in twenty minutes and one due in a month would both wait a week. Here each waits the same *multiple* of its interval, so that
a scarce budget stretches all intervals alike, and none waits for ever.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Looks:
    """(due, thread) by classes of intervals that differ by less than a factor of two."""

    _classes: dict[int, list[tuple[float, str]]] = field(default_factory=dict)

    def plan(self, tid: str, now: float, after_s: float) -> float:
        """Plan a look; returns when it is due (monotonic seconds). An earlier plan of the thread is its owner's to forget."""
        due = now + after_s
        heapq.heappush(self._classes.setdefault(int(math.log2(max(1.0, after_s))), []), (due, tid))
        return due

    def prune(self, stands: Callable[[str, float], bool]) -> None:
        """Drop plans that no longer stand from the heads of the queues, so that `next` only looks."""
        for heap in self._classes.values():
            while heap and not stands(heap[0][1], heap[0][0]):
                heapq.heappop(heap)

    def next(self, now: float) -> str | None:
        """The thread whose look is late by the largest part of its interval; None when none is due."""
        late = [((now - heap[0][0]) / 2.0**size, heap[0][1]) for size, heap in self._classes.items() if heap and heap[0][0] <= now]
        return max(late)[1] if late else None

    def clear(self) -> None:
        self._classes.clear()
