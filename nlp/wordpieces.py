"""Word pieces of a small Chinese encoder: a character each, Latin words and figures by the longest known piece (the BERT way)."""

from __future__ import annotations

import re
from collections.abc import Sequence

_PART = re.compile(r"[a-z]+|[0-9]+|\S")
#: a longer run of letters or digits is no word
_LONGEST = 40
#: parts of texts that are kept with their pieces
_KEPT = 20_000
UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"
#: what joins the names of a stored vocabulary; no piece has it in it
_JOINT = "\n"


class WordPieces:
    """Cuts texts into rows of a table of pieces. Safe to share between threads."""

    def __init__(self, pieces: Sequence[str]) -> None:
        """`pieces` in the order of their rows. Raises ValueError if one of the three marks is missing."""
        self.pieces = tuple(pieces)
        self._rows = {piece: row for row, piece in enumerate(self.pieces)}
        try:
            self._unknown, self._start, self._end = (self._rows[mark] for mark in (UNKNOWN, START, END))
        except KeyError as missing:
            raise ValueError(f"the vocabulary has no {missing}") from missing
        self._known: dict[str, tuple[int, ...]] = {}

    @classmethod
    def read(cls, stored: bytes) -> WordPieces:
        """From what `stored` gave."""
        return cls(stored.decode("utf-8").split(_JOINT))

    def stored(self) -> bytes:
        """The vocabulary as bytes."""
        return _JOINT.join(self.pieces).encode("utf-8")

    def rows(self, text: str, before: str = "") -> tuple[list[int], int]:
        """Rows of `[CLS] text [SEP]`, or of `[CLS] before [SEP] text [SEP]`, and how many of them belong to what stands before."""
        found = [self._start]
        if before:
            found += [*self._cut(before), self._end]
        own = len(found) if before else 0
        return [*found, *self._cut(text), self._end], own

    def _cut(self, text: str) -> list[int]:
        rows: list[int] = []
        for part in _PART.findall(text.lower()):
            cut = self._known.get(part)
            if cut is None:
                cut = self._pieces_of(part)
                if len(self._known) < _KEPT:
                    self._known[part] = cut
            rows += cut
        return rows

    def _pieces_of(self, part: str) -> tuple[int, ...]:
        if len(part) > _LONGEST:
            return (self._unknown,)
        rows, start = [], 0
        while start < len(part):
            mark = "##" if start else ""
            for end in range(len(part), start, -1):
                row = self._rows.get(mark + part[start:end])
                if row is not None:
                    break
            else:
                return (self._unknown,)
            rows.append(row)
            start = end
        return tuple(rows)
