"""Addresses of the reports: digest, record, sources, search, access log."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboards import digest_pages, log, people_page, record, record_ledger, record_list, search, settings_page, sources

urlpatterns: list[URLPattern] = [
    path("digest", digest_pages.show),
    path("digest/note", digest_pages.save_note),
    path("digest/send", digest_pages.send),
    path("digest/<str:day>.docx", digest_pages.word),
    path("digest/<str:day>.txt", digest_pages.text),
    path("record", record.record),
    path("record/list", record_list.record_list),
    path("record/ledger", record_ledger.export),
    path("sources", sources.sources),
    path("search", search.search),
    path("log", log.access_log),
    path("log/verify", log.verify),
    path("settings", settings_page.settings_page),
    path("people", people_page.people_page),
    *[path(f"people/{name}", view) for name, view in people_page.STEPS.items()],
]
