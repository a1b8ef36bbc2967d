"""The ladder of reminders: which rung is due, which was overtaken, when to look again. Pure.

Rung 0 belongs to the dispatch (and for levels Ⅰ and Ⅱ to the flagging too) and is not run by time. After an outage only
the highest due rung runs; the others are recorded as skipped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.clocks import ZERO, Interval, after
from alerts.policy import Policy, Rung
from store.records import Level

#: levels that are told already when they are flagged
TOLD_AT_FLAGGING = (Level.I, Level.II)

_HOUR = timedelta(hours=1)
#: used for a level that pipelines.yaml gives no ladder
SHIPPED = (
    Rung(name="rung-0", after=ZERO, label="派发", to="unit"),
    Rung(name="rung-15m", after=timedelta(minutes=15), label="+15 分", to="duty", unowned_only=True),
    Rung(name="rung-60m", after=_HOUR, label="+1 小时", to="unit"),
    Rung(name="rung-120m", after=2 * _HOUR, label="+2 小时", to="unit"),
    Rung(name="rung-150m", after=timedelta(minutes=150), label="+2.5 小时", to="leaders"),
    Rung(name="rung-180m", after=3 * _HOUR, label="+3 小时 超时通报", to="leaders", every=_HOUR),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One time at which a rung speaks: the rung itself, or its n-th repetition."""

    #: part of the delivery key: rung-180m, rung-180m-2 …
    key: str
    at: datetime
    rung: Rung


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """What the ladder asks for now: one step to run (None = nothing), and the steps that it overtook."""

    run: Step | None = None
    skipped: tuple[Step, ...] = ()
    #: repetitions beyond those listed in `skipped`
    more_skipped: int = 0


def of_level(policy: Policy, level: int) -> tuple[Rung, ...]:
    return tuple(policy.ladders.get(Level(level)) or SHIPPED)


def snapshot(rungs: Sequence[Rung]) -> list[dict[str, Any]]:
    """The ladder as it is kept on the alert, so that editing the policy moves no running clock."""
    return [
        {
            "name": rung.name,
            "after_s": int(rung.after.total_seconds()),
            "label": rung.label,
            "to": rung.to,
            "unowned_only": rung.unowned_only,
            "channels": list(rung.channels),
            "every_s": None if rung.every is None else int(rung.every.total_seconds()),
        }
        for rung in rungs
    ]


def read(kept: Sequence[Mapping[str, Any]]) -> tuple[Rung, ...]:
    """The rungs of a snapshot, by time."""
    rungs = (
        Rung(
            name=row["name"],
            after=timedelta(seconds=row["after_s"]),
            label=row["label"],
            to=row["to"],
            unowned_only=row["unowned_only"],
            channels=tuple(row["channels"]),
            every=None if row["every_s"] is None else timedelta(seconds=row["every_s"]),
        )
        for row in kept
    )
    return tuple(sorted(rungs, key=lambda rung: rung.after))


def first_rung(rungs: Sequence[Rung]) -> Rung:
    """Rung 0: the message of the dispatch, and of the flagging for levels Ⅰ and Ⅱ."""
    return next((rung for rung in rungs if rung.after == ZERO), SHIPPED[0])


def due(rungs: Sequence[Rung], start: datetime, pauses: Sequence[Interval], done: Collection[str], now: datetime) -> Due:
    """The highest step that is due and not done, and those under it that were overtaken."""
    waiting: list[Step] = []
    more = 0
    for rung in rungs:
        if rung.after <= ZERO:
            continue
        at = after(start, rung.after, pauses)
        if at <= now and rung.name not in done:
            waiting.append(Step(key=rung.name, at=at, rung=rung))
        if rung.every is None or at > now:
            continue
        newest = (now - at) // rung.every
        told = _newest_repeat(rung.name, done)
        if newest > told:
            waiting.append(Step(key=f"{rung.name}-{newest + 1}", at=at + newest * rung.every, rung=rung))
            more += newest - told - 1
    if not waiting:
        return Due()
    waiting.sort(key=lambda step: step.at)
    return Due(run=waiting[-1], skipped=tuple(waiting[:-1]), more_skipped=more)


def next_at(rungs: Sequence[Rung], start: datetime, pauses: Sequence[Interval], done: Collection[str]) -> datetime | None:
    """When the earliest step that is not done falls due; in the past when it was missed."""
    moments: list[datetime] = []
    for rung in rungs:
        if rung.after <= ZERO:
            continue
        at = after(start, rung.after, pauses)
        if rung.name not in done:
            moments.append(at)
        elif rung.every is not None:
            moments.append(at + (_newest_repeat(rung.name, done) + 1) * rung.every)
    return min(moments, default=None)


def _newest_repeat(name: str, done: Collection[str]) -> int:
    """0 when only the rung itself spoke: repetition n has the key `name-(n + 1)`."""
    numbers = [key.removeprefix(f"{name}-") for key in done if key.startswith(f"{name}-")]
    return max((int(number) - 1 for number in numbers if number.isdigit()), default=0)
