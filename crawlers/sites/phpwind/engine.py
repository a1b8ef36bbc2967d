"""phpwind 9 as the spider sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crawlers.frontier import ListKind
from crawlers.pages import Fetched, ThreadList, ThreadPage
from crawlers.settings_types import SourceSettings
from crawlers.sites.discuz.urls import root_of
from crawlers.sites.engine import PageOf
from crawlers.sites.phpwind import page as reader


class PhpwindEngine:
    """Addresses and page readers of one phpwind site; its boards are read one by one."""

    guides: tuple[ListKind, ...] = ()
    indexed = True
    paged = True
    walls: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()

    def __init__(self, source: SourceSettings) -> None:
        self._source = source
        self._root = root_of(source.url)

    def list_url(self, kind: ListKind, board: str, page: int) -> str:
        if kind != "board":
            return f"{self._root}index.php?m=bbs&c=forum"
        return f"{self._root}thread.php?fid={board}" + (f"&page={page}" if page > 1 else "")

    def thread_url(self, tid: str, page: int) -> str:
        return f"{self._root}read.php?tid={tid}" + (f"&page={page}" if page > 1 else "")

    def page_kind(self, url: str) -> PageOf:
        tid, fid, _ = reader.ids_of(url)
        return "thread" if tid else "list" if fid else "index"

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        return reader.read_index(page, fetched_at, self._source.charset)

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList:
        return reader.read_list(page, fetched_at, self._source.charset)

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage:
        return reader.read_thread(page, self._source.site_key, fetched_at, self._source.charset)
