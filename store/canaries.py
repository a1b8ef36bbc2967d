"""Canary threads: old threads that were read in full, so that a page which yields less can be told from a forum that is quiet."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product

from store.models import Post, Thread
from store.records import Precision
from store.snapshots import Canary, CanaryPost

#: a thread that was quiet for so long is expected to look as it did; where there is none, one that was quiet for an hour
_QUIET = (timedelta(days=2), timedelta(hours=1))
#: posts of a canary: enough to tell a template from an odd post, few enough for one page
_FEWEST, _MOST = 3, 60
_LOOKED_AT = 40


def canaries(site: str, now: datetime, board: str = "", number: int = 3) -> list[Canary]:
    """Threads of one page, all of it read and none of it hidden or gone; those of `board` first, then those read last.

    There are fewer than `number` where the store does not hold so many.
    """
    found: dict[str, Canary] = {}
    for only, quiet in product(({"board": board}, {}) if board else ({},), _QUIET):
        threads = Thread.objects.filter(
            **only, site=site, deleted_at=None, missing_since=None, pages=1, last_post_at__lte=now - quiet, replies__gte=_FEWEST - 1
        ).exclude(last_read_at=None)
        for thread in threads.order_by("-last_read_at")[:_LOOKED_AT]:
            canary = _of(thread)
            if canary is not None:
                found.setdefault(thread.tid, canary)
            if len(found) >= number:
                return list(found.values())
    return list(found.values())


def _of(thread: Thread) -> Canary | None:
    rows = list(Post.objects.filter(thread=thread, deleted_at=None))
    if not _FEWEST <= len(rows) <= _MOST:
        return None
    if any(row.missing_since or row.shielded or row.partial or row.precision == Precision.UNKNOWN for row in rows):
        return None
    posts = tuple(CanaryPost(pid=row.pid, posted_at=row.posted_at, named=bool(row.author_key), worded=bool(row.body)) for row in rows)
    if not any(post.named for post in posts) or not all(post.worded for post in posts):
        return None
    return Canary(tid=thread.tid, board=thread.board, posts=posts)
