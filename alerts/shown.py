"""Durations and instants in the words of the pages and messages; never seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.clock import SHANGHAI

MINUTE = 60
HOUR = 3600
DAY = 86400
LEVELS = {1: "Ⅰ 特大", 2: "Ⅱ 重大", 3: "Ⅲ 一般负面", 4: "Ⅳ 网络诉求"}


def duration(span: timedelta) -> str:
    """`2 小时 45 分`, `1 天 3 小时`, `不到 1 分`; the sign is left out."""
    seconds = int(abs(span.total_seconds()))
    if seconds < MINUTE:
        return "不到 1 分"
    if seconds < HOUR:
        return f"{seconds // MINUTE} 分"
    # a whole day is still told in hours: what is late by 24 h 0 min reads best as 1 day
    if seconds < DAY:
        minutes = seconds % HOUR // MINUTE
        return f"{seconds // HOUR} 小时" + (f" {minutes} 分" if minutes else "")
    hours = seconds % DAY // HOUR
    return f"{seconds // DAY} 天" + (f" {hours} 小时" if hours else "")


def time_left(left: timedelta) -> str:
    """`剩 1 小时 12 分`, `剩不到 1 分`, `超时 8 分`."""
    words = duration(left)
    space = "" if words.startswith("不到") else " "
    return f"{'超时' if left < timedelta(0) else '剩'}{space}{words}"


def left_words(seconds: float) -> str:
    """`time_left` of a number of seconds, as `left_s` in the ledger's JSON."""
    return time_left(timedelta(seconds=seconds))


def instant(moment: datetime, now: datetime) -> str:
    """`21:38` today, `11 月 22 日 21:38` on another day, with the year when that differs; Asia/Shanghai."""
    local, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return clock
    day = f"{local.month} 月 {local.day} 日 {clock}"
    return day if local.year == today.year else f"{local.year} 年 {day}"
