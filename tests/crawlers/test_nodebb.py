"""NodeBB over HTTP, as its public JSON answers."""

from __future__ import annotations

import json
import re
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from store.snapshots import FetchOutcome
from tests.crawlers.served import Answer, MemorySink, crawl_once, source, tiny_server
from tests.crawlers.town import PEOPLE, Said, Talk, Town, compare, town

pytestmark = pytest.mark.served


def _millis(said: Said) -> int:
    return int(said.at.timestamp() * 1000)


def _topic(talk: Talk) -> dict[str, Any]:
    first = talk.posts[0]
    return {
        "tid": talk.tid,
        "cid": int(talk.board),
        "title": escape(talk.title),
        "mainPid": first.pid,
        "uid": int(first.uid),
        "user": {"username": PEOPLE[first.uid]},
        "postcount": len(talk.posts),
        "timestamp": _millis(first),
        "lastposttime": _millis(talk.posts[-1]),
    }


def served_by(made: Town, path: str) -> Answer:
    made.asked.append(path)
    parts = urlsplit(path)
    page = int(parse_qs(parts.query).get("page", ["1"])[0])
    told: dict[str, Any]
    if parts.path == "/api/categories":
        told = {"categories": [{"cid": 1, "name": "一", "children": [{"cid": 2, "name": "二"}]}, {"cid": 3, "name": "三"}]}
    elif hit := re.fullmatch(r"/api/topic/(\d+)", parts.path):
        talk = made.talk(hit[1])
        if talk is None or page > talk.pages:
            return 404, {}, b'{"path":"/topic"}'
        posts = [
            {"pid": said.pid, "uid": int(said.uid), "user": {"username": PEOPLE[said.uid]}, "timestamp": _millis(said), "index": index}
            | {"content": f"<p>{escape(said.body)}</p>", "deleted": 0}
            for index, said in enumerate(talk.posts)
            if said in talk.page(page)
        ]
        told = _topic(talk) | {"posts": posts, "pagination": {"currentPage": page, "pageCount": talk.pages}}
    elif hit := re.fullmatch(r"/api/(?:category/(\d+)|recent)", parts.path):
        board = hit[1] or ""
        topics = [_topic(talk) for talk in made.page(page, board)]
        told = {"topics": topics, "pagination": {"currentPage": page, "pageCount": made.pages(board)}}
        told |= {"cid": int(board)} if board else {}
    else:
        return 404, {}, b""
    return 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(told).encode()


def test_every_post_is_read_once_and_a_second_round_reads_lists_only() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="nodebb"))
        compare(made, sink)
        assert len([path for path in made.asked if "/topic/" in path]) == sum(talk.pages for talk in made.talks)
        made.asked.clear()
        crawl_once(sink, source(url, engine="nodebb"))
    assert not [path for path in made.asked if "/topic/" in path]


def test_the_configured_boards_are_kept_to() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="nodebb", boards=("2",)))
    assert {post.board for post in sink.posts.values()} == {"2"}
    assert len(sink.posts) == sum(len(talk.posts) for talk in made.of("2"))


def test_a_thread_that_became_shorter_is_not_taken_for_a_deleted_one() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="nodebb"))
        talk = made.talks[0]
        assert sink.marks[str(talk.tid)].pages == 3
        del talk.posts[4:]
        sink.hot_tids.add(str(talk.tid))
        crawl_once(sink, source(url, engine="nodebb"))
    assert not [snapshot for snapshot in sink.snapshots if snapshot.gone]
    assert sink.marks[str(talk.tid)].pages == 1
    assert len(sink.snapshots[-1].posts) == 4


def test_a_thread_that_promises_pages_it_does_not_have_is_not_asked_for_ever() -> None:
    made, sink = town(), MemorySink()
    last = f"/api/topic/{made.talks[0].tid}?page=3&sort=oldest_to_newest"
    with tiny_server(lambda path: served_by(made, path if path != last else "/gone")) as url:
        crawl_once(sink, source(url, engine="nodebb"))
    assert 2 <= made.asked.count("/gone") <= 5  # four requests are under way at a time
    assert len(sink.posts) == sum(len(talk.posts) for talk in made.talks) - 2


def test_a_deleted_topic_is_reported_gone() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="nodebb"))
        tid = str(made.talks[1].tid)
        del made.talks[1]
        sink.hot_tids.add(tid)
        crawl_once(sink, source(url, engine="nodebb"))
    assert [snapshot.tid for snapshot in sink.snapshots if snapshot.gone] == [tid]
    assert FetchOutcome.GONE in {report.outcome for report in sink.reports}


def test_a_topic_that_guests_may_not_see_stops_nothing_else() -> None:
    made, sink = town(), MemorySink()
    hidden = made.talks[0]

    def answer(path: str) -> Answer:
        return (401, {}, b'"not-authorized"') if f"/topic/{hidden.tid}?" in path else served_by(made, path)

    with tiny_server(answer) as url:
        _, events = crawl_once(sink, source(url, engine="nodebb"))
    made.talks.remove(hidden)
    compare(made, sink)
    assert not [event for event in events if event.kind == "rest"]
    assert [report.detail for report in sink.reports if report.outcome is FetchOutcome.NOTICE] == ["no_permission"]
    assert not [snapshot for snapshot in sink.snapshots if snapshot.gone]


def test_a_forum_that_closes_to_guests_loses_no_topic() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="nodebb"))
    sink.hot_tids.add(str(made.talks[1].tid))
    with tiny_server(lambda path: (401, {}, b'"not-authorized"')) as url:
        _, events = crawl_once(sink, source(url, engine="nodebb"))
    assert [event for event in events if event.kind == "rest"]
    assert not [snapshot for snapshot in sink.snapshots if snapshot.gone]


def test_a_topic_that_its_category_shows_as_deleted_is_reported_gone_in_each_round() -> None:
    made, sink = town(), MemorySink()
    dead = made.talks[1]

    def answer(path: str) -> Answer:
        status, headers, body = served_by(made, path)
        if f"/topic/{dead.tid}?" in path:
            return 401, {}, b'"not-authorized"'
        told = json.loads(body or b"{}")
        for topic in told.get("topics", ()):
            topic["deleted"] = topic["tid"] == dead.tid
        return status, headers, json.dumps(told).encode() if body else body

    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="nodebb"))
    with tiny_server(answer) as url:
        for rounds in (1, 2):
            crawl_once(sink, source(url, engine="nodebb"))
            assert [snapshot.tid for snapshot in sink.snapshots if snapshot.gone] == [str(dead.tid)] * rounds
