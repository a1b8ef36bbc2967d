"""Feeds over HTTP: topics are stored from the feed alone, and nothing else is asked for."""

from __future__ import annotations

from email.utils import format_datetime
from html import escape

import pytest

from crawlers.trial import try_url
from store.clock import SystemClock
from store.records import PostKind
from tests.crawlers.served import Answer, MemorySink, crawl_once, source, tiny_server
from tests.crawlers.town import Town, town

pytestmark = pytest.mark.served


def served_by(made: Town, path: str) -> Answer:
    made.asked.append(path)
    if not path.startswith("/rss/"):
        return 404, {}, b""
    items = "".join(
        f"<item><title>{escape(escape(talk.title))}</title><link>/t/{talk.tid}</link>"
        f"<description>{escape(escape(talk.posts[0].body))}</description><pubDate>{format_datetime(talk.posts[0].at)}</pubDate></item>"
        for talk in made.page(1, path.removeprefix("/rss/"))
    )
    return 200, {"Content-Type": "application/rss+xml; charset=utf-8"}, f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


def test_topics_are_stored_without_a_request_of_their_own() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        for _ in range(2):
            crawl_once(sink, source(f"{url}rss/{{board}}", engine="feed", boards=("1", "2")))
            sink.hot_tids.add("100")  # an open alert does not make it look for a page that there is not
        fields = try_url(source(f"{url}rss/1", engine="feed"), f"{url}rss/1", SystemClock())
    assert set(made.asked) == {"/rss/1", "/rss/2", "/robots.txt"}
    told = {str(talk.tid): talk for board in "12" for talk in made.page(1, board)}
    assert {post.tid for post in sink.posts.values()} == set(told)
    assert len(sink.snapshots) == len(told), "what was told before is left alone"
    for post in sink.posts.values():
        talk = told[post.tid]
        assert (post.title, post.body, post.posted_at, post.board) == (talk.title, talk.posts[0].body, talk.posts[0].at, talk.board)
        assert post.kind is PostKind.TOPIC
    assert any(field.record.startswith("主题 ") and field.field == "title" and field.value for field in fields)


def test_an_edited_item_is_stored_again() -> None:
    before, after = (said.at.isoformat() for said in town().talks[0].posts[:2])
    entry = "<feed><entry><title>路灯</title><id>1</id><link href='/t/1'/><published>{}</published><updated>{}</updated>"
    texts = [f"{entry.format(before, when)}<summary>{body}</summary></entry></feed>" for when, body in ((before, "旧"), (after, "新"))]
    sink = MemorySink()
    with tiny_server(lambda path: (200, {}, texts[0].encode()) if path == "/feed" else (404, {}, b"")) as url:
        crawl_once(sink, source(f"{url}feed", engine="feed"))
        texts.pop(0)
        crawl_once(sink, source(f"{url}feed", engine="feed"))
    assert [post.body for post in sink.posts.values()] == ["新"]
