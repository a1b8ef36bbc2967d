"""The buttons of the alert page and list: each a POST form; a refusal says why, and that nothing was changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from alerts import moves
from alerts.models import Alert
from dashboards import clock
from dashboards.alert_page import find
from dashboards.rights import page, person_of
from dashboards.toasts import leave, toast
from store.clock import parse_instant

Step = Callable[[Alert, str, QueryDict, int | None, datetime], tuple[Alert, str]]


def _back(request: HttpRequest, alert: Alert) -> str:
    target = request.POST.get("back", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return target
    return f"/alerts/{alert.pk}"


def _version(form: QueryDict) -> int | None:
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() else None


def button(step: Step) -> Callable[[HttpRequest, int], HttpResponse]:
    """A view that makes one move and returns to where it was pressed."""

    def view(request: HttpRequest, number: int) -> HttpResponse:
        alert = find(request, number)
        try:
            moved, words = step(alert, person_of(request).username, request.POST, _version(request.POST), clock.now())
        except moves.MoveError as error:
            context = {"heading": "这一步没有做成", "error": str(error), "back": f"/alerts/{number}", "alert": alert}
            return render(request, "dashboards/refused.html", context, status=409 if isinstance(error, moves.Conflict) else 422)
        leave(request, toast(words))
        return redirect(_back(request, moved))

    return require_POST(page("alerts")(view))


def _ack(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    return moves.ack(alert.pk, actor, version=version, now=now), f"已签收告警 {alert.pk}"


def _return(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    moves.return_(alert.pk, actor, reason=form.get("reason", ""), version=version, now=now)
    return alert, f"已退回告警 {alert.pk}，由研判值班组改派"


def _reassign(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    unit = form.get("unit", "")
    moved = moves.reassign(alert.pk, actor, unit=unit, reason=form.get("reason", ""), version=version, now=now)
    return moved, f"已改派给 {unit}，市民的时钟照走"


def _answer(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    try:
        at = parse_instant(form.get("at", "")) if form.get("at", "").strip() else now
    except ValueError as error:
        raise moves.BadReason("回应时间写成 2026-11-22 21:54") from error
    kind = "result" if form.get("form") == "result" else "holding"
    moved = moves.answer(alert.pk, actor, url=form.get("url", ""), at=at, text=form.get("text", ""), form=kind, version=version, now=now)
    return moved, "已登记，先记为待核" if moved.provisional_until else "已登记"


def _close(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    return moves.close(alert.pk, actor, version=version, now=now), f"告警 {alert.pk} 已办结"


def _reopen(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    moved = moves.reopen(alert.pk, actor, reason=form.get("reason", ""), version=version, now=now)
    return moved, f"已重启，第 {moved.round} 轮"


def _undo(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    return moves.undo(alert.pk, actor, version=version, now=now), "已撤销，应回应时刻不变"


def _split(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    return moves.split(alert.pk, actor, version=version, now=now), "已拆出，时间不重算"


def _pause(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    return moves.pause(alert.pk, actor, reason=form.get("reason", ""), version=version, now=now), "已申请暂停，批准之前照常计时"


def _approve(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    return moves.approve_pause(alert.pk, actor, version=version, now=now), "已批准暂停"


def _resume(alert: Alert, actor: str, form: QueryDict, version: int | None, now: datetime) -> tuple[Alert, str]:
    return moves.resume(alert.pk, actor, version=version, now=now), "已恢复计时"


BUTTONS = {
    "ack": button(_ack),
    "return": button(_return),
    "reassign": button(_reassign),
    "answer": button(_answer),
    "close": button(_close),
    "reopen": button(_reopen),
    "undo": button(_undo),
    "split": button(_split),
    "pause": button(_pause),
    "approve": button(_approve),
    "resume": button(_resume),
}
