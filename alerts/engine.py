"""One round of the engine: what has fallen due by `now`, decided per alert and written in small transactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from alerts import ladder, outbox, people
from alerts.models import Alert, Evidence
from alerts.policy import Policy
from alerts.states import WAITING, EvidenceState, State
from alerts.writes import Held, Journal, intervals

#: alerts in one transaction: the writer's lock is given back between batches, so that people are not kept waiting
BATCH = 50


@dataclass(slots=True)
class TickReport:
    """Counts of one tick; `opened` and `answered` are filled by whoever also ran `opening` and `evidence`."""

    opened: int = 0
    #: alerts on which a rung spoke
    notified: int = 0
    breached: int = 0
    answered: int = 0


def tick(now: datetime, policy: Policy) -> TickReport:
    """Enter breaches at their true instant, end provisional answers, run the highest due rung of each alert."""
    report = TickReport()
    done: set[int] = set()
    directory: people.Directory | None = None
    while ids := list(Alert.objects.filter(next_rung_at__lte=now).order_by("next_rung_at", "id").values_list("pk", flat=True)[:BATCH]):
        if again := done.intersection(ids):
            # A step moves next_rung_at past `now`; were one not to, the loop would never end.
            raise RuntimeError(f"alerts {sorted(again)}: still due after their step; run `huiying verify`")
        directory = directory or people.Directory()
        with transaction.atomic():
            _steps(ids, now, policy, directory, report)
        done.update(ids)
    return report


def _steps(ids: Sequence[int], now: datetime, policy: Policy, directory: people.Directory, report: TickReport) -> None:
    """Bring some alerts up to `now`, in this transaction."""
    journal = Journal()
    alerts = Alert.objects.select_for_update(of=("self",)).filter(pk__in=ids, next_rung_at__lte=now)
    for alert in alerts.select_related("anchor").prefetch_related("pauses"):
        held = Held(alert, now=now, policy=policy, pauses=intervals(alert), journal=journal)
        if alert.provisional_until is not None and alert.provisional_until <= now:
            _end_provisional(held)
        report.breached += held.settle_breach()
        report.notified += _run_ladder(held, directory, journal)
        # also when nothing was to be said: the next instant is moved on
        held.derive()
        journal.alerts[alert.pk] = alert
    journal.flush()


def _end_provisional(held: Held) -> None:
    """The recorded answer was not seen in its time: the old due time counts again."""
    alert = held.alert
    alert.provisional_until = None
    waiting = Evidence.objects.filter(alert=alert, state=EvidenceState.PROVISIONAL)
    ids = list(waiting.values_list("pk", flat=True))
    waiting.update(state=EvidenceState.FAILED)
    held.save("unverified", evidence=ids)


def _run_ladder(held: Held, directory: people.Directory, journal: Journal) -> bool:
    """Run the highest due rung and record those it overtook; True when somebody was told."""
    alert, now = held.alert, held.now
    if alert.state not in WAITING or alert.paused_at is not None or alert.provisional_until is not None:
        return False
    done = {row["name"] for row in alert.rungs_done}
    due = ladder.due(ladder.read(alert.ladder), alert.clock_start, held.pauses, done, now)
    if due.run is None:
        return False
    run = due.run
    at = now.isoformat()
    alert.rungs_done = [
        *alert.rungs_done,
        *({"name": step.key, "at": at, "skipped": True} for step in due.skipped),
        {"name": run.key, "at": at, "skipped": False},
    ]
    if due.skipped:
        held.save("skipped", rungs=[step.key for step in due.skipped], more=due.more_skipped)
    if run.rung.unowned_only and alert.state == State.OWNED:
        held.save("rung", rung=run.key, told=[], why="已有人签收")
        return False
    told = directory.recipients(run.rung.to, alert)
    kind = "breach" if alert.breached_at is not None else "rung" if alert.unit else "flagged"
    letters = outbox.letters(
        alert, kind=kind, cause=run.key, people=told.people, channels=run.rung.channels, now=now, policy=held.policy, rung=run.rung.label
    )
    journal.deliveries += letters
    held.save("rung", rung=run.key, told=[person.username for person in told.people])
    if told.gap or not letters:
        held.save("nobody", gap=told.gap or "收件人都没有可用的地址", rung=run.key)
    return bool(letters)
