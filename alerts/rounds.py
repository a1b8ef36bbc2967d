"""Opening a round of an alert, and finding the alert that already speaks for a thread or event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts import clocks, ladder, outbox, people
from alerts.models import Alert, AlertPost, Event, EventMember
from alerts.policy import Policy
from alerts.states import LIVE, State
from alerts.writes import Held
from store.clock import SHANGHAI
from store.models import Assessment, Post


def found_event(post: Post, title: str, now: datetime) -> Event:
    """A new event of today (Asia/Shanghai) with the next number: 2026-1122-07; `post` is its first member."""
    prefix = f"{now.astimezone(SHANGHAI):%Y-%m%d}-"
    # "~" sorts after every digit, so this is the range of the day's ids and uses the primary key
    taken = Event.objects.filter(id__gte=prefix, id__lt=f"{prefix}~").count()
    event = Event.objects.create(id=f"{prefix}{taken + 1:02d}", created_at=now, title=title)
    EventMember.objects.create(event=event, post=post, joined_at=now, confirmed=True)
    return event


def title_of(post: Post) -> str:
    """What an alert on a post is called: its title, else the beginning of its own words."""
    return post.title or " ".join(post.body.split())[:40] or post.thread_title


def first_round(
    post: Post, assessment: Assessment, now: datetime, policy: Policy, observed_at: datetime | None = None, *, by: str = ""
) -> Held:
    """Open the alert of a flagged post in an event of its own; levels Ⅰ and Ⅱ are told to the duty group at once.

    `by` = who flagged it by hand, "" = the judge.
    """
    event = found_event(post, title_of(post), now)
    places = [place for place in assessment.places if place.get("name")]
    alert = _begin(event, post, now, policy, observed_at=observed_at)
    alert.category = assessment.category
    alert.level = assessment.level
    alert.topic = assessment.topic
    alert.proposed_unit = assessment.department
    alert.place = places[0]["name"] if places else ""
    alert.town = next((place["town"] for place in places if place.get("town")), "")
    alert.score = assessment.needs_response
    alert.assessed_at = assessment.assessed_at
    alert.model = assessment.model
    return _open(alert, now, policy, kind="opened", actor=by, score=round(assessment.needs_response, 4))


def next_round(
    previous: Alert, anchor: Post, now: datetime, policy: Policy, *, start: datetime, kind: str, actor: str = "", **detail: Any
) -> Held:
    """Open round + 1 of a closed alert, to be triaged anew; its unit becomes the proposal, its result stays frozen."""
    alert = _begin(previous.event, anchor, now, policy, observed_at=start)
    for name in ("category", "level", "topic", "place", "town", "score", "assessed_at", "model"):
        setattr(alert, name, getattr(previous, name))
    alert.proposed_unit = previous.unit or previous.proposed_unit
    alert.previous = previous
    alert.round = previous.round + 1
    return _open(alert, now, policy, kind=kind, actor=actor, previous=previous.pk, **detail)


def _begin(event: Event, anchor: Post, now: datetime, policy: Policy, *, observed_at: datetime | None) -> Alert:
    return Alert(
        event=event,
        anchor=anchor,
        title=title_of(anchor),
        source=anchor.source,
        posted_at=anchor.posted_at,
        precision=anchor.precision,
        detected_at=anchor.detected_at,
        flagged_at=now,
        clock=policy.clock,
        clock_start=clocks.starts_at(
            clock=policy.clock,
            posted_at=anchor.posted_at,
            precision=anchor.precision,
            detected_at=anchor.detected_at,
            observed_at=observed_at,
        ),
        target_s=int(policy.target.total_seconds()),
    )


def _open(alert: Alert, now: datetime, policy: Policy, *, kind: str, actor: str = "", **detail: Any) -> Held:
    rungs = ladder.of_level(policy, alert.level)
    alert.ladder = ladder.snapshot(rungs)
    held = Held(alert, now=now, policy=policy)
    held.save(kind, actor=actor, post=alert.anchor.ref, **detail)
    if alert.level in ladder.TOLD_AT_FLAGGING:
        told = people.duty_group()
        first = ladder.first_rung(rungs)
        reached = outbox.enqueue(
            alert, kind="flagged", cause="flagged", people=told.people, channels=first.channels, now=now, policy=policy
        )
        held.save("flagged", told=[person.username for person in told.people], reached=reached, **({"gap": told.gap} if told.gap else {}))
    return held


def of_thread(thread_id: int) -> Alert | None:
    """The alert that speaks for a thread: the live one of its members' events, else the newest."""
    events = EventMember.objects.filter(post__thread_id=thread_id, confirmed=True).values("event_id")
    found = list(Alert.objects.filter(event_id__in=events).select_related("anchor").order_by("-id"))
    return next((alert for alert in found if alert.state in LIVE), found[0] if found else None)


def of_event(event_id: str) -> Alert | None:
    """The alert of an event (of the one it was merged into): the live one, else the newest."""
    event = resolve(event_id)
    found = list(Alert.objects.filter(event=event).exclude(state=State.MERGED).select_related("anchor").order_by("-id"))
    return next((alert for alert in found if alert.state in LIVE), found[0] if found else None)


def resolve(event_id: str) -> Event:
    """The event that an event was merged into, step by step; itself when it was not."""
    event = Event.objects.get(pk=event_id)
    while event.merged_into is not None:
        event = event.merged_into
    return event


def join(alert: Alert, post: Post, now: datetime, *, by: str = "") -> None:
    """Make a post a confirmed member of an alert's event and list it on the alert; its clock is the alert's."""
    EventMember.objects.update_or_create(
        post=post,
        defaults={"event_id": alert.event_id, "confirmed": True, "confirmed_by": by},
        create_defaults={
            "event_id": alert.event_id,
            "joined_at": now,
            "joined_by": by,
            "confirmed": True,
            "confirmed_by": by,
        },
    )
    if post.pk != alert.anchor_id:
        AlertPost.objects.get_or_create(alert=alert, post=post, defaults={"added_at": now})
