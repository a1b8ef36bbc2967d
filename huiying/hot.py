"""Which threads the crawl re-reads often: those on which an answer is awaited."""

from __future__ import annotations

from collections.abc import Collection


def hot_threads(site: str) -> Collection[str]:
    """Thread ids of `site` that belong to an alert whose first answer is still to come."""
    from django.db.models import Q

    from alerts.models import Alert, AlertPost, EventMember
    from alerts.states import WAITING
    from store.models import Thread

    waiting = Alert.objects.filter(state__in=[state.value for state in WAITING])
    members = EventMember.objects.filter(event__in=waiting.values("event"), confirmed=True).values("post__thread")
    further = AlertPost.objects.filter(alert__in=waiting).values("post__thread")
    threads = Thread.objects.filter(Q(pk__in=waiting.values("anchor__thread")) | Q(pk__in=members) | Q(pk__in=further), site=site)
    return set(threads.values_list("tid", flat=True))
