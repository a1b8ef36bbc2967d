"""A child's tie to its supervisor: it ends when the pipe on standard input ends, or on SIGTERM."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path


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


def begin(description: str | None, *, drain_s: float) -> tuple[argparse.Namespace, threading.Event]:
    """Start a child: its options (home, config), its log, and the event that ends it, after which it has `drain_s` left."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for chatty in ("scrapy", "apscheduler"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    stop = threading.Event()
    end_with_parent(stop)
    hard_stop_after(drain_s, stop)
    return options, stop
