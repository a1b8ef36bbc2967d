"""The pages' clock: the machine's, unless a simulated home or a test hands over another."""

from __future__ import annotations

from datetime import datetime

from store.clock import Clock, SystemClock

_clock: Clock = SystemClock()


def use(clock: Clock) -> None:
    """Make `clock` the one all pages of this process read."""
    global _clock
    _clock = clock


def now() -> datetime:
    """The present instant, aware, UTC."""
    return _clock.now()
