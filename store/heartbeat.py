"""Signs of life of crawl, engine, web and the rounds inside them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from store.models import Heartbeat


def beat(name: str, now: datetime, **detail: Any) -> None:
    """Say that `name` is alive at `now`; `detail` replaces what was said before."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "detail": detail})


def age(name: str, now: datetime) -> timedelta | None:
    """How long ago `name` last gave a sign; None = never."""
    at = Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()
    return None if at is None else now - at
