"""What a piece of work costs the processor, told so that a loaded machine and a first use do not count."""

from __future__ import annotations

import time
from collections.abc import Callable

#: repeated until it is cheap enough, at most so often
_TIMES = 5
#: seconds of processor that no clock tells apart from nothing
_NOTHING = 0.02


def seconds(work: Callable[[], object], enough: float = 0.0) -> float:
    """Least seconds of processor of several runs of `work`; it is not run again once it took less than `enough`."""
    least = float("inf")
    for _ in range(_TIMES):
        began = time.process_time()
        work()
        least = min(least, time.process_time() - began)
        if least < enough:
            break
    return least


def growth(work: Callable[[int], object], size: int, limit: float = 8.0) -> float:
    """How many times as much work(4 * size) takes as work(size): 4 where it grows with the size, 16 where with its square.

    Measured again while it is above `limit`: a busy machine makes it too much now and then, never too little for long.
    """
    least = float("inf")
    for _ in range(_TIMES):
        few, many = seconds(lambda: work(size), _NOTHING), seconds(lambda: work(4 * size), _NOTHING)
        least = min(least, 0.0 if many < _NOTHING else many / max(few, _NOTHING / 4))
        if least < limit:
            break
    return least
