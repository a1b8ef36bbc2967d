"""台账 of a period as a download: a reason is asked, and the export stands in the access log."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from alerts.states import Role
from dashboards import clock, reasons, trail
from dashboards.record_query import Selection, span_words
from dashboards.rights import page, person_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page("record")
def export(request: HttpRequest) -> HttpResponse:
    """POST `period` and `reason` → .xlsx; spokespeople get the rows of their own units."""
    if request.method != "POST":
        return redirect("/record")
    from dashboards.taizhang import file_name, workbook

    now, person = clock.now(), person_of(request)
    chosen = Selection.of(request.POST, now)
    since, until = chosen.span()
    reason = request.POST.get("reason", "").strip()
    if problem := reasons.refused(reason):
        context = {
            "heading": "台账没有导出",
            "problem": problem,
            "reason": reason,
            "period": chosen.period,
            "span": span_words(since, until),
        }
        return render(request, "dashboards/ledger_refused.html", context, status=422)
    own = person.units if person.role == Role.SPOKESPERSON else None
    count, content = workbook(since, until, now, own)
    trail.note(request, "export", f"ledger:{since:%Y-%m-%dT%H:%MZ}/{until:%Y-%m-%dT%H:%MZ}", why=reason, count=count)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename=\"taizhang.xlsx\"; filename*=UTF-8''{quote(file_name(since, until))}"
    return response
