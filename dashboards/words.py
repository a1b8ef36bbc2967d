"""Instants and intervals in the words of the pages: Beijing time, minutes as the smallest unit, never seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import shown
from store.clock import SHANGHAI
from store.records import Level

LEVELS = {Level.I: ("Ⅰ", "特大"), Level.II: ("Ⅱ", "重大"), Level.III: ("Ⅲ", "一般负面"), Level.IV: ("Ⅳ", "网络诉求")}
WEEKDAYS = "一二三四五六日"
PRECISION = {"second": "精确到秒", "minute": "精确到分", "hour": "只知到时", "day": "只知到日", "unknown": "时间不详"}


def interval(delta: timedelta) -> str:
    """`1 小时 12 分`; under a minute `不到 1 分`; from 24 hours on `1 天 3 小时`."""
    return shown.duration(delta)


def ago(delta: timedelta) -> str:
    """How long ago a heartbeat was, the one place where seconds are said: `4 秒前`, `1 分 12 秒前`."""
    seconds = max(0, int(delta.total_seconds()))
    if seconds < 60:
        return f"{seconds} 秒前"
    if seconds < 3600:
        return f"{seconds // 60} 分 {seconds % 60} 秒前" if seconds % 60 else f"{seconds // 60} 分前"
    return interval(delta) + "前"


def hour_minute(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.hour}:{local.minute:02d}"


def instant(moment: datetime | None, now: datetime) -> str:
    """`19:36` today, `昨天 22:06`, `明天 0:38`, `11 月 17 日 8:05`, with the year when it is another."""
    if moment is None:
        return "—"
    local, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    days = (local.date() - today).days
    near = {0: "", -1: "昨天 ", 1: "明天 "}
    if days in near:
        return near[days] + hour_minute(moment)
    year = f"{local.year} 年 " if local.year != today.year else ""
    return f"{year}{local.month} 月 {local.day} 日 {hour_minute(moment)}"


def weekday_instant(moment: datetime, now: datetime) -> str:
    """`今晚 0:38` is ambiguous, so: `22:50` today, else `周二 19:38` within a week, else the date."""
    local, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    days = (local.date() - today).days
    if days == 0 or not -1 <= days <= 6:
        return instant(moment, now)
    return f"周{WEEKDAYS[local.weekday()]} {hour_minute(moment)}"


def day(moment: datetime, now: datetime) -> str:
    """`周五（11 月 27 日）`."""
    local = moment.astimezone(SHANGHAI)
    year = f"{local.year} 年 " if local.year != now.astimezone(SHANGHAI).year else ""
    return f"周{WEEKDAYS[local.weekday()]}（{year}{local.month} 月 {local.day} 日）"


def level_sign(level: int) -> str:
    return LEVELS[Level(level)][0]


def level_name(level: int) -> str:
    return LEVELS[Level(level)][1]
