"""来源健康: per source and board, whether it is read, since when not, and what to do. Trouble is never averaged away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from dashboards.words import instant, interval
from store.clock import parse_instant
from store.health import sources_rows
from store.models import BoardHealth, HealthHour, Post
from store.records import SourceState

#: state → word, look, icon
LOOKS: dict[str, tuple[str, str, str]] = {
    SourceState.OK: ("正常", "tag-ok", "circle-check"),
    SourceState.SILENT: ("久无新帖", "tag-soon", "alert-triangle"),
    SourceState.SLOW: ("变慢", "tag-soon", "alert-triangle"),
    SourceState.BLOCKED: ("被拦", "tag-late", "alert-square"),
    SourceState.CHANGED: ("解析失败", "tag-late", "alert-square"),
    SourceState.LOGIN: ("要登录", "tag-late", "alert-square"),
    SourceState.UNREACHABLE: ("连不上", "tag-late", "alert-square"),
    SourceState.DISABLED: ("已停用", "", "circle-dashed"),
    SourceState.STARTING: ("刚启用", "", "refresh"),
}
FAILED = frozenset({SourceState.BLOCKED, SourceState.CHANGED, SourceState.LOGIN, SourceState.UNREACHABLE})
WATCHED = frozenset({SourceState.SILENT, SourceState.SLOW})
HOURS = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """One hour of a board: height as well as hue tells how it was read."""

    x: int
    y: int
    height: int
    css: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow:
    board: str
    name: str
    word: str
    look: str
    icon: str
    #: how long ago, or — when never
    read: str
    newest: str
    usual: str
    strips: Sequence[Strip]
    strip_words: str
    advice: str
    #: class and text of the newest failure, for administrators
    failure: str
    calm: bool


@require_GET
@page("sources")
def sources(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    configured = wiring.current().configured_boards or _met()
    rows = sources_rows(now, configured)
    strips = _strips(now)
    admin = person_of(request).role == Role.ADMINISTRATOR
    groups: dict[str, dict[str, Any]] = {}
    names = source_names()
    for row in rows:
        group = groups.setdefault(row["source"], {"name": names.get(row["source"], row["source"]), "rows": [], "bad": 0, "on": 0})
        group["rows"].append(_row(row, strips.get((row["source"], row["board"]), {}), now, admin=admin))
        group["on"] += row["state"] != SourceState.DISABLED
        group["bad"] += row["state"] in FAILED | WATCHED
    trail.note(request, "open", "sources")
    context = {
        "groups": list(groups.values()),
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


def _strips(now: datetime) -> dict[tuple[str, str], dict[int, HealthHour]]:
    """(source, board) → hours back from now (0 = this hour) → what was read in it."""
    this = now.replace(minute=0, second=0, microsecond=0)
    found: dict[tuple[str, str], dict[int, HealthHour]] = {}
    for hour in HealthHour.objects.filter(hour__gt=this - timedelta(hours=HOURS), hour__lte=this):
        found.setdefault((hour.source, hour.board), {})[int((this - hour.hour).total_seconds() // 3600)] = hour
    return found


def _row(row: dict[str, Any], hours: dict[int, HealthHour], now: datetime, *, admin: bool) -> BoardRow:
    state = row["state"]
    word, look, icon = LOOKS[state]
    off = state == SourceState.DISABLED
    strips = [strip for back, hour in sorted(hours.items(), reverse=True) if (strip := _strip(back, hour))] if not off else []
    failed = sum(strip.css == "s-x" for strip in strips)
    return BoardRow(
        board=row["board"],
        name=("整站" if not row["board"] else row["name"] or f"版块 {row['board']}"),
        word=word,
        look=look,
        icon=icon,
        read="—" if off or not row["last_success"] else f"{interval(now - parse_instant(row['last_success']))}前",
        newest="—" if off or not row["last_post"] else instant(parse_instant(row["last_post"]), now),
        usual="—" if off else "未知" if row["expected_s"] is None else interval(timedelta(seconds=row["expected_s"])),
        strips=strips,
        strip_words=f"近 24 小时读了 {len(strips)} 个钟点，其中 {failed} 个读不成",
        advice=_advice(row["advice"], row["failure"]),
        failure=row["failure"] if admin else "",
        calm=state in (SourceState.OK, SourceState.DISABLED, SourceState.STARTING),
    )


def _advice(advice: str, failure: str) -> str:
    """The advice without the failure's own words, which stand in 看记录 for administrators."""
    if not failure or not advice.startswith(failure):
        return advice
    rest = advice[len(failure) :].removeprefix("。")
    if rest.startswith("（") and "）。" in rest:
        often, _, rest = rest[1:].partition("）。")
        return f"{often}读不成。{rest}"
    return rest


def _strip(back: int, hour: HealthHour) -> Strip | None:
    if not hour.reads:
        return None
    x = (HOURS - 1 - back) * 6
    if hour.failures * 2 > hour.reads:
        return Strip(x=x, y=13, height=3, css="s-x")
    if hour.slow * 2 > hour.reads or hour.failures * 5 > hour.reads:
        return Strip(x=x, y=8, height=8, css="s-s")
    return Strip(x=x, y=2, height=14, css="s-o")


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
