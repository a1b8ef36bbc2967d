"""Real servers on loopback and a sink in memory, for the spiders' tests."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from crawlers.rounds import CrawlEvent, RoundReport
from crawlers.run import run_sources
from crawlers.settings_types import SourceSettings
from store.clock import SystemClock
from store.records import Post
from store.rhythm import Rhythm
from store.snapshots import Canary, CanaryPost, FetchOutcome, FetchReport, TakeCount, TakeResult, ThreadMark, ThreadSnapshot

ROOT = Path(__file__).parents[2]


@dataclass
class MemorySink:
    """A sink that keeps everything, with the promises of the real one."""

    posts: dict[str, Post] = field(default_factory=dict)
    snapshots: list[ThreadSnapshot] = field(default_factory=list)
    marks: dict[str, ThreadMark] = field(default_factory=dict)
    reports: list[FetchReport] = field(default_factory=list)
    hot_tids: set[str] = field(default_factory=set)
    covers: dict[str, datetime] = field(default_factory=dict)
    told_rhythms: dict[str, Rhythm] = field(default_factory=dict)
    on_take: Callable[[ThreadSnapshot], None] | None = None

    def take(self, batch: Sequence[ThreadSnapshot]) -> TakeResult:
        counts = []
        for snapshot in batch:
            if self.on_take is not None:
                self.on_take(snapshot)
            new = [post for post in snapshot.posts if post.pid not in self.posts]
            changed = [post for post in snapshot.posts if post.pid in self.posts and self.posts[post.pid].body != post.body]
            self.posts.update({post.pid: post for post in snapshot.posts})
            self.snapshots.append(snapshot)
            if not snapshot.gone:
                self.marks[snapshot.tid] = ThreadMark(
                    tid=snapshot.tid,
                    board=snapshot.board,
                    replies=snapshot.replies,
                    last_post_at=snapshot.last_post_at,
                    last_read_at=snapshot.fetched_at,
                    pages=snapshot.pages,
                    url=snapshot.url,
                )
            counts.append(TakeCount(posts_new=len(new), posts_changed=len(changed)))
        return TakeResult(counts=tuple(counts))

    def threads(self, site: str) -> dict[str, ThreadMark]:
        return dict(self.marks)

    def hot(self, site: str) -> set[str]:
        return set(self.hot_tids)

    def cover(self, site: str, boards: Mapping[str, datetime]) -> None:
        self.covers.update(boards)

    def covered(self, site: str) -> dict[str, datetime]:
        return dict(self.covers)

    def rhythms(self, site: str, now: datetime) -> dict[str, Rhythm]:
        return dict(self.told_rhythms)

    def canaries(self, site: str, now: datetime, board: str = "") -> list[Canary]:
        """Threads of one page, read in full, with three posts or more; those of `board` first."""
        whole = {snapshot.tid: snapshot for snapshot in self.snapshots if snapshot.complete and snapshot.pages == 1 and not snapshot.gone}
        return [
            Canary(
                tid=tid, board=snapshot.board, posts=tuple(CanaryPost(pid=post.pid, posted_at=post.posted_at) for post in snapshot.posts)
            )
            for tid, snapshot in sorted(whole.items(), key=lambda one: one[1].board != board)
            if len(snapshot.posts) >= 3 and all(post.uid and post.body for post in snapshot.posts)
        ][:3]

    def doubted(self, site: str) -> set[str]:
        newest = {report.board: report for report in self.reports if report.page_kind == "canary"}
        return {board for board, report in newest.items() if report.outcome is not FetchOutcome.OK}

    def health(self, *reports: FetchReport) -> None:
        self.reports += reports


def source(url: str, **changes: Any) -> SourceSettings:
    """A source without politeness, as only a test on loopback may be."""
    quick = SourceSettings(
        name="bbs", url=url, requests_per_minute=60_000, min_delay_s=0, poll_s=0.2, allow_private=True, concurrency=4, timeout_s=5
    )
    return replace(quick, **changes)


def crawl_once(sink: MemorySink, *sources: SourceSettings, samples: Path | None = None) -> tuple[list[RoundReport], list[CrawlEvent]]:
    events: list[CrawlEvent] = []
    reports = run_sources(sources, sink, SystemClock(), once=True, on_event=events.append, samples=samples)
    return reports, events


@dataclass(frozen=True)
class Served:
    """A sample forum in another process."""

    url: str
    folder: Path

    def truth(self) -> list[dict[str, Any]]:
        lines = (self.folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@contextmanager
def sample_forum(folder: Path, *options: str) -> Iterator[Served]:
    """`python -m huiying.forum` on a free port, ended with the block."""
    command = [sys.executable, "-m", "huiying.forum", "--dir", str(folder), "--port", "0", "--parent-pipe", *options]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Served(json.loads(process.stdout.readline())["url"], folder)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(10)


Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def tiny_server(answer: Callable[[str], Answer]) -> Iterator[str]:
    """A real HTTP server that answers each path as told; yields its root address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path)
            self.send_response(status)
            for name, value in ({"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
