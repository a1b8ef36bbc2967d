"""What the spider asks of a forum program: addresses, and readers of its pages. One implementation a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from crawlers.frontier import ListKind
from crawlers.pages import BoardRow, Fetched, ThreadList, ThreadPage

PageOf = Literal["thread", "list", "index"]


class Engine(Protocol):
    """A forum program. Readers raise `crawlers.pages.PageError`."""

    #: lists over all boards that the program has
    guides: tuple[ListKind, ...]
    #: an index of boards can be read; without one the guides are swept to the bound of the first crawl instead
    indexed: bool
    #: threads have pages of their own; else the lists carry them and nothing is looked at again
    paged: bool
    #: HTTP statuses that this program answers to who is unwelcome or too fast (302 = sent to another host); a 404 among
    #: them proves nothing about a thread
    walls: frozenset[int]
    #: HTTP statuses with which this program answers for a thread that guests may not see (deleted, or moved to a closed
    #: board) while it serves everything else: that thread's own trouble, which proves no deletion
    hidden: frozenset[int]

    def list_url(self, kind: ListKind, board: str, page: int) -> str: ...

    def thread_url(self, tid: str, page: int) -> str: ...

    def page_kind(self, url: str) -> PageOf:
        """Which reader an address of the forum is for (`--try`)."""
        ...

    def read_index(self, page: Fetched, fetched_at: datetime) -> Mapping[str, str]:
        """Board ids with their names, as the forum's index links to them."""
        ...

    def read_list(self, page: Fetched, fetched_at: datetime) -> ThreadList: ...

    def read_thread(self, page: Fetched, fetched_at: datetime) -> ThreadPage: ...


@runtime_checkable
class Summarising(Protocol):
    """An engine whose index of boards tells how many posts each has, and which thread was answered last."""

    def read_boards(self, page: Fetched, fetched_at: datetime) -> tuple[BoardRow, ...]:
        """The boards of the index with their newest reply; none where the page tells of none."""
        ...


@runtime_checkable
class Elsewhere(Protocol):
    """An engine whose forum lists a board's threads on other pages too, for when its own list cannot be read."""

    def other_lists(self, board: str) -> tuple[str, ...]:
        """Their addresses, the one that tells most first."""
        ...

    def read_other_list(self, page: Fetched, board: str, fetched_at: datetime) -> ThreadList: ...


@dataclass(frozen=True, slots=True)
class ExtractedField:
    """One field of one record of a page."""

    #: "页面", or a row or post by its id
    record: str
    field: str
    value: str
    #: the configured rule that was asked, "" where a reader is code
    rule: str = ""
    #: path of the element that the rule hit, "" when it hit none
    element: str = ""


@runtime_checkable
class Explaining(Protocol):
    """An engine that can tell which rule took which value from which element."""

    def explain(self, page: Fetched, fetched_at: datetime) -> Iterable[ExtractedField]:
        """Every rule asked of the page, also those that found nothing; never raises PageError."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """An engine whose addresses hold words that only links tell (a title beside the id)."""

    def remember(self, addresses: Iterable[str]) -> None:
        """Take the words over from addresses under which pages came before, the newest last."""
        ...

    def knows(self, tid: str) -> bool:
        """Whether the address of a thread is one that was seen: what is not found under another proves nothing."""
        ...
