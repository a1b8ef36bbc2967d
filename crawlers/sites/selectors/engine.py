"""Any site by configuration, as the spider sees it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from crawlers.frontier import ListKind
from crawlers.pages import Fetched, PageError, ThreadList, ThreadPage
from crawlers.settings_types import SourceSettings
from crawlers.sites.discuz.urls import root_of
from crawlers.sites.engine import ExtractedField, PageOf
from crawlers.sites.selectors import page as reader
from crawlers.sites.selectors.address import Address
from crawlers.sites.selectors.rules import compile_rules

#: rows and posts whose rules are explained
_EXPLAINED = 3
#: addresses whose words are remembered
_REMEMBERED = 50_000


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
        #: where the link to a next page led, and which page that is: (address, board, page) → address, and back
        self._next: dict[tuple[str, str, int], str] = {}
        self._number: dict[str, int] = {}
        #: words of the addresses of threads and boards, as links had them last
        self._words: dict[tuple[str, str], tuple[str, ...]] = {}
        self._board_names: dict[str, str] = {}

    def list_url(self, kind: ListKind, board: str, page: int) -> str:
        address = self._rules.board if kind == "board" else self._rules.listing
        if address is None or kind == "index":
            return self._root
        if page > 1 and (linked := self._next.get((address.template, board, page))):
            return linked
        return address.make(board, page, self._words.get((address.template, board), ()))

    def thread_url(self, tid: str, page: int) -> str:
        address = self._rules.thread
        return address.make(tid, page, self._words.get((address.template, tid), ()))

    def page_kind(self, url: str) -> PageOf:
        if self._rules.thread.read(url):
            return "thread"
        lists = [address for address in (self._rules.board, self._rules.listing) if address]
        return "list" if any(address.read(url) for address in lists) else "index"

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        boards = reader.read_index(self._open(page, fetched_at))
        for board, (name, url) in boards.items():
            self._board_names[board] = name
            self._learn(self._rules.board, url)
        return {board: name for board, (name, _) in boards.items()}

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList:
        opened = self._open(page, fetched_at)
        listing = reader.read_list(opened)
        self._learn_next(opened, listing)
        self._learn(self._rules.board, page.url)
        for row in listing.rows:
            self._learn(self._rules.thread, row.url)
            self._learn(self._rules.board, row.board_url)
            if row.board_name:
                self._board_names[row.board] = row.board_name
        named = tuple(replace(row, board_name=row.board_name or self._board_names.get(row.board, "")) for row in listing.rows)
        return replace(listing, rows=named, board_name=self._board_names.get(listing.board, ""))

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage:
        read = reader.read_thread(self._open(page, fetched_at), self._source.site_key, fetched_at)
        self._learn(self._rules.thread, page.url)
        return read

    def remember(self, addresses: Iterable[str]) -> None:
        if self._rules.thread.worded:
            for address in addresses:
                self._learn(self._rules.thread, address)

    def knows(self, tid: str) -> bool:
        return not self._rules.thread.worded or (self._rules.thread.template, tid) in self._words

    def _learn_next(self, opened: reader.Opened, listing: ThreadList) -> None:
        """Remember where a list without numbers goes on."""
        address = self._rules.board if listing.board else self._rules.listing
        if address is None or not address.linked or listing.pages <= listing.page or not (url := reader.next_of(opened)):
            return
        if len(self._number) >= _REMEMBERED:
            self._next.clear()
            self._number.clear()
        self._next[address.template, listing.board, listing.page + 1] = url
        self._number[url] = listing.page + 1

    def _learn(self, address: Address | None, url: str) -> None:
        """Remember the words that a link or a redirect put into an address."""
        found = address.read(url) if address and address.worded else None
        if address is None or found is None:
            return
        if len(self._words) >= _REMEMBERED:
            del self._words[next(iter(self._words))]
        self._words[address.template, found.id] = found.words

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
        opened = reader.open_page(page, self._rules, fetched_at, self._source.charset, notes)
        return replace(opened, number=self._number.get(page.url))
