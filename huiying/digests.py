"""The issue of the day at its time: made, archived, put into the outbox for those who read it."""

from __future__ import annotations

from datetime import timedelta

from huiying.app import App

#: a digest that could not be delivered for so long is yesterday's paper
STALE = timedelta(hours=12)


def run_due(app: App) -> int:
    """Archive and send today's issue once its time has come; returns the messages made (0 when nothing was due)."""
    from django.db import transaction

    from alerts.models import Delivery, Person
    from alerts.policy import current
    from alerts.states import Role
    from dashboards import digest, digest_forms
    from dashboards.models import DigestIssue
    from store.clock import SHANGHAI
    from store.models import Post

    now, policy = app.clock.now(), current()
    day = now.astimezone(SHANGHAI).date()
    if now < digest.cut_off(day, policy) or DigestIssue.objects.filter(date=day, sent_at__isnull=False).exists():
        return 0
    if not Post.objects.filter(detected_at__lt=digest.cut_off(day, policy)).exists():
        # A home that began after this morning's cut-off has nothing to report on yet.
        return 0
    with transaction.atomic():
        issue = digest.issue(day, now, policy)
        readers = Person.objects.filter(is_active=True, role__in=[Role.SPOKESPERSON, Role.LEADER, Role.EDITOR]).exclude(email="")
        subject = f"【回应】舆情日报第 {issue.number} 期" + ("" if issue.approved_by else "（未审）")
        body = digest_forms.as_text(issue, now, policy)
        rows = [
            Delivery(
                key=f"digest/{day.isoformat()}/email/{person.username}",
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
            for person in readers
        ]
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        issue.sent_at = now
        issue.save(update_fields=["sent_at"])
    return len(rows)
