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
#: of such a number the bits of the first two and three units; words of three and more are found by a hash of these
_TWO, _THREE = np.uint64(0xFFFF_FFFF), np.uint64(0xFFFF_FFFF_FFFF)
#: a rougher bucket is four of those of bigrams
_ROUGHER = 2
_THREE_BITS, _FACTOR = 16, np.uint64(0x9E37_79B9_7F4A_7C15)


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
        rows = chosen.nonzero()[0]
        return Hits(*(column.take(rows) for column in self))


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
        #: whether a word may begin with a bigram of this bucket, and the number of its rougher bucket among those of which one may:
        #: small tables, for they are read at random places
        self._begins = np.zeros(BUCKETS, dtype=bool)
        self._begins[buckets] = True
        found, slots = np.unique(buckets >> _ROUGHER, return_inverse=True)
        self._slots = np.zeros(BUCKETS >> _ROUGHER, dtype=np.uint16)
        self._slots[found] = np.arange(len(found))
        self._keys, self._masks = _keys(self._words)
        two = self._lengths == 2
        #: entries of two characters by slot; longer ones by a hash of three characters, and the slots that have any
        self._short = _Groups(slots[two], two.nonzero()[0], len(found))
        threes = self._keys[0][~two] if len(entries) else np.zeros(0, dtype=np.uint64)
        self._long = _Groups(_three_buckets(threes), (~two).nonzero()[0], 1 << _THREE_BITS)
        self._longer = np.zeros(len(found), dtype=bool)
        self._longer[slots[~two]] = True
        #: first two characters → (word, length, group, entry), longer words first
        self._beginning: dict[str, list[tuple[str, int, int, int]]] = defaultdict(list)
        for row, (word, number) in enumerate(entries):
            self._beginning[word[:2]].append((word, len(word), number, row))

    def columns(self, batch: Batch) -> Hits:
        """Hits in order of position; of those at one position the longer word first."""
        candidates = self._begins.take(batch.twos).nonzero()[0]
        if not len(candidates):
            return _NONE
        positions, lengths, groups, entries = self._few(batch, candidates) if len(candidates) <= _FEW else self._many(batch, candidates)
        if not len(positions):
            return _NONE
        hits = Hits(_posts_of(batch, positions), positions, lengths, groups, entries)
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
        slots = self._slots.take(batch.twos.take(candidates) >> _ROUGHER).astype(np.intp)
        windows = batch.windows()
        read = windows.take(candidates)
        rows, entries = self._short.members(slots)
        same = ((read.take(rows) & _TWO) == self._keys[0].take(entries)).nonzero()[0]
        short, short_entries = candidates.take(rows.take(same)), entries.take(same)

        longer = self._longer.take(slots).nonzero()[0]
        read, places = read.take(longer), candidates.take(longer)
        rows, entries = self._long.members(_three_buckets(read))
        same = ((read.take(rows) & self._masks[0].take(entries)) == self._keys[0].take(entries)).nonzero()[0]
        places, entries = places.take(rows.take(same)), entries.take(same)
        for part in range(1, len(self._keys)):
            on = (self._lengths.take(entries) > part * _WORD).nonzero()[0]
            if not len(on):
                break
            rest = entries.take(on)
            # a word may end behind the end of the text
            read = windows.take(np.minimum(places.take(on) + part * _WORD, len(windows) - 1))
            same = np.ones(len(entries), dtype=bool)
            same[on] = (read & self._masks[part].take(rest)) == self._keys[part].take(rest)
            rows = same.nonzero()[0]
            places, entries = places.take(rows), entries.take(rows)

        # in order of position, at one position in order of the entries
        order = np.concatenate((short, places)) * len(self._words)
        order += np.concatenate((short_entries, entries))
        order.sort()
        positions = order // len(self._words)
        entries = order - positions * len(self._words)
        lengths, groups = self._lengths.take(entries), self._groups.take(entries)
        kept = _first_come(positions, lengths, groups, len(batch.buckets))
        if kept is not None:
            positions, entries, lengths, groups = (column.take(kept) for column in (positions, entries, lengths, groups))
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


def _posts_of(batch: Batch, positions: Column) -> Column:
    """The post of each position; they are in order."""
    if len(batch) == 1:
        return np.zeros(len(positions), dtype=np.int64)
    # some hundred posts are looked up among the positions, not thousands of positions among the posts
    return np.arange(len(batch)).repeat(np.diff(positions.searchsorted(batch.starts)))


class _Groups:
    """Numbers in groups, found again by the number of their group."""

    def __init__(self, groups: Column, members: Column, size: int) -> None:
        """`members[i]` stands in group `groups[i]`, one of `size`."""
        self._counts = np.bincount(groups, minlength=size)
        self._firsts = self._counts.cumsum() - self._counts
        self._members = members.take(groups.argsort(kind="stable"))
        self._any = self._counts > 0

    def members(self, groups: Column) -> tuple[Column, Column]:
        """All members of each of these groups: the row in `groups`, the member."""
        rows = self._any.take(groups).nonzero()[0]
        groups = groups.take(rows)
        counts, firsts = self._counts.take(groups), self._firsts.take(groups)
        more = (counts > 1).nonzero()[0]
        if len(more):
            # the rows of those with several, once more for each further member
            counts = counts.take(more) - 1
            begins = firsts.take(more) + 1 - (counts.cumsum() - counts)
            rows = np.concatenate((rows, rows.take(more).repeat(counts)))
            firsts = np.concatenate((firsts, np.arange(int(counts.sum())) + begins.repeat(counts)))
        return rows, self._members.take(firsts)


def _three_buckets(windows: npt.NDArray[np.uint64]) -> Column:
    """Buckets of the first three units of each window."""
    return (((windows & _THREE) * _FACTOR) >> np.uint64(64 - _THREE_BITS)).astype(np.int64)


def _first_come(positions: Column, lengths: Column, groups: Column, size: int) -> Column | None:
    """Which hits stay when none may overlap an earlier one of its group; None when all do."""
    order = groups.astype(np.int16).argsort(kind="stable")
    starts = (positions + groups * size).take(order)
    ends = starts + lengths.take(order)
    overlap = starts[1:] < np.maximum.accumulate(ends)[:-1]
    doubtful = overlap.nonzero()[0] + 1
    if not len(doubtful):
        return None
    kept = np.ones(len(order), dtype=bool)
    # what overlaps one that stays for sure goes
    kept[doubtful] = False
    # only those behind one that goes may stay themselves
    for row in doubtful.take(overlap.take(doubtful - 2, mode="clip").nonzero()[0]).tolist():
        before = row - 1
        while not kept[before]:
            before -= 1
        kept[row] = starts[row] >= ends[before]
    stay = np.empty_like(kept)
    stay[order] = kept
    return stay.nonzero()[0]
