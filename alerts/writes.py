"""The one way an alert is written: held in a transaction, its cached times derived anew, one audit row per step.

with transaction.atomic():
    held = hold(17, now=now, policy=policy)
    held.alert.owner = "chenli"
    held.save("ack", actor="chenli")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from alerts import audit, clocks, ladder
from alerts.clocks import Interval
from alerts.models import Alert, Delivery
from alerts.policy import Policy
from alerts.states import WAITING, Leg

#: fields that a step of the engine may change
STEPPED = ("version", "due_at", "next_rung_at", "rungs_done", "provisional_until", "breached_at", "breach_leg")
#: fields whose every change stands in the audit; `verify` folds them and compares
TRACKED = (
    "event_id",
    "anchor_id",
    "round",
    "state",
    "level",
    "topic",
    "place",
    "town",
    "unit",
    "co_units",
    "proposed_unit",
    "owner",
    "returned",
    "posted_at",
    "detected_at",
    "clock_start",
    "target_s",
    "due_cap",
    "due_cap_from",
    "due_at",
    "paused_at",
    "provisional_until",
    "triaged_at",
    "dispatched_at",
    "acked_at",
    "answered_at",
    "breached_at",
    "breach_leg",
    "dismissed_at",
    "dismiss_reason",
    "merged_into_id",
    "extended_days",
    "result_due_at",
    "result_at",
    "closed_at",
)


def plain(entry: Any) -> Any:
    """A field's value as it stands in the audit: instants as UTC text, the rest as JSON has it."""
    if isinstance(entry, datetime):
        return entry.astimezone(UTC).isoformat(timespec="microseconds")
    return list(entry) if isinstance(entry, list | tuple) else entry


def picture(alert: Alert) -> dict[str, Any]:
    """The tracked fields of an alert, as the audit tells them."""
    return {name: plain(getattr(alert, name)) for name in TRACKED}


def intervals(alert: Alert) -> list[Interval]:
    """The approved pauses of an alert; one that still runs has no end."""
    return [Interval(start=pause.asked_at, end=pause.ended_at) for pause in alert.pauses.all() if pause.approved_at is not None]


def derived_due(alert: Alert, pauses: Sequence[Interval]) -> datetime:
    """The due time that follows from start, target, pauses and cap; the cached one must equal it."""
    cap = None
    if alert.due_cap is not None and alert.due_cap_from is not None:
        cap = clocks.Cap(due=alert.due_cap, since=alert.due_cap_from)
    return clocks.due_at(alert.clock_start, timedelta(seconds=alert.target_s), pauses, cap)


@dataclass(slots=True)
class Journal:
    """Steps of many alerts, written together at the end of their transaction: the tick's hundreds in a few statements."""

    alerts: dict[int, Alert] = field(default_factory=dict)
    entries: list[audit.Entry] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def flush(self) -> None:
        """Write what was collected, and forget it."""
        _update(list(self.alerts.values()))
        audit.append_all(self.entries)
        Delivery.objects.bulk_create(self.deliveries, ignore_conflicts=True)
        self.alerts, self.entries, self.deliveries = {}, [], []


def _update(alerts: Sequence[Alert]) -> None:
    """Store the stepped fields; `bulk_update` took three times as long as everything else of a tick."""
    fields = [spec for spec in Alert._meta.concrete_fields if spec.name in STEPPED]
    quote = connection.ops.quote_name
    columns = ", ".join(f"{quote(str(spec.column))} = %s" for spec in fields)
    statement = f"UPDATE {quote(Alert._meta.db_table)} SET {columns} WHERE id = %s"  # noqa: S608 - names of our own columns
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [[*(spec.get_db_prep_save(getattr(alert, spec.attname), connection) for spec in fields), alert.pk] for alert in alerts],
        )


class Held:
    """An alert that this transaction holds, and how it stood before the step; with a journal its writes wait for `flush`."""

    def __init__(
        self, alert: Alert, *, now: datetime, policy: Policy, pauses: Sequence[Interval] = (), journal: Journal | None = None
    ) -> None:
        self.alert = alert
        self.now = now
        self.policy = policy
        self.pauses: Sequence[Interval] = pauses
        self.journal = journal
        self._before: dict[str, Any] = picture(alert) if alert.pk else {}

    def derive(self) -> None:
        """Bring the cached times in line with start, target, pauses, cap and ladder."""
        alert = self.alert
        alert.due_at = derived_due(alert, self.pauses)
        alert.next_rung_at = wake_at(alert, self.pauses)

    def save(self, kind: str, *, actor: str = "", **detail: Any) -> Alert:
        """Derive, write, and append the audit row of this step; `detail` holds ids and choices, never citizens' texts."""
        self.derive()
        alert = self.alert
        if alert.pk:
            alert.version += 1
        if self.journal is None:
            alert.save()
        after = picture(alert)
        changed = {name: entry for name, entry in after.items() if name not in self._before or self._before[name] != entry}
        self._before = after
        entry = audit.Entry(alert=alert, actor=actor, kind=kind, detail={"set": changed, **detail}, at=self.now)
        if self.journal is None:
            audit.append_all([entry])
        else:
            self.journal.alerts[alert.pk] = alert
            self.journal.entries.append(entry)
        return alert

    def reload_pauses(self) -> None:
        self.pauses = intervals(self.alert)

    def settle_breach(self) -> bool:
        """Enter a breach that the clock has reached, at its true instant; True when it is new."""
        alert = self.alert
        if alert.state not in WAITING or alert.breached_at is not None or alert.paused_at is not None:
            return False
        if alert.provisional_until is not None or alert.due_at > self.now:
            return False
        self._breach_at(alert.due_at)
        self.save("breach", leg=alert.breach_leg)
        return True

    def correct_breach(self) -> None:
        """Bring a breach that stands in line with a due time that a merge or split moved; the caller saves."""
        if self.alert.breached_at is None:
            return
        due = derived_due(self.alert, self.pauses)
        if due > self.now:
            self.alert.breached_at, self.alert.breach_leg = None, ""
        else:
            self._breach_at(due)

    def _breach_at(self, due: datetime) -> None:
        self.alert.breached_at = due
        self.alert.breach_leg = clocks.longest_leg(spent(self.alert, due)).value


def hold(alert_id: int, *, now: datetime, policy: Policy, enter_breach: bool = True) -> Held:
    """Lock an alert for this transaction, and enter a breach that is already a fact. Raises Alert.DoesNotExist."""
    alert = Alert.objects.select_for_update(of=("self",)).select_related("anchor").get(pk=alert_id)
    held = Held(alert, now=now, policy=policy, pauses=intervals(alert))
    if enter_breach:
        held.settle_breach()
    return held


def wake_at(alert: Alert, pauses: Sequence[Interval]) -> datetime | None:
    """When the engine has something to do on an alert: end of a provisional answer, the breach, or a rung."""
    if alert.state not in WAITING:
        return None
    if alert.provisional_until is not None:
        return alert.provisional_until
    if alert.paused_at is not None:
        return None
    done = {row["name"] for row in alert.rungs_done}
    moments = [ladder.next_at(ladder.read(alert.ladder), alert.clock_start, pauses, done)]
    if alert.breached_at is None:
        moments.append(alert.due_at)
    return min((moment for moment in moments if moment is not None), default=None)


def started_at(alert: Alert) -> datetime:
    """Where the citizen's clock starts, whichever clock binds."""
    if alert.clock == "detected" and alert.clock_start == alert.detected_at:
        return min(clocks.earliest(alert.posted_at, alert.precision), alert.detected_at)
    return alert.clock_start


def spent(alert: Alert, now: datetime) -> dict[Leg, float]:
    """Seconds of the four legs until the answer, or until `now` when that is earlier."""
    return clocks.legs(
        started_at=started_at(alert),
        detected_at=alert.detected_at,
        triaged_at=alert.triaged_at,
        dispatched_at=alert.dispatched_at,
        answered_at=alert.answered_at if alert.answered_at is not None and alert.answered_at < now else None,
        now=now,
    )
