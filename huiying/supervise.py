"""The supervisor: starts the children, starts them again when they end, ends them when it ends.

Children share nothing but the database. Each stands in a session of its own, so that a Ctrl-C at the terminal reaches
the supervisor once and the children by its order, and each ends by itself when its pipe to the supervisor ends.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from store.clock import Clock

log = logging.getLogger(__name__)

#: seconds before a child that ended is started again: at once, then longer; back to the first after a calm minute
RESTART_AFTER = (0.3, 1, 2, 5, 10, 30)
CALM_S = 60.0
#: by which a crawl ends itself (`crawlers.hang`); 0 where there is no such signal
_SIGPROF = int(getattr(signal, "SIGPROF", 0))
DRAIN_S = 4.0


@dataclass
class Child:
    """One process: how to start it, and how it fares."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    start_at: float = field(default=0.0)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps `children` running until `stop` is set."""

    def __init__(
        self, children: Sequence[Child], *, home: Path, clock: Clock, say: Callable[[str], None], stop: threading.Event | None = None
    ) -> None:
        self.children = list(children)
        self._home = home
        self._clock = clock
        self._say = say
        self.stop = stop or threading.Event()

    def run(self) -> None:
        """Until a signal; then every child is told, waited for, and at last killed."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.watch()

    def watch(self) -> None:
        """The same until `stop` is set, without touching signals (for other threads than the main one)."""
        try:
            while not self.stop.wait(0.2):
                for child in self.children:
                    self._keep(child)
        finally:
            self._end()

    def _on_signal(self, *_: object) -> None:
        # A second Ctrl-C changes nothing: draining is bounded by itself.
        self.stop.set()

    def _keep(self, child: Child) -> None:
        now = self._clock.monotonic()
        if child.running:
            if child.restarts and now - child.started > CALM_S:
                child.restarts = 0
            return
        if child.process is not None:
            code = child.process.returncode
            self._close(child)
            wait = RESTART_AFTER[min(child.restarts, len(RESTART_AFTER) - 1)]
            child.restarts += 1
            child.start_at = now + wait
            self._say(f"{child.name} 停了（{_why(code)}），{wait:g} 秒后重开；原因见 {self._home / 'logs' / (child.name + '.log')}")
        if now >= child.start_at:
            self._start(child)

    def _start(self, child: Child) -> None:
        logs = self._home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        path = logs / f"{child.name}.log"
        if path.exists() and path.stat().st_size > 20_000_000:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as file:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=file,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        child.started = self._clock.monotonic()

    def _close(self, child: Child) -> None:
        if child.process is not None and child.process.stdin is not None:
            child.process.stdin.close()
        child.process = None

    def _end(self) -> None:
        for child in self.children:
            if child.process is not None and child.process.stdin is not None:
                child.process.stdin.close()
            if child.running and child.process is not None:
                child.process.terminate()
        deadline = self._clock.monotonic() + DRAIN_S
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.05, deadline - self._clock.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s did not end within %s s and is killed", child.name, DRAIN_S)
                child.process.kill()
                child.process.wait()
            child.process = None


def _why(code: int) -> str:
    if code == -_SIGPROF:
        return "有一页怎么也读不完，自行结束"
    return f"信号 {-code}" if code < 0 else f"退出码 {code}"


def python(*arguments: str) -> list[str]:
    """A command line for this interpreter."""
    return [sys.executable, "-m", *arguments]
