"""What posts are about, as rows of numbers: the basis on which posts are found to be on one matter."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.grams import build_normaliser

#: widths of the rows: letter pairs of the title, all letter pairs, words, words of the title, letter pairs of names, of called places
TITLE_PAIRS, PAIRS, WORDS, TITLE_WORDS, NAMES, CALLED = 28, 112, 48, 16, 16, 8
#: common words of the title say what kind of matter it is, rarer ones which
SUBJECT = 6.5
_MULTIPLY_A, _MULTIPLY_B, _MULTIPLY_C = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@dataclass(slots=True)
class Traits:
    """Rows of posts, one for each; unused columns hold 0 with weight 0."""

    #: buckets of letter pairs (the title's in the first TITLE_PAIRS columns) and their weights: -log share of texts
    pairs: Ints
    pair_weights: Floats
    #: words and their weights (count × rarity, unit length); words of the title and their rarity
    words: Ints
    word_weights: Floats
    title_words: Ints
    title_weights: Floats
    #: letter pairs of what is called by a rare name
    names: Ints
    name_weights: Floats
    #: the letter pair before 小区, 路, 学校 and the like: what a place or body is called
    called: Ints
    called_weights: Floats
    #: directions of subject of the whole text and of the title, unit length or 0
    subject: Floats
    title_subject: Floats
    #: places and numbers (bus 205, block 3), one bit each
    places: npt.NDArray[np.uint64]
    numbers: npt.NDArray[np.uint64]
    #: days since 1970 (NaN = not told)
    day: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: slice | npt.NDArray[np.bool_]) -> Traits:
        """Some of the rows (views where `rows` is a slice)."""
        return Traits(*(getattr(self, spec.name)[rows] for spec in fields(self)))


@cache
def letter_table() -> npt.NDArray[np.uint16]:
    """uint16[65536]: the normalised letter or digit, 0 for everything else."""
    table = build_normaliser().copy()
    for code in range(65_536):
        folded = unicodedata.normalize("NFKC", chr(code)) if not 0xD800 <= code < 0xE000 else ""
        if len(folded) != 1 or not folded.isalnum():
            table[code] = 0
        elif folded.isdigit():
            table[code] = ord(folded.lower())
    return table


def pair_buckets(text: str) -> Indices:
    """Buckets of the letter pairs of a text, in order."""
    letters = letter_table()[np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)]
    first, second = letters[:-1], letters[1:]
    digit = (letters >= ord("0")) & (letters <= ord("9"))
    at = np.flatnonzero((first > 0) & (second > 0) & ~(digit[:-1] & digit[1:]))
    return (mixed(first[at], second[at]) >> np.uint32(14)).astype(np.int64)


def mixed(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
    found: npt.NDArray[np.uint32] = first.astype(np.uint32) * _MULTIPLY_A + second.astype(np.uint32) * _MULTIPLY_B
    found ^= found >> np.uint32(15)
    found *= _MULTIPLY_C
    return found
