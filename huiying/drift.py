"""Whether the judge still judges as it used to: share flagged, share unsure, confidence, by source, this week beside the weeks before.

A judge drifts when what people write changes (a new board, a scare, a forum's new template that lets menus into the text), or when its
weights were changed. Neither is an error by itself; somebody should look at a few posts before the numbers are believed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

#: bins of the probability that are compared, and from how many posts on each side a comparison says anything
BINS = 10
ENOUGH = 100
#: population stability index from which the mix of probabilities counts as another one (the customary bound of credit scoring)
STABLE = 0.25
#: standard errors that the share flagged or unsure must have moved, and how far at the least
ERRORS = 4.0
LEAST = 0.03


@dataclass(frozen=True)
class Period:
    """What was judged in a period: posts, flagged, unsure, sum of |p − threshold|, posts by bin of p."""

    posts: int
    flagged: int
    unsure: int
    distance: float
    bins: tuple[int, ...]

    @property
    def share_flagged(self) -> float:
        return self.flagged / self.posts if self.posts else 0.0

    @property
    def share_unsure(self) -> float:
        return self.unsure / self.posts if self.posts else 0.0

    @property
    def confidence(self) -> float:
        """Mean distance of the probability from its threshold."""
        return self.distance / self.posts if self.posts else 0.0


def period(judged: Iterable[tuple[float, float, bool, bool]]) -> Period:
    """Sums over (probability, threshold, flag, unsure)."""
    posts = flagged = unsure = 0
    distance = 0.0
    bins = [0] * BINS
    for probability, threshold, flag, doubt in judged:
        posts += 1
        flagged += flag
        unsure += doubt
        distance += abs(probability - threshold)
        bins[min(BINS - 1, int(probability * BINS))] += 1
    return Period(posts, flagged, unsure, distance, tuple(bins))


def stability(now: Sequence[int], before: Sequence[int]) -> float:
    """Population stability index Σ (a − b) · ln(a / b) of two histograms; half a post in each bin keeps empty ones finite."""
    total_now, total_before = sum(now) + len(now) / 2, sum(before) + len(before) / 2
    index = 0.0
    for a, b in zip(now, before, strict=True):
        share_now, share_before = (a + 0.5) / total_now, (b + 0.5) / total_before
        index += (share_now - share_before) * math.log(share_now / share_before)
    return index


def _moved(now: Period, before: Period, share: str) -> bool:
    a, b = getattr(now, share), getattr(before, share)
    pooled = (a * now.posts + b * before.posts) / (now.posts + before.posts)
    error = math.sqrt(max(pooled * (1 - pooled), 1e-9) * (1 / now.posts + 1 / before.posts))
    return bool(abs(a - b) >= max(LEAST, ERRORS * error))


def compared(now: Period, before: Period) -> dict[str, Any]:
    """The row of one source: both periods, the index, `state` ok | shifted | few, and what moved."""
    row: dict[str, Any] = {"posts": now.posts, "posts_before": before.posts}
    for name in ("share_flagged", "share_unsure", "confidence"):
        row[name] = round(getattr(now, name), 4)
        row[f"{name}_before"] = round(getattr(before, name), 4)
    row["index"] = round(stability(now.bins, before.bins), 4)
    if min(now.posts, before.posts) < ENOUGH:
        return {**row, "state": "few", "moved": []}
    moved = [name for name in ("share_flagged", "share_unsure") if _moved(now, before, name)]
    moved += ["index"] if row["index"] >= STABLE else []
    return {**row, "state": "shifted" if moved else "ok", "moved": moved}


def rows(now: datetime, days: int = 7, against: int = 28) -> Iterator[dict[str, Any]]:
    """A row a source, the sum last: posts of the last `days` days beside those of the `against` days before.

    Officials' posts and those older than their source's first crawl are left out.
    """
    from store.models import Assessment

    start = now - timedelta(days=days)
    first = start - timedelta(days=against)
    found: dict[str, tuple[list[tuple[float, float, bool, bool]], list[tuple[float, float, bool, bool]]]] = {}
    chosen = Assessment.objects.filter(post__backfill=False, post__official=False, post__posted_at__gt=first, post__posted_at__lte=now)
    columns = ("post__source", "post__posted_at", "needs_response", "threshold", "flag", "unsure")
    for source, posted_at, *judged in chosen.values_list(*columns).iterator(chunk_size=2_000):
        for name in (source, "total"):
            sides = found.setdefault(name, ([], []))
            sides[posted_at <= start].append((judged[0], judged[1], judged[2], judged[3]))
    versions = sorted(chosen.filter(post__posted_at__gt=start).values_list("model", flat=True).distinct())
    for name in [*sorted(found.keys() - {"total"}), *(["total"] if "total" in found else [])]:
        after, before = found[name]
        yield {"source": name, **compared(period(after), period(before)), "models": versions}
