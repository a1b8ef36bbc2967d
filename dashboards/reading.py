"""Whether the sources are being read now, and what people call them: what stands above every count."""

from __future__ import annotations

from datetime import datetime

from dashboards import wiring
from dashboards.words import interval
from store.health import stale_sources


def source_names() -> dict[str, str]:
    """Source id → the name people know; ids that are configured no more are left out."""
    return {row.source: row.name for row in wiring.current().configured_boards if not row.board and row.name}


def unread(now: datetime) -> list[dict[str, str]]:
    """The enabled sources that are not being read, with since when: what stands above every count."""
    configured = wiring.current().configured_boards
    enabled = {row.source for row in configured if row.enabled}
    names = source_names()
    return [
        {"name": names.get(one.source, one.source), "since": f"{interval(now - one.since)}没有读成" if one.since else "还没有读成过"}
        for one in stale_sources(now, enabled if configured else None)
    ]
