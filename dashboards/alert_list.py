"""告警: the list of what is not closed, by time left."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from alerts.models import Pause
from alerts.states import Role
from dashboards import clock, listing
from dashboards.people import names
from dashboards.rights import page, person_of
from dashboards.toasts import take


@require_GET
@page("alerts")
def alert_list(request: HttpRequest) -> HttpResponse:
    """The page; asked for by htmx it answers with the list alone."""
    person, now = person_of(request), clock.now()
    view = listing.View.of(request.GET, person)
    counted = listing.counts(view, person, now)
    alerts = list(listing.select(view, person, now).select_related("anchor").defer("anchor__body", "ladder", "undo_snapshot")[: view.shown])
    stopped = [alert.pk for alert in alerts if alert.paused_at]
    pauses = {pause.alert_id: pause for pause in Pause.objects.filter(alert__in=stopped, ended_at=None)} if stopped else {}
    asked = [name for pause in pauses.values() for name in (pause.asked_by, pause.approved_by)]
    known = names([*(alert.owner for alert in alerts), *asked])
    found = [listing.row(alert, person, now, known, pauses) for alert in alerts]
    context = {
        "view": view,
        "counts": counted,
        "sum": listing.sum_words(counted),
        "scopes": [(key, text, counted[f"scope_{key}"], view.address(scope=key)) for key, text in listing.scopes(person)],
        "sections": listing.sections(found, view.show),
        "drawn": len(found),
        "more": view.address(n=str(view.shown + listing.PAGE)) if len(found) < counted["listed"] else "",
        "address": view.address(),
        "own": person.role == Role.SPOKESPERSON,
        "now": now,
    }
    if request.headers.get("HX-Request"):
        return render(request, "dashboards/_alerts.html", context)
    context |= {"choices": listing.choices(view, person, now), "toast": take(request)}
    return render(request, "dashboards/alerts.html", context)
