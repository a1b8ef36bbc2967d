"""Excel workbooks (.xlsx): the stored values only; a formula is never computed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

from huiying.imports.columns import recognised
from huiying.imports.frames import FrameRow, cleaned, unique
from huiying.imports.reading import UNFOLDED_LIMIT, ImportFailed, SourceRow, Table

_HEADER_WITHIN = 10
_CHUNK_ROWS = 2000


def read_workbook(stream: IO[bytes], path: Path) -> Table:
    """The first sheet with a header we know. Raises ImportFailed."""
    _check_zip(stream, path)
    values, formulas = _load(stream, path, data_only=True), _load(stream, path, data_only=False)
    best = (0, "", 0, [""])
    for sheet in values.worksheets:
        sheet.reset_dimensions()
        for place, cells in zip(range(_HEADER_WITHIN), sheet.iter_rows(values_only=True), strict=False):
            names = [_text(cell) for cell in cells]
            best = max(best, (recognised(names), sheet.title, place, names), key=lambda found: found[0])
    known, title, place, names = best
    if not known:
        sheets = "、".join(sheet.title for sheet in values.worksheets[:5])
        raise ImportFailed(f"{path}: 在工作表 {sheets} 的前 {_HEADER_WITHIN} 行里找不到表头；第一行应是列名，如 编号、标题、内容、来电时间")
    while names and not names[-1]:
        names.pop()
    header = unique(names)
    return Table(header, _rows(values[title], formulas[title], place, header))


def _check_zip(stream: IO[bytes], path: Path) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise ImportFailed(f"{path}: 表格文件不完整或已损坏；请在 Excel 里重新另存为 .xlsx") from error
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise ImportFailed(f"{path}: 是压缩包，不是 .xlsx；请先解开，再导入里面的表")
    if sum(member.file_size for member in members) > UNFOLDED_LIMIT:
        raise ImportFailed(f"{path}: 解开后超过 {UNFOLDED_LIMIT >> 30} GB，不像一份表；请分成几份再导入")


def _load(stream: IO[bytes], path: Path, *, data_only: bool) -> Any:
    from openpyxl import load_workbook

    stream.seek(0)
    try:
        return load_workbook(stream, read_only=True, data_only=data_only, keep_links=False)
    except Exception as error:  # openpyxl lets KeyError, ValueError, XML and zip errors through alike
        raise ImportFailed(f"{path}: 表格读不了（{type(error).__name__}: {error}）；请在 Excel 里重新另存为 .xlsx") from error


def _rows(values: Any, formulas: Any, place: int, header: list[str]) -> Iterator[SourceRow]:
    formulas.reset_dimensions()
    width, chunk = len(header), list[FrameRow]()
    both = zip(values.iter_rows(min_row=place + 2, values_only=True), formulas.iter_rows(min_row=place + 2, values_only=True), strict=False)
    for number, (cells, written) in enumerate(both, place + 2):
        texts = [_text(cell) for cell in cells[:width]]
        texts += [""] * (width - len(texts))
        unknown = [header[column] for column, cell in enumerate(written[:width]) if _is_formula(cell) and not texts[column]]
        fault = f"「{'、'.join(unknown)}」是公式，文件里没有算好的值；请在 Excel 里打开、存盘后再导入，或粘贴为数值" if unknown else ""
        chunk.append((number, texts, fault))
        if len(chunk) >= _CHUNK_ROWS:
            yield from cleaned(chunk, header)
            chunk = []
    yield from cleaned(chunk, header)


def _is_formula(cell: object) -> bool:
    return (isinstance(cell, str) and cell.startswith("=")) or type(cell).__name__ in ("ArrayFormula", "DataTableFormula")


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S") if (cell.hour, cell.minute, cell.second) != (0, 0, 0) else cell.strftime("%Y-%m-%d")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
