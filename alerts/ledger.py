"""Reading the ledger: the rows of `huiying alerts`, one alert with everything about it, the sections of the triage queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from alerts import audit, clocks
from alerts.models import Alert, EventMember, Person
from alerts.states import WAITING, State, label
from alerts.writes import spent
from store.clock import iso
from store.models import Post

#: headings of the queue, and from how much time left an alert stands under the next one
SECTIONS = ("超时", "半小时内", "1 小时内", "1 小时以上")
_LIMITS = (timedelta(0), timedelta(minutes=30), timedelta(hours=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading of the queue with its alerts, the shortest time first."""

    name: str
    alerts: tuple[Alert, ...]


def overdue(now: datetime) -> Q:
    """Unanswered, past due, and neither paused nor waiting to be verified."""
    return Q(state__in=[state.value for state in WAITING], due_at__lt=now, paused_at=None, provisional_until=None)


def select(
    *, now: datetime, state: str | None = None, unit: str | None = None, overdue_only: bool = False, units: Sequence[str] | None = None
) -> QuerySet[Alert]:
    """Alerts by time left, the waiting ones first; `unit` = led, helped, or (before dispatch) proposed; `units` = led by one of them."""
    found = Alert.objects.select_related("anchor", "event")
    if state:
        found = found.filter(state=state)
    if unit:
        found = found.filter(Q(unit=unit) | Q(unit="", proposed_unit=unit))
    if units is not None:
        found = found.filter(unit__in=list(units))
    if overdue_only:
        found = found.filter(overdue(now))
    return found.order_by("due_at", "id")


def rows(
    *, now: datetime, state: str | None = None, unit: str | None = None, overdue: bool = False, limit: int | None = None
) -> list[dict[str, Any]]:
    """Rows of `huiying alerts`, the shortest time first."""
    members = (
        EventMember.objects.filter(event=OuterRef("event"), confirmed=True).order_by().values("event").annotate(n=Count("pk")).values("n")
    )
    found = select(now=now, state=state, unit=unit, overdue_only=overdue).annotate(members_n=Subquery(members))
    return [row(alert, now) for alert in (found if limit is None else found[:limit])]


def left_s(alert: Alert, now: datetime) -> int | None:
    """Seconds left of the first clock, negative when past due, standing still in a pause; None when it does not run."""
    if alert.state not in WAITING:
        return None
    return int(clocks.left(alert.due_at, now, alert.paused_at).total_seconds())


def is_overdue(alert: Alert, now: datetime) -> bool:
    """The same as `overdue`, of one alert."""
    return alert.state in WAITING and alert.due_at < now and alert.paused_at is None and alert.provisional_until is None


def row(alert: Alert, now: datetime) -> dict[str, Any]:
    """One alert in the shape of cli.md."""
    posts: int | None = getattr(alert, "members_n", None)
    return {
        "id": alert.pk,
        "state": alert.state,
        "label": label(alert.state, unit=alert.unit, returned=alert.returned),
        "round": alert.round,
        "level": alert.level,
        "topic": alert.topic,
        "department": alert.unit or alert.proposed_unit,
        "place": alert.place,
        "title": alert.title,
        "url": alert.anchor.url,
        "posted_at": iso(alert.posted_at),
        "detected_at": iso(alert.detected_at),
        "due_at": iso(alert.due_at),
        "left_s": left_s(alert, now),
        "overdue": is_overdue(alert, now),
        "owner": alert.owner,
        "event": alert.event_id,
        "posts": posts if posts is not None else alert.event.members.filter(confirmed=True).count(),
        "answered_at": iso(alert.answered_at),
        "clock": alert.clock,
        "version": alert.version,
    }


def detail(alert: Alert, now: datetime) -> dict[str, Any]:
    """`row` with history, evidence, deliveries, pauses and legs; ids and choices, no texts of citizens but the title."""
    names = {person.username: person.shown for person in Person.objects.all()}
    return {
        **row(alert, now),
        "post": alert.anchor.ref,
        "co_units": alert.co_units,
        "precision": alert.precision,
        "clock_start": iso(alert.clock_start),
        "flagged_at": iso(alert.flagged_at),
        "triaged_at": iso(alert.triaged_at),
        "dispatched_at": iso(alert.dispatched_at),
        "breached_at": iso(alert.breached_at),
        "breach_leg": alert.breach_leg,
        "result_due_at": iso(alert.result_due_at),
        "merged_into": alert.merged_into_id,
        "previous": alert.previous_id,
        "history": history(alert, names),
        "evidence": [
            {
                "kind": item.kind,
                "state": item.state,
                "answered_at": iso(item.answered_at),
                "seen_at": iso(item.seen_at),
                "unit": item.unit,
                "other_unit": item.other_unit,
                "stops_clock": item.stops_clock,
                "form": item.form,
                "url": item.url,
                "recorded_by": item.recorded_by,
            }
            for item in alert.evidence.order_by("answered_at", "id")
        ],
        "deliveries": [
            {
                "key": item.key,
                "cause": item.cause,
                "person": item.person,
                "channel": item.channel,
                "state": item.state,
                "not_before": iso(item.not_before),
                "accepted_at": iso(item.accepted_at),
                "attempts": item.attempts,
                "error": item.error,
            }
            for item in alert.deliveries.order_by("not_before", "id")
        ],
        "pauses": [
            {
                "asked_at": iso(item.asked_at),
                "asked_by": item.asked_by,
                "reason": item.reason,
                "approved_at": iso(item.approved_at),
                "approved_by": item.approved_by,
                "ended_at": iso(item.ended_at),
            }
            for item in alert.pauses.order_by("asked_at")
        ],
        "members": members(alert),
        "legs": {leg.value: int(seconds) for leg, seconds in spent(alert, now).items()},
    }


def history(alert: Alert, names: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """What happened to an alert, oldest first, in the words of the pages, with the short hash of each link of the chain."""
    known = names or {}
    return [
        {
            "at": iso(entry.at),
            "who": known.get(entry.actor, entry.actor) or "系统",
            "kind": entry.kind,
            "what": audit.KINDS.get(entry.kind, entry.kind),
            "detail": {name: told for name, told in entry.detail.items() if name != "set"},
            "set": entry.detail.get("set", {}),
            "hash": entry.hash[:4],
        }
        for entry in alert.history.order_by("id")
    ]


def members(alert: Alert) -> list[dict[str, Any]]:
    """The posts that this alert answers besides its anchor: 已复 with the time, or 同事未复 with its own waiting time."""
    return [
        {
            "post": item.post.ref,
            "posted_at": iso(item.post.posted_at),
            "answered_at": iso(item.answered_at),
            "label": member_label(item.answered_at),
        }
        for item in alert.further.select_related("post").order_by("post__posted_at", "pk")
    ]


def member_label(answered_at: datetime | None) -> str:
    return "已复" if answered_at is not None else "同事未复"


def waiting_for_triage() -> QuerySet[Alert]:
    """Everything 待研判, given-back alerts among it."""
    return Alert.objects.filter(state=State.OPEN, unit="")


def section_of(left: timedelta) -> str:
    """The heading for so much time left."""
    return next((name for name, limit in zip(SECTIONS, _LIMITS, strict=False) if left < limit), SECTIONS[-1])


def queue(now: datetime, condition: Q | None = None) -> list[Section]:
    """The triage queue under its headings; empty ones are left out."""
    found = waiting_for_triage().filter(condition or Q()).select_related("anchor", "event").order_by("due_at", "id")
    grouped: dict[str, list[Alert]] = {name: [] for name in SECTIONS}
    for alert in found:
        grouped[section_of(alert.due_at - now)].append(alert)
    return [Section(name=name, alerts=tuple(alerts)) for name, alerts in grouped.items() if alerts]


def of_post(post: Post) -> Alert | None:
    """The newest alert that a post anchors or is listed on."""
    return Alert.objects.filter(Q(anchor=post) | Q(further__post=post)).order_by("-id").first()
