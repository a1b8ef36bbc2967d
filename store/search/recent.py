"""Looking through the posts of the last days without any index: what people get while the engine is away."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from store.models import Post
from store.search.parser import parse
from store.search.port import NONE, Filters, SearchResult, sort_key
from store.search.query import Node, describe, matches
from store.search.tokens import text_of

DAYS = 7


def recent(query: str | Node, now: datetime, filters: Filters | None = None, limit: int = 20, days: int = DAYS) -> SearchResult:
    """Hits among the posts of the last `days`, read from the table itself; the alert state is not asked. Raises QueryError."""
    node = parse(query) if isinstance(query, str) else query
    rows = filtered(filters or Filters()).filter(posted_at__gte=now - timedelta(days=days))
    texts = rows.values_list("pk", "posted_at", "title", "body")
    keys = sorted((sort_key(posted_at, pk), pk) for pk, posted_at, title, body in texts if matches(node, text_of(title, body)))
    ids = [pk for _, pk in reversed(keys)]
    return SearchResult(ids=ids[:limit], total=len(ids), total_exact=True, reading=describe(node), node=node)


def filtered(filters: Filters) -> QuerySet[Post]:
    """The posts that pass every filter but the alert state."""
    rows = Post.objects.all()
    if filters.since is not None:
        rows = rows.filter(posted_at__gte=filters.since.replace(microsecond=0))
    if filters.until is not None:
        rows = rows.filter(posted_at__lt=filters.until.replace(microsecond=0))
    if filters.board:
        name = Q(board="", board_name="") if filters.board == NONE else Q(board=filters.board) | Q(board_name=filters.board)
        rows = rows.filter(name)
    if filters.source:
        rows = rows.filter(source=filters.source)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.official is not None:
        rows = rows.filter(official=filters.official)
    if filters.deleted is not None:
        rows = rows.filter(deleted_at__isnull=not filters.deleted)
    return judged(rows, filters)


def judged(rows: QuerySet[Post], filters: Filters) -> QuerySet[Post]:
    """The posts whose judgement passes the filters of topic and level."""
    if filters.topic == NONE:
        rows = rows.filter(Q(assessment__isnull=True) | Q(assessment__topic=""))
    elif filters.topic:
        rows = rows.filter(assessment__topic=filters.topic)
    if filters.level == 0:
        rows = rows.filter(Q(assessment__isnull=True) | Q(assessment__flag=False))
    elif filters.level is not None:
        rows = rows.filter(assessment__flag=True, assessment__level=filters.level)
    return rows
