"""Views and replies of a thread over time: a line, a stroke for each reply, the official answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboards.clocks_svg import STEPS
from dashboards.words import hour_minute, instant
from store.clock import SHANGHAI
from store.posts import ThreadView

LEFT, RIGHT, TOP, BASE, STRIP = 44.0, 396.0, 24.0, 112.0, 146.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    label: str
    path: str
    #: (y, words) of the grid
    grid: tuple[tuple[float, str], ...]
    #: (x, words) of the hours
    hours: tuple[tuple[float, str], ...]
    #: (x, official) of each reply
    strokes: tuple[tuple[float, bool], ...]
    end: tuple[float, float, str] | None
    answer: tuple[float, str] | None
    rows: tuple[tuple[str, str, str], ...]


def _step(most: int) -> int:
    for base in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000, 1000000):
        if most <= base * 3:
            return base
    return most // 2


def chart(view: ThreadView, answered_at: datetime | None, now: datetime) -> Chart | None:
    """The picture, or None when nothing was counted yet."""
    points = [(one.seen_at, one.views) for one in view.observations if one.views is not None]
    replies = [(post.posted_at, post.official) for post in view.replies]
    moments = [moment for moment, _ in (*points, *replies)]
    if len(moments) < 2:
        return None
    start, end = min(moments), max(moments)
    if end - start < timedelta(minutes=2):
        return None
    scale = (RIGHT - LEFT - 8) / (end - start).total_seconds()

    def x(moment: datetime) -> float:
        return round(min(RIGHT, max(LEFT, LEFT + (moment - start).total_seconds() * scale)), 1)

    most = max((views or 0 for _, views in points), default=0)
    step = _step(most)
    top = step * max(1, -(-most // step))

    def y(views: int) -> float:
        return round(BASE - (BASE - TOP) * views / top, 1)

    path = "M" + "L".join(f"{x(moment)} {y(views or 0)}" for moment, views in points) if points else ""
    hours = hours_between(start, end)
    last = points[-1] if points else None
    label = f"浏览 {last[1] if last else 0}，跟帖 {len(replies)} 条" + (f"；{hour_minute(answered_at)} 官方回应" if answered_at else "")
    return Chart(
        label=label,
        path=path,
        grid=tuple((y(value), f"{value:,}") for value in range(0, top + 1, step)) if points else (),
        hours=tuple((x(moment), words) for moment, words in hours),
        strokes=tuple((x(moment), official) for moment, official in replies[:400]),
        end=(x(last[0]), y(last[1] or 0), f"{last[1]:,}") if last else None,
        answer=(x(answered_at), f"{hour_minute(answered_at)} 官方回应") if answered_at else None,
        rows=tuple(
            (
                instant(one.seen_at, now),
                str(one.views if one.views is not None else "—"),
                str(one.replies if one.replies is not None else "—"),
            )
            for one in view.observations[-40:]
        ),
    )


def hours_between(start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    hours = (end - start).total_seconds() / 3600
    step = next((one for one in STEPS if hours / one <= 4), 24 * (hours // 96 + 1))
    moment = start.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    out = []
    while moment <= end:
        if moment >= start:
            out.append(
                (moment, f"{moment.month} 月 {moment.day} 日" if step >= 24 or moment.hour == moment.minute == 0 else hour_minute(moment))
            )
        moment += timedelta(hours=step)
    return out
