"""A NodeBB as npm has it, on Debian's Redis: what is crawled is compared with the forum's own API, post by post.

The reader uses /api/topic, /api/category and /api/recent; the comparison asks for each post, person and thread alone, at
/api/post/pid/N, /api/user/uid/N and /api/topic/tid/N, and takes the texts and the names of guests from what was written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from store.records import Post, PostKind
from tests.crawlers.served import ROOT, MemorySink, crawl_once, source
from tests.real import plan as town
from tests.real.programs import Filled, done, get, nodebb, on_nodebb

pytestmark = pytest.mark.realforum


@dataclass(frozen=True)
class Wanted:
    """A post as the forum's own API tells it."""

    tid: str
    uid: str
    author: str
    posted_at: datetime
    title: str
    board: str
    kind: PostKind
    #: None = not written by the plan
    body: str | None


def told(forum: Filled, path: str) -> Any:
    """An answer of the API, None when there is none for a guest."""
    status, body = get(f"{forum.url}api/{path}")
    assert status in (200, 401, 404), (path, status)
    return json.loads(body) if status == 200 else None


def truth(forum: Filled, talks: list[town.Talk], last_pid: int, oldest: datetime) -> dict[str, Wanted]:
    """Every post that a guest may see, of the threads that have lived since `oldest`."""
    said = {forum.posts[one.key]: one for talk in talks for one in talk.posts}
    topics: dict[str, Any] = {}
    people: dict[str, str] = {}
    wanted = {}
    for number in range(1, last_pid + 1):
        post = told(forum, f"post/pid/{number}")
        if post is None:
            continue
        tid, uid = post["tid"], post["uid"]
        topic = topics.setdefault(tid, told(forum, f"topic/tid/{tid}"))
        if topic is None or datetime.fromtimestamp(int(topic["lastposttime"]) / 1000, UTC) < oldest:
            continue
        written = said.get(str(number))
        if uid == "0":
            assert written is not None
            author = written.who.removeprefix("guest:") or "游客"
        else:
            people.setdefault(uid, told(forum, f"user/uid/{uid}")["username"])
            author = unescape(people[uid])
        wanted[str(number)] = Wanted(
            tid=tid,
            uid="" if uid == "0" else uid,
            author=author,
            posted_at=datetime.fromtimestamp(int(post["timestamp"]) / 1000, UTC),
            title=unescape(topic["title"]),
            board=topic["cid"],
            kind=PostKind.TOPIC if topic["mainPid"] == str(number) else PostKind.REPLY,
            body=None if written is None else "" if post["deleted"] == "1" else written.seen,
        )
    return wanted


def as_wanted(post: Post, like: Wanted) -> Wanted:
    body = None if like.body is None else post.body
    return Wanted(post.tid, post.uid, post.author, post.posted_at, post.thread_title, post.board, post.kind, body)


def differences(sink: MemorySink, wanted: dict[str, Wanted]) -> dict[str, tuple[object, object]]:
    """What is missing, too much, or not the same."""
    found = {pid: (None, post) for pid, post in sink.posts.items() if pid not in wanted}
    return found | {
        pid: (one, as_wanted(sink.posts[pid], one) if pid in sink.posts else None)
        for pid, one in wanted.items()
        if pid not in sink.posts or as_wanted(sink.posts[pid], one) != one
    }


def last_pid(forum: Filled) -> int:
    return max(map(int, forum.posts.values()))


@pytest.fixture(scope="module")
def talks() -> list[town.Talk]:
    return town.plan()


@pytest.fixture(scope="module")
def forum(talks: list[town.Talk], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with nodebb(town.as_json(talks), tmp_path_factory.mktemp("nodebb")) as running:
        yield running


def test_every_post_time_and_author_is_that_of_the_forums_own_api(forum: Filled, talks: list[town.Talk]) -> None:
    sink = MemorySink()
    one = source(forum.url, engine="nodebb", timeout_s=20)
    reports, events = crawl_once(sink, one)
    wanted = truth(forum, talks, last_pid(forum), datetime.now(UTC) - one.max_age)
    assert len(wanted) > 300
    assert len({post.tid for post in wanted.values()}) > 30
    assert differences(sink, wanted) == {}
    assert [event for event in events if event.kind in ("failure", "rest", "trouble")] == []
    asked = sum(report.requests for report in reports)
    threads = len({post.tid for post in wanted.values()})
    print(f"NodeBB: {len(wanted)} of {len(wanted)} posts in {threads} threads with time and author, {asked} requests")

    _, events = crawl_once(sink, one)
    assert {event.kind for event in events} == {"start", "list", "end"}  # nothing new: no thread is asked for again


def test_what_happens_later_is_seen(forum: Filled, talks: list[town.Talk]) -> None:
    sink = MemorySink()
    one = source(forum.url, engine="nodebb", timeout_s=20)
    crawl_once(sink, one)
    long, short, doomed, shrunk = (forum.threads[key] for key in ("2", "36", "35", "34"))
    board = int(forum.boards["百姓话题"])
    made = on_nodebb(
        forum,
        ("posts.reply", {"tid": long, "content": "刚刚又灭了"}),
        ("topics.post", {"cid": board, "title": "110", "content": "新的一件事", "tags": []}),
        ("posts.edit", {"pid": forum.posts["36.0"], "content": "改成这样了"}),
        ("posts.reply", {"tid": short, "content": "改了请看楼上"}),
        ("topics.delete", {"tids": [doomed], "cid": int(forum.boards[town.BOARDS[35 % 4]])}),
        *(("posts.purge", {"pid": forum.posts[f"34.{index}"], "tid": shrunk}) for index in (2, 3)),
        ("posts.reply", {"tid": shrunk, "content": "上面两楼没了"}),
    )
    replied, begun, _, again, *_, after = made
    _, events = crawl_once(sink, one)
    assert [event.text for event in events if event.kind in ("failure", "rest", "trouble")] == []
    for pid, body in ((replied["pid"], "刚刚又灭了"), (again["pid"], "改了请看楼上"), (after["pid"], "上面两楼没了")):
        assert sink.posts[str(pid)].body == body
        assert sink.posts[str(pid)].author == "admin"
    assert sink.posts[str(begun["mainPid"])].thread_title == "110"
    assert sink.posts[forum.posts["36.0"]].body == "改成这样了"
    assert {snapshot.tid for snapshot in sink.snapshots if snapshot.gone} == {doomed}
    last = [snapshot for snapshot in sink.snapshots if snapshot.tid == shrunk][-1]
    assert last.complete
    assert not {forum.posts["34.2"], forum.posts["34.3"]} & {post.pid for post in last.posts}
    asked = {snapshot.tid for snapshot in sink.snapshots[-8:]}
    assert {long, short, shrunk, str(begun["tid"])} <= asked


def test_the_command_stores_it(forum: Filled, talks: list[town.Talk], tmp_path: Path) -> None:
    uid = forum.people[town.OFFICIAL]
    config = tmp_path / "pipelines.yaml"
    config.write_text(
        f"extends: shipped\nsources:\n  jiefang:\n    engine: nodebb\n    url: {forum.url}\n    enabled: true\n"
        f"    allow_private: true\n    min_delay: 0s\n    requests_per_minute: 600\n    official: {{'{uid}': 市综合行政执法局}}\n",
        encoding="utf-8",
    )

    def huiying(*words: str) -> list[dict[str, Any]]:
        command = [sys.executable, "-m", "huiying", *words, "--home", str(tmp_path / "home"), "--config", str(config), "--json"]
        return [json.loads(line) for line in done(command, ROOT).splitlines()]

    rounds = huiying("crawl", "jiefang", "--once")
    stored = {row["id"].partition(":")[2]: row for row in huiying("posts", "--limit", "2000")}
    wanted = truth(forum, talks, last_pid(forum) + 20, datetime.now(UTC) - timedelta(days=30))
    assert sum(row["posts_new"] for row in rounds) == len(stored)
    assert set(stored) == set(wanted)
    for pid, one in wanted.items():
        assert datetime.fromisoformat(stored[pid]["posted_at"]) == one.posted_at.replace(microsecond=0), pid
        assert stored[pid]["official"] == (one.uid == uid)
    # names are not stored: one person has one pseudonym, and nobody shares it; guests are one
    pairs = {(one.uid, stored[pid]["author"]) for pid, one in wanted.items()}
    assert len(pairs) == len({person for person, _ in pairs}) == len({shown for _, shown in pairs})
