"""What the pages ask of the store; reading only."""

# The strings put into the statements are this module's own column names and "?" marks.
# ruff: noqa: S608

from __future__ import annotations

from enum import StrEnum

from huiying.forum.rows import BoardRow, PostRow, ThreadRow
from huiying.forum.store import ForumStore

THREADS_PER_PAGE = 20
POSTS_PER_PAGE = 10

_THREAD = "tid, fid, uid, title, kind, created, last_at, last_uid, replies, views, sticky, locked, moved_to"
_POST = "pid, tid, uid, body, posted_at, edited_at, quotes, first, shielded"


class Order(StrEnum):
    LAST_POST = "last_at"
    NEWEST = "created"


def page_count(things: int, per_page: int) -> int:
    """At least 1."""
    return max(1, -(-things // per_page))


def board_threads(store: ForumStore, fid: int, page: int, order: Order, typeid_kind: str = "") -> list[ThreadRow]:
    """One page of a board, stickies not included."""
    kind = " AND kind = ?" if typeid_kind else ""
    rows = store.reader.execute(
        f"SELECT {_THREAD} FROM thread WHERE fid = ? AND deleted = 0"
        f" AND sticky = 0{kind} ORDER BY {order.value} DESC, tid DESC LIMIT ? OFFSET ?",
        (fid, *([typeid_kind] if typeid_kind else []), THREADS_PER_PAGE, (page - 1) * THREADS_PER_PAGE),
    )
    return [ThreadRow(*row) for row in rows]


def board_size(store: ForumStore, fid: int) -> int:
    row = store.reader.execute("SELECT COUNT(*) FROM thread WHERE fid = ? AND deleted = 0 AND sticky = 0", (fid,)).fetchone()
    return int(row[0])


def stickies(store: ForumStore, fid: int) -> list[ThreadRow]:
    """Threads that stand above the first page of a board: those of all boards, then its own."""
    rows = store.reader.execute(
        f"SELECT {_THREAD} FROM thread WHERE deleted = 0 AND (sticky = 3 OR (sticky = 1 AND fid = ?)) ORDER BY sticky DESC, last_at DESC",
        (fid,),
    )
    return [ThreadRow(*row) for row in rows]


def guide_threads(store: ForumStore, page: int, order: Order) -> list[ThreadRow]:
    """Threads of every board, newest or most recently answered first."""
    rows = store.reader.execute(
        f"SELECT {_THREAD} FROM thread WHERE deleted = 0 AND moved_to = 0 ORDER BY {order.value} DESC, tid DESC LIMIT ? OFFSET ?",
        (THREADS_PER_PAGE, (page - 1) * THREADS_PER_PAGE),
    )
    return [ThreadRow(*row) for row in rows]


def threads_by_ids(store: ForumStore, tids: tuple[int, ...]) -> list[ThreadRow]:
    """Threads in the order of their ids in `tids`, those that are gone left out."""
    marks = ",".join("?" * len(tids))
    rows = store.reader.execute(f"SELECT {_THREAD} FROM thread WHERE tid IN ({marks}) AND deleted = 0 AND moved_to = 0", tids)
    found = {row[0]: ThreadRow(*row) for row in rows}
    return [found[tid] for tid in tids if tid in found]


def guide_size(store: ForumStore) -> int:
    return int(store.reader.execute("SELECT COUNT(*) FROM thread WHERE deleted = 0 AND moved_to = 0").fetchone()[0])


def thread(store: ForumStore, tid: int) -> ThreadRow | None:
    row = store.reader.execute(f"SELECT {_THREAD} FROM thread WHERE tid = ? AND deleted = 0", (tid,)).fetchone()
    return ThreadRow(*row) if row else None


def post(store: ForumStore, pid: int) -> PostRow | None:
    row = store.reader.execute(f"SELECT {_POST}, 0 FROM post WHERE pid = ? AND deleted = 0", (pid,)).fetchone()
    return PostRow(*row) if row else None


def thread_posts(
    store: ForumStore, tid: int, page: int, *, newest_first: bool = False, per_page: int = POSTS_PER_PAGE
) -> tuple[list[PostRow], int]:
    """One page of a thread and the number of its posts. Floors count what is left, so a deletion renumbers."""
    total = int(store.reader.execute("SELECT COUNT(*) FROM post WHERE tid = ? AND deleted = 0", (tid,)).fetchone()[0])
    start = (page - 1) * per_page
    if not newest_first:
        rows = store.reader.execute(
            f"SELECT {_POST} FROM post WHERE tid = ? AND deleted = 0 ORDER BY first DESC, pid LIMIT ? OFFSET ?", (tid, per_page, start)
        )
        return [PostRow(*(*row, start + n)) for n, row in enumerate(rows, 1)], total
    rows = store.reader.execute(
        f"SELECT {_POST} FROM post WHERE tid = ? AND deleted = 0 ORDER BY first DESC, pid DESC LIMIT ? OFFSET ?", (tid, per_page, start)
    )
    # The first post stays on top of the first page; behind it the floors count down.
    return [PostRow(*(*row, 1 if row[7] else total + 2 - (start + n))) for n, row in enumerate(rows, 1)], total


def boards(store: ForumStore) -> dict[int, BoardRow]:
    """Counts and the newest reply of each board that has a thread."""
    rows = store.reader.execute(
        "SELECT t.fid, COUNT(*), SUM(t.replies + 1), t.tid, t.title, MAX(t.last_at), t.last_uid"
        " FROM thread t WHERE t.deleted = 0 AND t.moved_to = 0 GROUP BY t.fid"
    )
    return {row[0]: BoardRow(*row) for row in rows}


def posts_of(store: ForumStore, uid: int, limit: int = 20) -> list[ThreadRow]:
    """The newest threads of an account."""
    rows = store.reader.execute(
        f"SELECT {_THREAD} FROM thread WHERE uid = ? AND deleted = 0 AND moved_to = 0 ORDER BY tid DESC LIMIT ?", (uid, limit)
    )
    return [ThreadRow(*row) for row in rows]


def posts_by_ids(store: ForumStore, pids: list[int]) -> dict[int, PostRow]:
    """Posts that quotations name, those deleted left out."""
    if not pids:
        return {}
    marks = ",".join("?" * len(pids))
    rows = store.reader.execute(f"SELECT {_POST}, 0 FROM post WHERE pid IN ({marks}) AND deleted = 0", pids)
    return {row[0]: PostRow(*row) for row in rows}


def page_of(store: ForumStore, tid: int, pid: int) -> int:
    """The page of a thread, in reading order, on which a post stands."""
    row = store.reader.execute("SELECT COUNT(*) FROM post WHERE tid = ? AND deleted = 0 AND pid < ?", (tid, pid)).fetchone()
    return int(row[0]) // POSTS_PER_PAGE + 1
