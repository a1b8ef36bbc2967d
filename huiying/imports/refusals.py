"""The rows that were not taken, for the operator to mend: numbers masked, readable by its owner only."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from store.cleaning import plain
from store.masking import mask

#: an export program may take a cell that begins so for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_refused(folder: Path, name: str, header: Sequence[str], refused: Iterable[tuple[int, str, Mapping[str, str]]]) -> Path:
    """`NAME-refused.csv` in `folder`: row number, reason, and the cells; written whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}-refused.csv"
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["行号", "未收原因", *header])
        for number, reason, cells in refused:
            writer.writerow([number, _safe(reason), *(_safe(cells.get(column, "")) for column in header)])
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return path


def _safe(text: str) -> str:
    shown = mask(plain(text))
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
