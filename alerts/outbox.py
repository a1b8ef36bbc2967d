"""The outbox: a message is a row in the transaction of what caused it, and is sent outside of it.

At least once, at most one duplicate per crash of a worker: a row is claimed with a token and a lease, sent, and marked
at once. Every key exists once; it is also the mail's Message-ID.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from alerts import messages
from alerts.models import Alert, Delivery, Person
from alerts.policy import Policy
from alerts.sending import SendReport, recover, send_due
from alerts.states import UNSENT, DeliveryState

#: a message that could not be delivered for so long is stale
STALE = timedelta(hours=24)


def address(person: Person, channel: str) -> str:
    """Where a channel reaches a person, "" = nowhere."""
    return person.email if channel == "email" else ""


def enqueue(
    alert: Alert,
    *,
    kind: str,
    cause: str,
    people: Iterable[Person],
    channels: Sequence[str],
    now: datetime,
    policy: Policy,
    not_before: datetime | None = None,
    rung: str = "",
    reason: str = "",
) -> int:
    """Put one message per person and channel in the outbox; how many people it can reach. A key that exists is left alone."""
    rows = letters(
        alert,
        kind=kind,
        cause=cause,
        people=people,
        channels=channels,
        now=now,
        policy=policy,
        not_before=not_before,
        rung=rung,
        reason=reason,
    )
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len({row.person for row in rows})


def letters(
    alert: Alert,
    *,
    kind: str,
    cause: str,
    people: Iterable[Person],
    channels: Sequence[str],
    now: datetime,
    policy: Policy,
    not_before: datetime | None = None,
    rung: str = "",
    reason: str = "",
) -> list[Delivery]:
    """One message per person and channel, rendered now and not yet stored.

    A person whom none of `channels` reaches is told by mail if they have an address.
    """
    subject, body = messages.render(kind, alert, now, policy, rung=rung, reason=reason)
    start = max(now, not_before or now)
    rows: list[Delivery] = []
    for person in people:
        ways = [(channel, where) for channel in channels if (where := address(person, channel))]
        if not ways and person.email:
            ways = [("email", person.email)]
        for channel, where in ways:
            rows.append(
                Delivery(
                    key=f"alert/{alert.pk}/r{alert.round}/{cause}/{channel}/{person.username}",
                    alert=alert,
                    cause=cause,
                    channel=channel,
                    person=person.username,
                    address=where,
                    subject=subject,
                    body=body,
                    created_at=now,
                    not_before=start,
                    not_after=start + STALE,
                    next_try_at=start,
                )
            )
    return rows


def cancel(alert: Alert, why: str, *, prefix: str = "") -> int:
    """Take back what has not been sent yet (all of it, or keys that begin with `prefix`); a row already claimed goes too."""
    unsent = Delivery.objects.filter(alert=alert, state__in=UNSENT, key__startswith=prefix)
    return unsent.update(state=DeliveryState.CANCELLED, error=why, claim="", claimed_until=None)


__all__ = ["STALE", "SendReport", "address", "cancel", "enqueue", "recover", "send_due"]
