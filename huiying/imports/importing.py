"""`huiying import`: everything is read and checked first, then written in one transaction; the same file again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from huiying.imports.columns import Columns, find_columns, read_mapping
from huiying.imports.reading import ImportFailed, SourceRow, opened, table_of
from huiying.imports.refusals import write_refused
from huiying.imports.rows import Message, Refused, read_row
from store import sequence
from store.clock import Clock
from store.database import translated
from store.intake import StoreSink
from store.models import BoardHealth, Post
from store.snapshots import ThreadSnapshot

_BATCH = 500
#: called with (rows done, rows in all) while writing
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport:
    """What became of the rows: `rows = taken + repeated + refused`."""

    rows: int
    #: new, or changed since the last import (an answer was added)
    taken: int
    #: stored already, word for word
    repeated: int
    refused: int
    #: where the refused rows are, None when there are none (or on a dry run)
    refused_file: str | None
    #: in a dry run nothing was written
    dry_run: bool = False
    #: the first reasons, for people: (row, reason)
    reasons: tuple[tuple[int, str], ...] = ()


@dataclass
class _Checked:
    """A file that was read to its end."""

    header: list[str]
    rows: int = 0
    messages: list[Message] = field(default_factory=list)
    repeated: int = 0
    refused: list[tuple[int, str, Mapping[str, str]]] = field(default_factory=list)


def import_file(
    path: Path,
    *,
    source: str = "import",
    mapping: Path | None = None,
    dry_run: bool = False,
    sink: StoreSink,
    home: Path,
    clock: Clock,
    simulated: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a CSV, .xlsx or JSON-lines file (gzipped or not). Raises ImportFailed, and then nothing was written."""
    _refuse_crawled(source)
    if simulated and not sink.detects_when_posted:
        sink = sink.detecting_when_posted()
    columns_wanted = read_mapping(mapping) if mapping is not None else None
    with opened(path, scratch=home / "cache") as stream:
        table = table_of(stream, path)
        columns = find_columns(table.header, columns_wanted, where=f"{path}: ")
        checked = _check(table.header, table.rows, columns, source)
    taken = _count_new(checked, source) if dry_run else _write(checked, sink, clock, home, simulated=simulated, progress=progress)
    refused_file = None
    if checked.refused and not dry_run:
        refused_file = str(write_refused(home / "imports", path.name.removesuffix(".gz"), checked.header, checked.refused))
    return ImportReport(
        rows=checked.rows,
        taken=taken,
        repeated=checked.repeated + len(checked.messages) - taken,
        refused=len(checked.refused),
        refused_file=refused_file,
        dry_run=dry_run,
        reasons=tuple((number, reason) for number, reason, _ in checked.refused[:20]),
    )


def _refuse_crawled(source: str) -> None:
    """A forum's posts and a table's rows must not share one name: their ids would meet."""
    if BoardHealth.objects.filter(source=source).exclude(outcome="").exists():
        raise ImportFailed(f"来源 {source} 是抓取的论坛，导入会与它的帖子混号；请用 --source 另取名，如 --source {source}-export")


def _check(header: list[str], rows: Iterator[SourceRow], columns: Columns, source: str) -> _Checked:
    checked = _Checked(header)
    seen: dict[str, tuple[str, int]] = {}
    for row in rows:
        checked.rows += 1
        try:
            message = _message(row, columns, source)
        except Refused as error:
            checked.refused.append((row.number, str(error), row.cells))
            continue
        content = message.content
        earlier, where = seen.setdefault(message.topic.pid, (content, row.number))
        if where == row.number:
            checked.messages.append(message)
        elif earlier == content:
            checked.repeated += 1
        else:
            checked.refused.append((row.number, f"编号 {message.topic.pid} 与第 {where} 行重复，内容不同", row.cells))
    return checked


def _message(row: SourceRow, columns: Columns, source: str) -> Message:
    if row.fault:
        raise Refused(row.fault)
    return read_row(row.number, row.cells, columns, source)


def _count_new(checked: _Checked, source: str) -> int:
    """Rows that a real run would take as new; changed ones are not told apart without writing."""
    stored: set[str] = set()
    pids = [pid for message in checked.messages for pid in (message.topic.pid, f"{message.topic.pid}-a")]
    for start in range(0, len(pids), _BATCH):
        stored |= set(Post.objects.filter(site=source, pid__in=pids[start : start + _BATCH]).values_list("pid", flat=True))
    return sum(
        message.topic.pid not in stored or (message.answer is not None and message.answer.pid not in stored) for message in checked.messages
    )


def _write(checked: _Checked, sink: StoreSink, clock: Clock, home: Path, *, simulated: bool, progress: Progress | None) -> int:
    """Store every message in one transaction, in the order of time; returns how many rows were new or changed."""
    now = clock.now()
    ordered = []
    for message in checked.messages:
        latest = max(now, message.topic.posted_at, message.answer.posted_at if message.answer else now)
        # In a simulated home the clock may stand before what is imported; there nothing counts as from the future.
        ordered += [(instant, message.topic.pid, page) for instant, page in message.snapshots(latest if simulated else now)]
    ordered.sort(key=lambda entry: (entry[0], entry[1], len(entry[2].posts[0].pid)))
    answers = {(answer.site, answer.pid): answer.author for message in checked.messages if (answer := message.answer) is not None}
    taken: set[str] = set()
    with translated(home), transaction.atomic():
        for start in range(0, len(ordered), _BATCH):
            batch: list[ThreadSnapshot] = [page for _, _, page in ordered[start : start + _BATCH]]
            for (_, pid, _), count in zip(ordered[start : start + _BATCH], sink.take(batch, answers=answers).counts, strict=True):
                if count.posts_new or count.posts_changed:
                    taken.add(pid)
            if progress is not None:
                progress(min(start + _BATCH, len(ordered)), len(ordered))
        if simulated and taken:
            # The engine must meet posts in the order of time, also those of an earlier import.
            sequence.renumber_from(ordered[0][0])
    return len(taken)
