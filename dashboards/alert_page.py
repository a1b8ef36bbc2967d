"""告警: one alert with its clocks, form, post, units, evidence, messages and history; 403 names who owns it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from alerts import policy
from alerts.models import Alert, Delivery, EventMember, Person
from alerts.people import spokespeople
from alerts.states import WAITING, DeliveryState, EvidenceState, Role, State
from dashboards import clock, trail
from dashboards.clocks_svg import picture
from dashboards.due import due_of
from dashboards.history import entries
from dashboards.people import names
from dashboards.rail import rail
from dashboards.results import result_due
from dashboards.rights import leads, page, person_of, require_own
from dashboards.spans import marked
from dashboards.toasts import take
from dashboards.words import instant
from store.models import Assessment, Post

PARTS = (
    ("核实情况", "看到了什么", "例：20:20 到现场，查明是哪一处、影响多少户"),
    ("依据", "按什么办", "例：按哪一部规定或预案，先做什么"),
    ("已做", "到现在为止", "例：几点做了什么，多少人在场"),
    ("下一步", "何时有结果", "例：预计 23:30 前恢复，恢复后在本帖告知"),
    ("联系方式", "找谁", "例：24 小时值班电话与科室"),
)
DELIVERY_WORDS = {
    DeliveryState.PENDING: "待发",
    DeliveryState.CLAIMED: "在发",
    DeliveryState.CANCELLED: "已取消",
    DeliveryState.EXPIRED: "过时未发",
    DeliveryState.SIMULATED: "只写不发",
}
CHANNELS = {"email": "邮件", "sms": "短信", "wecom": "企业微信", "dingtalk": "钉钉", "feishu": "飞书", "webhook": "网址回调"}
CAUSES = {"dispatch": "派发", "flagged": "标出", "returned": "退回", "withdrawn": "回应被删"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    when: str
    cause: str
    person: str
    channel: str
    state: str


def find(request: HttpRequest, number: int) -> Alert:
    """The alert if the person may see it. Raises Http404, Denied."""
    alert = Alert.objects.select_related("anchor__thread", "event", "merged_into", "previous").filter(pk=number).first()
    if alert is None:
        raise Http404
    require_own(person_of(request), alert)
    return alert


def _cause(cause: str, labels: dict[str, str]) -> str:
    for name, text in labels.items():
        if cause == name or cause.startswith(name + "-"):
            return text
    return next((text for name, text in CAUSES.items() if cause.startswith(name)), cause)


def messages(alert: Alert, now: datetime, known: dict[str, str]) -> list[Message]:
    """What was and will be sent about the alert, oldest first."""
    labels = {rung["name"]: rung["label"] for rung in alert.ladder}
    out = []
    for sent in Delivery.objects.filter(alert=alert).order_by("not_before", "id")[:60]:
        if sent.seen_at:
            state = f"{instant(sent.seen_at, now)} 已看"
        elif sent.accepted_at:
            state = f"{instant(sent.accepted_at, now)} 送达"
        else:
            state = DELIVERY_WORDS.get(DeliveryState(sent.state), sent.state)
            state += f"，{sent.attempts} 次没发出" if sent.attempts and sent.state == DeliveryState.PENDING else ""
        out.append(
            Message(
                when=instant(sent.not_before, now),
                cause=_cause(sent.cause, labels),
                person=known.get(sent.person, sent.person),
                channel=CHANNELS.get(sent.channel, sent.channel),
                state=state,
            )
        )
    return out


def _reached(alert: Alert, unit: str, now: datetime) -> str:
    """How far the message to a co-unit came: `20:31 已看`, `20:05 送达，未看`, or why it went nowhere."""
    people = [person.username for person in spokespeople(unit)]
    if not people:
        return "没有发言人账号"
    sent = Delivery.objects.filter(alert=alert, person__in=people).exclude(accepted_at=None)
    seen = sent.exclude(seen_at=None).order_by("seen_at").first()
    if seen is not None:
        return f"{instant(seen.seen_at, now)} 已看"
    first = sent.order_by("accepted_at").first()
    return f"{instant(first.accepted_at, now)} 送达，未看" if first is not None else "还没送达"


def abilities(person: Person, alert: Alert, now: datetime) -> dict[str, bool]:
    """What this person may press here, by state and role; the moves themselves check again."""
    lead, triage = leads(person, alert), person.triages
    waiting, out = alert.state in WAITING, bool(alert.unit)
    writable = out and (waiting or (alert.state == State.ANSWERED and not alert.result_at))
    asked = alert.pauses.filter(ended_at=None).first()
    undoable = alert.undo_snapshot is not None
    snapshot: dict[str, Any] = alert.undo_snapshot or {}
    in_time = snapshot.get("move") in ("dismiss", "merge") or (alert.undo_until is not None and now <= alert.undo_until)
    return {
        "ack": lead and alert.state == State.OPEN,
        "return": lead and alert.state == State.OPEN,
        "write": lead and writable,
        "record": (lead or triage) and writable,
        "reassign": (triage and ((alert.state == State.OPEN and out) or alert.state == State.OWNED))
        or (lead and alert.state == State.OWNED),
        "close": (triage or person.role == Role.EDITOR) and alert.state == State.ANSWERED,
        "reopen": triage and alert.state == State.CLOSED,
        "split": triage and alert.state == State.MERGED,
        "undo": triage and undoable and in_time,
        "triage": triage and alert.state == State.OPEN and not out,
        "pause": (lead or triage)
        and alert.state == State.OWNED
        and asked is None
        and alert.breached_at is None
        and alert.provisional_until is None,
        "approve": triage and asked is not None and asked.approved_at is None and asked.asked_by != person.username,
        "resume": (lead or triage) and asked is not None,
    }


def _mark_seen(alert: Alert, person: Person, now: datetime) -> None:
    """Messages about the alert that reached this person are seen now; nothing is written when there are none."""
    unseen = Delivery.objects.filter(alert=alert, person=person.username, seen_at=None).exclude(accepted_at=None)
    if unseen.exists():
        unseen.update(seen_at=now)


def _evidence(alert: Alert) -> dict[str, Any]:
    found = list(alert.evidence.select_related("post").order_by("answered_at", "id"))
    standing = [one for one in found if one.state in (EvidenceState.STANDS, EvidenceState.PROVISIONAL)]
    stopped = next((one for one in standing if one.stops_clock), standing[0] if standing else None)
    if stopped is None:
        word = ("", "circle-dashed", "还没有")
    elif stopped.state == EvidenceState.PROVISIONAL:
        word = ("tag-soon", "history", "已登记，待核")
    else:
        word = ("tag-ok", "circle-check", "系统看到" if stopped.kind == "observed" else "已登记")
    return {"all": found, "word": word, "any": bool(standing)}


@require_GET
@page("alerts")
def alert_page(request: HttpRequest, number: int) -> HttpResponse:
    alert, person, now = find(request, number), person_of(request), clock.now()
    trail.note(request, "open", alert.anchor.ref)
    _mark_seen(alert, person, now)
    known = names()
    pauses = list(alert.pauses.order_by("asked_at"))
    assessment = Assessment.objects.filter(post=alert.anchor).first()
    _, body = marked(alert.anchor.title, alert.anchor.body, assessment.reasons if assessment and person.triages else [])
    thread = alert.anchor.thread
    sent = messages(alert, now, known)
    events = entries(alert, now)
    context = {
        "alert": alert,
        "post": alert.anchor,
        "thread": thread,
        "body": body,
        "due": due_of(alert, now),
        "result": result_due(alert, now) if alert.state == State.ANSWERED and alert.result_due_at and not alert.result_at else None,
        "clocks": picture(alert, pauses, now, known),
        "rail": rail(alert, pauses, now, known),
        "pauses": pauses,
        "can": abilities(person, alert, now),
        "evidence": _evidence(alert),
        "history": events,
        "sound": all(entry.sound for entry in events),
        "messages": sent,
        "sent_n": Delivery.objects.filter(alert=alert).exclude(accepted_at=None).count(),
        "seen_n": Delivery.objects.filter(alert=alert).exclude(seen_at=None).count(),
        "co_units": [(unit, _reached(alert, unit, now)) for unit in alert.co_units],
        "owner": known.get(alert.owner, alert.owner),
        "members": EventMember.objects.filter(event=alert.event, post__kind="topic").count(),
        "floors": Post.objects.filter(thread=thread).count(),
        "parts": PARTS,
        "units": [unit.name for unit in policy.current().units],
        "duty": policy.current().duty_unit,
        "rounds": Alert.objects.filter(event=alert.event).exclude(pk=alert.pk).order_by("round"),
        "site_name": policy.current().site_names.get(alert.anchor.site, alert.anchor.site),
        "toast": take(request),
        "grace": int(policy.current().recorded_grace / timedelta(minutes=1)),
        "result_days": policy.current().result_days + alert.extended_days,
    }
    return render(request, "dashboards/alert.html", context)


@require_GET
@page("alerts")
def version(request: HttpRequest, number: int) -> HttpResponse:
    """The alert's version as text: an open page asks for it and shows itself anew when it moved."""
    return HttpResponse(str(find(request, number).version), content_type="text/plain")
