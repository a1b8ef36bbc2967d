"""Addresses of the reports: digest, record, sources, search, access log."""

from __future__ import annotations

from django.urls import URLPattern, path

from dashboards import record, record_ledger, record_list, sources

urlpatterns: list[URLPattern] = [
    path("record", record.record),
    path("record/list", record_list.record_list),
    path("record/ledger", record_ledger.export),
    path("sources", sources.sources),
]
