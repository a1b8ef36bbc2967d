"""The response record: the definitions of rules.md «Figures», and for each number the very alerts it counts.

Cohort = clock start within the period; each round is an item. `due` = due time reached by now, so an early answer does
not inflate today. Pure: everything is computed from `Item`s, which one query reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Any, Literal

from django.db.models import Q

from alerts.models import Alert
from alerts.states import WAITING, State
from store.clock import SHANGHAI

By = Literal["unit", "town", "topic", "source", "level"]
#: what stands where an item has no unit, town or topic
NONE = {"unit": "待研判", "town": "未定地点", "topic": "未定主题"}
FIELDS = (
    "pk", "state", "unit", "town", "topic", "source", "level", "posted_at", "detected_at", "triaged_at", "clock_start",
    "due_at", "answered_at", "dismissed_at", "paused_at", "breached_at", "breach_leg", "provisional_until",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One round of one alert, with what the figures need."""

    pk: int
    state: str
    unit: str
    town: str
    topic: str
    source: str
    level: int
    posted_at: datetime
    detected_at: datetime
    triaged_at: datetime | None
    clock_start: datetime
    due_at: datetime
    answered_at: datetime | None
    dismissed_at: datetime | None
    paused_at: datetime | None
    breached_at: datetime | None
    breach_leg: str
    provisional_until: datetime | None
    #: seconds of ended, approved pauses between start and answer
    paused_s: float = 0.0

    def counts(self) -> bool:
        """A merged one counts as its event's; a dismissed one only when its due time had passed before."""
        if self.state == State.MERGED:
            return False
        return self.state != State.DISMISSED or (self.dismissed_at is not None and self.dismissed_at > self.due_at)

    def due(self, now: datetime) -> bool:
        return self.due_at <= now and self.paused_at is None

    def on_time(self) -> bool:
        return self.answered_at is not None and self.answered_at <= self.due_at

    def valid(self) -> bool:
        """Confirmed as needing an answer: dispatched, or answered already."""
        return self.triaged_at is not None or self.answered_at is not None

    def open_overdue(self, now: datetime) -> bool:
        return self.state in WAITING and self.answered_at is None and self.due(now) and self.provisional_until is None

    def spent_s(self) -> float | None:
        """Seconds from the clock's start to the answer, pauses left out."""
        if self.answered_at is None:
            return None
        return max(0.0, (self.answered_at - self.clock_start).total_seconds() - self.paused_s)

    def key(self, by: By) -> str:
        value = getattr(self, by)
        return str(value) if value else NONE.get(by, "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The numbers of a set of items; every rate keeps its n and N."""

    valid: int
    due: int
    on_time: int
    answered: int
    unanswered: int
    median_s: float | None
    p90_s: float | None
    open_overdue: int
    too_few: bool

    @property
    def on_time_rate(self) -> float | None:
        return None if self.too_few or not self.due else self.on_time / self.due

    @property
    def answer_rate(self) -> float | None:
        return None if self.too_few or not self.valid else self.answered / self.valid

    def row(self, key: str) -> dict[str, Any]:
        """The `huiying record --json` row."""
        return {
            "key": key,
            "valid": self.valid,
            "due": self.due,
            "on_time": self.on_time,
            "on_time_rate": _rounded(self.on_time_rate),
            "answered": self.answered,
            "answer_rate": _rounded(self.answer_rate),
            "median_s": self.median_s,
            "p90_s": self.p90_s,
            "open_overdue": self.open_overdue,
            "too_few": self.too_few,
        }


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)


#: figure → which items of a cohort it counts; the lists behind the numbers are made with these and nothing else
COUNTED: dict[str, Callable[[Item, datetime], bool]] = {
    "valid": lambda item, now: item.valid(),
    "due": lambda item, now: item.due(now),
    "on_time": lambda item, now: item.due(now) and item.on_time(),
    "late": lambda item, now: item.due(now) and not item.on_time(),
    "answered": lambda item, now: item.valid() and item.answered_at is not None,
    "unanswered": lambda item, now: item.valid() and item.answered_at is None,
    "open_overdue": lambda item, now: item.open_overdue(now),
    "all": lambda item, now: True,
}


def cohort(since: datetime, until: datetime, where: Q | None = None) -> list[Item]:
    """Every item whose clock started in since ≤ t < until; `where` narrows it further."""
    rows = Alert.objects.filter(where or Q(), clock_start__gte=since, clock_start__lt=until).exclude(state=State.MERGED)
    paused = _paused_seconds(rows)
    items = (Item(**row, paused_s=paused.get(row["pk"], 0.0)) for row in rows.values(*FIELDS))
    return [item for item in items if item.counts()]


def _paused_seconds(rows: Any) -> dict[int, float]:
    from alerts.models import Pause

    seconds: dict[int, float] = {}
    for alert, start, end in Pause.objects.filter(alert__in=rows, approved_at__isnull=False, ended_at__isnull=False).values_list(
        "alert_id", "asked_at", "ended_at"
    ):
        assert end is not None
        seconds[alert] = seconds.get(alert, 0.0) + (end - start).total_seconds()
    return seconds


def figures(items: Sequence[Item], now: datetime, minimum: int) -> Figures:
    """The numbers of `items`; under `minimum` due items there is no rate."""
    counted = {name: sum(test(item, now) for item in items) for name, test in COUNTED.items()}
    spent = sorted(seconds for item in items if (seconds := item.spent_s()) is not None)
    return Figures(
        valid=counted["valid"],
        due=counted["due"],
        on_time=counted["on_time"],
        answered=counted["answered"],
        unanswered=counted["unanswered"],
        median_s=median(spent) if spent else None,
        p90_s=quantile(spent, 0.9) if spent else None,
        open_overdue=counted["open_overdue"],
        too_few=counted["due"] < minimum,
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank)."""
    # the tiny amount keeps 0.9 × 10 = 9.000000000000002 from becoming rank 10
    return ordered[max(1, ceil(len(ordered) * share - 1e-9)) - 1]


def slowest(items: Iterable[Item]) -> list[Item]:
    """The answered items at or above the 90 % quantile, slowest first."""
    answered = sorted((seconds, item.pk, item) for item in items if (seconds := item.spent_s()) is not None)
    if not answered:
        return []
    limit = quantile([seconds for seconds, _, _ in answered], 0.9)
    return [item for seconds, _, item in reversed(answered) if seconds >= limit]


def by_key(items: Iterable[Item], by: By, now: datetime, minimum: int) -> list[tuple[str, Figures]]:
    """Figures by unit, town, topic, source or level: ranked ones first by rate, then those with too few, by name."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.key(by), []).append(item)
    rows = [(key, figures(group, now, minimum)) for key, group in groups.items()]
    return sorted(rows, key=lambda row: (row[1].too_few, -(row[1].on_time_rate or 0.0), -row[1].due, row[0]))


def period(name: str, now: datetime) -> tuple[datetime, datetime]:
    """Start and end of 今日, 7 天, 30 天, 本年 in Asia/Shanghai: `today`, `7d`, `30d`, `year`."""
    local = now.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    start = {
        "today": midnight,
        "7d": midnight - timedelta(days=6),
        "30d": midnight - timedelta(days=29),
        "year": midnight.replace(month=1, day=1),
    }[name]
    # A clock may start at this very instant; the period ends after it.
    return start, now + timedelta(seconds=1)


def before(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The period of equal length just before."""
    return since - (until - since), since


def legs_used(items: Iterable[Item], now: datetime) -> dict[str, int]:
    """How many late items name each leg as the one that used most of the time."""
    used: dict[str, int] = {}
    for item in items:
        if item.due(now) and not item.on_time() and item.breach_leg:
            used[item.breach_leg] = used.get(item.breach_leg, 0) + 1
    return used


def heat(items: Iterable[Item], now: datetime) -> list[list[tuple[int, bool]]]:
    """Seven weekdays × 24 hours of posting (Asia/Shanghai): (items, whether one of them is late)."""
    cells = [[(0, False) for _ in range(24)] for _ in range(7)]
    for item in items:
        local = item.posted_at.astimezone(SHANGHAI)
        count, late = cells[local.weekday()][local.hour]
        cells[local.weekday()][local.hour] = (count + 1, late or (item.due(now) and not item.on_time()))
    return cells
