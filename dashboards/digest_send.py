"""Sending the issue of the day: archived once, then one message in the outbox for each reader who has an address."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from alerts.models import Delivery, Person
from alerts.policy import Policy
from alerts.states import Role
from dashboards import digest, digest_forms
from dashboards.models import DigestIssue
from store.clock import SHANGHAI
from store.models import Post

#: a digest that could not be delivered for so long is yesterday's paper
STALE = timedelta(hours=12)
READERS = (Role.LEADER, Role.EDITOR, Role.SPOKESPERSON)


class AlreadySent(ValueError):
    """The issue of that day went out before; one a day."""


def readers() -> list[Person]:
    """Who gets the digest."""
    return list(Person.objects.filter(is_active=True, role__in=READERS).exclude(email="").order_by("role", "username"))


def approve(day: date, now: datetime, policy: Policy, *, by: str, note: str) -> tuple[DigestIssue, int]:
    """An editor archives and sends the issue of `day` as it stands; (issue, messages). Raises AlreadySent."""
    with transaction.atomic():
        if DigestIssue.objects.filter(date=day, sent_at__isnull=False).exists():
            raise AlreadySent(f"{day:%Y-%m-%d} 的日报已经送出，一日一期；有要补的，写进下一期")
        issue = digest.issue(day, now, policy, approved_by=by, note=note)
        return issue, _send(issue, now, policy)


def send_due(now: datetime, policy: Policy) -> int:
    """Archive and send today's issue once its time has come, approved or not; messages made (0 = nothing was due)."""
    day = now.astimezone(SHANGHAI).date()
    if now < digest.cut_off(day, policy) or DigestIssue.objects.filter(date=day, sent_at__isnull=False).exists():
        return 0
    if not Post.objects.filter(detected_at__lt=digest.cut_off(day, policy)).exists():
        # A home that began after this morning's cut-off has nothing to report on yet.
        return 0
    with transaction.atomic():
        return _send(digest.issue(day, now, policy), now, policy)


def _send(issue: DigestIssue, now: datetime, policy: Policy) -> int:
    subject = f"【回应】舆情日报第 {issue.number} 期" + ("" if issue.approved_by else "（未审）")
    body = digest_forms.as_text(issue, now, policy)
    rows = [
        Delivery(
            key=f"digest/{issue.date.isoformat()}/email/{person.username}",
            cause="digest",
            channel="email",
            person=person.username,
            address=person.email,
            subject=subject,
            body=body,
            created_at=now,
            not_before=now,
            not_after=now + STALE,
            next_try_at=now,
        )
        for person in readers()
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    issue.sent_at = now
    issue.save(update_fields=["sent_at"])
    return len(rows)
