"""From the outbox to the world: claim with a token and a lease, look again whether it is needed, send, mark at once."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from alerts import people
from alerts.channels import Channel, ChannelDown, ChannelError, Outgoing
from alerts.models import Delivery
from alerts.policy import Policy, current
from alerts.states import UNSENT, WAITING, DeliveryState
from alerts.writes import hold
from store.clock import Clock, SystemClock

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
#: a batch stops after so long and gives the rest back, well before another worker could take it
PATIENCE_S = 60.0
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=5)


@dataclass(slots=True)
class SendReport:
    """What one round of sending did."""

    sent: int = 0
    failed: int = 0
    #: no longer needed when their time came
    cancelled: int = 0
    expired: int = 0

    def add(self, other: SendReport) -> None:
        self.sent += other.sent
        self.failed += other.failed
        self.cancelled += other.cancelled
        self.expired += other.expired


def send_due(
    now: datetime,
    channels: Mapping[str, Channel],
    limit: int = 200,
    *,
    policy: Policy | None = None,
    simulated: bool = False,
    clock: Clock | None = None,
) -> SendReport:
    """Send what is due by `now`, at most `limit` messages; what has no channel waits until it is stale.

    In a simulated home nothing is sent: a message counts as accepted at the instant at which it would have gone out.
    """
    rules, watch = policy or current(), clock or SystemClock()
    report = SendReport(expired=_expire(now))
    token = uuid.uuid4().hex
    if simulated:
        while rendered := _claim(now, limit, None, token, report):
            with transaction.atomic():
                for delivery in rendered:
                    _mark(delivery, token, DeliveryState.SIMULATED, delivery.next_try_at, rules)
        return report
    claimed = _claim(now, limit, tuple(channels), token, report)
    started = watch.monotonic()
    for name in sorted({delivery.channel for delivery in claimed}):
        batch = [delivery for delivery in claimed if delivery.channel == name]
        _send_batch(channels[name], batch, token, now, rules, report, lambda: watch.monotonic() - started < PATIENCE_S)
    return report


def retry_in(attempts: int) -> timedelta:
    """10 s, 20 s, 40 s … up to 5 minutes."""
    return min(LONGEST_WAIT, FIRST_WAIT * int(2 ** min(attempts - 1, 10)))


def recover(now: datetime) -> int:
    """Give back what a crashed worker had claimed; call it at the start of the one process that sends."""
    lost = Delivery.objects.filter(state=DeliveryState.CLAIMED)
    return lost.update(state=DeliveryState.PENDING, claim="", claimed_until=None, next_try_at=now)


def _expire(now: datetime) -> int:
    stale = Delivery.objects.filter(state__in=UNSENT, next_try_at__lte=now, not_after__lt=now)
    return stale.update(state=DeliveryState.EXPIRED, claim="", claimed_until=None) if stale.exists() else 0


def _claim(now: datetime, limit: int, channels: Sequence[str] | None, token: str, report: SendReport) -> list[Delivery]:
    """Take what is due and still needed; `next_try_at` becomes the end of the lease, so a dead worker's rows come again."""
    due = Q(state__in=UNSENT, next_try_at__lte=now)
    if channels is not None:
        due &= Q(channel__in=channels)
    if not Delivery.objects.filter(due).exists():
        return []
    with transaction.atomic():
        rows = (
            Delivery.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(due)
            .select_related("alert")
            .order_by("next_try_at", "id")
        )
        taken: list[Delivery] = []
        moot: list[Delivery] = []
        for delivery in rows[:limit]:
            (taken if needed(delivery) else moot).append(delivery)
        _all(moot).update(state=DeliveryState.CANCELLED, error="到时已不需要", claim="", claimed_until=None)
        report.cancelled += len(moot)
        until = now + LEASE
        _all(taken).update(state=DeliveryState.CLAIMED, claim=token, claimed_until=until, next_try_at=until)
    return taken


def _all(rows: Sequence[Delivery]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=[row.pk for row in rows])


def needed(delivery: Delivery) -> bool:
    """Whether a message still tells its reader something: the matter waits, and no later reminder replaced it."""
    alert = delivery.alert
    if alert is None:
        return True
    if alert.state not in WAITING:
        return False
    if delivery.cause == "flagged":
        return not alert.unit
    if delivery.cause.startswith("returned"):
        return alert.returned
    if not delivery.cause.startswith("rung"):
        return True
    if alert.paused_at is not None or alert.provisional_until is not None:
        return False
    newer = Delivery.objects.filter(
        alert=alert, person=delivery.person, channel=delivery.channel, cause__startswith="rung", pk__gt=delivery.pk
    )
    return not newer.exists()


def _send_batch(
    channel: Channel, batch: Sequence[Delivery], token: str, now: datetime, rules: Policy, report: SendReport, in_time: Callable[[], bool]
) -> None:
    """Send a batch over one connection; when that is lost the rest of the batch waits for the next try."""
    waiting = list(batch)
    try:
        with channel.connect() as connection:
            while waiting and in_time():
                delivery = waiting[0]
                try:
                    connection.send(_outgoing(delivery))
                except ChannelDown:
                    raise
                except ChannelError as error:
                    _retry([delivery], token, now, str(error))
                    report.failed += 1
                else:
                    with transaction.atomic():
                        _mark(delivery, token, DeliveryState.SENT, now, rules)
                    report.sent += 1
                waiting.pop(0)
    except ChannelDown as error:
        log.warning("%s: %d messages wait: %s", batch[0].channel, len(waiting), error)
        _retry(waiting, token, now, str(error))
        report.failed += len(waiting)
        return
    # out of patience: nothing failed, the next round goes on
    _mine(waiting, token).update(state=DeliveryState.PENDING, claim="", claimed_until=None, next_try_at=now)


def _outgoing(delivery: Delivery) -> Outgoing:
    return Outgoing(key=delivery.key, address=delivery.address, subject=delivery.subject, body=delivery.body, at=delivery.created_at)


def _mine(rows: Sequence[Delivery], token: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=[row.pk for row in rows], claim=token)


def _retry(rows: Sequence[Delivery], token: str, now: datetime, why: str) -> None:
    for delivery in rows:
        attempts = delivery.attempts + 1
        _mine([delivery], token).update(
            state=DeliveryState.PENDING,
            claim="",
            claimed_until=None,
            attempts=attempts,
            error=why,
            next_try_at=now + retry_in(attempts),
        )


def _mark(delivery: Delivery, token: str, state: DeliveryState, at: datetime, rules: Policy) -> None:
    """Write down that the message went out; the first that a spokesperson of the lead unit got ends 派发."""
    done = {"state": state, "accepted_at": at, "claim": "", "claimed_until": None, "error": "", "attempts": delivery.attempts + 1}
    if not _mine([delivery], token).update(**done):
        # Taken back while it was on its way: it did go out, and the record says so.
        Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.CANCELLED).update(state=state, accepted_at=at)
    if delivery.alert_id is None:
        return
    alert = delivery.alert
    if alert is None or alert.dispatched_at is not None or not alert.unit:
        return
    if delivery.person not in {person.username for person in people.spokespeople(alert.unit)}:
        return
    held = hold(alert.pk, now=at, policy=rules, enter_breach=False)
    if held.alert.state in WAITING and held.alert.unit == alert.unit and held.alert.dispatched_at is None:
        held.alert.dispatched_at = at
        held.save("dispatched", delivery=delivery.key)
