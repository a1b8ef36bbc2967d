"""Serves the sample forum over HTTP on loopback until told to stop."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from huiying.forum.app import ForumApp
from huiying.forum.opening import open_forum
from huiying.forum.residents import Residents
from huiying.forum.scenarios import scenarios_named
from huiying.forum.site import Site
from huiying.forum.store import ForumStore
from store.clock import Clock, SystemClock

logger = logging.getLogger(__name__)
_PORTS_TRIED = 50


class ForumInUse(RuntimeError):
    """Another process serves a sample forum from this directory."""


class _Server(TcpWSGIServer):  # type: ignore[misc]
    """Waitress, able to close every connection at once (scenario `gone`)."""

    site: Site

    def handle_accept(self) -> None:
        if not self.site.refusing:
            super().handle_accept()
            return
        accepted = self.accept()
        if accepted is not None:
            # A linger of zero seconds makes the close a reset, as from a host that has gone.
            accepted[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            accepted[0].close()

    def hang_up(self) -> None:
        """Closes connections that are kept open between requests."""
        for channel in list(self.active_channels.values()):
            if not channel.requests:
                channel.handle_close()


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "forum.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise ForumInUse(f"{directory}: another sample forum runs from this directory; stop it or give another --dir") from taken
        yield


def bind(host: str, port: int) -> socket.socket:
    """A bound socket: the port itself, or the next free one of the fifty behind it; 0 = any. Raises OSError."""
    for candidate in range(port, min(port + _PORTS_TRIED, 65_536)) if port else (0,):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            # Two sockets may be bound with SO_REUSEADDR; only one can listen.
            listener.listen(128)
        except OSError as refused:
            listener.close()
            if refused.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            continue
        return listener
    raise OSError(errno.EADDRINUSE, f"ports {port} to {port + _PORTS_TRIED - 1} on {host} are all in use; give another --port")


def serve(
    directory: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    charset: str = "utf-8",
    scenario: str = "plain",
    residents: bool = False,
    seed: int = 1,
    opening: str = "demo",
    on_ready: Callable[[str], None],
    stop: threading.Event | None = None,
    clock: Clock | None = None,
) -> None:
    """Serves until `stop` is set; `on_ready` gets the address, with a final slash, once it answers.

    The state is kept in `directory` (forum.sqlite3, truth.jsonl). Raises ForumInUse, UnknownScenario, OSError (no port).
    """
    if charset not in ("utf-8", "gbk"):
        raise ValueError(f"charset '{charset}' is neither utf-8 nor gbk")
    if host not in ("127.0.0.1", "localhost"):
        raise ValueError(f"host '{host}': the sample forum is served on loopback only (127.0.0.1)")
    stop = stop or threading.Event()
    clock = clock or SystemClock()
    scenarios = scenarios_named(scenario)
    for one in scenarios:
        clock = one.clock(clock)
    with _alone(directory):
        listener = bind(host, port)
        store = ForumStore(directory, clock)
        try:
            open_forum(store, opening, seed)
            for one in scenarios:
                one.prepare_once(store)
                one.begin(clock.monotonic())
            site = Site(store, clock, charset, stop, scenarios)
            site.url = f"http://{host}:{listener.getsockname()[1]}/"
            crowd = Residents(store, seed) if residents else None
            _run(site, listener, crowd, on_ready)
        finally:
            listener.close()
            store.close()


def _run(site: Site, listener: socket.socket, crowd: Residents | None, on_ready: Callable[[str], None]) -> None:
    # One connection more than threads is queued; the warning about it says nothing to the people who try the forum.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    adjustments = Adjustments(sockets=[listener], threads=8, ident="sample-forum", channel_timeout=60, max_request_body_size=32_000_000)
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(adjustments.threads)
    channels: dict[int, object] = {}
    server = _Server(
        ForumApp(site), channels, True, listener, dispatcher=dispatcher, adj=adjustments, bind_socket=False,
        sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
    )  # fmt: skip
    server.site = site
    actor = threading.Thread(target=crowd.live, args=(site.stop,), name="residents", daemon=True) if crowd else None
    if actor:
        actor.start()
    threading.Thread(target=_wake_on, args=(site.stop, server), name="forum-stop", daemon=True).start()
    on_ready(site.url)
    try:
        while not site.stop.is_set():
            wasyncore.loop(timeout=0.5, map=channels, use_poll=True, count=1)
            if site.refusing:
                server.hang_up()
    finally:
        site.stop.set()
        dispatcher.shutdown(timeout=0.5)
        wasyncore.close_all(channels, ignore_all=True)
        if actor:
            actor.join(timeout=2)


def _wake_on(stop: threading.Event, server: _Server) -> None:
    """Ends the loop's wait at once when `stop` is set."""
    stop.wait()
    with contextlib.suppress(OSError):  # the server has closed already: nothing waits
        server.pull_trigger()
