"""Posts that the judge was unsure of, for the tests of the look by hand."""

from __future__ import annotations

from typing import Any

from alerts.opening import OpenReport, consider_by_hand
from store.models import Assessment, Post
from tests.alerts.town import POLICY, Town, at

NOISE = "又来了，江滨那边一到半夜就响"


def doubtful(town: Town, title: str = NOISE, *, score: float = 0.45, **fields: Any) -> Post:
    """A post just below its threshold."""
    post = town.post(title, flag=False, **fields)
    Assessment.objects.filter(post=post).update(unsure=True, needs_response=score)
    post.refresh_from_db()
    return post


def engine(now: str) -> OpenReport:
    """What the engine's round does with posts that were flagged by hand; the tests' posts are judged in full already."""
    return consider_by_hand(at(now), POLICY, lambda post: None)
