"""What the spider asks of a forum program: addresses, and readers of its pages. One implementation a folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from crawlers.frontier import ListKind
from crawlers.pages import Fetched, ThreadList, ThreadPage


class Engine(Protocol):
    """A forum program. Readers raise `crawlers.pages.PageError`."""

    #: lists over all boards that the program has
    guides: tuple[ListKind, ...]

    def list_url(self, kind: ListKind, board: str, page: int) -> str: ...

    def thread_url(self, tid: str, page: int) -> str: ...

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        """Board ids with their names, as the forum's index links to them."""
        ...

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList: ...

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage: ...
