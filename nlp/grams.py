"""Hashed character n-grams of a batch, by one table for normalising and hashing (see MODEL_CARD.md).

Coarse buckets are shared by all heads; in fine ones, for needs_response alone, few n-grams share one.

Every n-gram depends on its own post only, and all sums over them are integers, so a post alone and the same
post in a batch give the same bits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.reading import SEPARATOR, joined_units

BITS = 18
BUCKETS = 1 << BITS
#: fine buckets: one for each unit as it is shown, behind them those of bigrams
UNITS = 65_536
FINE_BITS = 20
FINE = UNITS + (1 << FINE_BITS)
FINE_SHIFT = np.uint32(32 - FINE_BITS)
_FACTOR = np.uint32(2_654_435_761)
_SHIFT = np.uint32(32 - BITS)
_SEPARATOR_UNIT = ord(SEPARATOR)
#: the block of Chinese characters: its first unit and how many it holds
_CHINESE_FROM, _CHINESE = np.uint16(0x4E00), np.uint16(0x9FFF - 0x4E00 + 1)

Units = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]


def build_normaliser() -> Units:
    """uint16[65536]: NFKC where it yields one unit, lower case, any digit → 0, white space → space."""
    table = np.arange(65_536, dtype=np.uint16)
    for code in range(65_536):
        if 0xD800 <= code < 0xE000 or code == _SEPARATOR_UNIT:
            continue
        character = chr(code)
        folded = unicodedata.normalize("NFKC", character)
        folded = folded.lower() if len(folded) == 1 else character.lower()
        if len(folded) != 1 or ord(folded) > 0xFFFF:
            continue
        if folded.isdigit():
            folded = "0"
        elif folded.isspace():
            folded = " "
        table[code] = ord(folded)
    return table


def shown_units(normaliser: Units) -> Units:
    """uint16[65536]: the normalised unit as it is shown and searched."""
    shown = normaliser.copy()
    shown[0xD800:0xE000] = 0xFFFD
    return shown


def _mixed(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Random-looking 32-bit values by integer arithmetic alone (the same on every machine and version)."""
    mixed = values + np.uint32(0x9E3779B9)
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return mixed ^ (mixed >> np.uint32(16))


@dataclass(slots=True)
class Batch:
    """The n-grams of some posts: CSR rows of bucket numbers, and what else can be read from their units when it is asked for."""

    #: UTF-16 units, posts separated by SEPARATOR
    units: Units
    #: position of the separator before each post, and of the last one; length posts + 1
    starts: npt.NDArray[np.int64]
    #: int32[units, 2]: buckets of the unigram at p and the bigram at p, p + 1
    buckets: Indices
    #: number of n-grams of each post (never 0)
    sizes: npt.NDArray[np.int64]
    #: unit → the unit as it is shown and searched
    folded: Units
    #: uint32[units - 1]: hash of the bigram at each position
    pairs: npt.NDArray[np.uint32]
    #: int32[units - 1]: buckets[:, 1], side by side
    twos: Indices

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def indptr(self) -> npt.NDArray[np.int32]:
        """Row pointer over `buckets.ravel()`."""
        return (self.starts * 2).astype(np.int32)

    def fine(self, places: npt.NDArray[np.int64] | None = None) -> Indices:
        """int32[positions, 2]: fine buckets of the unigram and the bigram at each position, or at these places."""
        units, pairs = self.units[:-1], self.pairs
        if places is not None:
            units, pairs = units.take(places), pairs.take(places)
        buckets = np.empty((len(units), 2), dtype=np.int32)
        buckets[:, 0] = self.folded.take(units)
        buckets[:, 1] = pairs >> FINE_SHIFT
        buckets[:, 1] += UNITS
        return buckets

    def chinese(self) -> npt.NDArray[np.int64]:
        """Chinese characters of each post."""
        inside = ((self.units - _CHINESE_FROM) < _CHINESE).view(np.uint8)
        return np.add.reduceat(inside, self.starts[:-1], dtype=np.int64)

    def text(self) -> str:
        """The normalised text: one character per UTF-16 unit, posts separated by SEPARATOR (surrogates shown as U+FFFD)."""
        return self.folded.take(self.units).tobytes().decode("utf-16-le")

    def texts(self) -> list[str]:
        """The clean texts."""
        return self.units.tobytes().decode("utf-16-le", "surrogatepass").split(SEPARATOR)[1:-1]

    def windows(self) -> npt.NDArray[np.uint64]:
        """For each position its four normalised units as one number; behind the end they are 0."""
        padded = np.zeros(len(self.units) + 3, dtype="<u2")
        padded[:-3] = self.folded.take(self.units)
        return np.ndarray(len(self.units), dtype="<u8", buffer=padded, strides=(2,))

    def posts_with(self, marked: npt.NDArray[np.bool_]) -> set[int]:
        """Numbers of the posts that hold a marked unit (bool[65536])."""
        places = marked.take(self.units).nonzero()[0]
        return set((self.starts.searchsorted(places) - 1).tolist()) if len(places) else set()


class Grams:
    """Turns cleaned texts into batches of hashed n-grams."""

    def __init__(self, normaliser: Units) -> None:
        self._hash = _mixed(normaliser.astype(np.uint32))
        self._shown = shown_units(normaliser)

    def batch(self, texts: Sequence[str]) -> Batch:
        """Batch of texts, cleaned."""
        units, starts = joined_units(texts)
        first = self._hash.take(units)
        pairs = first[:-1] * _FACTOR
        pairs += first[1:]
        twos = pairs >> _SHIFT
        buckets = np.empty((len(pairs), 2), dtype=np.int32)
        buckets[:, 0] = first[:-1] >> _SHIFT
        buckets[:, 1] = twos
        return Batch(
            units=units,
            starts=starts,
            buckets=buckets,
            sizes=(starts[1:] - starts[:-1]) * 2,
            folded=self._shown,
            pairs=pairs,
            twos=twos.view(np.int32),
        )

    def first_buckets(self, words: Sequence[str]) -> list[int]:
        """Bucket of the first bigram of each word."""
        batch = self.batch(words)
        firsts: list[int] = batch.buckets[batch.starts[:-1] + 1, 1].tolist()
        return firsts

    def normalise(self, text: str) -> str:
        """The text as `Batch.text` shows it."""
        units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")
        return str(self._shown[units].tobytes(), "utf-16-le")
