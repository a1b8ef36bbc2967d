"""What a crawl hands to the store, and what it asks of it: plain records and one Protocol, no Django.

    crawlers  → ThreadSnapshot, FetchReport → Sink.take, Sink.health
    store     → ThreadMark, hot thread ids, Rhythm, Canary → Sink.threads, Sink.hot, Sink.rhythms, Sink.canaries

`store.intake.StoreSink` implements `Sink`; `crawlers.writer` is its only caller, from one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from store.records import Post
from store.rhythm import Rhythm


@dataclass(frozen=True, kw_only=True, slots=True)
class PostDetail:
    """What a page tells about a post beside its text; raw, so it is masked like the post."""

    pid: str
    #: earliest instant of the last edit that the page's edit note allows, None = no note
    edited_at: datetime | None = None
    #: absolute addresses of its pictures, real paths (not the lazy-loading placeholder)
    images: tuple[str, ...] = ()
    #: platform id and shown name of the author's group, "" when not shown
    group_id: str = ""
    group_name: str = ""
    #: outer HTML of the body's node, kept (masked) as evidence when the author is an official account
    node: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadSnapshot:
    """One page of a thread as it was served at `fetched_at`. Raw: masking is the store's first step.

    Absence proves something only when `complete`: a stored post whose pid lies between the smallest and
    largest pid of this page (or above the largest, on the last page) and is not on it, was not shown.
    Posts that stand out of their order (`lifted`) take no part in that.
    """

    site: str
    tid: str
    board: str = ""
    board_name: str = ""
    title: str = ""
    #: canonical address of the thread's page
    url: str = ""
    page: int = 1
    pages: int = 1
    posts: tuple[Post, ...] = ()
    #: one per post that has something to tell, keyed by `pid`
    details: tuple[PostDetail, ...] = ()
    #: counts as the thread page shows them, else as the list did; None = shown nowhere
    replies: int | None = None
    views: int | None = None
    #: last reply as the list showed it (minute precision), else the newest post seen
    last_post_at: datetime | None = None
    #: posts of late at `fetched_at`, old ones faded (`crawlers.freshness`); 0.0 from who does not count
    activity: float = 0.0
    fetched_at: datetime
    #: the forum's own clock as the page's footer prints it, None when it prints none
    server_now: datetime | None = None
    #: every post of this page was read to its end
    complete: bool = True
    #: ids of posts that the page shows out of their place: pinned or recommended replies, remarks on a post
    lifted: frozenset[str] = frozenset()
    #: the forum says that the thread does not exist (404, or a notice): no posts; deleted once seen twice
    gone: bool = False
    #: SHA-256 of the bytes as served
    raw_sha256: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadMark:
    """What is known of a stored thread, so that a crawl need not fetch it again without need."""

    tid: str
    board: str = ""
    #: `replies`, `last_post_at` and `pages` of the newest snapshot that had them
    replies: int | None = None
    last_post_at: datetime | None = None
    #: `fetched_at` of the newest snapshot
    last_read_at: datetime | None = None
    pages: int = 1
    #: pages in 1…pages that were never stored, so an interrupted first read goes on there
    missing_pages: tuple[int, ...] = ()
    #: address of the page that was read last
    url: str = ""
    gone: bool = False
    #: `activity` of the newest snapshot, as of `last_read_at`
    activity: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryPost:
    """What is known of a post of a canary thread."""

    pid: str
    posted_at: datetime
    #: the author had an id; the post had a text
    named: bool = True
    worded: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Canary:
    """An old thread of one page that was read in full: what its page should yield again."""

    tid: str
    board: str = ""
    posts: tuple[CanaryPost, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeCount:
    """What one snapshot added to the store."""

    posts_new: int = 0
    #: text edited, or shielded / shown again
    posts_changed: int = 0
    #: new replies by official accounts
    replies_official: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeResult:
    """One `TakeCount` for each snapshot of the batch, in its order."""

    counts: tuple[TakeCount, ...] = ()


class FetchOutcome(StrEnum):
    """How a request for a page ended."""

    OK = "ok"
    #: the host does not answer: refused, no such name, time-out, broken off
    UNREACHABLE = "unreachable"
    #: the host answers with 403, 429, 5xx …
    HTTP = "http"
    #: a page came, of this forum program, and its parts were not where they should be
    PARSER = "parser"
    #: a page came that is no forum page at all
    NOT_A_FORUM = "not_a_forum"
    #: the forum answers with a message: no permission, closed, missing board
    NOTICE = "notice"
    #: a wall: too fast, script, sum, antitheft, captcha
    WALL = "wall"
    LOGIN = "login"
    #: robots.txt does not allow it
    ROBOTS = "robots"
    #: we refuse: private address, too large, too many redirects, not http(s)
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchReport:
    """How one page of a source was read: the raw material of source health."""

    source: str
    #: board id; "" = the whole forum (its guide page)
    board: str = ""
    #: "list" or "thread"; "canary" = what a canary thread told of the source's template
    page_kind: str = "list"
    url: str
    at: datetime
    outcome: FetchOutcome
    #: rows of a list or posts of a thread; 0 on failure
    yielded: int = 0
    #: newest instant seen on the page: the source's last post
    newest_at: datetime | None = None
    #: what came instead, in the operator's language, and what to do about it
    failure: str = ""
    advice: str = ""
    seconds: float = 0.0
    #: name of the wall or notice ("flood", "script", "sum", "antitheft", "captcha", "no_permission" …)
    detail: str = ""
    #: until when this source is left alone (back-off), None = no pause
    quiet_until: datetime | None = None
    #: pages of the whole source that are known and were never read; None = not counted now
    waiting: int | None = None
    #: counters of this fetch by name, e.g. ``{"bytes": 20133, "partial": 1}``; of `wanted` fields so many were `found`
    counts: Mapping[str, int] = field(default_factory=dict)


class Sink(Protocol):
    """Where a crawl puts what it read. Every method is called from one writer thread, never from the event loop."""

    def take(self, batch: Sequence[ThreadSnapshot]) -> TakeResult:
        """Store a batch in one transaction, or none of it; taking the same batch again changes nothing."""
        ...

    def threads(self, site: str) -> Mapping[str, ThreadMark]:
        """What is known of every stored thread of a site, by thread id."""
        ...

    def hot(self, site: str) -> Collection[str]:
        """Ids of the threads with an open alert: re-read often, so that an answer is seen soon."""
        ...

    def cover(self, site: str, boards: Mapping[str, datetime]) -> None:
        """Remember of which boards (""= the lists over all of them) everything was read as of an instant."""
        ...

    def covered(self, site: str) -> Mapping[str, datetime]:
        """What `cover` was told last."""
        ...

    def rhythms(self, site: str, now: datetime) -> Mapping[str, Rhythm]:
        """How often the boards of a site have posts, by board, "" = all of it; empty before it was watched for a day."""
        ...

    def canaries(self, site: str, now: datetime, board: str = "") -> Sequence[Canary]:
        """Old threads that were read in full, to compare with when pages yield less."""
        ...

    def doubted(self, site: str) -> Collection[str]:
        """Boards ("" = the threads of the site) whose pages a canary found changed, and no later one as before."""
        ...

    def health(self, *reports: FetchReport) -> None:
        """Remember how pages were read, in one transaction."""
        ...
