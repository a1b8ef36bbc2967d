"""Baidu Tieba as the spider sees it: the bars that are named, for as long as a guest is served."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, quote, urlsplit

from crawlers.frontier import ListKind
from crawlers.pages import Fetched, ThreadList, ThreadPage
from crawlers.settings_types import SourceSettings, SourceSettingsError
from crawlers.sites.discuz.urls import root_of
from crawlers.sites.engine import PageOf
from crawlers.sites.tieba import page as reader


class TiebaEngine:
    """Addresses and page readers of the bars in `boards`."""

    guides: tuple[ListKind, ...] = ()
    indexed = False
    paged = True
    #: to another host (a captcha), 安全验证, 贴吧404, too fast
    walls: frozenset[int] = frozenset((302, 403, 404, 429))
    hidden: frozenset[int] = frozenset()

    def __init__(self, source: SourceSettings) -> None:
        if not source.boards:
            raise SourceSettingsError(f"sources.{source.name}.boards: name the bars to read, e.g. [临海]")
        self._source = source
        self._root = root_of(source.url)

    def list_url(self, kind: ListKind, board: str, page: int) -> str:
        return f"{self._root}f?kw={quote(board)}&ie=utf-8&pn={reader.PER_LIST * (page - 1)}"

    def thread_url(self, tid: str, page: int) -> str:
        return f"{self._root}p/{tid}" + (f"?pn={page}" if page > 1 else "")

    def page_kind(self, url: str) -> PageOf:
        return "thread" if reader.tid_of(url) else "list"

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        return {bar: bar for bar in self._source.boards}

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList:
        bar = parse_qs(urlsplit(page.url).query).get("kw", [""])[-1]
        return reader.read_list(page, bar, fetched_at, self._source.charset)

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage:
        return reader.read_thread(page, self._source.site_key, fetched_at, self._source.charset)
