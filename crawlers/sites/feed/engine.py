"""A feed as the spider sees it: one list, whose items are the threads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from crawlers.frontier import ListKind
from crawlers.pages import Fetched, NotAForum, ThreadList, ThreadPage
from crawlers.settings_types import SourceSettings
from crawlers.sites.engine import PageOf
from crawlers.sites.feed.page import read_feed

_BOARD = "{board}"


class FeedEngine:
    """`url` is the feed itself; with `{board}` in it there is one for each of `boards`."""

    indexed = False
    paged = False
    walls: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()

    def __init__(self, source: SourceSettings) -> None:
        self._source = source
        self.guides: tuple[ListKind, ...] = () if _BOARD in source.url else ("newthread",)
        before, _, after = source.url.partition(_BOARD)
        self._pattern = re.compile(re.escape(before) + r"([\w-]+)" + re.escape(after)) if after or before != source.url else None

    def list_url(self, kind: ListKind, board: str, page: int) -> str:
        return self._source.url.replace(_BOARD, board)

    def thread_url(self, tid: str, page: int) -> str:
        return self._source.url

    def page_kind(self, url: str) -> PageOf:
        return "list"

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        return {}

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList:
        hit = self._pattern.fullmatch(page.url) if self._pattern else None
        return read_feed(page, self._source.site_key, hit[1] if hit else "", fetched_at, self._source.charset)

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage:
        raise NotAForum("订阅源（其中没有单独的主题页）", "")
