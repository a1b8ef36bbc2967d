"""事件: posts on one matter, what awaits a yes or no, and the one alert that speaks for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from alerts import moves
from alerts.models import Alert, Audit, Event, EventMember, EventProposal, Person
from alerts.states import WAITING, ProposalState, Role, State
from dashboards import clock, trail
from dashboards.due import due_of
from dashboards.event_lanes import lanes
from dashboards.history import words_of
from dashboards.people import names, titled
from dashboards.rights import Denied, own_alert, page, person_of
from dashboards.toasts import leave, take, toast
from dashboards.words import instant, interval
from store.models import Post


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    number: int
    post: Post
    joined: str
    similarity: float | None
    first: bool
    answered: str
    waited: str
    #: the merged alert that split brings back
    merged: Alert | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    id: int
    post: Post
    similarity: float
    agrees: str
    differs: str
    #: 告警 1860 待研判，剩 2 小时 18 分, or 未标出
    standing: str


def _event(request: HttpRequest, number: str) -> tuple[Event, Alert | None]:
    event = Event.objects.filter(pk=number).first()
    if event is None:
        raise Http404
    alerts = list(Alert.objects.filter(event=event).order_by("-round", "-id"))
    alert = next((one for one in alerts if one.state != State.MERGED), alerts[0] if alerts else None)
    person = person_of(request)
    if person.role == Role.SPOKESPERSON and not any(own_alert(person, one) for one in alerts):
        owner = (alert.unit if alert else "") or "研判值班组"
        raise Denied(
            f"event:{number}", heading=f"事件 {number} 归{owner}", advice=f"你是{'、'.join(person.units)}的发言人，这一件没有派给你们。"
        )
    return event, alert


def _answers(threads: list[int]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    rows = Post.objects.filter(thread__in=threads, official=True, kind="reply", deleted_at=None).order_by("posted_at")
    for thread, at in rows.values_list("thread_id", "posted_at"):
        found.setdefault(thread, []).append(at)
    return found


def members_of(event: Event, now: datetime, known: dict[str, str]) -> list[Member]:
    """The threads of the event in the order of posting, each with its own answer or waiting time."""
    rows = list(
        EventMember.objects.filter(event=event, post__kind="topic").select_related("post__thread").order_by("post__posted_at", "id")
    )
    answers = _answers([row.post.thread_id for row in rows])
    merged = {alert.anchor_id: alert for alert in Alert.objects.filter(anchor__in=[row.post_id for row in rows], state=State.MERGED)}
    # 0 = no guess of the machine: people split the two without one
    guesses = EventProposal.objects.filter(event=event, post__in=[row.post_id for row in rows], similarity__gt=0)
    guessed = dict(guesses.values_list("post", "similarity"))
    out = []
    for number, row in enumerate(rows, start=1):
        answer = next((at for at in answers.get(row.post.thread_id, []) if at > row.post.posted_at), None)
        by = known.get(row.joined_by or row.confirmed_by, row.joined_by or row.confirmed_by)
        out.append(
            Member(
                number=number,
                post=row.post,
                joined=f"{by} {instant(row.joined_at, now)}" if by else "—",
                similarity=guessed.get(row.post_id) if row.similarity is None else row.similarity,
                first=number == 1,
                answered=f"{instant(answer, now)} 已复" if answer else "",
                waited=interval(now - row.post.posted_at),
                merged=merged.get(row.post_id),
            )
        )
    return out


def proposals_of(event: Event, now: datetime) -> list[Proposal]:
    """What the machine would join and nobody has decided, the likeliest first."""
    rows = (
        EventProposal.objects.filter(event=event, state=ProposalState.PROPOSED)
        # one that a person joined by merging is decided, though the guess itself was never answered
        .exclude(post__membership__event=event)
        .select_related("post__thread")
        .order_by("-similarity", "id")
    )
    out = []
    for row in rows[:30]:
        alert = Alert.objects.filter(anchor=row.post).order_by("-id").first()
        if alert is None:
            standing = "未标出"
        else:
            words = due_of(alert, now).words if alert.state in WAITING else ""
            standing = f"告警 {alert.pk}" + (f"，{words}" if words else "")
        out.append(
            Proposal(
                id=row.pk,
                post=row.post,
                similarity=row.similarity,
                agrees="、".join(row.agrees),
                differs="、".join(word for word in row.differs if word not in row.agrees),
                standing=standing,
            )
        )
    return out


@require_GET
@page("event")
def event_page(request: HttpRequest, number: str) -> HttpResponse:
    event, alert = _event(request, number)
    now, known = clock.now(), names()
    members, proposals = members_of(event, now, known), proposals_of(event, now)
    trail.note(request, "open", f"event:{number}", count=len(members))
    rows = list(Audit.objects.filter(event_ref=number).order_by("id")[:100])
    people = {one.username: one for one in Person.objects.filter(username__in={row.actor for row in rows})}
    history = [
        (place, instant(row.at, now), titled(row.actor, people), words_of(row, now), row.hash[:4])
        for place, row in enumerate(rows, start=1)
    ]
    answered = [one for one in members if one.answered]
    context: dict[str, Any] = {
        "event": event,
        "alert": alert,
        "due": due_of(alert, now) if alert else None,
        "members": members,
        "proposals": proposals,
        "answered_n": len(answered),
        "waiting_n": len(members) - len(answered),
        "lanes": lanes(members, proposals, alert, now),
        "can_split": any(one.merged for one in members),
        "history": history,
        "triages": person_of(request).triages,
        "toast": take(request),
        "now": now,
    }
    return render(request, "dashboards/event.html", context)


def _refused(request: HttpRequest, error: moves.MoveError, number: str) -> HttpResponse:
    context = {"heading": "这一步没有做成", "error": str(error), "back": f"/events/{number}"}
    return render(request, "dashboards/refused.html", context, status=409 if isinstance(error, moves.Conflict) else 422)


@require_POST
@page("triage")
def decide(request: HttpRequest, number: str, proposal: int, word: str) -> HttpResponse:
    """A person's word on what the machine proposed: confirm or reject."""
    _event(request, number)
    try:
        if word == "confirm":
            moves.confirm_join(proposal, person_of(request).username, now=clock.now())
        else:
            moves.reject_join(proposal, person_of(request).username, now=clock.now())
    except moves.MoveError as error:
        return _refused(request, error, number)
    leave(request, toast("已并入，市民的时间不重算" if word == "confirm" else "已记为不是一件事"))
    return redirect(f"/events/{number}")


@require_POST
@page("triage")
def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Merge this event's alert into another one."""
    _, alert = _event(request, number)
    into = request.POST.get("into", "").strip()
    try:
        if alert is None or not (into.isascii() and into.isdigit()):
            raise moves.BadReason("请写要并入的告警号")
        moves.merge(alert.pk, person_of(request).username, into=int(into), now=clock.now())
    except moves.MoveError as error:
        return _refused(request, error, number)
    leave(request, toast(f"已并入告警 {into}", [alert.pk]))
    return redirect(f"/alerts/{into}")


@require_POST
@page("triage")
def split(request: HttpRequest, number: str) -> HttpResponse:
    """Take chosen merged alerts out again; their posts keep their posting time."""
    _event(request, number)
    chosen = [int(text) for text in request.POST.getlist("alert") if text.isascii() and text.isdigit()]
    try:
        if not chosen:
            raise moves.BadReason("先勾选要拆出的帖")
        for alert in chosen:
            moves.split(alert, person_of(request).username, now=clock.now())
    except moves.MoveError as error:
        return _refused(request, error, number)
    leave(request, toast(f"已拆出 {len(chosen)} 帖，时间不重算"))
    return redirect(f"/events/{number}")
