"""The sample forum's state: one SQLite file, kept over restarts; every write also tells the truth file."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from huiying.forum.accounts import OFFICIAL
from huiying.forum.bodytext import plain
from huiying.forum.rows import Posted
from huiying.forum.times import epoch_of, instant
from huiying.forum.truth import TruthFile
from store.clock import SHANGHAI, Clock


class NoSuchPost(LookupError):
    """The thread or post asked for is not on the forum (never was, or deleted)."""


class ForumStore:
    """Threads and posts under `directory`; safe for the server's threads. Times default to the clock's now."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self.path = directory / "forum.sqlite3"
        self._lock = threading.RLock()
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._views: Counter[int] = Counter()
        self._truth = TruthFile(directory / "truth.jsonl")
        with self._lock:
            self.reader.executescript(files("huiying.forum").joinpath("schema.sql").read_text(encoding="utf-8"))
            if not self.reader.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'thread'").fetchone():
                with self._write() as connection:
                    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('thread', 1000), ('post', 20000)")
            self._truth.mend(self.reader)

    @property
    def reader(self) -> sqlite3.Connection:
        """This thread's connection, for reading."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self.reader
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Writes the counted views and closes every connection."""
        self.flush_views()
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._local = threading.local()

    # -- what people do -------------------------------------------------------------------------------------------

    def add_thread(
        self,
        *,
        fid: int,
        uid: int,
        title: str,
        body: str,
        posted_at: datetime | None = None,
        kind: str = "",
        sticky: int = 0,
        needs_response: bool | None = None,
        script: str = "",
        shielded: bool = False,
        views: int = 0,
    ) -> Posted:
        """A new thread. `script` names the text it came from, so that fitting replies can follow."""
        at = epoch_of(posted_at or self.clock.now())
        needs = None if needs_response is None else int(needs_response)
        with self._lock:
            with self._write() as db:
                tid = db.execute(
                    "INSERT INTO thread (fid, uid, title, kind, created, last_at, last_uid, sticky, needs, script, views)"
                    " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                    (fid, uid, title, kind, at, at, uid, sticky, needs or 0, script, views),
                ).lastrowid
                pid = db.execute(
                    "INSERT INTO post (tid, uid, body, posted_at, first, shielded) VALUES (?,?,?,?,1,?)",
                    (tid, uid, body, at, int(shielded)),
                ).lastrowid
                assert tid
                assert pid
                line = self._tell(db, "thread", pid, needs)
            self._truth.append(line)
        return Posted(tid, pid, at)

    def add_reply(
        self, *, tid: int, uid: int, body: str, quotes: int = 0, posted_at: datetime | None = None, shielded: bool = False
    ) -> Posted:
        """A reply; it bumps the thread. Raises NoSuchPost."""
        at = epoch_of(posted_at or self.clock.now())
        with self._lock:
            with self._write() as db:
                if not db.execute("SELECT 1 FROM thread WHERE tid = ? AND deleted = 0 AND moved_to = 0", (tid,)).fetchone():
                    raise NoSuchPost(f"thread {tid}")
                pid = db.execute(
                    "INSERT INTO post (tid, uid, body, posted_at, quotes, shielded) VALUES (?,?,?,?,?,?)",
                    (tid, uid, body, at, quotes, int(shielded)),
                ).lastrowid
                assert pid
                db.execute(
                    "UPDATE thread SET replies = replies + 1, last_at = MAX(last_at, ?), last_uid = ?, answered = MAX(answered, ?)"
                    " WHERE tid = ?",
                    (at, uid, int(uid in OFFICIAL), tid),
                )
                line = self._tell(db, "reply", pid, None)
            self._truth.append(line)
        return Posted(tid, pid, at)

    def edit(self, *, pid: int, body: str | None = None, shielded: bool | None = None) -> Posted:
        """Changes a body, or hides it (`shielded`); the thread is not bumped. Raises NoSuchPost."""
        at = epoch_of(self.clock.now())
        with self._lock:
            with self._write() as db:
                tid = self._thread_of(db, pid)
                if body is not None:
                    db.execute("UPDATE post SET body = ?, edited_at = ? WHERE pid = ?", (body, at, pid))
                if shielded is not None:
                    db.execute("UPDATE post SET shielded = ? WHERE pid = ?", (int(shielded), pid))
                line = self._tell(db, "edit", pid, None)
            self._truth.append(line)
        return Posted(tid, pid, at)

    def delete(self, *, pid: int) -> Posted:
        """Deletes a post; the first post takes its thread with it. Floors behind it move up. Raises NoSuchPost."""
        at = epoch_of(self.clock.now())
        with self._lock:
            with self._write() as db:
                tid = self._thread_of(db, pid)
                line = self._tell(db, "delete", pid, None)
                first = db.execute("SELECT first FROM post WHERE pid = ?", (pid,)).fetchone()[0]
                db.execute("UPDATE post SET deleted = 1 WHERE pid = ?", (pid,))
                if first:
                    db.execute("UPDATE thread SET deleted = 1 WHERE tid = ?", (tid,))
                else:
                    db.execute("UPDATE thread SET replies = replies - 1 WHERE tid = ?", (tid,))
            self._truth.append(line)
        return Posted(tid, pid, at)

    def move_thread(self, *, tid: int, fid: int) -> int:
        """Moves a thread to another board and leaves an entry behind; returns the tid that now answers 302."""
        with self._write() as db:
            row = db.execute("SELECT fid, uid, title, created, last_at, last_uid FROM thread WHERE tid = ?", (tid,)).fetchone()
            if row is None:
                raise NoSuchPost(f"thread {tid}")
            left = db.execute(
                "INSERT INTO thread (fid, uid, title, created, last_at, last_uid, moved_to) VALUES (?,?,?,?,?,?,?)", (*row, tid)
            ).lastrowid
            db.execute("UPDATE thread SET fid = ? WHERE tid = ?", (fid, tid))
        assert left
        return left

    def lock_thread(self, tid: int) -> None:
        """Closes a thread; neither bumps it nor shows on list times."""
        with self._write() as db:
            db.execute("UPDATE thread SET locked = 1 WHERE tid = ?", (tid,))

    def mark_answered(self, tid: int) -> None:
        """Takes a thread out of what the residents' official accounts may answer."""
        with self._write() as db:
            db.execute("UPDATE thread SET answered = 1 WHERE tid = ?", (tid,))

    # -- views and notes ------------------------------------------------------------------------------------------

    def count_view(self, tid: int) -> int:
        """One more view; returns those not yet written."""
        with self._lock:
            self._views[tid] += 1
            return self._views[tid]

    def flush_views(self) -> None:
        with self._lock:
            if self._views:
                with self._write() as db:
                    db.executemany("UPDATE thread SET views = views + ? WHERE tid = ?", [(n, tid) for tid, n in self._views.items()])
                self._views.clear()

    def note(self, key: str) -> str | None:
        row = self.reader.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_note(self, key: str, value: str) -> None:
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    # -- inside ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _thread_of(db: sqlite3.Connection, pid: int) -> int:
        row = db.execute("SELECT tid FROM post WHERE pid = ? AND deleted = 0", (pid,)).fetchone()
        if row is None:
            raise NoSuchPost(f"post {pid}")
        return int(row[0])

    def _tell(self, db: sqlite3.Connection, what: str, pid: int, needs: int | None) -> str:
        row = db.execute(
            "SELECT p.tid, p.uid, p.body, p.posted_at, p.quotes, p.shielded, p.first, t.fid, t.title"
            " FROM post p JOIN thread t ON t.tid = p.tid WHERE p.pid = ?",
            (pid,),
        ).fetchone()
        tid, uid, body, posted_at, quotes, shielded, first, fid, title = row
        line = json.dumps(
            {
                "at": self.clock.now().astimezone(SHANGHAI).isoformat(timespec="milliseconds"),
                "what": what,
                "tid": tid,
                "pid": pid,
                "uid": uid,
                "fid": fid,
                "title": title,
                "body": "" if shielded else plain(body),
                "posted_at": instant(posted_at).isoformat(timespec="seconds"),
                "official": uid in OFFICIAL,
                "needs_response": None if needs is None else bool(needs),
                "first": bool(first),
                "quotes": quotes,
                "shielded": bool(shielded),
            },
            ensure_ascii=False,
        )
        db.execute("INSERT INTO happening (line) VALUES (?)", (line,))
        return line
