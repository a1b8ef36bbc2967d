"""JSON lines in, JSON lines out, same order: what `huiying assess` and `huiying events` do with their streams."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TextIO

import numpy as np
import orjson

from nlp.events import EventIndex
from nlp.judge import BATCH, BATCH_CHARACTERS, Judge
from nlp.judged import UNTOLD, Told
from nlp.second_reader import Turn
from store.clock import parse_instant
from store.records import Text

#: posts that are given their events together
EVENT_BATCH = 512
_TEXT_KEYS = ("title", "body", "board", "thread_title")
_KEYS = ("id", *_TEXT_KEYS)
#: types of what a row that needs no further look holds
_CELLS = {str, type(None)}


class LineSource(Protocol):
    """Anything that yields lines: a text stream, or a binary one."""

    def __iter__(self) -> Iterator[str | bytes]: ...


class LineError(ValueError):
    """A line is no post; the text says what is wrong with it, `id` is its own when it could be read."""

    def __init__(self, message: str, id: str = "") -> None:
        super().__init__(message)
        self.id = id


def _decoded(line: str | bytes) -> object:
    """What a line says. orjson reads what is clean; the rest goes by the library of Python, which takes lone surrogates,
    numbers without end and bytes that are no UTF-8. Raises LineError."""
    try:
        row: object = orjson.loads(line)
    except ValueError:
        row = None
    if isinstance(row, dict) and not isinstance(row.get("id"), float):
        return row
    if isinstance(line, bytes):
        line = line.decode("utf-8", "replace")
    try:
        row = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise LineError(f"不是一行 JSON：{error}") from error
    return row


class _Post(NamedTuple):
    """What the judge reads of a line."""

    id: str
    title: str
    body: str
    board: str
    thread_title: str


def _checked(row: dict[str, Any]) -> str:
    """The id of a row that is a post. Raises LineError."""
    id_ = row.get("id")
    if isinstance(id_, int) and not isinstance(id_, bool):
        id_ = str(id_)
    if not isinstance(id_, str) or not id_:
        raise LineError("缺少 id（非空字符串）")
    for key in _TEXT_KEYS:
        if not isinstance(row.get(key), str | None):
            raise LineError(f"{key} 应为字符串，实为 {type(row[key]).__name__}", id_)
    if row.get("title") is None and row.get("body") is None:
        raise LineError("title 与 body 都没有", id_)
    return id_


def read(line: str | bytes) -> tuple[_Post, datetime | None]:
    """The post of one JSON line and its instant. Raises LineError."""
    row = _decoded(line)
    if not isinstance(row, dict):
        raise LineError('这一行不是 JSON 对象；应为 {"id","title","body"}')
    id_, title, body, board, thread_title = cells = tuple(map(row.get, _KEYS))
    if not (id_ and type(id_) is str and (title or body) is not None and set(map(type, cells)) <= _CELLS):
        id_ = _checked(row)
    posted_at = row.get("posted_at")
    try:
        moment = parse_instant(posted_at) if posted_at else None
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise LineError(f"posted_at 不是 ISO 8601 时间：{posted_at!r}", id_) from error
    return _Post(id_, title or "", body or "", board or "", thread_title or ""), moment


def read_line(line: str | bytes) -> Text:
    """The post of one JSON line. Raises LineError."""
    post, moment = read(line)
    return Text(**post._asdict(), posted_at=moment)


def _rows(posts: Sequence[_Post], judge: Judge, second: Turn | None = None) -> list[bytes]:
    """The JSON rows of cli.md of one batch."""
    if not posts:
        return []
    found, names = judge.judged(posts, second=second), judge.model.topics
    untold = b"," + _dumps(_told(UNTOLD) | {"model": judge.version})[1:]
    thresholds = np.asarray(found.thresholds).round(4).tolist()
    columns = (thresholds, found.flags.tolist(), found.unsure.tolist(), found.categories, found.topics, found.shares)
    rows = []
    for number, (post, probability, threshold, flag, unsure, category, topic, shares) in enumerate(
        zip(posts, found.probabilities.round(4).tolist(), *columns, strict=True)
    ):
        row = {
            "id": post.id,
            "needs_response": probability,
            "threshold": threshold,
            "flag": flag,
            "unsure": unsure,
            "category": category,
            "topic": topic,
            "topics": dict(zip(names, shares, strict=True)),
        }
        told = found.told.get(number)
        if told is None and number not in found.spoken:
            rows.append(_dumps(row)[:-1] + untold)
        else:
            rows.append(_dumps(row | _told(told or UNTOLD) | {"model": found.model_of(number, judge.version)}))
    return rows


def _told(told: Told) -> dict[str, Any]:
    """What a row says beyond the judgement itself."""
    return {
        "department": told.department,
        "level": int(told.level),
        "places": [place.name for place in told.places],
        "reasons": [{"text": one.text, "weight": one.weight, "about": one.about} for one in told.reasons],
    }


def _dumps(row: dict[str, Any]) -> bytes:
    """One line; lone surrogates are escaped, so that any stream can carry it."""
    try:
        return orjson.dumps(row)
    except TypeError:
        return json.dumps(row, separators=(",", ":")).encode()


def _write(target: TextIO, lines: Sequence[bytes]) -> None:
    if lines:
        target.write(b"\n".join(lines).decode() + "\n")


def _parsed(lines: Iterable[str | bytes]) -> Iterator[tuple[_Post, datetime | None] | bytes]:
    """Each line's post with its instant, or the row that refuses it."""
    for number, line in enumerate(lines, start=1):
        try:
            yield read(line)
        except LineError as error:
            if line.strip():
                yield _dumps({"id": error.id, "line": number, "error": str(error)})


def assess_lines(source: LineSource, target: TextIO, judge: Judge, second: Turn | None = None) -> int:
    """Assesses each line in order, writes a row for each, returns the number of refused lines; `second` reads the doubtful again."""
    refused, characters = 0, 0
    pending: list[_Post | bytes] = []

    def flush() -> None:
        rows = iter(_rows([entry for entry in pending if isinstance(entry, _Post)], judge, second))
        _write(target, [next(rows) if isinstance(entry, _Post) else entry for entry in pending])
        pending.clear()

    for entry in _parsed(source):
        if isinstance(entry, bytes):
            refused += 1
            pending.append(entry)
        else:
            post = entry[0]
            pending.append(post)
            characters += len(post.title) + len(post.body)
        if len(pending) >= BATCH or characters >= BATCH_CHARACTERS:
            flush()
            characters = 0
    flush()
    target.flush()
    return refused


def events_lines(source: LineSource, target: TextIO, index: EventIndex) -> int:
    """Gives each line's post its event, in order, returns the number of refused lines."""
    refused = 0
    pending: list[Text | bytes] = []

    def flush() -> None:
        posts = [entry for entry in pending if isinstance(entry, Text)]
        rows = ((_dumps({"id": post.id, "event": event})) for post, event in zip(posts, index.place_many(posts), strict=True))
        _write(target, [next(rows) if isinstance(entry, Text) else entry for entry in pending])
        pending.clear()

    for entry in _parsed(source):
        if isinstance(entry, bytes):
            refused += 1
            pending.append(entry)
        else:
            post, moment = entry
            pending.append(Text(**post._asdict(), posted_at=moment))
        if len(pending) >= EVENT_BATCH:
            flush()
    flush()
    target.flush()
    return refused
