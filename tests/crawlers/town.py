"""A small forum as plain values, which each engine's test renders in its own way and compares with what was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from store.records import PostKind
from tests.crawlers.served import MemorySink

ROWS, POSTS = 10, 5
PEOPLE = {"31": "老街住户", "47": "陈", "900": "城管局"}


@dataclass(frozen=True)
class Said:
    pid: int
    uid: str
    body: str
    at: datetime


@dataclass(frozen=True)
class Talk:
    tid: int
    board: str
    title: str
    posts: list[Said]

    @property
    def last(self) -> datetime:
        return self.posts[-1].at

    def page(self, number: int) -> list[Said]:
        return self.posts[(number - 1) * POSTS : number * POSTS]

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.posts) // POSTS))


@dataclass
class Town:
    """23 threads on three boards, newest replies first; every fourth has three pages."""

    talks: list[Talk] = field(default_factory=list)
    #: addresses asked for
    asked: list[str] = field(default_factory=list)

    def page(self, number: int, board: str = "") -> list[Talk]:
        return self.of(board)[(number - 1) * ROWS : number * ROWS]

    def of(self, board: str = "") -> list[Talk]:
        talks = [talk for talk in self.talks if not board or talk.board == board]
        return sorted(talks, key=lambda talk: talk.last, reverse=True)

    def pages(self, board: str = "") -> int:
        return max(1, -(-len(self.of(board)) // ROWS))

    def talk(self, tid: str) -> Talk | None:
        return next((talk for talk in self.talks if str(talk.tid) == tid), None)


def town() -> Town:
    now = datetime.now(UTC).replace(microsecond=0, second=0)
    made = Town()
    pid = 1000
    for number in range(23):
        begun = now - timedelta(hours=2 * number + 2)
        posts = []
        for index in range(12 if number % 4 == 0 else 1 + number % 3):
            pid += 1
            uid = list(PEOPLE)[(number + index) % 3]
            posts.append(Said(pid, uid, f"第 {number} 件事的第 {index} 句 <路灯> & 井盖", begun + timedelta(minutes=index)))
        made.talks.append(Talk(100 + number, str(1 + number % 3), f"第 {number} 件事 & 其他", posts))
    return made


def compare(made: Town, sink: MemorySink, **leave_out: bool) -> None:
    """Every post once, with its thread, author, time, text and kind."""
    wanted: dict[str, dict[str, Any]] = {
        str(said.pid): {
            "tid": str(talk.tid),
            "thread_title": talk.title,
            "uid": said.uid,
            "author": PEOPLE[said.uid],
            "body": said.body,
            "posted_at": said.at,
            "kind": PostKind.TOPIC if index == 0 else PostKind.REPLY,
            "board": talk.board,
        }
        for talk in made.talks
        for index, said in enumerate(talk.posts)
    }
    assert set(sink.posts) == set(wanted)
    for pid, fields in wanted.items():
        found = {name: getattr(sink.posts[pid], name) for name in fields if name not in leave_out}
        assert found == {name: value for name, value in fields.items() if name not in leave_out}
