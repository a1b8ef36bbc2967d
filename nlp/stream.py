"""JSON lines in, JSON lines out, same order: what `huiying assess` and `huiying events` do with their streams."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TextIO

from nlp.events import EventIndex
from nlp.judge import BATCH, Judge
from store.clock import parse_instant
from store.records import Assessment, Text

_TEXT_KEYS = ("title", "body", "board", "thread_title")


class LineSource(Protocol):
    """Anything that yields lines: a text stream, or a binary one."""

    def __iter__(self) -> Iterator[str | bytes]: ...


class LineError(ValueError):
    """A line is no post; the text says what is wrong with it, `id` is its own when it could be read."""

    def __init__(self, message: str, id: str = "") -> None:
        super().__init__(message)
        self.id = id


def read_line(line: str | bytes) -> Text:
    """The post of one JSON line. Raises LineError."""
    if isinstance(line, bytes):
        line = line.decode("utf-8", "replace")
    try:
        row = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise LineError(f"不是一行 JSON：{error}") from error
    if not isinstance(row, dict):
        raise LineError('这一行不是 JSON 对象；应为 {"id","title","body"}')
    id_ = row.get("id")
    if isinstance(id_, int) and not isinstance(id_, bool):
        id_ = str(id_)
    if not isinstance(id_, str) or not id_:
        raise LineError("缺少 id（非空字符串）")
    for key in _TEXT_KEYS:
        if not isinstance(row.get(key, ""), str | None):
            raise LineError(f"{key} 应为字符串，实为 {type(row[key]).__name__}", id_)
    if row.get("title") is None and row.get("body") is None:
        raise LineError("title 与 body 都没有", id_)
    posted_at = row.get("posted_at")
    try:
        moment = parse_instant(posted_at) if posted_at else None
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise LineError(f"posted_at 不是 ISO 8601 时间：{posted_at!r}", id_) from error
    return Text(id=id_, posted_at=moment, **{key: row.get(key) or "" for key in _TEXT_KEYS})


def assessment_row(found: Assessment) -> dict[str, Any]:
    """The JSON row of cli.md."""
    return {
        "id": found.id,
        "needs_response": round(found.needs_response, 4),
        "threshold": round(found.threshold, 4),
        "flag": found.flag,
        "unsure": found.unsure,
        "category": found.category.value,
        "topic": found.topic,
        "topics": found.topics,
        "department": found.department,
        "level": int(found.level),
        "places": [place.name for place in found.places],
        "reasons": [{"text": reason.text, "weight": reason.weight, "about": reason.about} for reason in found.reasons],
        "model": found.model,
    }


def _dumps(row: dict[str, Any]) -> str:
    """One line; lone surrogates are escaped, so that any stream can carry it."""
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(row, separators=(",", ":"))
    return line


def _parsed(lines: Iterable[str | bytes]) -> Iterator[Text | dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield read_line(line)
        except LineError as error:
            yield {"id": error.id, "line": number, "error": str(error)}


def assess_lines(source: LineSource, target: TextIO, judge: Judge) -> int:
    """Assesses each line in order, writes a row for each, returns the number of refused lines."""
    refused = 0
    pending: list[Text | dict[str, Any]] = []

    def flush() -> None:
        found = iter(judge.assess([entry for entry in pending if isinstance(entry, Text)]))
        rows = [_dumps(assessment_row(next(found)) if isinstance(entry, Text) else entry) for entry in pending]
        if rows:
            target.write("\n".join(rows) + "\n")
        pending.clear()

    for entry in _parsed(source):
        refused += not isinstance(entry, Text)
        pending.append(entry)
        if len(pending) >= BATCH:
            flush()
    flush()
    target.flush()
    return refused


def events_lines(source: LineSource, target: TextIO, index: EventIndex) -> int:
    """Gives each line's post its event, in order, returns the number of refused lines."""
    refused = 0
    for entry in _parsed(source):
        if isinstance(entry, Text):
            row: dict[str, Any] = {"id": entry.id, "event": index.place(entry)}
        else:
            refused, row = refused + 1, entry
        target.write(_dumps(row) + "\n")
    target.flush()
    return refused
