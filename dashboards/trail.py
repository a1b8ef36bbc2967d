"""The access trail of a request: views note what was looked at, the middleware writes it after the answer."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from dashboards import clock
from dashboards.rights import person_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    action: str
    #: ids, never texts
    what: str
    why: str = ""
    count: int | None = None


def note(request: HttpRequest, action: str, what: str, *, why: str = "", count: int | None = None) -> None:
    """Put `action` (open, search, unmask, export, list, denied) on the trail of this request."""
    steps: list[Step] = request.__dict__.setdefault("_trail", [])
    steps.append(Step(action=action, what=what, why=why, count=count))


def write(request: HttpRequest) -> None:
    """Write the noted steps to the access log."""
    from store.access import record

    steps: list[Step] = request.__dict__.pop("_trail", [])
    if not steps or not request.user.is_authenticated:
        return
    person = person_of(request)
    for step in steps:
        record(person.username, person.role, step.action, step.what, step.why, step.count, request.META.get("REMOTE_ADDR", ""), clock.now())
