"""研判: the page, the list that is asked for every three seconds, the pane of one alert, claims and hand-over."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from alerts import moves, policy
from alerts.models import Alert, Audit
from alerts.states import State
from dashboards import clock, detail, queue, trail
from dashboards.people import names
from dashboards.rights import page, person_of
from dashboards.toasts import take

#: kinds of audit rows that are decisions of triage
DECISIONS = ("assign", "dismiss", "merge")


def _shift(request: HttpRequest) -> dict[str, int]:
    """What the person decided since logging in. One query."""
    person = person_of(request)
    kinds = Audit.objects.filter(actor=person.username, at__gte=person.last_login or clock.now()).values_list("kind", flat=True)
    found = list(kinds)
    return {"decided": sum(kind in DECISIONS for kind in found), "undone": found.count("undo")}


def _list(request: HttpRequest, view: queue.View, figures: dict[str, Any]) -> dict[str, Any]:
    now, person = clock.now(), person_of(request)
    found = queue.rows(view, person, now)
    scopes = [(key, text, figures[key], view.address(scope=key)) for key, text in queue.SCOPES.items() if key != "team" or person.units]
    return {
        "view": view,
        "scopes": scopes,
        "figures": figures,
        "sections": queue.sections(found, figures["sections"]),
        "drawn": len(found),
        "shift": _shift(request),
        "selected": view.alert,
        "address": view.address(),
    }


def _found(number: int) -> Alert:
    alert = Alert.objects.select_related("anchor__thread", "event").filter(pk=number).first()
    if alert is None:
        raise Http404
    return alert


def _pane(request: HttpRequest, alert: Alert, view: queue.View) -> dict[str, Any]:
    now, person = clock.now(), person_of(request)
    trail.note(request, "open", alert.anchor.ref)
    last = Audit.objects.filter(alert=alert, kind__in=DECISIONS).order_by("-id").first()
    known = names([alert.claimed_by, last.actor if last else ""])
    waiting = alert.state == State.OPEN and not alert.unit
    shown = detail.pane(alert, now, person, known) if waiting else {"alert": alert, "decided": decision_of(alert, known)}
    return {
        **shown,
        "waiting": waiting,
        "view": view,
        "address": view.address(),
        "now": now,
        "undo_s": int(policy.current().undo.total_seconds()),
    }


def decision_of(alert: Alert, known: dict[str, str]) -> dict[str, Any]:
    """What was decided about an alert that has left the queue, by whom and when."""
    last = Audit.objects.filter(alert=alert, kind__in=DECISIONS).order_by("-id").first()
    if alert.state == State.DISMISSED:
        words = f"{alert.dismiss_reason}，不需回应"
    elif alert.state == State.MERGED:
        words = f"已并入告警 {alert.merged_into_id}"
    else:
        words = f"已派给 {alert.unit}" if alert.unit else "已经定了"
    return {"words": words, "by": known.get(last.actor, last.actor) if last else "", "at": last.at if last else None}


@require_GET
@page("triage")
def triage(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), clock.now()
    view = queue.View.of(request.GET, person)
    if view.alert is None:
        first = queue.next_after(view, person, now)
        view = queue.View(scope=view.scope, chosen=view.chosen, alert=first)
    context = _list(request, view, queue.figures(view, person, now))
    alert = Alert.objects.select_related("anchor__thread", "event").filter(pk=view.alert).first() if view.alert else None
    context |= _pane(request, alert, view) if alert else {"alert": None}
    context |= {"choices": queue.choices(view, person, now), "toast": take(request), "chosen_at": bool(request.GET.get("alert"))}
    return render(request, "dashboards/triage.html", context)


@require_GET
@page("triage")
def fragment(request: HttpRequest) -> HttpResponse:
    """The list alone; asked for by every open page every three seconds, so it costs few queries, and 204 when nothing moved."""
    person, now = person_of(request), clock.now()
    view = queue.View.of(request.GET, person)
    figures = queue.figures(view, person, now)
    mark = _mark(view, figures, now)
    if request.headers.get("X-Seen") == mark:
        return HttpResponse(status=204)
    response = render(request, "dashboards/_queue.html", _list(request, view, figures))
    response.headers["X-Mark"] = mark
    return response


def _mark(view: queue.View, figures: dict[str, Any], now: datetime) -> str:
    """Stands for what the list shows; every half minute it is another, so that nothing is stale for longer."""
    text = f"{view.address()} {view.alert} {figures} {int(now.timestamp()) // 30}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@require_GET
@page("triage")
def pane(request: HttpRequest, number: int) -> HttpResponse:
    """The pane of one alert, put into the page when its row is selected."""
    view = queue.View.of(request.GET, person_of(request))
    return render(request, "dashboards/_detail.html", _pane(request, _found(number), view))


@require_POST
@page("triage")
def claim(request: HttpRequest, number: int) -> HttpResponse:
    """Take or renew the two-minute lease; 409 with the holder's name when somebody else looks at it."""
    try:
        moves.claim(number, person_of(request).username, now=clock.now())
    except moves.MoveError as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@require_POST
@page("triage")
def release(request: HttpRequest, number: int) -> HttpResponse:
    try:
        moves.release(number, person_of(request).username, now=clock.now())
    except moves.MoveError as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@require_POST
@page("triage")
def hand_over(request: HttpRequest) -> HttpResponse:
    """交班: free every lease one holds and log out; nothing else changes."""
    person, now = person_of(request), clock.now()
    for number in Alert.objects.filter(claimed_by=person.username, claimed_until__gt=now).values_list("pk", flat=True):
        moves.release(number, person.username, now=now)
    logout(request)
    return redirect("/login")
