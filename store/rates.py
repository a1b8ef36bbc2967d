"""How often a board has new posts, learned from what is stored."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.clock import SHANGHAI
from store.models import BoardHealth, Post

#: how far back, how often anew, and from how much on a rate means something
WINDOW = timedelta(days=14)
AGAIN = timedelta(minutes=10)
ENOUGH = 20
OLD_ENOUGH = timedelta(days=2)


def learn(row: BoardHealth, now: datetime) -> None:
    """Renew `expected_s` and the hourly rates of a board at most every ten minutes; the caller saves the row."""
    if row.rates_at is not None and now - row.rates_at < AGAIN:
        return
    row.rates_at = now
    start = now - WINDOW
    posts = Post.objects.filter(source=row.source, posted_at__gte=start, posted_at__lte=now)
    if row.board:
        posts = posts.filter(board=row.board)
    instants = list(posts.order_by("posted_at").values_list("posted_at", flat=True))
    if len(instants) < 2:
        row.expected_s, row.rates = None, []
        return
    span = now - instants[0]
    row.expected_s = span.total_seconds() / len(instants)
    row.rates = _hourly(instants, span) if len(instants) >= ENOUGH and span >= OLD_ENOUGH else []


def _hourly(instants: list[datetime], span: timedelta) -> list[float]:
    """Posts an hour by hour of day, each hour shared with its neighbours so that a quiet quarter is not a law."""
    counts = [0] * 24
    for instant in instants:
        counts[instant.astimezone(SHANGHAI).hour] += 1
    days = max(1.0, span / timedelta(days=1))
    return [round((counts[hour - 1] + 2 * counts[hour] + counts[(hour + 1) % 24]) / 4 / days, 4) for hour in range(24)]
