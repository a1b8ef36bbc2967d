"""What the operator decided, as the ledger and the pages need it: units, topics, clocks, ladders.

The wiring (`huiying.config`) builds one `Policy` from pipelines.yaml and hands it over with `use()`; nothing here
reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from store.records import Level


class PolicyMissing(RuntimeError):
    """No policy was handed over; call `alerts.policy.use()` first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A department, town or company that answers."""

    name: str
    short: str = ""
    kind: Literal["department", "town", "company", "office"] = "department"
    #: town or street it governs, "" for none
    town: str = ""
    #: (site, uid) of its official accounts
    accounts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One step of a ladder."""

    #: stable id, part of the delivery key: "rung-60m"
    name: str
    #: after the clock's start
    after: timedelta
    label: str
    #: who is told: the triage duty group, the unit's spokespeople, or leaders (before dispatch always the duty group)
    to: Literal["duty", "unit", "leaders"] = "unit"
    #: told only while nobody owns the alert
    unowned_only: bool = False
    channels: tuple[str, ...] = ("email",)
    #: repeated until answered
    every: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    county: str = "临海"
    product_url: str = "http://127.0.0.1:8000"
    units: tuple[Unit, ...] = ()
    topics: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    #: unit that triages and gets what no unit has
    duty_unit: str = "市网络诉求办"
    clock: Literal["posted", "detected"] = "posted"
    target: timedelta = timedelta(hours=3)
    #: superior limits on the same clock, plain hours that never pause, and from which level on they bind
    milestones: tuple[tuple[str, timedelta, Level], ...] = (
        ("5 小时 首次发布", timedelta(hours=5), Level.II),
        ("24 小时 发布会", timedelta(hours=24), Level.II),
        ("48 小时 回应", timedelta(hours=48), Level.IV),
    )
    #: limit of the result in working days, and the most that `extend` may make of it
    result_days: int = 5
    result_cap_days: int = 7
    #: days that are (not) worked against the shipped calendar
    workdays: Mapping[date, bool] = field(default_factory=dict)
    max_age: timedelta = timedelta(hours=24)
    undo: timedelta = timedelta(seconds=12)
    #: how long a recorded answer may wait to be seen by the crawler
    recorded_grace: timedelta = timedelta(minutes=30)
    claim: timedelta = timedelta(minutes=2)
    ladders: Mapping[Level, tuple[Rung, ...]] = field(default_factory=dict)
    #: under so many due items there is no rate and no rank
    minimum_sample: int = 20
    target_rate: float = 0.95
    #: message templates by kind (dispatch, rung, breach, returned, …): {"subject": …, "body": …} with {placeholders}
    messages: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: sites whose links the crawler can verify
    crawlable_sites: frozenset[str] = frozenset()
    site_names: Mapping[str, str] = field(default_factory=dict)
    digest_at: tuple[int, int] = (8, 0)
    digest_draft_at: tuple[int, int] = (7, 30)

    def unit(self, name: str) -> Unit | None:
        return next((unit for unit in self.units if unit.name == name), None)


_current: Policy | None = None


def use(policy: Policy) -> None:
    """Make `policy` the one that `current()` returns in this process."""
    global _current
    _current = policy


def current() -> Policy:
    if _current is None:
        raise PolicyMissing("no policy: call alerts.policy.use(policy) before the ledger is used")
    return _current
