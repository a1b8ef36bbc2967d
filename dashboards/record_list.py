"""The alerts behind a number of the record, with the filters in words; spokespeople see their own units' only."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from alerts.models import Alert, Person
from alerts.states import Role
from dashboards import clock, trail
from dashboards.due import due_of
from dashboards.figures import NONE, Item
from dashboards.record_query import Selection
from dashboards.rights import Denied, own_alert, page, person_of
from dashboards.words import instant

PAGE = 100


@require_GET
@page("record")
def record_list(request: HttpRequest) -> HttpResponse:
    """Exactly the items that a `Selection` counts."""
    now, person = clock.now(), person_of(request)
    chosen = Selection.of(request.GET, now)
    _refuse_other_unit(person, chosen)
    items = _ordered(chosen, chosen.items())
    shown = _own(person, items)
    number = request.GET.get("n", "")
    drawn = min(5000, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 and int(number) else PAGE
    found = Alert.objects.select_related("anchor__thread").in_bulk([item.pk for item in shown[:drawn]])
    rows = [_row(found[item.pk], item, now) for item in shown[:drawn] if item.pk in found]
    trail.note(request, "list", f"record:{chosen.what}{':' + chosen.key if chosen.key else ''}", count=len(shown))
    context = {
        "words": chosen.words(),
        "count": len(items),
        "own": len(shown),
        "own_only": person.role == Role.SPOKESPERSON,
        "rows": rows,
        "more": f"{chosen.address()}&n={drawn + PAGE}" if len(shown) > drawn else "",
        "back": f"/record?period={chosen.period}" + (f"&by={chosen.by}#by" if chosen.by else ""),
        "counted_at": instant(chosen.at, now),
        "slow_first": chosen.what in ("answered", "slowest"),
    }
    return render(request, "dashboards/record_list.html", context)


def _refuse_other_unit(person: Person, chosen: Selection) -> None:
    if person.role != Role.SPOKESPERSON or chosen.by != "unit" or not chosen.key or chosen.key in person.units:
        return
    owner = "研判值班组" if chosen.key == NONE["unit"] else chosen.key
    raise Denied(
        f"record:unit:{chosen.key}",
        heading=f"这份名单归 {owner}",
        advice=f"你是 {'、'.join(person.units) or '（未填单位）'} 的发言人，别家的件只看数，不看名单。",
    )


def _own(person: Person, items: list[Item]) -> list[Item]:
    if person.role != Role.SPOKESPERSON:
        return items
    mine = {
        alert.pk for alert in Alert.objects.filter(pk__in=[item.pk for item in items]).only("unit", "co_units") if own_alert(person, alert)
    }
    return [item for item in items if item.pk in mine]


def _ordered(chosen: Selection, items: list[Item]) -> list[Item]:
    if chosen.what in ("answered", "slowest"):
        return sorted(items, key=lambda item: (-(item.spent_s() or 0), item.pk))
    if chosen.what in ("open_overdue", "late", "unanswered"):
        return sorted(items, key=lambda item: (item.due_at, item.pk))
    return sorted(items, key=lambda item: (item.clock_start, item.pk), reverse=True)


def _row(alert: Alert, item: Item, now: Any) -> dict[str, Any]:
    return {
        "alert": alert,
        "due": due_of(alert, now),
        "posted": instant(alert.clock_start, now),
        "limit": instant(alert.due_at, now),
        "leg": alert.breach_leg if item.due(now) and not item.on_time() else "",
        "unit": alert.unit or "待研判",
    }
