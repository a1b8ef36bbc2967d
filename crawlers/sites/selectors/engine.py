"""Any site by configuration, as the spider sees it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from crawlers.frontier import ListKind
from crawlers.pages import Fetched, PageError, ThreadList, ThreadPage
from crawlers.settings_types import SourceSettings
from crawlers.sites.discuz.urls import root_of
from crawlers.sites.engine import ExtractedField, PageOf
from crawlers.sites.selectors import page as reader
from crawlers.sites.selectors.rules import compile_rules

#: rows and posts whose rules are explained
_EXPLAINED = 3


class SelectorsEngine:
    """Addresses and page readers made from `sources.NAME.rules`."""

    paged = True
    walls: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()

    def __init__(self, source: SourceSettings) -> None:
        self._source = source
        self._root = root_of(source.url)
        self._rules = compile_rules(source, self._root)
        self.guides: tuple[ListKind, ...] = ("new",) if self._rules.listing else ()
        self.indexed = self._rules.board is not None

    def list_url(self, kind: ListKind, board: str, page: int) -> str:
        address = self._rules.board if kind == "board" else self._rules.listing
        return address.make(board, page) if address and kind != "index" else self._root

    def thread_url(self, tid: str, page: int) -> str:
        return self._rules.thread.make(tid, page)

    def page_kind(self, url: str) -> PageOf:
        if self._rules.thread.read(url):
            return "thread"
        lists = [address for address in (self._rules.board, self._rules.listing) if address]
        return "list" if any(address.read(url) for address in lists) else "index"

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        return reader.read_index(self._open(page, fetched_at))

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList:
        return reader.read_list(self._open(page, fetched_at))

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage:
        return reader.read_thread(self._open(page, fetched_at), self._source.site_key, fetched_at)

    def explain(self, page: Fetched, fetched_at: datetime) -> Iterable[ExtractedField]:
        """What each rule took from which element of the page's first records."""
        notes: list[ExtractedField] = []
        kind = self.page_kind(page.url)
        with contextlib.suppress(PageError):
            opened = self._open(page, fetched_at, notes)
            if kind == "thread":
                opened.reading.note_all("post")
                reader.read_thread(opened, self._source.site_key, fetched_at)
            elif kind == "list":
                opened.reading.note_all("row")
                reader.read_list(opened)
        records = list(dict.fromkeys(note.record for note in notes if note.record != "页面"))[:_EXPLAINED]
        return [note for note in notes if note.record == "页面" or note.record in records]

    def _open(self, page: Fetched, fetched_at: datetime, notes: list[ExtractedField] | None = None) -> reader.Opened:
        return reader.open_page(page, self._rules, fetched_at, self._source.charset, notes)
