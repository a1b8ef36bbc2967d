"""The one counter that orders every change of a post."""

from __future__ import annotations

from collections.abc import Iterable

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
