"""The request budget of a host, shared by every source that reads it.

At most N requests in *any* 60 seconds, and a least distance between two: a sliding window, so that what the
operator promises the forum ("ten a minute") holds for every minute one looks at. Inside it a small token bucket
spreads them: a window alone lets ten go at once and is then silent for most of the minute, every minute.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_S = 60.0
#: the window is longer by so much: a request that was held up on its way must not fall into the next minute of who counts at the other end
_SLACK_S = 0.5
#: requests that may be saved up, as a share of a minute's; a new thread is then read at once
_SAVED = 0.3


def saved_up(per_minute: float) -> float:
    """Requests that may be saved up at most."""
    return max(1.0, min(float(max(1, int(per_minute))), _SAVED * per_minute))


@dataclass
class Budget:
    """Requests of one host: when the next may go, and how many could go now."""

    per_minute: float
    min_delay_s: float = 0.0
    _sent: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        # below one a minute the window grows instead: 0.5 a minute is one in two minutes
        self._limit = max(1, int(self.per_minute))
        self._window = WINDOW_S * self._limit / self.per_minute + _SLACK_S
        self.capacity = saved_up(self.per_minute)
        self._tokens = self.capacity
        self._counted_at = float("-inf")

    def narrow(self, per_minute: float, min_delay_s: float) -> None:
        """A second source on the host: the stricter of both promises holds."""
        self.per_minute = min(self.per_minute, per_minute)
        self.min_delay_s = max(self.min_delay_s, min_delay_s)
        self.__post_init__()

    def free(self, now: float) -> int:
        """Requests that could go one after the other without waiting for the budget, at `now` (monotonic seconds)."""
        self._forget(now)
        return min(self._limit - len(self._sent), int(self._saved(now) + 1e-9))

    def _saved(self, now: float) -> float:
        if now == float("-inf") or self._counted_at == float("-inf"):
            return self.capacity
        return min(self.capacity, self._tokens + max(0.0, now - self._counted_at) * self.per_minute / WINDOW_S)

    def wait(self, now: float) -> float:
        """Seconds until the next request may go; 0.0 = now."""
        self._forget(now)
        waits = [0.0, (1.0 - self._saved(now)) * WINDOW_S / self.per_minute]
        if self._sent:
            waits.append(self._sent[-1] + self.min_delay_s - now)
        if len(self._sent) >= self._limit:
            waits.append(self._sent[len(self._sent) - self._limit] + self._window - now)
        longest = max(waits)
        return longest if longest > 1e-6 else 0.0  # what rounding leaves over is no reason to wait

    def take(self, now: float) -> None:
        """Count a request that goes now."""
        self._tokens = self._saved(now) - 1.0
        self._counted_at = now
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
