"""Labelled posts: JSON lines of `assess` input with `needs_response` and/or `topic`, read and judged as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nlp.judge import BATCH, Judge
from nlp.second_reader import Turn
from nlp.stream import LineError, read_line
from store.records import Text

#: characters of a title that the list of worst errors shows
TITLE_CUT = 40
#: name of a group whose lines do not say it
UNNAMED = "-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """One labelled post; a label that its line does not give is None ("" as topic = none of the topics)."""

    text: Text
    source: str
    needs_response: int | None
    topic: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A line that is no labelled post; `line` counts from 1."""

    line: int
    id: str
    error: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What stays of a labelled post once it was judged: labels, score and the beginning of its title."""

    id: str
    source: str
    board: str
    shown: str
    label: int | None
    score: float
    threshold: float
    flag: bool
    topic: str | None
    topic_found: str


def read_labelled(line: str | bytes) -> Labelled:
    """The labelled post of one JSON line. Raises LineError."""
    text = read_line(line)
    if isinstance(line, bytes):
        line = line.decode("utf-8", "replace")
    row = json.loads(line.lstrip("\ufeff"))
    needs, topic, source = row.get("needs_response"), row.get("topic"), row.get("source")
    if needs is None and topic is None:
        raise LineError("没有标签：needs_response（0 或 1）与 topic 都没有", text.id)
    if needs is not None and not (isinstance(needs, int | float) and needs in (0, 1)):
        raise LineError("needs_response 应为 0 或 1", text.id)
    if topic is not None and not isinstance(topic, str):
        raise LineError(f"topic 应为字符串，实为 {type(topic).__name__}", text.id)
    if source is not None and not isinstance(source, str):
        raise LineError(f"source 应为字符串，实为 {type(source).__name__}", text.id)
    return Labelled(
        text=text,
        source=_clean(source or "").strip() or UNNAMED,
        needs_response=None if needs is None else int(needs),
        topic=None if topic is None else _clean(topic).strip(),
    )


def judged_lines(lines: Iterable[str | bytes], judge: Judge, second: Turn | None = None) -> Iterator[Judged | Refused]:
    """Judges each line in order, a batch at a time; texts are forgotten as soon as they are judged."""
    pending: list[Labelled] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            pending.append(read_labelled(line))
        except LineError as error:
            yield Refused(line=number, id=_clean(error.id), error=str(error))
        if len(pending) >= BATCH:
            yield from _judged(pending, judge, second)
            pending = []
    yield from _judged(pending, judge, second)


def _judged(rows: list[Labelled], judge: Judge, second: Turn | None) -> Iterator[Judged]:
    for row, found in zip(rows, judge.assess([row.text for row in rows], second), strict=True):
        yield Judged(
            id=_clean(row.text.id),
            source=row.source,
            board=_clean(row.text.board).strip() or UNNAMED,
            shown=_shown(row.text),
            label=row.needs_response,
            score=found.needs_response,
            threshold=found.threshold,
            flag=found.flag,
            topic=row.topic,
            topic_found=found.topic,
        )


def _shown(text: Text) -> str:
    words = " ".join((text.title.strip() or text.body).split())
    return _clean(words[:TITLE_CUT] + ("…" if len(words) > TITLE_CUT else ""))


def _clean(text: str) -> str:
    """Lone surrogates replaced, so that any stream can carry it."""
    return text.encode("utf-8", "replace").decode("utf-8")
