"""What a decision of triage keeps so that it can be taken back; the clock is not part of it, so undoing gains no time."""

from __future__ import annotations

from datetime import datetime

from alerts.models import Alert, Person
from alerts.writes import Held, plain

_INSTANTS = ("triaged_at", "dispatched_at", "acked_at", "returned_at", "dismissed_at")
_KEPT = (
    *_INSTANTS,
    "state",
    "unit",
    "co_units",
    "proposed_unit",
    "level",
    "topic",
    "place",
    "town",
    "owner",
    "returned",
    "return_reason",
    "dismiss_reason",
    "dismiss_note",
    "ladder",
)


def remember(held: Held, move: str, person: Person) -> None:
    """Keep how the alert stands before `move`."""
    alert = held.alert
    alert.undo_snapshot = {"move": move, "by": person.username, "fields": {name: plain(getattr(alert, name)) for name in _KEPT}}


def put_back(held: Held) -> None:
    """Restore what `remember` kept, and forget it."""
    alert: Alert = held.alert
    fields = (alert.undo_snapshot or {})["fields"]
    for name, entry in fields.items():
        setattr(alert, name, datetime.fromisoformat(entry) if name in _INSTANTS and entry else entry)
    forget(alert)


def forget(alert: Alert) -> None:
    """Make the last decision final."""
    alert.undo_snapshot, alert.undo_until = None, None
