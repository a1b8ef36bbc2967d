"""One process of each kind at a time in a home.

The lock itself is a flock, so a killed holder never blocks the restart, whatever the wall clock says; the file and the
database row only tell people who holds it. Over several machines the row alone cannot lock: that comes with PostgreSQL.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from store import locking
from store.clock import SHANGHAI, Clock, SystemClock, iso, parse_instant

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who holds a role."""

    pid: int
    host: str
    since: str
    boot_id: str


class LeaseHeld(RuntimeError):
    """Another process holds the role: says which, where, since when, and what to do."""

    def __init__(self, home: Path, role: str, holder: Holder | None) -> None:
        self.home, self.role, self.holder = home, role, holder
        who = "另一个进程"
        if holder is not None:
            since = parse_instant(holder.since).astimezone(SHANGHAI)
            who = f"进程 {holder.pid}（{holder.host}，{since:%Y-%m-%d %H:%M:%S} 起）"
        super().__init__(f"{home}: {role} 已由{who}运行；先停下它，或用 --home 换一个目录")


def boot_id() -> str:
    """What changes with every start of the machine; "" where the system does not tell."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Lease:
    """The lease of one role of a home; also a context manager."""

    def __init__(self, home: Path, role: str, *, clock: Clock | None = None) -> None:
        self.home, self.role = home, role
        self._clock = clock or SystemClock()
        self._path = _lock_path(home, role)
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Hold the role from now on. Raises LeaseHeld."""
        if self._descriptor is not None:
            return
        try:
            descriptor = locking.take(self._path)
        except locking.Busy as error:
            raise LeaseHeld(self.home, self.role, _read(self._path)) from error
        holder = Holder(pid=os.getpid(), host=socket.gethostname(), since=iso(self._clock.now()) or "", boot_id=boot_id())
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)
        self._descriptor = descriptor
        self._tell(holder)

    def _tell(self, holder: Holder) -> None:
        from store.models import Lease as Row

        Row.objects.update_or_create(
            name=self.role,
            defaults={"holder": holder.host, "pid": holder.pid, "boot_id": holder.boot_id, "since": parse_instant(holder.since)},
        )

    def release(self) -> None:
        """Give the role back; a second call does nothing."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            # Emptied, never removed: a file that is unlinked while another waits for it makes two locks.
            os.ftruncate(descriptor, 0)
            locking.free(descriptor)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


def held_by(home: Path, role: str) -> None:
    """Return when nobody holds the role. Raises LeaseHeld."""
    path = _lock_path(home, role)
    if not path.exists():
        return
    try:
        locking.free(locking.take(path))
    except locking.Busy as error:
        raise LeaseHeld(home, role, _read(path)) from error


def _lock_path(home: Path, role: str) -> Path:
    return home / "locks" / f"{role}.lock"


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        # Between its lock and its name a holder has written nothing yet.
        return None
