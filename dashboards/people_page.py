"""人员: accounts with role, unit, channel and last login; the administrator adds, disables, unlocks, sets passwords and duty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from alerts import people, policy
from alerts.models import Person
from alerts.people import PersonError
from alerts.states import ROLE_LABELS, Role
from dashboards import clock, trail
from dashboards.rights import page, person_of
from dashboards.toasts import leave, take, toast
from dashboards.words import instant

#: not seen for so long
AWAY = timedelta(days=30)


@require_GET
@page("people")
def people_page(request: HttpRequest) -> HttpResponse:
    return _render(request, {})


def _render(request: HttpRequest, more: dict[str, Any], status: int = 200) -> HttpResponse:
    everybody = list(Person.objects.order_by("-is_active", "role", "username"))
    role = request.GET.get("role", "")
    locked = _locked()
    shown = [person for person in everybody if not role or person.role == role]
    counts = {name: sum(person.role == name and person.is_active for person in everybody) for name in Role}
    trail.note(request, "open", "people", count=len(shown))
    units = policy.current().units
    spoken = {unit for person in everybody if person.is_active for unit in person.units}
    context = {
        "rows": [_row(person, person.username in locked) for person in shown],
        "roles": [(name.value, label, counts[name]) for name, label in ROLE_LABELS.items()],
        "role": role,
        "total": sum(counts.values()),
        "on_duty": [person for person in everybody if person.on_duty and person.is_active],
        "missing": _missing(everybody, [unit.name for unit in units if unit.name not in spoken]),
        "units": [unit.name for unit in units],
        "toast": take(request),
        **more,
    }
    return render(request, "dashboards/people.html", context, status=status)


def _locked() -> set[str]:
    since = clock.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    tries = AccessAttempt.objects.filter(attempt_time__gt=since, failures_since_start__gte=settings.AXES_FAILURE_LIMIT)
    return set(tries.values_list("username", flat=True))


def _row(person: Person, locked: bool) -> dict[str, Any]:
    now = clock.now()
    if not person.is_active:
        state = ("", "circle-dashed", "已停用")
    elif locked:
        state = ("tag-late", "lock", "锁定")
    elif person.on_duty:
        state = ("tag-mine", "user-check", "在班")
    elif person.last_login is not None and now - person.last_login > AWAY:
        state = ("tag-soon", "alert-triangle", "久未登录")
    else:
        state = ("", "", "正常" if person.last_login else "还没有登录过")
    return {
        "person": person,
        "role": ROLE_LABELS[Role(person.role)],
        "more": "也可研判" if person.may_triage and person.role != Role.COMMENTATOR else "",
        "units": person.units,
        "reach": _hidden(person.email),
        "login": instant(person.last_login, now),
        "state": state,
        "locked": locked,
    }


def _hidden(email: str) -> str:
    """`邮件 c…@example.org`: enough to know it, not enough to copy it."""
    name, at, domain = email.partition("@")
    return f"邮件 {name[:1]}…@{domain}" if at else ""


def _missing(everybody: list[Person], silent: list[str]) -> list[str]:
    active = [person for person in everybody if person.is_active]
    told = []
    if not any(person.on_duty for person in active):
        told.append("值班组没有人：告警会改发全体网评员")
    unreachable = [person.shown for person in active if not person.email and person.role != Role.ADMINISTRATOR]
    if unreachable:
        told.append(f"{len(unreachable)} 人没有可用的渠道：{'、'.join(unreachable[:5])}{'等' if len(unreachable) > 5 else ''}")
    if silent:
        names = "、".join(silent[:5]) + ("等" if len(silent) > 5 else "")
        told.append(f"{len(silent)} 个单位没有发言人：{names}。派给它们的件会改发给值班组。")
    return told


def _add(form: QueryDict, by: str) -> str:
    if form.get("role") == Role.SPOKESPERSON and not form.get("units"):
        raise PersonError("发言人须选单位：看得到、收得到的只有本单位的件")
    person = people.create(
        form.get("username", "").strip(),
        role=form.get("role", ""),
        password=form.get("password", ""),
        now=clock.now(),
        display=form.get("display", "").strip(),
        units=[unit for unit in form.getlist("units") if unit],
        email=form.get("email", "").strip(),
        may_triage=form.get("may_triage") == "1",
        by=by,
        known_units={unit.name for unit in policy.current().units},
    )
    return f"已添 {person.shown}，第一次登录要改密码"


def _disable(form: QueryDict, by: str) -> str:
    if form.get("username") == by:
        raise PersonError("不能停用自己；请另一位管理员来做")
    return f"已停用 {people.disable(form.get('username', ''), now=clock.now(), by=by).shown}，做过的事留在记录里"


def _password(form: QueryDict, by: str) -> str:
    person = people.set_password(form.get("username", ""), form.get("password", ""), now=clock.now(), by=by, must_change=True)
    return f"已给 {person.shown} 换密码，下次登录要改"


def _duty(form: QueryDict, by: str) -> str:
    person = people.set_duty(form.get("username", ""), form.get("on") == "1", now=clock.now(), by=by)
    return f"{person.shown} {'已进' if person.on_duty else '已离'}值班组"


def _unlock(form: QueryDict, by: str) -> str:
    person = people.find(form.get("username", ""))
    reset(username=person.username)
    return f"已给 {person.shown} 解锁"


def step(action: Callable[[QueryDict, str], str]) -> Callable[[HttpRequest], HttpResponse]:
    """A view that changes one account; a refusal says why and keeps what was typed."""

    def view(request: HttpRequest) -> HttpResponse:
        try:
            words = action(request.POST, person_of(request).username)
        except PersonError as error:
            return _render(request, {"problem": str(error), "typed": request.POST}, status=422)
        trail.note(request, "people", f"person:{request.POST.get('username', '')[:60]}")
        leave(request, toast(words))
        return redirect("/people")

    return require_POST(page("people")(view))


STEPS = {"add": step(_add), "disable": step(_disable), "password": step(_password), "duty": step(_duty), "unlock": step(_unlock)}
