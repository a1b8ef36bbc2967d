"""A site with django-machina as PyPI has it, read by docs/examples/machina.yaml alone: compared with its database, post by post."""

from __future__ import annotations

import re
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
from tests.real.programs import Filled, machina, on_machina

pytestmark = pytest.mark.realforum
#: the parts of its forms for attachments and polls
NO_FILES = {f"{part}-{name}_FORMS": 0 for part in ("attachment", "poll") for name in ("TOTAL", "INITIAL")}
SQL = """
SELECT p.id, t.id, t.subject, f.id, f.name, t.first_post_id = p.id, p.poster_id, coalesce(u.username, p.username), p.created
FROM forum_conversation_post p JOIN forum_conversation_topic t ON t.id = p.topic_id JOIN forum_forum f ON f.id = t.forum_id
LEFT JOIN auth_user u ON u.id = p.poster_id
WHERE p.approved AND t.last_post_on >= ?
"""


@dataclass(frozen=True)
class Running:
    forum: Filled
    home: Path


@pytest.fixture(scope="module")
def talks() -> list[town.Talk]:
    return town.plan()


@pytest.fixture(scope="module")
def bbs(talks: list[town.Talk], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("machina")
    with machina(town.as_json(talks), home) as forum:
        yield Running(forum, home)


def shown(said: town.Said) -> str:
    """A text as this program shows it: it takes tags out, loudly, and underlines for emphasis."""
    plain = said.seen if "`" in (said.edited or said.text) else re.sub("<[^>]*>", "[HTML_REMOVED]", said.seen)
    return plain.replace("topic_is_deleted", "topicisdeleted")


def truth(bbs: Running, talks: list[town.Talk], oldest: datetime) -> dict[str, tuple[object, ...]]:
    """(thread, title, board, its name, kind, uid, author, time to the minute, text) of every visible post."""
    seen = {bbs.forum.posts[said.key]: shown(said) for talk in talks for said in talk.posts}
    with closing(sqlite3.connect(f"file:{bbs.home / 'db.sqlite3'}?mode=ro", uri=True)) as database:
        rows = database.execute(SQL, (oldest.strftime("%Y-%m-%d %H:%M:%S"),)).fetchall()
    wanted = {}
    for pid, tid, title, board, board_name, first, uid, name, created in rows:
        at = datetime.fromisoformat(created).replace(tzinfo=UTC, second=0, microsecond=0)
        kind = PostKind.TOPIC if first else PostKind.REPLY
        wanted[str(pid)] = (str(tid), title, str(board), board_name, kind, str(uid or ""), name, at, seen[str(pid)])
    return wanted


def test_every_post_time_and_author_is_that_of_its_database(bbs: Running, talks: list[town.Talk], tmp_path: Path) -> None:
    sink, one = MemorySink(), configured("machina.yaml", bbs.forum.url, tmp_path)
    reports, events = crawl_once(sink, one)
    wanted = truth(bbs, talks, datetime.now(UTC) - timedelta(days=30))
    found = {
        pid: (post.tid, post.thread_title, post.board, post.board_name, post.kind, post.uid, post.author, post.posted_at, post.body)
        for pid, post in sink.posts.items()
    }
    assert len(wanted) > 300
    assert {pid: (wanted.get(pid), found.get(pid)) for pid in {*wanted, *found} if wanted.get(pid) != found.get(pid)} == {}
    assert {bbs.forum.posts[said.key] for talk in talks for said in talk.posts if said.deleted or said.purged or talk.deleted}.isdisjoint(
        found
    )
    assert {name for _, _, _, _, _, uid, name, _, _ in wanted.values() if not uid} == {"路过的老王", "游客"}
    assert [event.text for event in events if event.kind in ("failure", "rest", "trouble")] == []
    asked = sum(report.requests for report in reports)
    threads = len({post[0] for post in wanted.values()})
    print(f"django-machina: {len(found)} of {len(wanted)} posts in {threads} threads with time and author, {asked} requests")

    _, events = crawl_once(sink, one)
    assert {event.kind for event in events} == {"start", "list", "end"}  # nothing new: no thread is asked for again


def test_what_happens_later_is_seen(bbs: Running, talks: list[town.Talk], tmp_path: Path) -> None:
    sink, one = MemorySink(), configured("machina.yaml", bbs.forum.url, tmp_path)
    crawl_once(sink, one)
    threads, posts = bbs.forum.threads, bbs.forum.posts
    long, doomed, renamed = threads["2"], threads["35"], threads["9"]
    board, other = ("x-" + bbs.forum.boards[town.BOARDS[number % 4]] for number in (2, 9))
    on_machina(
        bbs.home,
        (f"/forum/{board}/topic/x-{long}/{posts['2.92']}/post/update/", {"subject": "Re: x", "content": "改成这样了"} | NO_FILES),
        (f"/forum/{board}/topic/x-{long}/{posts['2.93']}/post/delete/", {}),
        (f"/forum/{board}/topic/x-{long}/post/create/", {"subject": "Re: x", "content": "刚刚又灭了"} | NO_FILES),
        (f"/moderation/topic/x-{doomed}/delete/", {}),
        (f"/forum/{other}/topic/x-{renamed}/update/", {"subject": "换了标题", "content": "改过", "topic_type": 0} | NO_FILES),
    )
    before = len(sink.snapshots)
    sink.hot_tids |= {doomed, renamed}  # an answer is awaited in these: they are looked at without a sign of change
    _, events = crawl_once(sink, one)
    later = sink.snapshots[before:]
    assert [event.text for event in events if event.kind in ("rest", "trouble")] == []
    assert sink.posts[posts["2.92"]].body == "改成这样了"
    last = next(snapshot for snapshot in later if snapshot.tid == long)
    assert "刚刚又灭了" in {post.body for post in last.posts}
    assert posts["2.93"] not in {post.pid for post in last.posts}
    assert last.complete
    assert {snapshot.tid for snapshot in later if snapshot.gone} == {doomed}
    assert {snapshot.title for snapshot in later if snapshot.tid == renamed} == {"换了标题"}
