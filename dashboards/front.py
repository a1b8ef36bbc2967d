"""The door: start page by role, login with lock-out, logout, password change, the tick."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from alerts import policy
from alerts.models import Person
from alerts.states import Role
from dashboards import clock, trail
from dashboards.context import tick
from dashboards.rights import START, page, person_of
from store.clock import SystemClock


def start(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect("/login")
    person = person_of(request)
    return redirect("/triage" if person.may_triage else START[Role(person.role)])


def _county() -> str:
    try:
        return policy.current().county
    except policy.PolicyMissing:
        return ""


def _unlocks_at(username: str) -> datetime | None:
    attempt = AccessAttempt.objects.filter(username=username).order_by("-attempt_time").first()
    cool_off = get_cool_off() or timedelta(0)
    return attempt.attempt_time + cool_off if attempt else None


def locked(request: HttpRequest, credentials: dict[str, Any] | None = None, *_: object) -> HttpResponse:
    """The page of a locked account: until when, and who can open it."""
    username = (credentials or {}).get("username") or request.POST.get("username", "")
    administrators = [
        person.shown for person in Person.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("-on_duty", "id")[:2]
    ]
    until = _unlocks_at(username)
    left = max(1, -(-int((until - SystemClock().now()).total_seconds()) // 60)) if until else 15
    context = {
        "until": until,
        "left": left,
        "limit": settings.AXES_FAILURE_LIMIT,
        "administrators": "、".join(administrators),
        "county": _county(),
    }
    return render(request, "dashboards/locked.html", context, status=429)


@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    context: dict[str, Any] = {
        "next": target,
        "expired": "expired" in request.GET,
        "limit": settings.AXES_FAILURE_LIMIT,
        "county": _county(),
    }
    if request.method == "POST":
        credentials = {"username": request.POST.get("username", "").strip(), "password": request.POST.get("password", "")}
        if AxesProxyHandler.is_locked(request, credentials):
            return locked(request, credentials)
        person = authenticate(request, **credentials)
        if person is not None:
            login(request, person)
            trail.note(request, "login", "")
            return HttpResponseRedirect(target)
        left = settings.AXES_FAILURE_LIMIT - AxesProxyHandler.get_failures(request, credentials)
        if left <= 0:
            return locked(request, credentials)
        context |= {"failed": True, "left": left, "expired": False}
    return render(request, "dashboards/login.html", context, status=403 if context.get("failed") else 200)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("/login")


@page("self")
def password(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = PasswordChangeForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        person.must_change_password = False
        person.save(update_fields=["must_change_password"])
        update_session_auth_hash(request, person)
        trail.note(request, "password", "")
        return redirect("/")
    return render(request, "dashboards/password.html", {"form": form, "forced": person.must_change_password})


@require_GET
@page("self")
def tick_fragment(request: HttpRequest) -> HttpResponse:
    """The tick of the top bar, asked for by htmx every 15 seconds."""
    return render(request, "dashboards/_tick.html", {"tick": tick(clock.now())})
