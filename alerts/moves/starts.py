"""Nobody gains time by merging: the alert that lives on carries the earlier start and the earlier due time of the two."""

from __future__ import annotations

from datetime import datetime

from alerts.models import Alert
from alerts.states import WAITING, State
from alerts.writes import Held, derived_due, plain

_INSTANTS = ("posted_at", "detected_at", "assessed_at", "flagged_at", "clock_start", "due_cap", "due_cap_from")
_STARTS = (*_INSTANTS, "precision")
_GIVEN = ("posted_at", "detected_at", "assessed_at", "flagged_at", "clock_start", "precision")


def carry(target: Held, merged: Alert, at: datetime | None = None) -> None:
    """Let `target` answer for `merged` too, as of `at` (default: now)."""
    into = target.alert
    if into.state not in WAITING:
        return
    if into.own_starts is None:
        into.own_starts = {name: plain(getattr(into, name)) for name in _STARTS}
    due = derived_due(into, target.pauses)
    if merged.clock_start < into.clock_start:
        for name in _GIVEN:
            setattr(into, name, getattr(merged, name))
    if merged.due_at < due or into.due_cap is not None:
        into.due_cap, into.due_cap_from = min(due, merged.due_at), at or target.now
    target.correct_breach()


def restore(target: Held) -> None:
    """After a split: its own start again, then those of the alerts that are still merged into it, in their order."""
    into = target.alert
    if into.state not in WAITING or into.own_starts is None:
        return
    for name, entry in into.own_starts.items():
        setattr(into, name, datetime.fromisoformat(entry) if name in _INSTANTS and entry else entry)
    into.own_starts = None
    merged = Alert.objects.filter(merged_into=into, state=State.MERGED)
    for alert in sorted(merged, key=lambda alert: str((alert.undo_snapshot or {}).get("at", ""))):
        carry(target, alert, datetime.fromisoformat((alert.undo_snapshot or {})["at"]))
    target.correct_breach()
