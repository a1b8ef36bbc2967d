"""Addresses of the pages; the reports' own are in urls_reports.py."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from dashboards import alert_list, alert_page, decisions, event_page, front, look, thread_page, triage
from dashboards.alert_moves import BUTTONS

urlpatterns: list[URLPattern | URLResolver] = [
    path("", front.start),
    path("login", front.log_in, name="login"),
    path("logout", front.log_out),
    path("password", front.password),
    path("tick", front.tick_fragment),
    path("triage", triage.triage),
    path("triage/list", triage.fragment),
    path("triage/alerts/<int:number>", triage.pane),
    path("triage/alerts/<int:number>/claim", triage.claim),
    path("triage/alerts/<int:number>/release", triage.release),
    path("triage/handover", triage.hand_over),
    path("triage/assign", decisions.assign),
    path("triage/dismiss", decisions.dismiss),
    path("triage/merge", decisions.merge),
    path("triage/answer", decisions.answer),
    path("triage/undo", decisions.undo),
    path("triage/look", look.look),
    path("triage/look/posts/<int:number>", look.pane),
    path("triage/look/flag", look.flag),
    path("triage/look/pass", look.pass_over),
    path("triage/look/undo", look.undo),
    path("alerts", alert_list.alert_list),
    path("alerts/<int:number>", alert_page.alert_page),
    path("alerts/<int:number>/version", alert_page.version),
    *[path(f"alerts/<int:number>/{name}", view) for name, view in BUTTONS.items()],
    path("threads/<str:site>/<path:tid>", thread_page.thread_page),
    path("events/<str:number>", event_page.event_page),
    path("events/<str:number>/proposals/<int:proposal>/confirm", event_page.decide, {"word": "confirm"}),
    path("events/<str:number>/proposals/<int:proposal>/reject", event_page.decide, {"word": "reject"}),
    path("events/<str:number>/merge", event_page.merge),
    path("events/<str:number>/split", event_page.split),
    path("", include("dashboards.urls_reports")),
]

handler403 = "dashboards.errors.denied"
handler404 = "dashboards.errors.missing"
handler500 = "dashboards.errors.failed"
