"""From a file of any accepted kind to rows of text: what it is, in which encoding, and where it is broken."""

from __future__ import annotations

import codecs
import gzip
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

#: bytes that a compressed file may unfold to
UNFOLDED_LIMIT = 2 * 1024**3
_CHUNK = 1 << 20
_ZIP, _GZIP, _OLE = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = {
    b"%PDF": "PDF",
    b"\x89PNG": "图片",
    b"\xff\xd8\xff": "图片",
    b"GIF8": "图片",
    b"Rar!": "RAR 压缩包",
    b"7z\xbc\xaf": "7z 压缩包",
    b"\x7fELF": "程序",
}


class ImportFailed(ValueError):
    """The file as a whole cannot be imported and nothing was written: says where it is broken and what to do."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a table or one line of JSON."""

    #: as people count in the file: the header is 1 (of JSON lines, the first line is 1)
    number: int
    cells: Mapping[str, str]
    #: why it can be told already that the row is broken, "" = sound so far
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file opened for import; `rows` can be walked once for each call."""

    header: list[str]
    rows: Iterator[SourceRow] = field(repr=False)


@contextmanager
def opened(path: Path, *, scratch: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unfolded when gzipped (to a file in `scratch` that is gone afterwards). Raises ImportFailed."""
    try:
        stream: IO[bytes] = path.open("rb")
    except OSError as error:
        raise ImportFailed(f"{path}: 打不开（{error.strerror}）") from error
    with stream:
        if stream.read(2) != _GZIP:
            stream.seek(0)
            yield stream
            return
        stream.seek(0)
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=scratch) as unfolded:
            _unfold(stream, unfolded, path)
            unfolded.seek(0)
            yield unfolded


def _unfold(stream: IO[bytes], unfolded: IO[bytes], path: Path) -> None:
    size = 0
    try:
        with gzip.GzipFile(fileobj=stream) as packed:
            while chunk := packed.read(_CHUNK):
                size += len(chunk)
                if size > UNFOLDED_LIMIT:
                    raise ImportFailed(f"{path}: 解开后超过 {UNFOLDED_LIMIT >> 30} GB，不像一份表；请分成几份再导入")
                unfolded.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ImportFailed(f"{path}: 压缩文件不完整或已损坏（解出 {size:,} 字节后出错）；请重新下载或导出") from error


def table_of(stream: IO[bytes], path: Path) -> Table:
    """Header and rows of an opened file. Raises ImportFailed at once for what is no table, later for what breaks off."""
    head = stream.read(4096)
    stream.seek(0)
    if not head.strip(b"\xef\xbb\xbf\r\n\t "):
        raise ImportFailed(f"{path}: 是空文件；请重新导出")
    if head.startswith(_ZIP):
        from huiying.imports.workbook import read_workbook

        return read_workbook(stream, path)
    if head.startswith(_OLE):
        raise ImportFailed(f"{path}: 是旧版 .xls 或加了密码的表；请在 Excel 里去掉密码，另存为 .xlsx 再导入")
    kind = next((name for magic, name in _BINARY.items() if head.startswith(magic)), "")
    if kind:
        raise ImportFailed(f"{path}: 是{kind}，不是表；可导入 CSV、.xlsx、JSON 行（可以 gzip 压缩）")
    encoding = detect_encoding(stream, path)
    stream.seek(0)
    if head.decode(encoding, "replace").lstrip("\ufeff \r\n\t").startswith("{"):
        from huiying.imports.lines import read_lines

        return read_lines(stream, encoding)
    from huiying.imports.separated import read_separated

    return read_separated(stream, encoding, path)


def detect_encoding(stream: IO[bytes], path: Path) -> str:
    """`utf-8-sig`, `gb18030` or `utf-16` by the bytes of the whole file. Raises ImportFailed for what is no text."""
    head = stream.read(2)
    stream.seek(0)
    candidates = ["utf-16"] if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ["utf-8-sig", "gb18030"]
    reached = []
    for encoding in candidates:
        stream.seek(0)
        line = _first_bad_line(stream, encoding)
        if line is None:
            return encoding
        reached.append((line, encoding))
    line, encoding = max(reached)
    names = "UTF-16" if encoding == "utf-16" else "UTF-8 也不是 GBK"
    raise ImportFailed(
        f"{path}: 第 {line} 行附近不是文字（既不是 {names} 编码），文件可能已损坏或不是表；请重新导出，或另存为 UTF-8 的 CSV"
    )


def _first_bad_line(stream: IO[bytes], encoding: str) -> int | None:
    """Line of the first byte that is not text in this encoding; None = all of it is text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    while True:
        chunk = stream.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return line + chunk[: error.start].count(b"\n")
        # Text holds no NUL and no other controls; GB18030 would read most binary files without complaint.
        for place, sign in enumerate(text):
            if sign < " " and sign not in "\t\n\r\x0b\x0c\x1a\x1b":
                return line + text[:place].count("\n")
        if not chunk:
            return None
        line += text.count("\n")
