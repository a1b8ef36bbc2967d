"""The decisions of triage as forms: each takes one or many alerts, answers with a redirect, or JSON to the page's script.

`alert` is repeated, each `ID` or `ID.VERSION`; a version that has passed is a conflict: the first decision stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from alerts import moves, policy
from alerts.models import Alert, Audit
from dashboards import clock, queue
from dashboards.people import names
from dashboards.rights import page, person_of
from dashboards.toasts import Toast, leave, toast
from dashboards.triage import decision_of
from store.clock import parse_instant
from store.masking import MASK
from store.records import Category

Chosen = tuple[int, int | None]


class Incomplete(ValueError):
    """The form lacks something; the message says what, in Chinese."""


@dataclass
class Outcome:
    done: list[Alert] = field(default_factory=list)
    refused: list[tuple[int, moves.MoveError]] = field(default_factory=list)


def _chosen(form: QueryDict) -> list[Chosen]:
    """The (alert, version) pairs of a form. Raises Incomplete."""
    found: list[Chosen] = []
    for text in form.getlist("alert"):
        number, _, version = text.partition(".")
        if not (number.isascii() and number.isdigit()):
            raise Incomplete("没有选中告警")
        found.append((int(number), int(version) if version.isascii() and version.isdigit() else None))
    if not found:
        raise Incomplete("没有选中告警")
    return found


def _short(text: str, length: int = 10) -> str:
    text = text.replace(MASK, "已隐去")
    return text if len(text) <= length else text[:length] + "…"


def _named(done: list[Alert]) -> str:
    return f"「{_short(done[0].title)}」" if len(done) == 1 else f"{len(done)} 条"


Move = Callable[[int, int | None, str, datetime], Alert]


def _each(request: HttpRequest, move: Move) -> Outcome:
    outcome, person = Outcome(), person_of(request)
    for number, version in _chosen(request.POST):
        try:
            outcome.done.append(move(number, version, person.username, clock.now()))
        except moves.MoveError as error:
            outcome.refused.append((number, error))
    return outcome


def _answer(
    request: HttpRequest, outcome: Outcome, words: Callable[[list[Alert]], str], *, undoable: bool = True, leaving: bool = True
) -> HttpResponse:
    """A redirect (or JSON) to the next alert; a conflict page when nothing was done."""
    if not outcome.done and isinstance(outcome.refused[0][1], moves.BadReason):
        raise Incomplete(str(outcome.refused[0][1]))
    person, now = person_of(request), clock.now()
    view = queue.View.of(QueryDict(request.POST.get("view", "")), person)
    last = outcome.done[-1].pk if outcome.done else None
    shown: Toast | None = None
    if outcome.done:
        numbers = [alert.pk for alert in outcome.done]
        text = words(outcome.done) + (f"；{len(outcome.refused)} 条没有做成：{outcome.refused[0][1]}" if outcome.refused else "")
        shown = toast(text, numbers if undoable else [], policy.current().undo if undoable else None)
    following = (queue.next_after(view, person, now, leaving=last) if leaving else last) if outcome.done else None
    if request.headers.get("X-Fragment"):
        conflict = "" if outcome.done else render_to_string("dashboards/_conflict.html", _conflict(request, outcome, view), request)
        return JsonResponse({"toast": shown, "next": following, "conflict": conflict}, status=200 if outcome.done else 409)
    if not outcome.done:
        return render(request, "dashboards/409.html", _conflict(request, outcome, view), status=409)
    if shown:
        leave(request, shown)
    return redirect(f"/triage?{view.address(alert=str(following) if following else '')}")


def _conflict(request: HttpRequest, outcome: Outcome, view: queue.View) -> dict[str, Any]:
    """What the second of two people reads: what stands, and that their own choice did not count."""
    number, error = outcome.refused[0]
    alert = Alert.objects.filter(pk=number).first()
    decided = (
        decision_of(alert, names(Audit.objects.filter(alert=alert).values_list("actor", flat=True)))
        if alert and (alert.unit or alert.state != "OPEN")
        else None
    )
    following = queue.next_after(view, person_of(request), clock.now(), leaving=number)
    mine = request.POST.get("unit", "")
    return {
        "alert": alert,
        "error": str(error),
        "decided": decided,
        "mine": mine,
        "next": following,
        "view": view,
        "address": view.address(),
    }


def _incomplete(request: HttpRequest, error: Incomplete) -> HttpResponse:
    if request.headers.get("X-Fragment"):
        return JsonResponse({"error": str(error)}, status=422)
    return render(request, "dashboards/422.html", {"error": str(error)}, status=422)


Decision = Callable[[HttpRequest], HttpResponse]


def decision(view: Decision) -> Decision:
    """A POST form of the triage page; what it lacks is said on a page of its own."""

    def guarded(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except Incomplete as error:
            return _incomplete(request, error)

    return require_POST(page("triage")(guarded))


def _level(form: QueryDict) -> int | None:
    text = form.get("level", "")
    return int(text) if text in ("1", "2", "3", "4") else None


@decision
def assign(request: HttpRequest) -> HttpResponse:
    """确认并派发: with `unit` and what was corrected; without a unit each goes to the one proposed."""
    form = request.POST
    one = len(form.getlist("alert")) == 1
    standing = {alert.pk: alert for alert in Alert.objects.filter(pk__in=[number for number, _ in _chosen(form)])}

    def move(number: int, version: int | None, actor: str, now: datetime) -> Alert:
        alert = standing.get(number)
        place = form.get("place", "") if one else ""
        return moves.assign(
            number,
            actor,
            unit=form.get("unit") or None,
            co_units=form.getlist("co_unit") or None,
            level=_level(form) if one else None,
            topic=form.get("topic") or None if one else None,
            # a place that was only shown is no correction
            place=None if not place or (alert is not None and place == (alert.place or alert.town)) else place,
            version=version,
            now=now,
        )

    return _answer(
        request,
        _each(request, move),
        lambda done: f"已确认：{_named(done)}派给 {done[0].unit}" if len({a.unit for a in done}) == 1 else f"已确认 {_named(done)}",
    )


@decision
def dismiss(request: HttpRequest) -> HttpResponse:
    reason, note = request.POST.get("reason", ""), request.POST.get("note", "").strip()
    if reason not in {category.value for category in Category if not category.positive}:
        raise Incomplete("请选一个理由")
    if reason == Category.OTHER and not note:
        raise Incomplete("「其他」须写一句理由")
    outcome = _each(
        request, lambda number, version, actor, now: moves.dismiss(number, actor, reason=reason, note=note, version=version, now=now)
    )
    return _answer(request, outcome, lambda done: f"不需回应：{_named(done)}{reason}")


@decision
def merge(request: HttpRequest) -> HttpResponse:
    into = request.POST.get("into", "").strip()
    if not (into.isascii() and into.isdigit()):
        raise Incomplete("请选并入哪一件，或写它的告警号")
    if not Alert.objects.filter(pk=int(into)).exists():
        raise Incomplete(f"没有告警 {into}")
    outcome = _each(request, lambda number, version, actor, now: moves.merge(number, actor, into=int(into), version=version, now=now))
    return _answer(request, outcome, lambda done: f"已并入：{_named(done)}归到告警 {into}")


@decision
def answer(request: HttpRequest) -> HttpResponse:
    """已由官方回复: link and, where known, the time it was given."""
    url, when, text = (request.POST.get(name, "").strip() for name in ("url", "at", "text"))
    if not url.startswith(("http://", "https://")):
        raise Incomplete("请贴回应的链接（http 开头）")
    try:
        at = parse_instant(when) if when else clock.now()
    except ValueError as error:
        raise Incomplete("回应时间写成 2026-11-22 21:54") from error
    outcome = _each(
        request, lambda number, version, actor, now: moves.answer(number, actor, url=url, at=at, text=text, version=version, now=now)
    )
    return _answer(request, outcome, lambda done: f"已登记回应：{_named(done)}先记为待核", undoable=False)


@decision
def undo(request: HttpRequest) -> HttpResponse:
    outcome = _each(request, lambda number, version, actor, now: moves.undo(number, actor, now=now))
    return _answer(request, outcome, lambda done: f"已撤销，{_named(done)}回到待研判，应回应时刻不变", undoable=False, leaving=False)
