"""How far a follower has come along the numbers of changed posts."""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from store.models import Post, Watermark
from store.sequence import require_transaction


class WentBack(ValueError):
    """A watermark was asked to move back, which would repeat work for ever; delete its row to start anew."""


def get(name: str) -> int:
    """The last number that `name` has finished; 0 = nothing yet."""
    return Watermark.objects.filter(name=name).values_list("seq", flat=True).first() or 0


def advance(name: str, seq: int, now: datetime) -> None:
    """Say that `name` has finished everything up to `seq`, inside the transaction of its effects. Raises WentBack."""
    require_transaction(f"watermark {name}")
    done = get(name)
    if seq < done:
        raise WentBack(f"watermark {name}: {seq} is before {done}")
    Watermark.objects.update_or_create(name=name, defaults={"seq": seq, "updated_at": now})


def changed_posts(name: str, limit: int = 500, *, detected_by: datetime | None = None) -> list[Post]:
    """The next posts that are new or changed since `name` moved its mark, in the order of their numbers, with their threads.

    With `detected_by` (a simulated home, whose clock is behind what was imported) the list ends before the first post that
    is detected only later.
    """
    posts = list(Post.objects.filter(seq__gt=get(name)).order_by("seq").select_related("thread")[:limit])
    if detected_by is not None:
        posts = list(takewhile(lambda post: post.detected_at <= detected_by, posts))
    return posts
