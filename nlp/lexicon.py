"""Finds many words in a batch: the bigram buckets already computed say where one may begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp.grams import BUCKETS, Batch, Grams

Column = npt.NDArray[np.int64]
#: units compared at once: four UTF-16 units are one 64-bit number
_WORD = 4


class Hit(NamedTuple):
    """A word of the lexicon found in a batch."""

    post: int
    #: position in the post's own normalised text, in UTF-16 units
    offset: int
    word: str
    group: str


class Hits(NamedTuple):
    """Hits as columns, in order of position; a row of each is one `Hit`."""

    posts: Column
    #: position in the batch, in UTF-16 units
    positions: Column
    lengths: Column
    #: number of the group in `Lexicon.groups`
    groups: Column
    #: number of the entry in the lexicon's own list
    entries: Column

    def where(self, chosen: npt.NDArray[np.bool_]) -> Hits:
        """The chosen rows."""
        return Hits(*(column[chosen] for column in self))


_NONE = Hits(*(np.zeros(0, dtype=np.int64) for _ in Hits._fields))


class Lexicon:
    """Words in named groups; matching folds width, case and digits like the n-grams do.

    Within a group the longest word at the first position wins and overlapping words are passed over.
    """

    def __init__(self, grams: Grams, groups: Mapping[str, Iterable[str]]) -> None:
        self.groups: tuple[str, ...] = tuple(groups)
        of_word: dict[str, list[int]] = defaultdict(list)
        for number, (group, words) in enumerate(groups.items()):
            for word in words:
                folded = grams.normalise(word)
                if len(folded) < 2:
                    raise ValueError(f"lexicon group {group}: {word!r} is shorter than two characters; give it context")
                if number not in of_word[folded]:
                    of_word[folded].append(number)
        # entries (word, group) that begin with bigrams of one bucket stand side by side, longer words first
        bucket_of = dict(zip(of_word, grams.first_buckets(list(of_word)), strict=True))
        words = sorted(of_word, key=lambda word: (bucket_of[word], -len(word)))
        entries = [(word, group) for word in words for group in of_word[word]]
        self._words = [word for word, _group in entries]
        buckets = np.asarray([bucket_of[word] for word in self._words], dtype=np.int64)
        self._lengths = np.asarray([len(word) for word in self._words], dtype=np.int64)
        self._groups = np.asarray([group for _word, group in entries], dtype=np.int64)
        found, self._first, self._count = np.unique(buckets, return_index=True, return_counts=True)
        #: bucket → 1 + its place in _first and _count, 0 where no word begins
        self._slots = np.zeros(BUCKETS, dtype=np.int32)
        self._slots[found] = np.arange(1, len(found) + 1)
        self._begins = self._slots > 0
        self._keys, self._masks = _keys(self._words)

    def columns(self, batch: Batch) -> Hits:
        """Hits in order of position; of those at one position the longer word first."""
        candidates = np.flatnonzero(self._begins[batch.buckets[:, 1]])
        if not len(candidates):
            return _NONE
        slots = self._slots[batch.buckets[candidates, 1]] - 1
        counts = self._count[slots]
        ends = counts.cumsum()
        positions = candidates.repeat(counts)
        entries = np.arange(len(positions)) - (ends - counts - self._first[slots]).repeat(counts)
        windows = batch.windows()
        for part, (keys, masks) in enumerate(zip(self._keys, self._masks, strict=True)):
            # shorter words have an empty mask in the later parts; their window may lie behind the end of the text
            read = windows[np.minimum(positions + part * _WORD, len(windows) - 1)] if part else windows[positions]
            same = (read & masks[entries]) == keys[entries]
            positions, entries = positions[same], entries[same]
            if not len(positions):
                return _NONE
        lengths, groups = self._lengths[entries], self._groups[entries]
        if len(positions) > 1:
            kept = _first_come(positions, lengths, groups, len(batch.buckets))
            if kept is not None:
                positions, entries, lengths, groups = positions[kept], entries[kept], lengths[kept], groups[kept]
        posts = batch.starts.searchsorted(positions, side="right") - 1
        return Hits(posts, positions, lengths, groups, entries)

    def hits(self, batch: Batch, columns: Hits) -> list[Hit]:
        """The rows of columns as hits."""
        starts = batch.starts[columns.posts] + 1
        words, names = self._words, self.groups
        rows = zip(
            columns.posts.tolist(), (columns.positions - starts).tolist(), columns.entries.tolist(), columns.groups.tolist(), strict=True
        )
        return [Hit(post, offset, words[entry], names[group]) for post, offset, entry, group in rows]

    def find(self, batch: Batch) -> Iterator[Hit]:
        """Hits in order of position."""
        return iter(self.hits(batch, self.columns(batch)))


def _keys(words: list[str]) -> tuple[list[npt.NDArray[np.uint64]], list[npt.NDArray[np.uint64]]]:
    """For every four units of the longest word, what the words hold there and which bits of it count."""
    parts = -(-max(map(len, words), default=0) // _WORD)
    keys = np.zeros((parts, len(words), _WORD), dtype="<u2")
    masks = np.zeros_like(keys)
    for row, word in enumerate(words):
        units = np.frombuffer(word.encode("utf-16-le"), dtype="<u2")
        for begin in range(0, len(units), _WORD):
            part = units[begin : begin + _WORD]
            keys[begin // _WORD, row, : len(part)] = part
            masks[begin // _WORD, row, : len(part)] = 0xFFFF
    return [part.view("<u8").ravel() for part in keys], [part.view("<u8").ravel() for part in masks]


def _first_come(positions: Column, lengths: Column, groups: Column, size: int) -> npt.NDArray[np.bool_] | None:
    """Which hits stay when none may overlap an earlier one of its group; None when all do."""
    order = groups.astype(np.int16).argsort(kind="stable")
    starts = (positions + groups * size)[order]
    ends = starts + lengths[order]
    doubtful = np.flatnonzero(starts[1:] < np.maximum.accumulate(ends)[:-1]) + 1
    if not len(doubtful):
        return None
    kept = np.ones(len(order), dtype=bool)
    for row in doubtful.tolist():
        before = row - 1
        while not kept[before]:
            before -= 1
        kept[row] = starts[row] >= ends[before]
    stay = np.empty_like(kept)
    stay[order] = kept
    return stay
