"""What the triage pane shows of one alert: post, replies, similar posts, the proposed judgement and its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from alerts import policy
from alerts.models import Alert, EventMember, EventProposal, Person
from alerts.people import spokespeople
from alerts.states import LIVE, ProposalState, State
from dashboards.due import due_of
from dashboards.spans import marked
from dashboards.words import LEVELS, level_name, level_sign
from store.models import Assessment, Post
from store.records import Category

REPLIES = 5
#: keys 3–9 of the picker: the reasons for which nobody need answer
DISMISSALS = tuple(category for category in Category if not category.positive)


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    value: str
    text: str
    #: probability or remark, "" when nothing is known
    remark: str = ""
    chosen: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """One field of the proposed judgement with what else it might be."""

    field: str
    name: str
    key: str
    title: str
    value: str
    text: str
    probability: float | None
    alternative: str
    options: tuple[Option, ...]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{round(share * 100)}%"


def _level(alert: Alert, assessment: Assessment | None) -> Pick:
    judged = assessment is not None and assessment.level == alert.level
    share = assessment.level_probability if judged and assessment else None
    options = tuple(
        Option(
            value=str(int(level)),
            text=f"{sign} {name}",
            remark=_percent(share) if level == alert.level else "",
            chosen=level == alert.level,
        )
        for level, (sign, name) in LEVELS.items()
    )
    text = f"{level_sign(alert.level)} {level_name(alert.level)}"
    return Pick(
        field="level",
        name="级别",
        key="L",
        title="级别",
        value=str(alert.level),
        text=text,
        probability=share,
        alternative="",
        options=options,
    )


def _topic(alert: Alert, assessment: Assessment | None) -> Pick:
    shares: dict[str, float] = dict(assessment.topics) if assessment else {}
    names = sorted(policy.current().topics, key=lambda name: -shares.get(name, 0.0))
    if alert.topic and alert.topic not in names:
        names.insert(0, alert.topic)
    options = tuple(Option(value=name, text=name, remark=_percent(shares.get(name)), chosen=name == alert.topic) for name in names)
    other = next((name for name in names if name != alert.topic and shares.get(name, 0) >= 0.05), "")
    alternative = f"另有 {other} {_percent(shares[other])}" if other else ""
    return Pick(
        field="topic", name="主题", key="T", title="主题", value=alert.topic, text=alert.topic or "未定", probability=shares.get(alert.topic),
        alternative=alternative, options=options,
    )  # fmt: skip


def _unit(alert: Alert) -> Pick:
    units = policy.current().units
    town_unit = next((unit.name for unit in units if alert.town and unit.town == alert.town), "")
    first = [name for name in (alert.proposed_unit, town_unit) if name]
    names = list(dict.fromkeys(first + [unit.name for unit in units]))
    remarks = {town_unit: "属地"} if town_unit else {}
    if alert.proposed_unit:
        remarks[alert.proposed_unit] = "拟派"
    options = tuple(Option(value=name, text=name, remark=remarks.get(name, ""), chosen=name == alert.proposed_unit) for name in names)
    co = (
        f"协办 {'、'.join(alert.co_units)}"
        if alert.co_units
        else f"属地 {town_unit}"
        if town_unit and town_unit != alert.proposed_unit
        else ""
    )
    return Pick(
        field="unit", name="牵头", key="B", title="牵头单位", value=alert.proposed_unit, text=alert.proposed_unit or "未定，请选", probability=None,
        alternative=co, options=options,
    )  # fmt: skip


def _place(alert: Alert, assessment: Assessment | None) -> Pick:
    mentions: list[Mapping[str, Any]] = list(assessment.places) if assessment else []
    shares = {str(place.get("town") or place.get("name")): place.get("probability") for place in reversed(mentions)}
    here = alert.place or alert.town
    names = list(dict.fromkeys([name for name in (here, *shares, *policy.current().towns) if name]))
    options = tuple(Option(value=name, text=name, remark=_percent(shares.get(name)), chosen=name == here) for name in names)
    said = next(
        (
            str(place.get("text") or place.get("name"))
            for place in mentions
            if (place.get("town") or place.get("name")) in (here, alert.town)
        ),
        "",
    )
    return Pick(
        field="place", name="地点", key="P", title="地点", value=here, text=here or "未指明", probability=shares.get(here, shares.get(alert.town)),
        alternative=f"正文「{said}」" if said else "", options=options,
    )  # fmt: skip


def _replies(post: Post) -> dict[str, Any]:
    """Replies of the post's thread, the newest information about an official answer first."""
    replies = Post.objects.filter(thread=post.thread).exclude(pk=post.pk).order_by("posted_at", "id")
    listed = list(replies[:200])
    officials = sum(reply.official for reply in listed)
    return {
        "all": listed,
        "first": listed[:REPLIES],
        "rest": listed[REPLIES:],
        "total": len(listed),
        "official": officials,
        "author_key": post.author_key if post.kind == "topic" else "",
    }


def _similar(alert: Alert) -> dict[str, Any]:
    """Threads of the alert's event, those the machine would add to it, and the event it would put this one into."""
    members = EventMember.objects.filter(event=alert.event, post__kind="topic").exclude(post=alert.anchor).select_related("post__thread")
    open_ = EventProposal.objects.filter(state=ProposalState.PROPOSED)
    guesses = open_.filter(event=alert.event).select_related("post__thread").order_by("-similarity")
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
        "title": title if post.title else post.thread_title or alert.title,
        "body": body,
        "replies": _replies(post),
        "similar": _similar(alert),
        "picks": (_level(alert, assessment), _topic(alert, assessment), _unit(alert), _place(alert, assessment)),
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
