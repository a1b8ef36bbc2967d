"""回应实录: the record of a period by unit, town, topic, source and level; every number leads to the alerts it counts."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from alerts import policy
from alerts.states import Role
from dashboards import clock, record_parts, trail
from dashboards.due import due_of
from dashboards.reading import unread
from dashboards.record_query import BYS, HEADS, PERIODS, Selection, span_words
from dashboards.record_svg import trend
from dashboards.rights import page, person_of


@require_GET
@page("record")
def record(request: HttpRequest) -> HttpResponse:
    """The page of a period; `by` chooses the groups of the table."""
    rules, now, person = policy.current(), clock.now(), person_of(request)
    asked = Selection.of(request.GET, now)
    chosen = Selection(at=now, period=asked.period)
    by = asked.by or "unit"
    items = chosen.cohort()
    ranked, few = record_parts.groups(chosen, items, by, person, rules)
    every = request.GET.get("every") == "1"
    trail.note(request, "open", f"record:{chosen.period}")
    context = {
        "chosen": chosen,
        "span": span_words(*chosen.span()),
        "rules": rules,
        "periods": [(name, words, f"?period={name}&by={by}") for name, words in PERIODS.items()],
        "stats": record_parts.stats(chosen, items, rules),
        "by": by,
        "by_words": BYS[by],
        "head": HEADS[by],
        "bys": [(name, words, f"?period={chosen.period}&by={name}#by") for name, words in BYS.items()],
        "ranked": ranked,
        "few": few if every else few[: record_parts.FEW],
        "few_total": len(few),
        "every": f"?period={chosen.period}&by={by}&every=1#few",
        "target_x": record_parts.target_x(rules),
        "trend": trend(chosen, items, rules),
        "heat": record_parts.heat(chosen, items),
        "legs": record_parts.legs(chosen, items),
        "worst": record_parts.worst(chosen, person, now, due_of),
        "overdue_link": record_parts.LIST + replace(chosen, ever=True, what="open_overdue").address(),
        "unread": unread(now),
        "own_only": person.role == Role.SPOKESPERSON,
        "ledger_error": "",
    }
    return render(request, "dashboards/record.html", context)
