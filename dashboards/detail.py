"""What the triage pane shows of one alert: post, replies, similar posts, the proposed judgement and its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.safestring import mark_safe

from alerts import policy
from alerts.models import Alert, EventMember, EventProposal, Person
from alerts.people import spokespeople
from alerts.states import LIVE, ProposalState, State
from dashboards.due import due_of
from dashboards.picks import picks
from dashboards.spans import marked, plain
from store.models import Assessment, Post
from store.records import Category

REPLIES = 5
#: keys 3–9 of the picker: the reasons for which nobody need answer
DISMISSALS = tuple(category for category in Category if not category.positive)


def replies_of(post: Post) -> dict[str, Any]:
    """Replies of the post's thread, the newest information about an official answer first."""
    others = list(Post.objects.filter(thread=post.thread).exclude(pk=post.pk).order_by("posted_at", "id")[:200])
    topic = next((one for one in others if one.kind == "topic"), None)
    listed = [one for one in others if one is not topic]
    officials = sum(reply.official for reply in listed)
    return {
        "all": listed,
        "first": listed[:REPLIES],
        "rest": listed[REPLIES:],
        "total": len(listed),
        "official": officials,
        #: the thread's first post, when the request stands in a reply
        "topic": topic,
        "author_key": (topic or post).author_key if topic or post.kind == "topic" else "",
    }


def _similar(alert: Alert) -> dict[str, Any]:
    """Threads of the alert's event, those the machine would add to it, and the event it would put this one into."""
    members = EventMember.objects.filter(event=alert.event, post__kind="topic").exclude(post=alert.anchor).select_related("post__thread")
    open_ = EventProposal.objects.filter(state=ProposalState.PROPOSED)
    guesses = (
        open_.filter(event=alert.event).exclude(post__membership__event=alert.event).select_related("post__thread").order_by("-similarity")
    )
    mine = open_.filter(post=alert.anchor).select_related("event").order_by("-similarity").first()
    confirmed = list(members.order_by("-similarity", "id")[:8])
    found = list(guesses[:8])
    return {"confirmed": confirmed, "guesses": found, "proposal": mine, "n": len(confirmed) + len(found)}


def merge_targets(alert: Alert) -> list[Alert]:
    """Live alerts this one may be the same matter as: its proposals first, then same town or topic, the newest first."""
    live = Alert.objects.filter(state__in=LIVE).exclude(pk=alert.pk).order_by("-clock_start")
    proposed = EventProposal.objects.filter(post=alert.anchor, state=ProposalState.PROPOSED).values("event")
    found = list(live.filter(event__in=proposed)[:3])
    near = live.filter(topic=alert.topic) if alert.topic else live
    if alert.town:
        near = near.filter(town=alert.town)
    found += [other for other in near[:8] if other not in found]
    return found[:8]


def kin(alert: Alert) -> list[int]:
    """Waiting alerts the machine takes for the same matter as this one: what Shift X picks."""
    open_ = EventProposal.objects.filter(state=ProposalState.PROPOSED)
    theirs, mine = open_.filter(event=alert.event).values("post"), open_.filter(post=alert.anchor).values("event")
    near = Alert.objects.filter(state=State.OPEN, unit="").filter(Q(anchor__in=theirs) | Q(event__in=mine)).exclude(pk=alert.pk)
    return list(near.values_list("pk", flat=True)[:20])


def pane(alert: Alert, now: datetime, person: Person, names: Mapping[str, str]) -> dict[str, Any]:
    """The context of `_detail.html` for a waiting alert."""
    post = alert.anchor
    assessment = Assessment.objects.filter(post=post).first()
    reasons = sorted(assessment.reasons, key=lambda one: -one["weight"]) if assessment else []
    reasons = [one for one in reasons if one.get("about", "needs_response") == "needs_response"][:8]
    title, body = marked(post.title, post.body, assessment.reasons if assessment else [])
    held = alert.claimed_by if alert.claimed_until and alert.claimed_until > now and alert.claimed_by != person.username else ""
    return {
        "alert": alert,
        "post": post,
        "due": due_of(alert, now),
        "title": title if post.title else mark_safe(plain(post.thread_title or alert.title)),  # noqa: S308 - plain() escapes
        "body": body,
        "replies": replies_of(post),
        "similar": _similar(alert),
        "picks": picks(alert, assessment),
        "assessment": assessment,
        "reasons": reasons,
        "most": max((abs(one["weight"]) for one in reasons), default=1.0),
        "people": spokespeople(alert.proposed_unit) if alert.proposed_unit else [],
        "kin": kin(alert),
        "targets": merge_targets(alert),
        "dismissals": DISMISSALS,
        "held_by": names.get(held, held),
        "site_name": policy.current().site_names.get(post.site, post.site),
    }
