"""Whether the judge still judges as it used to: share flagged, share unsure, confidence, by source, this week beside the weeks before.

A judge drifts when what people write changes (a new board, a scare, a forum's new template that lets menus into the text), or when its
weights were changed. Neither is an error by itself; somebody should look at a few posts before the numbers are believed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

#: bins of the probability that are compared, and from how many posts on each side a comparison says anything
BINS = 10
ENOUGH = 100
#: population stability index from which the mix of probabilities counts as another one (the customary bound of credit scoring)
STABLE = 0.25
#: of so many posts the shares are known well enough (standard error under .3 %) for a look in passing
GLANCE = 50_000
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


@dataclass
class _Sums:
    """A period while it is summed up."""

    posts: int = 0
    flagged: int = 0
    unsure: int = 0
    distance: float = 0.0
    bins: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, posts: int, flagged: int, unsure: int, distance: float, bin: int) -> None:
        """So many posts, of which so many are flagged and unsure, all of one bin; a probability of 1 belongs to the last one."""
        self.posts += posts
        self.flagged += flagged
        self.unsure += unsure
        self.distance += distance
        self.bins[min(BINS - 1, bin)] += posts

    def period(self) -> Period:
        return Period(self.posts, self.flagged, self.unsure, self.distance, tuple(self.bins))


def period(judged: Iterable[tuple[float, float, bool, bool]]) -> Period:
    """Sums over (probability, threshold, flag, unsure)."""
    sums = _Sums()
    for probability, threshold, flag, doubt in judged:
        sums.add(1, int(flag), int(doubt), abs(probability - threshold), int(probability * BINS))
    return sums.period()


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


def rows(now: datetime, days: int = 7, against: int = 28, most: int | None = None) -> Iterator[dict[str, Any]]:
    """A row a source, the sum last: posts of the last `days` days beside those of the `against` days before.

    Officials' posts and those older than their source's first crawl are left out. The database sums up. With `most`, of more posts
    than so many only every second, third, … is read, and the numbers of posts are those that were read.
    """
    from django.db.models import Case, Count, F, IntegerField, Sum, Value, When
    from django.db.models.functions import Abs, Cast

    from store.models import Post

    start = now - timedelta(days=days)
    chosen = Post.objects.filter(posted_at__gt=start - timedelta(days=against), posted_at__lte=now)
    if most is not None and (step := -(-chosen.count() // most)) > 1:
        chosen = chosen.annotate(turn=F("id") % step).filter(turn=0)
    probability = F("assessment__needs_response")
    cells = (
        chosen.filter(backfill=False, official=False, assessment__isnull=False)
        .annotate(
            before=Case(When(posted_at__lte=start, then=Value(1)), default=Value(0)),
            model=F("assessment__model"),
            bin=Cast(probability * BINS, IntegerField()),
        )
        .values("source", "before", "model", "bin")
        .annotate(
            posts=Count("id"),
            flagged=Sum(Cast("assessment__flag", IntegerField())),
            unsure=Sum(Cast("assessment__unsure", IntegerField())),
            distance=Sum(Abs(probability - F("assessment__threshold"))),
        )
        .order_by("source", "before", "model", "bin")
    )
    found: dict[str, tuple[_Sums, _Sums]] = {}
    versions: set[str] = set()
    for cell in cells:
        if not cell["before"]:
            versions.add(cell["model"])
        for name in (cell["source"], "total"):
            sides = found.setdefault(name, (_Sums(), _Sums()))
            sides[cell["before"]].add(cell["posts"], cell["flagged"], cell["unsure"], cell["distance"], cell["bin"])
    for name in [*sorted(found.keys() - {"total"}), *(["total"] if "total" in found else [])]:
        after, before = found[name]
        yield {"source": name, **compared(after.period(), before.period()), "models": sorted(versions)}
