"""A Spirit forum as PyPI has it, read by docs/examples/spirit.yaml alone: compared with its database, post by post."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.records import PostKind
from tests.crawlers.served import MemorySink, crawl_once
from tests.real import plan as town
from tests.real.examples import configured
from tests.real.programs import Filled, on_spirit, spirit

pytestmark = pytest.mark.realforum
SQL = """
SELECT c.id, c.topic_id, c.user_id, p.nickname, c.date, t.title, t.category_id,
       c.id = (SELECT min(f.id) FROM spirit_comment_comment f WHERE f.topic_id = t.id)
FROM spirit_comment_comment c JOIN spirit_topic_topic t ON t.id = c.topic_id JOIN spirit_user_userprofile p ON p.user_id = c.user_id
WHERE c.action = 0 AND NOT c.is_removed AND NOT t.is_removed AND t.last_active >= ?
"""


@dataclass(frozen=True)
class Running:
    forum: Filled
    database: Path


@pytest.fixture(scope="module")
def talks() -> list[town.Talk]:
    return town.plan(guests=False)


@pytest.fixture(scope="module")
def bbs(talks: list[town.Talk], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("spirit")
    with spirit(town.as_json(talks), home) as forum:
        yield Running(forum, home / "bbs" / "db.sqlite3")


def truth(bbs: Running, talks: list[town.Talk], oldest: datetime) -> dict[str, tuple[object, ...]]:
    """(thread, title, board, kind, uid, author, time to the minute, text) of every visible post."""
    seen = {bbs.forum.posts[said.key]: said.seen for talk in talks for said in talk.posts}
    with closing(sqlite3.connect(f"file:{bbs.database}?mode=ro", uri=True)) as database:
        rows = database.execute(SQL, (oldest.strftime("%Y-%m-%d %H:%M:%S"),)).fetchall()
    wanted = {}
    for pid, tid, uid, name, date, title, board, first in rows:
        at = datetime.fromisoformat(date).replace(tzinfo=UTC, second=0, microsecond=0)
        kind = PostKind.TOPIC if first else PostKind.REPLY
        wanted[str(pid)] = (str(tid), title, str(board), kind, str(uid), name, at, seen[str(pid)])
    return wanted


def test_every_post_time_and_author_is_that_of_its_database(bbs: Running, talks: list[town.Talk], tmp_path: Path) -> None:
    sink, one = MemorySink(), configured("spirit.yaml", bbs.forum.url, tmp_path)
    reports, events = crawl_once(sink, one)
    wanted = truth(bbs, talks, datetime.now(UTC) - timedelta(days=30))
    found = {
        pid: (post.tid, post.thread_title, post.board, post.kind, post.uid, post.author, post.posted_at, post.body)
        for pid, post in sink.posts.items()
    }
    assert len(wanted) > 300
    assert {pid: (wanted.get(pid), found.get(pid)) for pid in {*wanted, *found} if wanted.get(pid) != found.get(pid)} == {}
    assert [event.text for event in events if event.kind in ("failure", "rest", "trouble")] == []
    asked = sum(report.requests for report in reports)
    threads = len({post[0] for post in wanted.values()})
    print(f"Spirit: {len(found)} of {len(wanted)} posts in {threads} threads with time and author, {asked} requests")

    _, events = crawl_once(sink, one)
    assert {event.kind for event in events} == {"start", "list", "end"}  # nothing new: no thread is asked for again


def test_what_happens_later_is_seen(bbs: Running, talks: list[town.Talk], tmp_path: Path) -> None:
    sink, one = MemorySink(), configured("spirit.yaml", bbs.forum.url, tmp_path)
    crawl_once(sink, one)
    threads, posts = bbs.forum.threads, bbs.forum.posts
    long, old, doomed = threads["2"], threads["9"], threads["35"]
    on_spirit(
        bbs.database.parents[1],
        (f"/comment/{posts['2.92']}/update/", {"comment": "改成这样了"}),
        (f"/comment/{posts['2.93']}/delete/", {}),
        (f"/comment/{long}/publish/", {"comment": "刚刚又灭了"}),
        (f"/topic/moderate/delete/{doomed}/", {}),
    )
    before = len(sink.snapshots)
    # an answer is awaited in these: they are looked at again without a sign of change, the second on its last page
    sink.hot_tids |= {doomed, old}
    _, events = crawl_once(sink, one)
    later = sink.snapshots[before:]
    assert [event.text for event in events if event.kind in ("rest", "trouble")] == []
    assert sink.posts[posts["2.92"]].body == "改成这样了"
    assert "刚刚又灭了" in {post.body for snapshot in later for post in snapshot.posts if snapshot.tid == long}
    last = next(snapshot for snapshot in later if snapshot.tid == long)
    assert last.complete
    assert posts["2.93"] not in {post.pid for post in last.posts}
    assert {snapshot.tid for snapshot in later if snapshot.gone} == {doomed}
    assert {snapshot.page for snapshot in later if snapshot.tid == old} >= {2}
