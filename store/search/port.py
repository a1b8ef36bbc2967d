"""The search port: what pages, command line and engine ask of an index, whichever engine answers.

    QueryError         the query cannot be read         (ValueError; store.search.query)
    SearchUnavailable  the engine is away               (the posts are safe; `recent.search` looks through the last days)

Results are newest first: by the second of `posted_at`, then by id; `sort_key` puts both into one number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from store.clock import Clock, SystemClock
from store.search.query import Node

if TYPE_CHECKING:
    from store.search.facets import Facet

#: Hits are counted, and facets made, up to here; beyond it a total is a lower bound (`total_exact` is False).
COUNTED = 10_000
#: The newest hits among which `order="relevance"` ranks.
RANKED = 1_000
#: Filter value for "has none": no board name, no topic, no alert state.
NONE = "-"

Order = Literal["time", "relevance"]
#: Labels of the alert state by post id; a post without one is left out. Given by the caller, who knows the ledger.
States = Callable[[Sequence[int]], Mapping[int, str]]
#: Told (done, of how many) while an index is built.
Progress = Callable[[int, int], None]

_ID_BITS = 31
_ID_MASK = (1 << _ID_BITS) - 1


class SearchUnavailable(RuntimeError):
    """The search engine does not answer; its text tells people what is searched meanwhile, `detail` tells the log why."""

    def __init__(self, detail: str, hint: str = "检索引擎没有应答，可先查近 7 天的本机存档；帖文都在，没有丢") -> None:
        super().__init__(hint)
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """What beside the text a post must be; an empty value asks nothing."""

    #: posted in since ≤ t < until, to the second
    since: datetime | None = None
    until: datetime | None = None
    #: id or name of the board; NONE = without
    board: str = ""
    #: topic of the judgement; NONE = without
    topic: str = ""
    #: 1 … 4 of a flagged post, 0 = 未定
    level: int | None = None
    #: label of the alert state as `States` gives it; NONE = 未标出
    state: str = ""
    source: str = ""
    #: "topic" or "reply"
    kind: str = ""
    official: bool | None = None
    #: gone from the forum; such posts are found unless asked otherwise
    deleted: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchResult:
    """One page of hits."""

    #: primary keys of the posts, in order
    ids: list[int]
    #: hits in all; a lower bound unless `total_exact`
    total: int
    total_exact: bool
    #: the query as it was read, in Chinese, and its tree (for snippets)
    reading: str
    node: Node
    #: counts by group, when they were asked for
    facets: dict[str, list[Facet]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexCheck:
    """Index and table compared, post by post."""

    posts: int
    indexed: int
    #: ids of posts not in the index, of entries without a post, of entries older than their post
    missing: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()
    #: what the engine says about its own files; "" = sound
    broken: str = ""

    @property
    def equal(self) -> bool:
        return not (self.missing or self.extra or self.stale or self.broken) and self.posts == self.indexed


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexStatus:
    """How an index stands now; asking never fails."""

    engine: Literal["sqlite", "elasticsearch"]
    up: bool
    #: `Post.seq` up to which changes are in the index, and how many changed posts wait
    watermark: int
    behind: int
    #: what people should know, in Chinese; "" = nothing
    note: str = ""


class SearchIndex(Protocol):
    """An index over all posts that follows the table by watermark."""

    def search(
        self,
        query: str | Node,
        filters: Filters = ...,
        limit: int = ...,
        after: int | None = None,
        order: Order = "time",
        *,
        facets_at: datetime | None = None,
    ) -> SearchResult:
        """The hits after post `after`; facets too when told what "today" is. Raises QueryError, SearchUnavailable."""
        ...

    def follow(self, limit: int = ...) -> int:
        """Index up to `limit` changed posts and move the watermark; returns how many. Raises SearchUnavailable."""
        ...

    def forget(self, ids: Collection[int]) -> None:
        """Take posts out of the index, before their rows are deleted for good. Raises SearchUnavailable."""
        ...

    def rebuild(self, progress: Progress = ...) -> int:
        """Build the index anew from the table; may be interrupted and goes on with `follow`. Returns posts indexed."""
        ...

    def check(self) -> IndexCheck:
        """Compare index and table. Raises SearchUnavailable."""
        ...

    def status(self) -> IndexStatus: ...


class ElasticSettings(Protocol):
    """`stores.elasticsearch` of pipelines.yaml."""

    @property
    def url(self) -> str: ...
    @property
    def index(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def ca(self) -> str: ...


class StoreSettings(Protocol):
    """`stores` of pipelines.yaml."""

    @property
    def search(self) -> str: ...
    @property
    def elasticsearch(self) -> ElasticSettings: ...


def open_index(settings: StoreSettings, *, states: States | None = None, clock: Clock | None = None) -> SearchIndex:
    """The index that `stores.search` names; opening one does not connect. `states` serves the filter by alert state."""
    clock = clock or SystemClock()
    if settings.search == "elasticsearch":
        from store.search.elastic import ElasticIndex  # the client costs 0.3 s to import

        return ElasticIndex(settings.elasticsearch, states=states, clock=clock)
    from store.search.sqlite import SqliteIndex

    return SqliteIndex(states=states, clock=clock)


def sort_key(posted_at: datetime, post_id: int) -> int:
    """A number that is larger for newer posts (to the second), then for larger ids; ids up to 2³¹ − 1."""
    return (int(posted_at.timestamp() // 1) << _ID_BITS) | post_id


def first_key(moment: datetime) -> int:
    """The smallest sort key of posts at or after the second of `moment`."""
    return sort_key(moment, 0)


def post_id(key: int) -> int:
    """The post of a sort key."""
    return key & _ID_MASK
