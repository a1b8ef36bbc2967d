"""Finds many words in a batch: the bigram buckets already computed say where one may begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from nlp.grams import BUCKETS, Batch, Grams
from nlp.reading import SEPARATOR

Column = npt.NDArray[np.int64]
#: where a word must stand to count: at the first character of a text, or at the end of the text or of its title
Anchor = Literal["start", "end"]
#: at so many places words are compared one by one
_FEW = 12
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

    def posts_with(self, wanted: npt.NDArray[np.bool_]) -> set[int]:
        """Posts with a hit of a wanted group (bool[groups])."""
        return set(self.posts[wanted.take(self.groups)].tolist()) if len(self.posts) else set()

    def where(self, chosen: npt.NDArray[np.bool_]) -> Hits:
        """The chosen rows."""
        return Hits(*(column[chosen] for column in self))


#: what stands behind the end of a text or title, and the marks that may stand between
_OUTSIDE, _CLOSING = (np.zeros(65_536, dtype=bool) for _ in range(2))
_OUTSIDE[[ord(SEPARATOR), ord(" ")]] = True
_CLOSING[[ord(mark) for mark in "？?。！!"]] = True

_NONE = Hits(*(np.zeros(0, dtype=np.int64) for _ in Hits._fields))


class Lexicon:
    """Words in named groups; matching folds width, case and digits like the n-grams do.

    Within a group the longest word at the first position wins and overlapping words are passed over.
    """

    def __init__(self, grams: Grams, groups: Mapping[str, Iterable[str]], anchors: Mapping[str, Anchor] | None = None) -> None:
        self.groups: tuple[str, ...] = tuple(groups)
        self._anchored = {where: np.asarray([(anchors or {}).get(group) == where for group in groups]) for where in ("start", "end")}
        self._any_anchor = self._anchored["start"] | self._anchored["end"]
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
        #: whether a word may begin with a bigram of this bucket, and where in _first and _count it stands
        self._begins = np.zeros(BUCKETS, dtype=bool)
        self._begins[found] = True
        self._slots = np.zeros(BUCKETS, dtype=np.int32)
        self._slots[found] = np.arange(len(found))
        self._keys, self._masks = _keys(self._words)
        #: first two characters → (word, length, group, entry), longer words first
        self._beginning: dict[str, list[tuple[str, int, int, int]]] = defaultdict(list)
        for row, (word, number) in enumerate(entries):
            self._beginning[word[:2]].append((word, len(word), number, row))

    def columns(self, batch: Batch) -> Hits:
        """Hits in order of position; of those at one position the longer word first."""
        candidates = self._begins.take(batch.buckets[:, 1]).nonzero()[0]
        if not len(candidates):
            return _NONE
        positions, lengths, groups, entries = self._few(batch, candidates) if len(candidates) <= _FEW else self._many(batch, candidates)
        if not len(positions):
            return _NONE
        hits = Hits(batch.starts.searchsorted(positions) - 1, positions, lengths, groups, entries)
        anchored = self._any_anchor.take(groups).nonzero()[0]
        return hits if not len(anchored) else self._in_place(batch, hits, anchored)

    def _in_place(self, batch: Batch, hits: Hits, anchored: Column) -> Hits:
        """The hits without those of anchored groups (these rows) that stand elsewhere."""
        rows = Hits(*(column[anchored] for column in hits))
        at_start = rows.positions == batch.starts[rows.posts] + 1
        ends = rows.positions + rows.lengths
        behind = batch.units[ends]
        # the last separator of the batch has nothing behind it, and is no closing mark
        further = batch.units[np.minimum(ends + 1, len(batch.units) - 1)]
        at_end = _OUTSIDE.take(behind) | (_CLOSING.take(behind) & _OUTSIDE.take(further))
        right = (self._anchored["start"].take(rows.groups) & at_start) | (self._anchored["end"].take(rows.groups) & at_end)
        stay = np.ones(len(hits.posts), dtype=bool)
        stay[anchored] = right
        return hits.where(stay)

    def _few(self, batch: Batch, candidates: Column) -> tuple[Column, ...]:
        """Positions, lengths, groups and entries of what is found at some places: one by one, faster than arrays for a post alone."""
        text, found = batch.text(), []
        free: dict[int, int] = {}
        for position in candidates.tolist():
            for word, length, group, entry in self._beginning.get(text[position : position + 2], ()):
                if text.startswith(word, position) and position >= free.get(group, 0):
                    free[group] = position + length
                    found.append((position, length, group, entry))
        return tuple(np.array(found, dtype=np.int64).reshape(-1, 4).T)

    def _many(self, batch: Batch, candidates: Column) -> tuple[Column, ...]:
        """The same at many places."""
        slots = self._slots.take(batch.buckets[:, 1].take(candidates))
        counts = self._count.take(slots)
        ends = counts.cumsum()
        positions = candidates.repeat(counts)
        entries = np.arange(len(positions)) - (ends - counts - self._first.take(slots)).repeat(counts)
        windows = batch.windows()
        same = (windows.take(positions) & self._masks[0].take(entries)) == self._keys[0].take(entries)
        positions, entries = positions[same], entries[same]
        lengths = self._lengths.take(entries)
        for part in range(1, len(self._keys)):
            longer = (lengths > part * _WORD).nonzero()[0]
            if not len(longer):
                break
            rest = entries[longer]
            # a word may end behind the end of the text
            read = windows[np.minimum(positions[longer] + part * _WORD, len(windows) - 1)]
            other = longer[(read & self._masks[part][rest]) != self._keys[part][rest]]
            if len(other):
                same = np.ones(len(entries), dtype=bool)
                same[other] = False
                positions, entries, lengths = positions[same], entries[same], lengths[same]
        groups = self._groups.take(entries)
        kept = _first_come(positions, lengths, groups, len(batch.buckets))
        if kept is not None:
            positions, entries, lengths, groups = positions[kept], entries[kept], lengths[kept], groups[kept]
        return positions, lengths, groups, entries

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
    doubtful = (starts[1:] < np.maximum.accumulate(ends)[:-1]).nonzero()[0] + 1
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
