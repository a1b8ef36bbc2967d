"""Posts of an event over time: a lane per board, numbered dots for what people confirmed, dashed ones for proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from alerts.models import Alert
from dashboards.thread_chart import hours_between
from dashboards.words import hour_minute, instant
from store.models import Post

LEFT, RIGHT, FIRST, STEP = 110.0, 870.0, 36, 30


class _Placed(Protocol):
    @property
    def post(self) -> Post: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Lanes:
    label: str
    height: int
    floor: int
    ticks: tuple[tuple[float, str], ...]
    #: (y, board)
    boards: tuple[tuple[int, str], ...]
    #: (x, y, number), "" = proposed
    dots: tuple[tuple[float, int, str], ...]
    now: tuple[float, str] | None
    answer: tuple[float, str] | None
    since: str


def _board(post: Post) -> str:
    name = post.board_name or post.source
    return name if len(name) <= 8 else name[:7] + "…"


def lanes(members: Sequence[_Placed], proposals: Sequence[_Placed], alert: Alert | None, now: datetime) -> Lanes | None:
    """The picture; None when the event has a single post and nothing is proposed."""
    posts = [one.post for one in (*members, *proposals)]
    if not posts:
        return None
    answered = alert.answered_at if alert else None
    first, last = min(post.posted_at for post in posts), max(post.posted_at for post in posts)
    end = max(last, answered or last)
    with_now = now - end < max(timedelta(hours=3), (end - first) * 0.5)
    end = now if with_now else end
    start = first - max(timedelta(minutes=10), (end - first) * 0.04)
    end += max(timedelta(minutes=10), (end - first) * 0.06)
    scale = (RIGHT - LEFT) / (end - start).total_seconds()

    def x(moment: datetime) -> float:
        return round(LEFT + (moment - start).total_seconds() * scale, 1)

    names = list(dict.fromkeys(_board(post) for post in posts))[:8]
    heights = {name: FIRST + STEP * place for place, name in enumerate(names)}
    floor = FIRST + STEP * len(names) - 16
    dots = [(x(one.post.posted_at), heights.get(_board(one.post), FIRST), str(place)) for place, one in enumerate(members, start=1)]
    dots += [(x(one.post.posted_at), heights.get(_board(one.post), FIRST), "") for one in proposals]
    words = f"{len(members)} 帖已确认，{len(proposals)} 帖待确认" + (f"，{hour_minute(answered)} 官方回应" if answered else "")
    return Lanes(
        label=words,
        height=floor + 28,
        floor=floor,
        ticks=tuple((x(moment), text) for moment, text in hours_between(start, end)),
        boards=tuple((y, name) for name, y in heights.items()),
        dots=tuple(dots),
        now=(x(now), f"现在 {hour_minute(now)}") if with_now else None,
        answer=(x(answered), f"{hour_minute(answered)} 官方回应") if answered else None,
        since=f"{instant(first, now)} 起",
    )
