"""The lists and pages of a virtual forum at a moment, as Discuz! shows them: whole minutes, days, twenty rows, ten posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from benchmarks.virtual.arrivals import Arrival, instant
from crawlers.frontier import ListState
from crawlers.pages import BoardRow, ThreadList, ThreadPage, ThreadRow
from store.records import Post, PostKind, Precision

ROWS, POSTS = 20, 10


@dataclass
class VirtualForum:
    """Grows by its arrivals as time goes on; `advance` before each look."""

    arrivals: Sequence[Arrival]
    #: thread id → its posts, the thread with the newest post last
    threads: dict[str, list[Arrival]] = field(default_factory=dict)
    #: the same by board
    boards: dict[str, dict[str, list[Arrival]]] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    #: the guide shows the threads as they stood at the last multiple of so many seconds; 0 = as they stand
    copied_s: float = 0.0
    _copied_at: float = -1e9
    _copies: dict[str, list[str]] = field(default_factory=dict)
    _next: int = 0

    def advance(self, now: float) -> None:
        while self._next < len(self.arrivals) and self.arrivals[self._next].at <= now:
            arrival = self.arrivals[self._next]
            self._next += 1
            if self.copied_s and arrival.at // self.copied_s > self._copied_at // self.copied_s:
                self._copy(arrival.at)
            posts = self.threads.pop(arrival.tid, None)
            if posts is None:
                posts = []
                self.begun.append(arrival.tid)
            posts.append(arrival)
            self.threads[arrival.tid] = posts
            board = self.boards.setdefault(arrival.board, {})
            board.pop(arrival.tid, None)
            board[arrival.tid] = posts
            self.counts[arrival.board] = self.counts.get(arrival.board, 0) + 1

    def _copy(self, at: float) -> None:
        self._copied_at = at
        self._copies = {"new": list(self.threads), "newthread": list(self.begun)}

    def row(self, tid: str) -> ThreadRow:
        posts = self.threads[tid]
        first, last = posts[0], posts[-1]
        return ThreadRow(
            tid=tid,
            title=tid,
            url="",
            board=first.board,
            posted_at=instant(first.at - (first.at + 57_600) % 86_400),
            replies=len(posts) - 1,
            last_post_at=instant(last.at - last.at % 60),
            last_precision=Precision.MINUTE,
            pages=max(1, -(-len(posts) // POSTS)),
        )

    def listing(self, state: ListState, page: int) -> ThreadList:
        # mappings and sequences alike, they are only counted and read from their end
        shown: dict[str, list[Arrival]] | list[str] = self.boards.get(state.board, {})
        if state.kind != "board":
            shown = self._copies.get(state.kind, []) if self.copied_s else self.begun if state.kind == "newthread" else self.threads
        tids = islice(reversed(shown), (page - 1) * ROWS, page * ROWS)
        return ThreadList(rows=tuple(self.row(tid) for tid in tids), page=page, pages=max(1, -(-len(shown) // ROWS)))

    def index(self, now: float) -> list[BoardRow]:
        """Each board with its posts counted and the thread of its newest reply."""
        told = []
        for board, threads in sorted(self.boards.items()):
            tid = next(reversed(threads))
            at = threads[tid][-1].at
            told.append(
                BoardRow(
                    board=board,
                    posts=self.counts[board],
                    last_tid=tid,
                    last_post_at=instant(at - at % 60),
                    last_precision=Precision.MINUTE,
                    told_at=instant(now - now % 60),
                )
            )
        return told

    def page(self, tid: str, number: int) -> tuple[ThreadPage, list[Arrival]]:
        posts = self.threads[tid]
        pages = max(1, -(-len(posts) // POSTS))
        number = min(number, pages)
        shown = posts[(number - 1) * POSTS : number * POSTS]
        records = tuple(Post(site="s", pid=f"{tid}-{at.at}", tid=tid, kind=PostKind.REPLY, posted_at=instant(at.at)) for at in shown)
        page = ThreadPage(tid=tid, posts=records, page=number, pages=pages, replies=len(posts) - 1, board=posts[0].board)
        return page, shown
