"""Which lists tell of new posts in time, and what the forum's index tells of.

A guide page is one request for the whole forum, but a stock Discuz! keeps a copy of the list and renews it only every fifteen
minutes: a reader who believes it is a quarter of an hour late. So it is believed only as long as it is seen to tell of news as
early as others do; else the index of boards (posts counted, newest reply) is asked in its place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from crawlers.pages import BoardRow, ThreadPage, ThreadRow

if TYPE_CHECKING:
    from crawlers.frontier import Frontier

#: no copy that is renewed every fifteen minutes shows two changes within this many seconds
_TWO_CHANGES_S = 600.0
#: a thread told of elsewhere that the guide should have shown within this many seconds of being told
_REMEMBERED_S = 240.0
#: threads in a row that the guide did not show, until it is believed to lag
_MISSES = 2
_MOST_READ = 5_000
_A_MINUTE = timedelta(minutes=1)
#: by so much the clocks of an index without a time and of the crawler may differ
_UNSURE = timedelta(minutes=2)


class Guide(StrEnum):
    """What is known of the lists over all boards."""

    UNPROVED = "unproved"
    LIVE = "live"
    LAGS = "lags"


@dataclass(slots=True)
class BoardWatch:
    """What the index told of a board, and how much of it was read.

    The count of posts tells of a reply within the minute of the one before, which the shown time does not. Of a count that has grown
    the posts that were read are taken away: only those posted after the count began for certain, so that an error costs a request
    too many and never a post.
    """

    row: BoardRow
    #: posts counted at the beginning; by the server's clock the first instant that was after it for certain; posts read since
    base: int | None
    since: datetime
    read: set[str] = field(default_factory=set)
    #: posts that were known and still to be read at the beginning
    waiting: int = 0
    #: what was acted on last: (thread, posts counted)
    acted: tuple[str, int | None] = ("", None)

    @classmethod
    def begin(cls, row: BoardRow, now: datetime, waiting: int) -> BoardWatch:
        """Count from this row on. The index prints its time in whole minutes, if at all."""
        since = _minute(row.told_at) + _A_MINUTE if row.told_at else now + _UNSURE
        return cls(row, row.posts, since, waiting=waiting, acted=(row.last_tid, row.posts))

    def missing(self, waiting: int) -> int:
        """Posts counted that were neither read nor are waiting to be; below 0 when some were deleted."""
        if self.row.posts is None or self.base is None:
            return 0
        return self.row.posts - self.base - len(self.read) - max(0, waiting - self.waiting)


@dataclass(slots=True)
class News:
    """Evidence about the guide, and the summaries of the index."""

    guide: Guide = Guide.UNPROVED
    #: an index was read that tells of newest replies
    index_tells: bool = False
    boards: dict[str, BoardWatch] = field(default_factory=dict)
    #: boards whose threads were seen in the guide: others may be hidden from it
    in_guide: set[str] = field(default_factory=set)
    _order: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _changes: dict[str, list[float]] = field(default_factory=dict)
    #: threads first told of by another list: when, and the board
    _told: dict[str, tuple[float, str]] = field(default_factory=dict)
    _misses: int = 0
    _newest_tid: int = 0

    def on_guide(self, key: str, asked_at: float, rows: Sequence[ThreadRow], boards: Iterable[str]) -> None:
        """Page 1 of a guide, asked for at `asked_at`: does it show what others told of before?"""
        self.in_guide.update(filter(None, boards))
        order = tuple(row.tid for row in rows if not row.sticky)
        self._look_for_told(key, asked_at, order)
        known, self._order[key] = self._order.get(key), order
        if known is None or not _moved(known, order):
            return
        changes = [at for at in self._changes.get(key, []) if asked_at - at < _TWO_CHANGES_S]
        self._changes[key] = [*changes, asked_at]
        if changes and self.guide is Guide.UNPROVED:
            self.guide = Guide.LIVE

    def _look_for_told(self, key: str, asked_at: float, order: tuple[str, ...]) -> None:
        shown = set(order)
        newest = max((int(tid) for tid in order if tid.isdigit()), default=0)
        for tid, (told_at, board) in list(self._told.items()):
            if asked_at <= told_at:
                continue
            del self._told[tid]
            if tid in shown:
                self._misses = 0
            elif board in self.in_guide and asked_at - told_at < _REMEMBERED_S and (key == "new" or int(tid) > newest):
                self._misses += 1
        self._newest_tid = max(self._newest_tid, newest)
        if self._misses >= _MISSES:
            self.guide, self._misses = Guide.LAGS, 0
            self._changes.clear()

    def tell(self, tid: str, board: str, mono: float) -> None:
        """Another list shows a thread: one that is newer than any so far must be in the guide too."""
        if tid.isdigit() and int(tid) > self._newest_tid:
            self._newest_tid = int(tid)
            self._told[tid] = (mono, board)

    def learn(self, page: ThreadPage, board: str) -> None:
        """Posts that were read."""
        watch = self.boards.get(board)
        if watch is not None:
            watch.read.update(post.pid for post in page.posts if post.posted_at >= watch.since)

    def on_index(self, rows: Sequence[BoardRow], frontier: Frontier, now: datetime, mono: float) -> int:
        """What the index tells of goes into the frontier's queues; returns how many boards have news."""
        self.index_tells = any(row.last_tid for row in rows)
        return sum(self._look(row, frontier, now, mono) for row in rows if not frontier.only_boards or row.board in frontier.only_boards)

    def _look(self, row: BoardRow, frontier: Frontier, now: datetime, mono: float) -> bool:
        watch, waiting = self.boards.get(row.board), _waiting(row.board, frontier)
        if watch is None:  # the sweep of the board reads what is there; its newest thread need not wait for it
            self.boards[row.board] = BoardWatch.begin(row, now, waiting)
            return bool(row.last_tid) and row.last_tid not in frontier.threads and self._flag(row, frontier, now, mono)
        before, watch.row = watch.row, row
        missing = watch.missing(waiting)
        if missing < 0 or len(watch.read) > _MOST_READ:
            self.boards[row.board] = BoardWatch.begin(row, now, waiting)
        if (row.last_tid, row.last_post_at) != (before.last_tid, before.last_post_at) and _unread(row, frontier):
            missing = max(missing, 1)
        if missing <= 0:
            return False
        acting = (row.last_tid, row.posts)
        if watch.acted == acting and _waits(row.last_tid, frontier):
            return True
        told = bool(row.last_tid) and watch.acted != acting and self._flag(row, frontier, now, mono)
        watch.acted = acting
        if missing > 1 or not told:
            for board in (row.board, *row.subs):
                state = frontier.lists.get(f"board:{board}")
                if state is not None:
                    state.wanted = True
        if not told:  # what the board's own list does not show either is hidden: it is not waited for
            self.boards[row.board] = BoardWatch.begin(row, now, waiting)
        return True

    def _flag(self, row: BoardRow, frontier: Frontier, now: datetime, mono: float) -> bool:
        """Put the thread with the newest reply where it is read soon; False when it is too old to be read at all."""
        tid = frontier.moved.get(row.last_tid, row.last_tid)
        known = frontier.threads.get(tid)
        if known is None:
            self.tell(tid, row.board, mono)
            shown = ThreadRow(
                tid=tid,
                title=row.last_title,
                url="",
                board=row.board,
                board_name=row.name,
                last_post_at=row.last_post_at,
                last_precision=row.last_precision,
            )
            return frontier.meet(shown, now, mono)
        if tid not in frontier.backlog and math.isfinite(known.read_at):
            frontier.changed.setdefault(tid, mono)
        return True


def _unread(row: BoardRow, frontier: Frontier) -> bool:
    """The newest reply that the index shows is later than what is known of its thread."""
    known = frontier.threads.get(frontier.moved.get(row.last_tid, row.last_tid))
    if known is None or known.last_post_at is None or row.last_post_at is None:
        return bool(row.last_tid)
    return _minute(known.last_post_at) < row.last_post_at


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _waiting(board: str, frontier: Frontier) -> int:
    """Posts of a board that lists told of and nobody has read yet."""
    told = 0
    for tid in {*frontier.changed, *(tid for _, tid in frontier.fresh if not frontier.was_read(tid))}:
        known = frontier.threads.get(tid)
        if known is None or known.board != board:
            continue
        if not math.isfinite(known.read_at):
            told += 1 + (known.row.replies or 0 if known.row else 0)
        elif known.row is not None and known.row.replies is not None and known.replies is not None:
            told += max(1, known.row.replies - known.replies)
        else:
            told += 1
    return told


def _waits(tid: str, frontier: Frontier) -> bool:
    """A thread that is to be read anyway."""
    tid = frontier.moved.get(tid, tid)
    return tid in frontier.changed or tid in frontier.backlog or not frontier.was_read(tid)


def _moved(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """A thread came in, or one passed another; threads that only vanished moved nothing."""
    kept = set(before)
    if any(tid not in kept for tid in after):
        return True
    still = set(after)
    return [tid for tid in before if tid in still] != list(after)
