"""Counts many patterns in many short texts: two tables of characters say where each pattern may begin, and only there it is tried.

Of a pattern the sets of its possible first and second characters are read from Python's own parser. They may be too wide, never
too narrow: what the reader here does not know counts as any character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

#: all characters beyond the basic plane stand under this one
_LAST = 0xFFFF

#: characters that may stand somewhere; None = any
_Set = frozenset[int] | None
_NOTHING: frozenset[int] = frozenset()


class _Begin(NamedTuple):
    """How what a part of a pattern matches may begin."""

    #: (first, second) character of what is longer than one
    pairs: tuple[tuple[_Set, _Set], ...]
    #: what is one character
    ones: _Set
    #: it may be nothing
    empty: bool

    @property
    def first(self) -> _Set:
        return _or(self.ones, *(first for first, _second in self.pairs))


_EMPTY = _Begin((), _NOTHING, empty=True)
_UNKNOWN = _Begin(((None, None),), None, empty=True)


def _or(*sets: _Set) -> _Set:
    known = [one for one in sets if one is not None]
    return None if len(known) < len(sets) else frozenset().union(*known)


def _either(parts: Iterable[_Begin]) -> _Begin:
    parts = list(parts)
    pairs = tuple(pair for part in parts for pair in part.pairs)
    return _Begin(pairs, _or(*(part.ones for part in parts)), any(part.empty for part in parts))


def _then(one: _Begin, other: _Begin) -> _Begin:
    joined = ((one.ones, other.first),) if one.ones != _NOTHING and other.first != _NOTHING else ()
    return _Begin(
        one.pairs + joined + (other.pairs if one.empty else ()),
        _or(one.ones if other.empty else _NOTHING, other.ones if one.empty else _NOTHING),
        one.empty and other.empty,
    )


def _class(items: Sequence[tuple[Any, Any]]) -> _Set:
    """The characters of […]."""
    found: set[int] = set()
    for kind, value in items:
        if kind is _constants.LITERAL:
            found.add(min(value, _LAST))
        elif kind is _constants.RANGE:
            found.update(range(min(value[0], _LAST), min(value[1], _LAST) + 1))
        else:
            return None
    return frozenset(found)


def _begin(parsed: Iterable[tuple[Any, Any]]) -> _Begin:
    """How what a parsed pattern matches may begin."""
    found = _EMPTY
    for kind, value in parsed:
        if kind is _constants.LITERAL:
            part = _Begin((), frozenset((min(value, _LAST),)), empty=False)
        elif kind is _constants.IN:
            part = _Begin((), _class(value), empty=False)
        elif kind in (_constants.ANY, _constants.NOT_LITERAL):
            part = _Begin((), None, empty=False)
        elif kind is _constants.BRANCH:
            part = _either(_begin(branch) for branch in value[1])
        elif kind is _constants.SUBPATTERN:
            part = _begin(value[-1])
        elif kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            least, most, repeated = value
            once = _begin(repeated)
            part = _then(once, once) if most > 1 else once
            if least < 2:
                part = _either((part, once) if least else (part, once, _EMPTY))
        elif kind in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
            part = _EMPTY
        else:
            part = _UNKNOWN
        found = _then(found, part)
    return found


def _index(characters: _Set) -> slice | list[int]:
    return slice(None) if characters is None else sorted(characters)


class Patterns:
    """Patterns (at most 64) to be counted together."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._sources = tuple(patterns)
        self._compiled = [re.compile(pattern) for pattern in patterns]

    @cached_property
    def _tables(self) -> npt.NDArray[np.uint64]:
        """uint64[3, 65536]: bits of the patterns that a character alone may begin, that it may begin with a certain one behind it,
        that it may stand behind."""
        tables = np.zeros((3, _LAST + 1), dtype=np.uint64)
        for number, source in enumerate(self._sources):
            begin = _begin(_parser.parse(source))
            bit = np.uint64(1 << number)
            for first, second in (*begin.pairs, (begin.ones, None), (None if begin.empty else _NOTHING, None)):
                tables[0 if second is None else 1, _index(first)] |= bit
                if second is not None:
                    tables[2, _index(second)] |= bit
        return tables

    def count(self, texts: Sequence[str], most: int) -> npt.NDArray[np.float64]:
        """float64[texts, patterns]: how often each is found in each text (none may hold a line break), at most `most` times."""
        counts = [[0] * len(self._compiled) for _ in texts]
        joined = "\n".join(texts) + "\n\n"
        points = np.minimum(np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4"), _LAST)
        alone, first, second = self._tables
        here = points[:-1]
        bits = alone.take(here) | (first.take(here) & second.take(points[1:]))
        places = (bits > 0).nonzero()[0]
        # one byte for each pattern: which of them may begin at each place
        spread = np.unpackbits(bits[places].astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
        numbers, at = spread.view(bool)[:, : len(self._compiled)].T.nonzero()
        ends = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts)).cumsum()
        rows = ends.searchsorted(places, side="right")
        offsets = places - np.concatenate(([0], ends))[rows]
        # within a pattern the places ascend; a text's first place lies behind the last of the text before
        number_before, row_before, free = -1, -1, 0
        for number, row, offset in zip(numbers.tolist(), rows[at].tolist(), offsets[at].tolist(), strict=True):
            if number != number_before or row != row_before:
                number_before, row_before, free = number, row, 0
                match, text, found = self._compiled[number].match, texts[row], counts[row]
            if offset < free:
                continue
            if hit := match(text, offset):
                found[number] += 1
                free = max(hit.end(), offset + 1) if found[number] < most else len(text) + 1
        return np.asarray(counts, dtype=np.float64).reshape(len(texts), len(self._compiled))
