"""What every full page needs: the top bar by role, the engine's last sign of life, the server's instant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from alerts.models import Person
from alerts.states import ROLE_LABELS, Role
from dashboards import clock
from dashboards.rights import NAV, START, may_open
from dashboards.words import ago, interval
from store.clock import iso
from store.models import Heartbeat

#: from here on the tick turns red, and the banner says how old the data are
TICK_BAD = timedelta(seconds=60)
STALE = timedelta(minutes=5)


def tick(now: datetime) -> dict[str, Any]:
    """The engine's newest heartbeat: {"words", "bad", "stale"}; `stale` is the banner's interval or ""."""
    beat = Heartbeat.objects.filter(name__startswith="engine").order_by("-at").first()
    if beat is None:
        return {"words": "未运转", "bad": True, "stale": ""}
    age = now - beat.at
    return {"words": ago(age), "bad": age >= TICK_BAD, "stale": interval(age) if age >= STALE else ""}


def _role_words(person: Person) -> str:
    words = [ROLE_LABELS[Role(person.role)]]
    if person.role == Role.SPOKESPERSON and person.units:
        words.append(person.units[0] if len(person.units) == 1 else f"{person.units[0]} 等 {len(person.units)} 家")
    elif person.on_duty:
        words.append("在班")
    return " · ".join(words)


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor; queries run only where a template asks (fragments do not)."""
    now = clock.now()
    person = (
        request.user
        if isinstance(getattr(request, "user", None), Person) or getattr(getattr(request, "user", None), "is_authenticated", False)
        else None
    )
    shown: dict[str, Any] = {"now": now, "now_iso": iso(now), "tick": SimpleLazyObject(lambda: tick(now))}
    if person is None:
        return {**shown, "nav": (), "home": "/login"}
    return {
        **shown,
        "nav": [(name, text, address) for name, text, address in NAV if may_open(person, name)],  # type: ignore[arg-type]
        "home": START[Role(person.role)],  # type: ignore[union-attr]
        "role_words": _role_words(person),  # type: ignore[arg-type]
    }
