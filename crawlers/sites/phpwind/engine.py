"""phpwind as the spider sees it: 9 has a list over the whole site, 8.x only its boards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crawlers.frontier import ListKind
from crawlers.pages import BoardRow, Fetched, PageError, ThreadList, ThreadPage
from crawlers.settings_types import SourceSettings
from crawlers.sites.discuz.urls import root_of
from crawlers.sites.engine import PageOf
from crawlers.sites.phpwind import listing, thread
from crawlers.sites.phpwind.address import ids_of

#: where the boards are listed: in 9 on a page of their own; 8.x shows them at either address, some sites at the front door only
_INDEXES = ("index.php?m=bbs&c=forumlist", "index.php?m=bbs&c=forum", "index.php")


class PhpwindEngine:
    """Addresses and page readers of one phpwind site."""

    guides: tuple[ListKind, ...] = ("new", "newthread")
    indexed = True
    paged = True
    walls: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()

    def __init__(self, source: SourceSettings) -> None:
        self._source = source
        self._root = root_of(source.url)
        self._index = 0

    def list_url(self, kind: ListKind, board: str, page: int) -> str:
        further = f"&page={page}" if page > 1 else ""
        if kind == "board":
            return f"{self._root}thread.php?fid={board}&orderby=lastpost{further}"
        if kind == "index":
            return f"{self._root}{_INDEXES[self._index]}"
        return f"{self._root}index.php?m=bbs&c=forum{'&order=postdate' if kind == 'newthread' else ''}{further}"

    def thread_url(self, tid: str, page: int) -> str:
        return f"{self._root}read.php?tid={tid}" + (f"&page={page}" if page > 1 else "")

    def page_kind(self, url: str) -> PageOf:
        tid, fid, _ = ids_of(url)
        return "thread" if tid else "list" if fid or "c=forum" in url.split("&") else "index"

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        try:
            return listing.read_index(page, fetched_at, self._source.charset)
        except PageError:
            self._index = (self._index + 1) % len(_INDEXES)  # the next look is elsewhere
            raise

    def read_boards(self, page: Fetched, fetched_at: datetime) -> tuple[BoardRow, ...]:
        return listing.read_boards(page, fetched_at, self._source.charset)

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList:
        return listing.read_list(page, fetched_at, self._source.charset)

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage:
        return thread.read_thread(page, self._source.site_key, fetched_at, self._source.charset)
