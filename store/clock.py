"""Time: the only module that asks the machine what time it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

#: Wall clock of the people who read the pages; instants are stored in UTC.
SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, for intervals."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class FixedClock:
    """A clock that stands until it is moved: for tests, `--now` and replay."""

    instant: datetime
    _ticks: float = field(default=0.0, repr=False)

    def __post_init__(self) -> None:
        if self.instant.tzinfo is None:
            raise ValueError("FixedClock needs an aware instant")
        self.instant = self.instant.astimezone(UTC)

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return self._ticks

    def advance(self, delta: timedelta) -> None:
        self.instant += delta
        self._ticks += delta.total_seconds()


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant as aware UTC; without an offset it is Asia/Shanghai. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return moment.astimezone(UTC)


def iso(moment: datetime | None) -> str | None:
    """`2026-11-22T09:15:00+08:00`, the form of every instant in JSON."""
    return None if moment is None else moment.astimezone(SHANGHAI).isoformat(timespec="seconds")
