"""What both engines share: paging, filter by state, ranking and facets over the sort keys an engine finds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from store.clock import Clock
from store.models import Post
from store.search.facets import facets_of
from store.search.parser import parse
from store.search.port import COUNTED, NONE, RANKED, Filters, Order, SearchResult, States, post_id, sort_key
from store.search.query import Node, describe
from store.search.rank import ranked

_EVERYTHING = Filters()


class BaseIndex(ABC):
    """Search over an engine that finds sort keys, newest first, by text and every filter but the state."""

    def __init__(self, *, states: States | None, clock: Clock) -> None:
        self.states = states
        self.clock = clock

    @abstractmethod
    def newest(self, node: Node, filters: Filters, limit: int, before: int | None = None) -> list[int]:
        """Up to `limit` sort keys of hits, largest first, below `before`; `filters.state` is left to the caller."""

    @abstractmethod
    def count(self, node: Node, filters: Filters, bound: int) -> int:
        """Hits by the same filters, counted up to `bound`."""

    def search(
        self,
        query: str | Node,
        filters: Filters = _EVERYTHING,
        limit: int = 20,
        after: int | None = None,
        order: Order = "time",
        *,
        facets_at: datetime | None = None,
    ) -> SearchResult:
        """One page of hits; see `SearchIndex.search`."""
        node = parse(query) if isinstance(query, str) else query
        if order == "time" and not filters.state:
            before = self._key(after)
            ids = [post_id(key) for key in self.newest(node, filters, limit, before)] if after is None or before is not None else []
            total = self.count(node, filters, COUNTED + 1)
        else:
            found, total = self._collected(node, filters, RANKED if order == "relevance" else COUNTED + 1)
            if order == "relevance":
                found = ranked(node, found)
            start = 0 if after is None else found.index(after) + 1 if after in found else len(found)
            ids = found[start : start + limit]
        return SearchResult(
            ids=ids,
            total=min(total, COUNTED),
            total_exact=total <= COUNTED,
            reading=describe(node),
            node=node,
            facets={} if facets_at is None else facets_of(self, node, filters, facets_at),
        )

    def ids(self, node: Node, filters: Filters, limit: int) -> list[int]:
        """The newest hits by all filters, the state too, as post ids, among the newest `limit` without it."""
        found = [post_id(key) for key in self.newest(node, replace(filters, state=""), limit)]
        return self._in_state(found, filters.state) if filters.state else found

    def labels(self, ids: Sequence[int]) -> dict[int, str]:
        """The alert state of each post, NONE where there is none."""
        known = self.states(ids) if self.states else {}
        return {id_: known.get(id_, NONE) for id_ in ids}

    def _collected(self, node: Node, filters: Filters, limit: int) -> tuple[list[int], int]:
        """The newest hits and their number, a lower bound over COUNTED when it was cut."""
        if not filters.state:
            return self.ids(node, filters, limit), self.count(node, filters, COUNTED + 1)
        raw = self.ids(node, replace(filters, state=""), COUNTED + 1)
        found = self._in_state(raw, filters.state)
        return found[:limit], len(found) if len(raw) <= COUNTED else COUNTED + 1

    def _in_state(self, ids: list[int], state: str) -> list[int]:
        labels = self.labels(ids)
        return [id_ for id_ in ids if labels[id_] == state]

    @staticmethod
    def _key(after: int | None) -> int | None:
        if after is None:
            return None
        posted_at = Post.objects.filter(pk=after).values_list("posted_at", flat=True).first()
        return None if posted_at is None else sort_key(posted_at, after)
