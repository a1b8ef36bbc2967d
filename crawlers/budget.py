"""The request budget of a host, shared by every source that reads it.

At most N requests in *any* 60 seconds, and a least distance between two. A sliding window rather than a
token bucket: what the operator promises the forum ("ten a minute") then holds for every minute one looks at,
and unused requests of the last minute are there when a new thread appears.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_S = 60.0


@dataclass
class Budget:
    """Requests of one host: when the next may go, and how many could go now."""

    per_minute: float
    min_delay_s: float = 0.0
    _sent: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        # below one a minute the window grows instead: 0.5 a minute is one in two minutes
        self._limit = max(1, int(self.per_minute))
        self._window = WINDOW_S * self._limit / self.per_minute

    def narrow(self, per_minute: float, min_delay_s: float) -> None:
        """A second source on the host: the stricter of both promises holds."""
        self.per_minute = min(self.per_minute, per_minute)
        self.min_delay_s = max(self.min_delay_s, min_delay_s)
        self.__post_init__()

    def free(self, now: float) -> int:
        """Requests that the window would still allow, at `now` (monotonic seconds)."""
        self._forget(now)
        return self._limit - len(self._sent)

    def wait(self, now: float) -> float:
        """Seconds until the next request may go; 0.0 = now."""
        self._forget(now)
        waits = [0.0]
        if self._sent:
            waits.append(self._sent[-1] + self.min_delay_s - now)
        if len(self._sent) >= self._limit:
            waits.append(self._sent[len(self._sent) - self._limit] + self._window - now)
        return max(waits)

    def take(self, now: float) -> None:
        """Count a request that goes now."""
        self._sent.append(now)

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0] + self._window <= now:
            self._sent.popleft()


@dataclass
class Budgets:
    """The budgets of all hosts of a process."""

    _hosts: dict[str, Budget] = field(default_factory=dict)

    def of(self, host: str, per_minute: float, min_delay_s: float) -> Budget:
        """The host's budget, made or narrowed to these bounds."""
        known = self._hosts.get(host)
        if known is None:
            known = self._hosts[host] = Budget(per_minute, min_delay_s)
        else:
            known.narrow(per_minute, min_delay_s)
        return known


async def pay(budget: Budget, now: Callable[[], float]) -> None:
    """Wait until the budget allows a request, and count it."""
    while (delay := budget.wait(now())) > 0:
        await asyncio.sleep(delay)
    budget.take(now())
