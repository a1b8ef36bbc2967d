"""File locks: they fall with the process that held them, even by kill -9 or a power cut."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path


class Busy(BlockingIOError):
    """Another process holds the lock."""


def take(path: Path, *, wait: bool = False) -> int:
    """Lock `path` (made when absent, mode 0600) and return its descriptor; closing it frees the lock. Raises Busy."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Not inheritable (Python's default): a child that outlives its parent must not keep the parent's lock.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        os.close(descriptor)
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise Busy(error.errno, f"{path} is locked by another process") from error
        raise
    return descriptor


def free(descriptor: int) -> None:
    """Give a lock back."""
    os.close(descriptor)
