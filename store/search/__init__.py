"""Full text of all posts: one query language, two engines with the same hits in the same order.

    >>> index = open_index(pipelines.stores)
    >>> index.search("东塍 气味 −厂", Filters(kind="topic")).ids
"""

from store.search.port import (
    NONE,
    Filters,
    IndexCheck,
    IndexStatus,
    SearchIndex,
    SearchResult,
    SearchUnavailable,
    open_index,
)
from store.search.query import QueryError

__all__ = [
    "NONE",
    "Filters",
    "IndexCheck",
    "IndexStatus",
    "QueryError",
    "SearchIndex",
    "SearchResult",
    "SearchUnavailable",
    "open_index",
]
