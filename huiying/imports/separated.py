"""CSV and its relatives: records by the csv module (which knows their lines), cleaned in chunks by pandas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from huiying.imports.columns import recognised
from huiying.imports.frames import FrameRow, cleaned, unique
from huiying.imports.reading import ImportFailed, SourceRow, Table

_CHUNK_ROWS = 5000
#: a title or remark may stand above the header
_HEADER_WITHIN = 10
#: put behind the last line: a quote that was never closed swallows it. NUL cannot come from the file, `reading` refuses it.
_END = "\0end of file\0"


def read_separated(stream: IO[bytes], encoding: str, path: Path) -> Table:
    """A table of text separated by comma, tab, semicolon or bar. Raises ImportFailed."""
    csv.field_size_limit(1 << 27)
    top = [line for _, line in zip(range(_HEADER_WITHIN), decoded(stream, encoding), strict=False)]
    separator, cells = max(
        ((sign, cells) for sign in ",\t;|，" for cells in csv.reader(top, delimiter=sign)),
        # The row with most names we know; else the widest, the comma first, the upper first.
        key=lambda found: (recognised(found[1]), len(found[1]) if found[0] != "，" else 1),
    )
    header = unique(cells)
    return Table(header, _rows(decoded(stream, encoding), path, separator, cells, header))


def decoded(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """The lines of a file as text, their ends kept."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        for line in text:  # noqa: UP028 - `yield from` would close the file when the caller stops early
            yield line
    finally:
        # Else the wrapper would close the file under its owner.
        text.detach()


def _rows(lines: Iterator[str], path: Path, separator: str, top: list[str], header: list[str]) -> Iterator[SourceRow]:
    chunk: list[FrameRow] = []
    for row in _records(lines, path, separator, top, len(header)):
        chunk.append(row)
        if len(chunk) >= _CHUNK_ROWS:
            yield from cleaned(chunk, header)
            chunk = []
    yield from cleaned(chunk, header)


def _records(lines: Iterator[str], path: Path, separator: str, top: list[str], width: int) -> Iterator[FrameRow]:
    """(line, cells, fault) of every record behind the header."""
    reader = csv.reader(chain(lines, [_END]), delimiter=separator)
    begun, header_seen = 1, False
    for cells in reader:
        number, begun = begun, reader.line_num + 1
        if cells == [_END]:
            continue
        if cells and _END in cells[-1]:
            raise ImportFailed(f"{path}: 第 {number} 行起有一个引号到文件末尾都没有闭合，文件可能被截断；请重新导出")
        if not header_seen:
            header_seen = cells == top
            continue
        extra = [cell for cell in cells[width:] if cell.strip()]
        fault = ""
        if extra:
            fault = f"有 {len(cells)} 格，表头只有 {width} 列，多半是内容里的逗号或引号没有转义"
        elif len(cells) < width and any(cell.strip() for cell in cells):
            fault = f"只有 {len(cells)} 格，表头有 {width} 列，这一行可能断了"
        yield number, [*cells[:width], *[""] * (width - len(cells))], fault
