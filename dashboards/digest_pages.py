"""日报: the running draft or an archived issue as it is printed; an editor writes 编者的话, approves and sends it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from alerts import policy
from alerts.models import Delivery, Person
from alerts.states import Role
from dashboards import clock, digest, trail
from dashboards.digest_checks import checks
from dashboards.digest_forms import as_docx, as_text
from dashboards.digest_send import AlreadySent, approve, readers
from dashboards.digest_sheet import NOTHING, sheet
from dashboards.models import DigestIssue, DigestNote
from dashboards.rights import Denied, page, person_of
from dashboards.toasts import leave, take, toast
from dashboards.words import hour_minute, instant
from store.clock import SHANGHAI

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: issues listed beside the sheet, and all of them
SOME, MANY = 7, 400
LONGEST_NOTE = 600


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404(f"{text} is not a date") from error


def _found(day: date | None) -> DigestIssue:
    """The issue of a day: archived, or the draft of the day in the making. Raises Http404 for other days."""
    now, rules = clock.now(), policy.current()
    making = digest.today(now, rules)
    if day is None or day == making:
        return digest.find(day or making, now, rules)
    issue = DigestIssue.objects.filter(date=day).first()
    if issue is None:
        raise Http404(f"no issue of {day}")
    return issue


@require_GET
@page("digest")
def show(request: HttpRequest) -> HttpResponse:
    """`?date=2026-11-22` for an archived issue; without it the one in the making."""
    now, rules, person = clock.now(), policy.current(), person_of(request)
    issue = _found(_day(request.GET.get("date", "")))
    making = issue.sent_at is None
    editor = person.role == Role.EDITOR
    made = sheet(issue, rules, archive=person.role != Role.SPOKESPERSON)
    told = readers()
    listed = DigestIssue.objects.filter(sent_at__isnull=False).order_by("-date")
    every = request.GET.get("all") == "1"
    cut_off = digest.cut_off(issue.date, rules)
    trail.note(request, "open", f"digest:{issue.date.isoformat()}")
    context = {
        "issue": issue,
        "sheet": made,
        "nothing": NOTHING,
        "making": making,
        "editor": editor,
        "steps": _steps(issue),
        "checks": checks(issue, made) if making and editor else [],
        "told": _counted(told),
        "told_total": len(told),
        "past": [_past(one) for one in listed[: MANY if every else SOME]],
        "past_total": listed.count(),
        "cut_off": instant(cut_off, now),
        "early": making and now < cut_off - timedelta(minutes=30),
        "now_words": hour_minute(now),
        "longest": LONGEST_NOTE,
        "toast": take(request),
    }
    return render(request, "dashboards/digest.html", context)


def _steps(issue: DigestIssue) -> list[tuple[str, str, str]]:
    """(look, icon, words) of 已生成 — 待审 — 送出."""
    made = hour_minute(issue.made_at)
    if issue.sent_at is None:
        return [("done", "circle-check", f"草稿 {made}"), ("on", "eye", "待审"), ("", "", "送出")]
    reviewed = ("done", "circle-check", "已审") if issue.approved_by else ("", "alert-triangle", "未审")
    return [("done", "circle-check", f"已生成 {made}"), reviewed, ("done", "circle-check", f"已送出 {hour_minute(issue.sent_at)}")]


def _counted(told: list[Person]) -> list[tuple[str, int]]:
    names = ((Role.LEADER, "领导"), (Role.SPOKESPERSON, "发言人"), (Role.EDITOR, "编审"))
    return [(words, sum(person.role == role for person in told)) for role, words in names]


def _past(issue: DigestIssue) -> dict[str, Any]:
    sent = Delivery.objects.filter(key__startswith=f"digest/{issue.date.isoformat()}/")
    when = "没有送出" if issue.sent_at is None else f"{issue.sent_at.astimezone(SHANGHAI):%H:%M} 送出，{sent.count()} 人"
    return {"number": issue.number, "date": issue.date, "when": when, "unreviewed": not issue.approved_by}


def _editor_only(request: HttpRequest) -> Person:
    person = person_of(request)
    if person.role != Role.EDITOR:
        raise Denied("digest:edit", heading="编者的话与送出归 编审", advice="你可以看、可以打印；要改请告诉编审。")
    return person


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "").replace("\r\n", "\n").strip()[:LONGEST_NOTE]


@require_POST
@page("digest")
def save_note(request: HttpRequest) -> HttpResponse:
    """编者的话 of the issue in the making."""
    person = _editor_only(request)
    day = _day(request.POST.get("date", "")) or digest.today(clock.now(), policy.current())
    if DigestIssue.objects.filter(date=day, sent_at__isnull=False).exists():
        return _sent_before(request, f"{day} 的日报已经送出，编者的话不能再改")
    DigestNote.objects.update_or_create(date=day, defaults={"text": _note(request), "by": person.username, "at": clock.now()})
    trail.note(request, "note", f"digest:{day.isoformat()}")
    leave(request, toast("编者的话已存"))
    return redirect("/digest")


@require_POST
@page("digest")
def send(request: HttpRequest) -> HttpResponse:
    """审定并送出: archives the issue as it stands now and puts a message for each reader into the outbox."""
    person = _editor_only(request)
    now, rules = clock.now(), policy.current()
    day = _day(request.POST.get("date", "")) or digest.today(now, rules)
    if day != digest.today(now, rules):
        return _sent_before(request, f"{day} 的日报已经定稿送出，现在在编的是下一期")
    try:
        issue, told = approve(day, now, rules, by=person.username, note=digest.note_of(day))
    except AlreadySent as error:
        return _sent_before(request, str(error))
    trail.note(request, "send", f"digest:{day.isoformat()}", count=told)
    leave(request, toast(f"第 {issue.number} 期已审定，送给 {told} 人"))
    return redirect(f"/digest?date={day.isoformat()}")


def _sent_before(request: HttpRequest, error: str) -> HttpResponse:
    context = {"heading": "这一步没有做成", "error": error, "back": "/digest"}
    return render(request, "dashboards/refused.html", context, status=409)


@require_GET
@page("digest")
def word(request: HttpRequest, day: str) -> HttpResponse:
    """The issue as a Word file."""
    issue = _found(_day(day))
    content = as_docx(issue, clock.now(), policy.current())
    trail.note(request, "export", f"digest:{issue.date.isoformat()}", why="日报 Word", count=len(issue.content["items"]))
    response = HttpResponse(content, content_type=DOCX)
    response["Content-Disposition"] = (
        f"attachment; filename=\"digest.docx\"; filename*=UTF-8''{quote(f'舆情日报-{issue.date:%Y%m%d}.docx')}"
    )
    return response


@require_GET
@page("digest")
def text(request: HttpRequest, day: str) -> HttpResponse:
    """The issue as it goes out by mail."""
    issue = _found(_day(day))
    trail.note(request, "export", f"digest:{issue.date.isoformat()}", why="日报 文本", count=len(issue.content["items"]))
    return HttpResponse(as_text(issue, clock.now(), policy.current()), content_type="text/plain; charset=utf-8")
