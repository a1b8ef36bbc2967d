"""JSON lines in, JSON lines out, same order: what `huiying assess` and `huiying events` do with their streams."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TextIO

import orjson

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


def read_line(line: str | bytes) -> Text:
    """The post of one JSON line. Raises LineError."""
    row = _decoded(line)
    if not isinstance(row, dict):
        raise LineError('这一行不是 JSON 对象；应为 {"id","title","body"}')
    id_ = row.get("id")
    if isinstance(id_, int) and not isinstance(id_, bool):
        id_ = str(id_)
    if not isinstance(id_, str) or not id_:
        raise LineError("缺少 id（非空字符串）")
    cells = [row.get(key) for key in _TEXT_KEYS]
    for key, cell in zip(_TEXT_KEYS, cells, strict=True):
        if cell is not None and not isinstance(cell, str):
            raise LineError(f"{key} 应为字符串，实为 {type(cell).__name__}", id_)
    title, body, board, thread_title = cells
    if title is None and body is None:
        raise LineError("title 与 body 都没有", id_)
    posted_at = row.get("posted_at")
    try:
        moment = parse_instant(posted_at) if posted_at else None
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise LineError(f"posted_at 不是 ISO 8601 时间：{posted_at!r}", id_) from error
    return Text(id=id_, title=title or "", body=body or "", board=board or "", thread_title=thread_title or "", posted_at=moment)


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


def _dumps(row: dict[str, Any]) -> bytes:
    """One line; lone surrogates are escaped, so that any stream can carry it."""
    try:
        return orjson.dumps(row)
    except TypeError:
        return json.dumps(row, separators=(",", ":")).encode()


def _write(target: TextIO, rows: Iterable[dict[str, Any]]) -> None:
    if lines := [_dumps(row) for row in rows]:
        target.write(b"\n".join(lines).decode() + "\n")


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
        _write(target, [assessment_row(next(found)) if isinstance(entry, Text) else entry for entry in pending])
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
        _write(target, [row])
    target.flush()
    return refused
