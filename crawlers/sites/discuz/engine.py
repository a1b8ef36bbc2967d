"""Discuz! as the spider sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crawlers.frontier import ListKind
from crawlers.pages import BoardRow, Fetched, ThreadList, ThreadPage
from crawlers.settings_types import SourceSettings
from crawlers.sites.discuz import page as reader
from crawlers.sites.discuz.boards import read_boards
from crawlers.sites.discuz.elsewhere import other_lists, read_other_list
from crawlers.sites.discuz.urls import board_url, guide_url, reading_url, root_of, target_of
from crawlers.sites.engine import PageOf


class DiscuzEngine:
    """Addresses and page readers of one Discuz! site."""

    #: newest replies first: where it also holds threads without replies, it alone tells of everything
    guides: tuple[ListKind, ...] = ("newthread", "new")
    indexed = True
    paged = True
    walls: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()

    def __init__(self, source: SourceSettings) -> None:
        self._source = source
        self._root = root_of(source.url)

    def list_url(self, kind: ListKind, board: str, page: int) -> str:
        if kind == "index":
            return f"{self._root}forum.php"
        if kind == "board":
            return board_url(self._root, board, page)
        return guide_url(self._root, kind, page)

    def thread_url(self, tid: str, page: int) -> str:
        return reading_url(self._root, tid, page)

    def page_kind(self, url: str) -> PageOf:
        kind = target_of(url).kind
        return "thread" if kind == "thread" else "list" if kind in ("board", "guide") else "index"

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        return reader.read_index(page.body, page.url, fetched_at, header_charset=page.header_charset, charset=self._source.charset)

    def read_boards(self, page: Fetched, fetched_at: datetime) -> tuple[BoardRow, ...]:
        return read_boards(page.body, page.url, fetched_at, header_charset=page.header_charset, charset=self._source.charset)

    def other_lists(self, board: str) -> tuple[str, ...]:
        return other_lists(self._root, board)

    def read_other_list(self, page: Fetched, board: str, fetched_at: datetime) -> ThreadList:
        return read_other_list(page, board, self._source.site_key, fetched_at, self._source.charset)

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList:
        return reader.read_list(page.body, page.url, fetched_at, header_charset=page.header_charset, charset=self._source.charset)

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage:
        return reader.read_thread(
            page.body,
            page.url,
            fetched_at,
            self._source.site_key,
            header_charset=page.header_charset,
            charset=self._source.charset,
            smilies=self._source.smilies,
        )
