"""来源健康: per source and board, whether it is read, since when not, and what to do. Trouble is never averaged away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from alerts.states import Role
from dashboards import clock, trail, wiring
from dashboards.reading import source_names, unread
from dashboards.rights import page, person_of
from dashboards.source_rows import FAILED, HOURS, WATCHED, group_of, hours_of
from dashboards.words import instant, interval
from store.health import sources_rows
from store.models import BoardHealth, Post
from store.records import SourceState


@require_GET
@page("sources")
def sources(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    configured = wiring.current().configured_boards or _met()
    rows = sources_rows(now, configured)
    hours = hours_of(now)
    admin = person_of(request).role == Role.ADMINISTRATOR
    names = source_names()
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["source"], []).append(row)
    shown = [group_of(names.get(source, source), own, hours, now, admin=admin) for source, own in groups.items()]
    trail.note(request, "open", "sources")
    context = {
        # what is wrong stands first, within its source too
        "groups": sorted(shown, key=lambda group: not group.bad),
        "sum": _sum(rows, now),
        "unread": unread(now),
        "admin": admin,
        "config": wiring.current().config_path,
        "nothing_enabled": not any(row["state"] != SourceState.DISABLED for row in rows),
    }
    return render(request, "dashboards/sources.html", context)


def _met() -> list[Any]:
    """Without a configuration (another process did not hand it over): every board that was ever read."""
    from store.health import Configured

    found = BoardHealth.objects.exclude(outcome="").order_by("source", "board").values_list("source", "board", "board_name")
    return [Configured(source=source, board=board, name=name, enabled=True) for source, board, name in found]


def _sum(rows: Sequence[dict[str, Any]], now: datetime) -> str:
    """`5 个站点 12 处：4 处正常，2 处留意，1 处刚启用，4 处读不到，1 处已停用。`"""
    states = [row["state"] for row in rows]
    parts = (
        ("正常", sum(state == SourceState.OK for state in states)),
        ("留意", sum(state in WATCHED for state in states)),
        ("刚启用", sum(state == SourceState.STARTING for state in states)),
        ("读不到", sum(state in FAILED for state in states)),
        ("已停用", sum(state == SourceState.DISABLED for state in states)),
    )
    said = "，".join(f"{count} 处{word}" for word, count in parts if count)
    words = f"{len({row['source'] for row in rows})} 个站点 {len(rows)} 处：{said}。" if rows else "没有配置来源。"
    newest = Post.objects.order_by("-posted_at").values_list("posted_at", flat=True).first()
    gaps = [
        (detected - posted).total_seconds()
        for posted, detected in Post.objects.filter(
            backfill=False, detected_at__gt=now - timedelta(hours=HOURS), precision__in=("second", "minute")
        )
        .order_by("-detected_at")
        .values_list("posted_at", "detected_at")[:2000]
    ]
    if newest:
        words += f"最新一帖 {instant(newest, now)}"
        words += f"，近 24 小时从发帖到读到中位 {_seconds(median(gaps))}。" if gaps else "。"
    return words


def _seconds(gap: float) -> str:
    gap = max(0.0, gap)
    return f"{gap:.0f} 秒" if gap < 60 else interval(timedelta(seconds=gap))
