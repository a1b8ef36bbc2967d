"""What was just done, kept in the session until it is shown once, with what `撤销` would take back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.http import HttpRequest

from dashboards import clock
from store.clock import iso


class Toast(TypedDict):
    words: str
    #: ids of what 撤销 takes back, alerts as a rule; empty when there is nothing to undo
    alerts: list[int]
    #: until when, ISO
    until: str | None
    #: where 撤销 is sent, and the field that carries the ids
    action: str
    name: str


def toast(
    words: str, alerts: list[int] | None = None, undo: timedelta | None = None, *, action: str = "/triage/undo", name: str = "alert"
) -> Toast:
    until: datetime | None = clock.now() + undo if undo is not None else None
    return Toast(words=words, alerts=alerts or [], until=iso(until), action=action, name=name)


def leave(request: HttpRequest, shown: Toast) -> None:
    request.session["toast"] = shown


def take(request: HttpRequest) -> Any:
    """The toast that waits for this person, or None; it is shown once."""
    return request.session.pop("toast", None)
