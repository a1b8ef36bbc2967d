"""JSON lines: one object a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import IO

from huiying.imports.reading import SourceRow, Table

#: so many lines are looked at for the names of fields
_LOOK = 50


def read_lines(stream: IO[bytes], encoding: str) -> Table:
    """Objects as rows; the header is the union of the names in the first 50 lines."""
    header: dict[str, None] = {}
    for _, row in zip(range(_LOOK), _rows(stream, encoding), strict=False):
        header.update(dict.fromkeys(row.cells))
    return Table(list(header), _rows(stream, encoding))


def _rows(stream: IO[bytes], encoding: str) -> Iterator[SourceRow]:
    stream.seek(0)
    reader = codecs_reader(stream, encoding)
    for number, line in enumerate(reader, 1):
        text = line.strip().lstrip("\ufeff")
        if text:
            yield _row(number, text)


def codecs_reader(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Decoded lines, split at LF only (a JSON string may hold U+2028)."""
    decode = "utf-8" if encoding == "utf-8-sig" else encoding
    if decode == "utf-16":
        yield from io.StringIO(stream.read().decode(decode))
        return
    for line in stream:
        yield line.decode(decode)


def _row(number: int, text: str) -> SourceRow:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        return SourceRow(number, {"原文": text[:2000]}, f"不是有效的 JSON（{error}）")
    if not isinstance(found, dict):
        return SourceRow(number, {"原文": text[:2000]}, "不是一个 JSON 对象；每行写一个 {…}")
    return SourceRow(number, {str(name): _cell(value) for name, value in found.items()})


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
