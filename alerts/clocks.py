"""Arithmetic of the clocks: pure functions of instants, no store and no machine time.

A due time is always derived from start, target and approved pauses. The legs partition the citizen's clock, pauses
included, because the citizen waited through them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.policy import Policy
from alerts.states import Leg
from store.clock import SHANGHAI
from store.records import Level, Precision

ZERO = timedelta(0)
#: how long after the earliest instant of a shown time the true one may lie
SPAN = {
    Precision.SECOND: timedelta(seconds=1),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.HOUR: timedelta(hours=1),
    Precision.DAY: timedelta(days=1),
    Precision.UNKNOWN: ZERO,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """An approved pause; `end` None = it still runs."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    """A superior's limit on the same clock: plain hours that never pause."""

    name: str
    at: datetime
    #: whether it is meant for an alert of this level
    binds: bool


def earliest(shown: datetime, precision: str) -> datetime:
    """The earliest instant that a shown time allows; a time known to the day is that day's midnight in Shanghai."""
    local = shown.astimezone(SHANGHAI)
    if precision == Precision.DAY:
        local = local.replace(hour=0, minute=0, second=0, microsecond=0)
    elif precision == Precision.HOUR:
        local = local.replace(minute=0, second=0, microsecond=0)
    elif precision == Precision.MINUTE:
        local = local.replace(second=0, microsecond=0)
    return local.astimezone(shown.tzinfo)


def latest(shown: datetime, precision: str) -> datetime:
    """The instant before which a shown time must lie."""
    return earliest(shown, precision) + SPAN[Precision(precision)]


def starts_at(*, clock: str, posted_at: datetime, precision: str, detected_at: datetime, observed_at: datetime | None = None) -> datetime:
    """Where the binding clock starts; `observed_at` = the observation that made the rule true of a post that was dull before.

    A post that claims a time in the future starts when it was found.
    """
    if observed_at is not None:
        return observed_at
    return detected_at if clock == "detected" else min(earliest(posted_at, precision), detected_at)


def after(start: datetime, net: timedelta, pauses: Sequence[Interval]) -> datetime:
    """The instant at which `net` has run since `start`, pauses left out; a pause that still runs counts only from its end."""
    moment = start + net
    reached = start
    for pause in sorted(pauses, key=lambda pause: pause.start):
        if pause.end is None:
            continue
        begin, end = max(pause.start, reached), pause.end
        if end <= begin or begin >= moment:
            continue
        moment += end - begin
        reached = end
    return moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Cap:
    """A due time that a merge brought along at `since`; only pauses after that move it."""

    due: datetime
    since: datetime


def due_at(start: datetime, target: timedelta, pauses: Sequence[Interval], cap: Cap | None = None) -> datetime:
    """When the first answer is due."""
    due = after(start, target, pauses)
    if cap is None:
        return due
    later = [pause for pause in pauses if pause.start >= cap.since]
    return min(due, after(cap.since, cap.due - cap.since, later) if cap.due > cap.since else cap.due)


def left(due: datetime, now: datetime, paused_at: datetime | None = None) -> timedelta:
    """Time left, negative when it is past; it stands still from `paused_at`."""
    return due - (now if paused_at is None else min(now, paused_at))


def legs(
    *,
    started_at: datetime,
    detected_at: datetime,
    triaged_at: datetime | None,
    dispatched_at: datetime | None,
    answered_at: datetime | None,
    now: datetime,
) -> dict[Leg, float]:
    """Seconds of 发现, 研判, 派发 and 回应 until the answer, or until `now`; they add up to the citizen's clock.

    A leg whose end is missing runs until the end; an instant that lies before the one it should follow counts as that one.
    """
    end = max(started_at, answered_at or now)
    marks = [started_at]
    reached = True
    for mark in (detected_at, triaged_at, dispatched_at):
        reached = reached and mark is not None
        marks.append(min(end, max(marks[-1], mark)) if reached and mark is not None else end)
    marks.append(end)
    return {leg: (marks[place + 1] - marks[place]).total_seconds() for place, leg in enumerate(Leg)}


def longest_leg(spent: dict[Leg, float]) -> Leg:
    """The leg that used most of the time; of equals the earlier one."""
    return max(Leg, key=lambda leg: (spent[leg], -list(Leg).index(leg)))


def milestones(start: datetime, level: int, policy: Policy) -> list[Milestone]:
    """The superior's limits (5, 24, 48 hours) of a clock that began at `start`."""
    return [Milestone(name=name, at=start + limit, binds=Level(level) <= upto) for name, limit, upto in policy.milestones]
