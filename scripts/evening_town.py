"""The town of the pictures: a forum whose posts go through the product's own intake, judge and ledger at their instants."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from scripts.evening_posts import MONTH
from store.clock import FixedClock, parse_instant
from store.records import Post, PostKind, Precision
from store.snapshots import ThreadSnapshot

SECRET = "only-for-pictures-3h"  # noqa: S105 - the home is made for one run and thrown away
SITE = "linhai-bbs"
ADDRESS = "https://bbs.example.org/thread-{}-1-1.html"
BOARDS = {
    name: str(2 + place)
    for place, name in enumerate(("百姓呼声", "咨询求助", "建言献策", "交通出行", "灌水", "房产家居", "消费维权", "跳蚤市场"))
}
OFFICES = {str(9001 + place): unit for place, unit in enumerate(MONTH)}
CONFIG = """\
extends: shipped
sources:
  linhai-bbs:
    engine: discuz
    name: 临海论坛
    url: https://bbs.example.org/
    enabled: true
    official: {%s}
  tieba-export:
    engine: discuz
    name: 临海贴吧
    url: https://tieba.example.org/
    enabled: false
crawl:
  user_agent: "Mozilla/5.0 (compatible; huiying/0.1; +https://example.org/huiying)"
channels:
  email: {host: 127.0.0.1, port: 2525, tls: none}
"""


def at(clock: str) -> datetime:
    """`at("19:38")` on Sunday 22 November 2026; `at("20 19:38")` on another day of it."""
    day, _, time = clock.rpartition(" ")
    return parse_instant(f"2026-11-{day or '22'}T{time}:00+08:00")


NOW = at("21:38")


class Mailbox:
    """A channel that accepts every message and keeps none."""

    @contextmanager
    def connect(self) -> Iterator[Mailbox]:
        yield self

    def send(self, message: object) -> None:
        """Accepted."""


class Evening:
    """Things that happen at their instants; each goes through the product's own doors, then the engine makes its round."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        official = ", ".join(f'"{uid}": {unit}' for uid, unit in OFFICES.items())
        (home / "pipelines.yaml").write_text(CONFIG % official, encoding="utf-8")
        from huiying.app import open_app, store_sink
        from huiying.rounds import Rounds

        self.clock = FixedClock(at("01 00:00") - timedelta(days=10))
        self.app = open_app(home, clock=self.clock)
        self.sink = store_sink(self.app)
        self.rounds = Rounds(self.app)
        self.rounds.__dict__["channels"] = {"email": Mailbox()}
        self.random = Random(3)
        self._numbers = count(50_900)
        self._order = count()
        self._agenda: list[tuple[datetime, int, Callable[[], Any]]] = []
        self._threads: dict[str, ThreadSnapshot] = {}
        #: the highest floor a thread ever had: a floor that vanished keeps its number
        self._floors: Counter[str] = Counter()

    def plan(self, when: datetime, what: Callable[[], Any]) -> None:
        heapq.heappush(self._agenda, (when, next(self._order), what))

    def run(self) -> None:
        """Everything planned, in its order, an engine's round after each."""
        while self._agenda:
            when, _, what = heapq.heappop(self._agenda)
            self.clock.instant = when
            what()
            self.rounds.round()
            self.clock.instant = when + timedelta(seconds=14)
            self.rounds.send()
        self.clock.instant = NOW
        self.rounds.round()

    def write(self, when: datetime, board: str, title: str, body: str, *, after: int = 4) -> str:
        """A topic, read `after` minutes later; its thread's number."""
        tid = str(next(self._numbers))
        self._floors[tid] = 1
        post = self._post(tid, when, board, title, body, uid=str(100 + int(tid) % 97), floor=1, kind=PostKind.TOPIC)
        self._threads[tid] = self._snapshot(tid, post)
        self.plan(when + timedelta(minutes=after), lambda: self.read(tid))
        return tid

    def reply(self, tid: str, when: datetime, uid: str, body: str, *, after: int = 2) -> None:
        """A reply; an office's when `uid` is one of its accounts."""

        def said() -> None:
            old = self._threads[tid]
            self._floors[tid] += 1
            post = self._post(tid, when, old.board_name, old.title, body, uid=uid, floor=self._floors[tid], kind=PostKind.REPLY)
            self._renew(tid, posts=(*old.posts, post))

        self.plan(when + timedelta(minutes=after), said)

    def edit(self, tid: str, when: datetime, body: str) -> None:
        self.plan(when, lambda: self._renew(tid, posts=(_with(self._threads[tid].posts[0], body=body), *self._threads[tid].posts[1:])))

    def delete(self, tid: str, when: datetime, floor: int) -> None:
        """A floor vanishes: believed once two reads did not show it."""
        self.plan(when, lambda: self._renew(tid, posts=tuple(post for post in self._threads[tid].posts if post.floor != floor)))
        self.plan(when + timedelta(minutes=3), lambda: self.read(tid))

    def move(self, when: datetime, name: str, tid: str, actor: str, **fields: Any) -> None:
        """A move on the alert of a thread, by somebody. What the judge left alone has no alert: nothing is done."""

        def moved() -> None:
            from alerts import moves
            from alerts.models import Alert

            alert = Alert.objects.filter(anchor__thread__tid=tid).order_by("-pk").first()
            if alert is not None and (name != "close" or alert.state == "ANSWERED") and (name != "dismiss" or alert.state == "OPEN"):
                if "into" in fields:
                    fields["into"] = Alert.objects.get(anchor__thread__tid=fields["into"]).pk
                getattr(moves, name)(alert.pk, actor, now=self.clock.now(), **fields)

        self.plan(when, moved)

    def _post(self, tid: str, when: datetime, board: str, title: str, body: str, *, uid: str, floor: int, kind: PostKind) -> Post:
        return Post(
            site=SITE,
            pid=f"{tid}{floor:02d}",
            tid=tid,
            kind=kind,
            board=BOARDS[board],
            board_name=board,
            title=title if kind == PostKind.TOPIC else "",
            thread_title=title,
            body=body,
            uid=uid,
            author=f"u{uid}",
            floor=floor,
            posted_at=when,
            precision=Precision.MINUTE,
            url=ADDRESS.format(tid),
        )

    def _snapshot(self, tid: str, first: Post) -> ThreadSnapshot:
        return ThreadSnapshot(
            site=SITE,
            tid=tid,
            board=first.board,
            board_name=first.board_name,
            title=first.title,
            url=ADDRESS.format(tid),
            posts=(first,),
            replies=0,
            views=self.random.randrange(20, 90),
            fetched_at=first.posted_at,
            raw_sha256=sha256(tid.encode()).hexdigest(),
        )

    def _renew(self, tid: str, posts: tuple[Post, ...]) -> None:
        self._threads[tid] = _with(self._threads[tid], posts=posts, replies=len(posts) - 1)
        self.read(tid)

    def read(self, tid: str) -> None:
        """Read the thread as it now stands."""
        old = self._threads[tid]
        grown = (old.views or 0) + self.random.randrange(15, 90)
        self._threads[tid] = _with(old, fetched_at=self.clock.now(), views=grown)
        self.sink.take([self._threads[tid]])


def _with(record: Any, **fields: Any) -> Any:
    from dataclasses import replace

    return replace(record, **fields)
