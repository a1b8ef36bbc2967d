"""NodeBB as the spider sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from crawlers.frontier import ListKind
from crawlers.pages import Fetched, ThreadList, ThreadPage
from crawlers.settings_types import SourceSettings
from crawlers.sites.discuz.urls import root_of
from crawlers.sites.engine import PageOf
from crawlers.sites.nodebb import page as reader


class NodeBBEngine:
    """Addresses and page readers of one NodeBB, over the JSON that its own pages are made from."""

    #: /api/recent holds threads without replies too: it alone tells of everything
    guides: tuple[ListKind, ...] = ("new",)
    indexed = True
    paged = True
    walls: frozenset[int] = frozenset()
    #: for years, though not today, so were answered a deleted topic and one in a category that is not for guests
    hidden: frozenset[int] = frozenset((401, 403))

    def __init__(self, source: SourceSettings) -> None:
        self._site = source.site_key
        self._root = root_of(source.url)

    def list_url(self, kind: ListKind, board: str, page: int) -> str:
        if kind == "index":
            return f"{self._root}api/categories"
        return f"{self._root}api/{f'category/{board}' if kind == 'board' else 'recent'}?page={page}"

    def thread_url(self, tid: str, page: int) -> str:
        # a forum may show guests the newest first; then the last page would never hold the news
        return f"{self._root}api/topic/{tid}?page={page}&sort=oldest_to_newest"

    def page_kind(self, url: str) -> PageOf:
        path = urlsplit(url).path
        if re.search(r"/topic/\w", path):
            return "thread"
        return "list" if re.search(r"/(?:recent|popular|top|unread)/?$|/category/\d", path) else "index"

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        return reader.read_index(page)

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList:
        return reader.read_list(page, self._root)

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage:
        return reader.read_thread(page, self._root, self._site, fetched_at)
