"""Real sample forums on loopback, each in a thread of its own, with a clock that stands still."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from parsel import Selector

from huiying.forum.server import serve
from store.clock import FixedClock, parse_instant

NOON = "2026-11-22T12:00:00+08:00"


@dataclass
class RunningForum:
    """A forum that answers, and a client for it."""

    url: str
    directory: Path
    clock: FixedClock
    client: httpx.Client
    stop: threading.Event
    thread: threading.Thread

    def page(self, address: str, **options: Any) -> Selector:
        return Selector(self.client.get(self.url + address, **options).raise_for_status().text)

    def say(self, action: str, **fields: object) -> dict[str, Any]:
        answer = self.client.post(f"{self.url}sample/{action}", data=fields, headers={"Accept": "application/json"})
        row: dict[str, Any] = answer.raise_for_status().json()
        return row

    def thread_page(self, tid: int, tail: str = "") -> Selector:
        return self.page(f"forum.php?mod=viewthread&tid={tid}{tail}")

    def truth(self) -> list[dict[str, Any]]:
        text = (self.directory / "truth.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def end(self) -> None:
        self.stop.set()
        self.client.close()
        self.thread.join(timeout=5)
        assert not self.thread.is_alive()


Start = Callable[..., RunningForum]


def started(directory: Path, **options: Any) -> RunningForum:
    clock = options.pop("clock", None) or FixedClock(parse_instant(NOON))
    stop, ready = threading.Event(), threading.Event()
    address: list[str] = []

    def on_ready(url: str) -> None:
        address.append(url)
        ready.set()

    options.setdefault("opening", "empty")
    thread = threading.Thread(
        target=serve, args=(directory,), kwargs={**options, "on_ready": on_ready, "stop": stop, "clock": clock}, daemon=True
    )
    thread.start()
    assert ready.wait(10), "the forum did not answer"
    return RunningForum(address[0], directory, clock, httpx.Client(timeout=10, verify=False), stop, thread)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts forums below tmp_path and ends them."""
    running: list[RunningForum] = []

    def begin(name: str = "forum", **options: Any) -> RunningForum:
        forum = started(tmp_path / name, **options)
        running.append(forum)
        return forum

    yield begin
    for forum in running:
        forum.end()


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningForum]:
    """One empty forum for the tests of a module; each makes its own threads."""
    running = started(tmp_path_factory.mktemp("forum"))
    yield running
    running.end()
