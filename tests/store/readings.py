"""A small forum to read from: snapshots as a crawl would hand them over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from store.intake import StoreSink
from store.records import Post, PostKind, Precision
from store.snapshots import ThreadSnapshot

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SITE = "sample"
KEY = "0" * 64
WATER = {(SITE, "900"): "市水务集团"}


def sink(**options: Any) -> StoreSink:
    return StoreSink(**{"home_key": KEY, "official": WATER, **options})


def post(pid: str = "1", *, tid: str = "10", uid: str = "7", minutes: int = -30, **fields: Any) -> Post:
    """A post of `minutes` before noon; the first of a thread is its topic."""
    topic = fields.pop("topic", pid == "1")
    facts: dict[str, Any] = {
        "site": SITE,
        "pid": pid,
        "tid": tid,
        "kind": PostKind.TOPIC if topic else PostKind.REPLY,
        "title": "水管爆了" if topic else "",
        "body": "人民路口的水管爆了，没有人管",
        "uid": uid,
        "author": "张三",
        "posted_at": NOON + timedelta(minutes=minutes),
        "precision": Precision.SECOND,
    }
    return Post(**(facts | fields))


def page(*posts: Post, tid: str = "10", seconds: float = 0, **fields: Any) -> ThreadSnapshot:
    """A page of a thread, read `seconds` after noon."""
    facts: dict[str, Any] = {
        "site": SITE,
        "tid": tid,
        "board": "2",
        "board_name": "百姓呼声",
        "title": "水管爆了",
        "url": f"http://127.0.0.1/thread-{tid}-1-1.html",
        "posts": posts,
        "replies": max(0, len(posts) - 1),
        "views": 5,
        "fetched_at": NOON + timedelta(seconds=seconds),
        "raw_sha256": "ab" * 32,
    }
    return ThreadSnapshot(**(facts | fields))
