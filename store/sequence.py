"""The one counter that orders every change of a post."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from django.db import connection
from django.db.models import F

from store.models import Counter, Post

POSTS = "posts"


class OutsideTransaction(RuntimeError):
    """A number or a mark was moved outside the transaction of its effects; wrap the caller in transaction.atomic()."""


def require_transaction(what: str) -> None:
    """Raise OutsideTransaction unless the caller opened one."""
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{what}: must run inside the transaction of its effects; wrap the caller in transaction.atomic()")


def reserve(count: int, name: str = POSTS) -> int:
    """The first of `count` numbers that nobody else gets; the counter's row lock orders writers until they commit."""
    require_transaction(f"reserve({name})")
    if not Counter.objects.filter(name=name).update(value=F("value") + count):
        Counter.objects.get_or_create(name=name)
        Counter.objects.filter(name=name).update(value=F("value") + count)
    return Counter.objects.values_list("value", flat=True).get(name=name) - count + 1


def number(posts: Iterable[Post]) -> None:
    """Give each post the next number, in order; the caller saves them in the same transaction."""
    changed = list(posts)
    if changed:
        for seq, post in enumerate(changed, start=reserve(len(changed))):
            post.seq = seq


def renumber_from(instant: datetime) -> int:
    """Number the posts detected at `instant` or later anew, in the order of their detection; returns how many.

    For simulated homes only: there a second import may bring posts from before some that are stored already, and the
    engine, which follows the numbers, must meet them in the order of time.
    """
    rows = list(Post.objects.filter(detected_at__gte=instant).order_by("detected_at", "seq").values_list("pk", "seq"))
    if all(earlier[1] < later[1] for earlier, later in pairwise(rows)):
        return 0
    first = reserve(len(rows))
    with connection.cursor() as cursor:
        # One prepared statement for all: the ORM's bulk_update takes seconds for a few thousand rows.
        cursor.executemany("UPDATE store_post SET seq = %s WHERE id = %s", [(first + place, pk) for place, (pk, _) in enumerate(rows)])
    return len(rows)
