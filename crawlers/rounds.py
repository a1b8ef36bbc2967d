"""What a crawl did, by source and board: the rows of `huiying crawl --once --json`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from store.snapshots import TakeCount

EventKind = Literal["start", "list", "thread", "progress", "failure", "rest", "trouble", "end"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlEvent:
    """Something for whoever watches a crawl: a line of progress, or of trouble."""

    kind: EventKind
    source: str
    board: str = ""
    url: str = ""
    #: in the operator's language; never the text of a post
    text: str = ""
    reason: str = ""
    #: rows or posts read; of progress: pages still to read
    count: int = 0


OnEvent = Callable[[CrawlEvent], None]


@dataclass(kw_only=True, slots=True)
class RoundReport:
    """Figures of one board ("" = the lists over all boards)."""

    source: str
    board: str = ""
    requests: int = 0
    threads: int = 0
    posts_new: int = 0
    posts_changed: int = 0
    replies_official: int = 0
    failures: int = 0
    #: time spent waiting for and reading its pages
    seconds: float = 0.0

    def row(self) -> dict[str, Any]:
        return asdict(self) | {"seconds": round(self.seconds, 3)}


@dataclass
class Tally:
    """Adds up reports from the event loop and from the writer's thread."""

    _rows: dict[tuple[str, str], RoundReport] = field(default_factory=dict)
    _threads: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def _row(self, source: str, board: str) -> RoundReport:
        return self._rows.setdefault((source, board), RoundReport(source=source, board=board))

    def request(self, source: str, board: str, seconds: float, *, failed: bool) -> None:
        with self._lock:
            row = self._row(source, board)
            row.requests += 1
            row.seconds += seconds
            row.failures += failed

    def thread(self, source: str, board: str, tid: str) -> None:
        with self._lock:
            if (source, tid) not in self._threads:
                self._threads.add((source, tid))
                self._row(source, board).threads += 1

    def taken(self, source: str, board: str, count: TakeCount) -> None:
        with self._lock:
            row = self._row(source, board)
            row.posts_new += count.posts_new
            row.posts_changed += count.posts_changed
            row.replies_official += count.replies_official

    def reports(self) -> list[RoundReport]:
        with self._lock:
            return [self._rows[key] for key in sorted(self._rows)]
