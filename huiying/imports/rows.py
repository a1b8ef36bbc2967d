"""One row of a table to what the store takes: the message as a topic, its answer as an official reply."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from huiying.imports.columns import Columns
from huiying.imports.times import read_time
from store.cleaning import plain
from store.records import Post, PostKind
from store.snapshots import ThreadSnapshot

_WHOLE_FLOAT = re.compile(r"(\d+)\.0+\Z")
_ID = re.compile(r"[^\s:]{1,56}\Z")
_COUNT = re.compile(r"\d{1,9}\Z")


class Refused(ValueError):
    """This row is not taken: says why, in Chinese."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A row that may be stored."""

    number: int
    topic: Post
    answer: Post | None
    views: int | None
    replies: int | None

    @property
    def content(self) -> str:
        """Hash of what would be stored of it, to tell a repeated row from one that contradicts."""
        parts = [self.topic.title, self.topic.body, self.topic.posted_at.isoformat()]
        parts += [self.answer.body, self.answer.posted_at.isoformat()] if self.answer else []
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()

    def snapshots(self, now: datetime) -> list[tuple[datetime, ThreadSnapshot]]:
        """(instant, snapshot) of the message and of its answer; never read before they were written."""
        topic = self.topic
        base = ThreadSnapshot(
            site=topic.site,
            tid=topic.tid,
            board=topic.board,
            board_name=topic.board_name,
            title=topic.title,
            url=topic.url,
            views=self.views,
            replies=self.replies if self.replies is not None or self.answer is None else 1,
            fetched_at=now,
        )
        found = [(post.posted_at, replace(base, posts=(post,))) for post in (topic, self.answer) if post is not None]
        return found


def read_row(number: int, cells: Mapping[str, str], columns: Columns, source: str) -> Message:
    """Raises Refused."""

    def cell(field: str) -> str:
        return columns.cell(cells, field)

    title, body = plain(cell("title")).strip(), plain(cell("body")).strip()
    if not title and not body:
        raise Refused("标题和内容都是空的")
    try:
        posted_at, precision = read_time(cell("posted_at"))
    except ValueError as error:
        raise Refused(str(error)) from error
    author = cell("author")
    pid = _pid(cell("id"), title, body, posted_at, author)
    topic = Post(
        site=source,
        pid=pid,
        tid=pid,
        kind=PostKind.TOPIC,
        board=(cell("board") or cell("area"))[:60],
        board_name=cell("board") or cell("area"),
        title=title,
        thread_title=title,
        body=body,
        uid=author,
        author=author,
        posted_at=posted_at,
        precision=precision,
        url=_url(cell("url")),
    )
    return Message(
        number=number, topic=topic, answer=_answer(topic, cells, columns), views=_count(cell("views")), replies=_count(cell("replies"))
    )


def _pid(text: str, title: str, body: str, posted_at: datetime, author: str) -> str:
    """The row's own id, else a hash of what it says: the same row has the same id in every export."""
    whole = _WHOLE_FLOAT.match(text)
    if whole:
        return whole[1]
    if not text:
        told = "\0".join((title, body, posted_at.isoformat(), author))
        return "h" + hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:20]
    if not _ID.match(text):
        raise Refused(f"编号「{text[:60]}」里有空格、冒号，或超过 56 个字符")
    return text


def _answer(topic: Post, cells: Mapping[str, str], columns: Columns) -> Post | None:
    text = plain(columns.cell(cells, "answer")).strip()
    if not text:
        return None
    try:
        answered_at, precision = read_time(columns.cell(cells, "answered_at"))
    except ValueError as error:
        raise Refused(f"有答复意见，但答复时间不能用：{error}") from error
    if answered_at < topic.posted_at:
        raise Refused(f"答复时间 {columns.cell(cells, 'answered_at')[:30]} 早于来件时间 {columns.cell(cells, 'posted_at')[:30]}")
    return replace(
        topic,
        pid=f"{topic.pid}-a",
        kind=PostKind.REPLY,
        title="",
        body=text,
        uid="",
        author=columns.cell(cells, "unit")[:60],
        posted_at=answered_at,
        precision=precision,
    )


def _url(text: str) -> str:
    return text if text.startswith(("http://", "https://")) and len(text) <= 2000 else ""


def _count(text: str) -> int | None:
    digits = (_WHOLE_FLOAT.match(text) or [text, text])[1]
    return int(digits) if _COUNT.match(digits) else None
