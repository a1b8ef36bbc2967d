"""Addresses of the reports: digest, record, sources, search, access log."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
