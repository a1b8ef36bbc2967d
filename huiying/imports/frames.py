"""Chunks of a table as pandas frames of text: blanks and error cells taken out, empty rows dropped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from huiying.imports.reading import SourceRow

#: (number of the row in the file, its cells, what is wrong with it or "")
FrameRow = tuple[int, list[str], str]
#: what Excel shows where a value should be
_ERRORS = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "nan", "NaN", "NULL", "null", "None"]


def cleaned(rows: Sequence[FrameRow], header: Sequence[str]) -> Iterator[SourceRow]:
    """The rows of one chunk, cells stripped; a row without any text is left out."""
    import pandas as pd

    if not rows:
        return
    frame = pd.DataFrame([cells for _, cells, _ in rows], columns=range(len(header)), dtype=str)
    frame = frame.fillna("").apply(lambda column: column.str.strip()).replace(_ERRORS, "")
    filled = frame.ne("").any(axis=1)
    for (number, _, fault), full, cells in zip(rows, filled, frame.itertuples(index=False, name=None), strict=True):
        if full or fault:
            yield SourceRow(number, dict(zip(header, cells, strict=True)), fault)


def unique(header: Sequence[str]) -> list[str]:
    """Column names without blanks around them, a second one of the same name numbered."""
    seen: dict[str, int] = {}
    names = []
    for place, cell in enumerate(header):
        name = cell.strip().lstrip("\ufeff") or f"第{place + 1}列"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names
