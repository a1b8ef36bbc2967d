"""How often a source and its boards have new posts: counted as they are stored, told as rhythms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from store.models import BoardHealth, BoardRhythm, Post
from store.rhythm import Rhythm, WeekCounts, board_rhythm, source_rhythm

#: how often a board's rates are renewed in its row
AGAIN = timedelta(minutes=10)


def count(posts: Collection[Post], since: Mapping[str, datetime]) -> None:
    """Count new posts for their board and for their source, in the transaction that stores them and so once each.

    `since`: by source, from when on all its posts are known.
    """
    told: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for post in posts:
        if post.posted_at >= since[post.source]:
            for board in {post.board, ""}:
                told[post.source, board].append(post.posted_at)
    if not told:
        return
    rows = {(row.source, row.board): row for row in BoardRhythm.objects.filter(source__in={source for source, _ in told})}
    for (source, board), instants in told.items():
        row = rows.setdefault((source, board), BoardRhythm(source=source, board=board, since=since[source]))
        counted = _counts(row).add(instants)
        row.week, row.counts = counted.week, counted.counts
    BoardRhythm.objects.bulk_create(
        [rows[key] for key in sorted(told)],
        update_conflicts=True,
        unique_fields=["source", "board"],
        update_fields=["week", "counts"],
    )


def _counts(row: BoardRhythm) -> WeekCounts:
    return WeekCounts(row.since, row.week, tuple(row.counts)) if row.counts else WeekCounts(row.since)


def rhythms(source: str, until: datetime) -> dict[str, Rhythm]:
    """The rhythm of each board that ever had a post, and under "" that of the whole source; empty before the first post."""
    counted = {row.board: _counts(row) for row in BoardRhythm.objects.filter(source=source)}
    if "" not in counted:
        return {}
    whole = source_rhythm(counted.pop(""), until)
    return {"": whole} | {board: board_rhythm(counts, until, whole, len(counted)) for board, counts in counted.items()}


def learn(row: BoardHealth, now: datetime) -> None:
    """Renew the rates of a board's row at most every ten minutes; the caller saves the row."""
    if row.rates_at is not None and now - row.rates_at < AGAIN:
        return
    row.rates_at = now
    found = rhythms(row.source, row.last_success_at or now).get(row.board)
    if found is None:
        row.expected_s, row.rates, row.rates_evidence = None, [], 0.0
        return
    row.expected_s = round(found.wait_s(now), 1)
    row.rates, row.rates_evidence = [round(rate, 4) for rate in found.rates], round(found.evidence, 2)
