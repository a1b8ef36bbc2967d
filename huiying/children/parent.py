"""A child's tie to its supervisor: it ends when the pipe on standard input ends, or on SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable


def end_with_parent(stop: threading.Event, *, then: Callable[[], None] | None = None) -> None:
    """Set `stop` (and call `then`) on SIGTERM, SIGINT, or when standard input ends: a killed supervisor leaves no orphan."""

    def end() -> None:
        if not stop.is_set():
            stop.set()
            if then is not None:
                then()

    def watch() -> None:
        # read() returns b"" when every writing end is closed, which the kernel does for a killed parent
        try:
            while os.read(sys.stdin.fileno(), 4096):
                pass
        except OSError:
            pass
        end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end())
    threading.Thread(target=watch, name="parent", daemon=True).start()


def hard_stop_after(seconds: float, stop: threading.Event) -> None:
    """Leave the process `seconds` after `stop` was set, even if a thread hangs: the next start repeats the work."""

    def wait() -> None:
        stop.wait()
        threading.Event().wait(seconds)
        os._exit(0)

    threading.Thread(target=wait, name="hard-stop", daemon=True).start()


def on_signals(stop: threading.Event) -> None:
    """Set `stop` on Ctrl-C and SIGTERM, for commands that a person started."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
