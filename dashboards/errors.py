"""Pages that say what happened, whether the work is safe, and what to press: 403, 404, 409, 500."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboards import trail
from dashboards.rights import Denied


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, Denied):
        trail.note(request, "denied", exception.what)
        return render(
            request, "dashboards/403.html", {"heading": exception.heading, "advice": exception.advice, "logged": True}, status=403
        )
    return render(request, "dashboards/403.html", {"heading": "这一步没有被允许", "advice": "页面开得太久，请刷新后再做一次。"}, status=403)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    return denied(request, PermissionError(reason))


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "dashboards/404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "dashboards/500.html", {"number": getattr(request, "failure_number", "未编号")}, status=500)
