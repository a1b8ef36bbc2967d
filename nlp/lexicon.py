"""Finds many words in a batch: the bigram buckets already computed say where one may begin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from nlp.grams import BUCKETS, Batch, Grams


class Hit(NamedTuple):
    """A word of the lexicon found in a batch."""

    post: int
    #: position in the post's own normalised text, in UTF-16 units
    offset: int
    word: str
    group: str


class Lexicon:
    """Words in named groups; matching folds width, case and digits like the n-grams do.

    Within a group the longest word at the first position wins and overlapping words are passed over.
    """

    def __init__(self, grams: Grams, groups: Mapping[str, Iterable[str]]) -> None:
        of_word: dict[str, list[str]] = defaultdict(list)
        for group, words in groups.items():
            for word in words:
                folded = grams.normalise(word)
                if len(folded) < 2:
                    raise ValueError(f"lexicon group {group}: {word!r} is shorter than two characters; give it context")
                if group not in of_word[folded]:
                    of_word[folded].append(group)
        self._begins = np.zeros(BUCKETS, dtype=bool)
        self._words: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
        for word in sorted(of_word, key=len, reverse=True):
            self._words[word[:2]].append((word, tuple(of_word[word])))
        for prefix in self._words:
            self._begins[grams.buckets_of(prefix)] = True

    def find(self, batch: Batch) -> Iterator[Hit]:
        """Hits in order of position."""
        candidates = np.flatnonzero(self._begins[batch.buckets[:, 1]])
        if not len(candidates):
            return
        posts = np.searchsorted(batch.starts, candidates, side="right") - 1
        starts = batch.starts[posts]
        text, words = batch.text, self._words
        free_from: dict[str, int] = {}
        for position, post, start in zip(candidates.tolist(), posts.tolist(), starts.tolist(), strict=True):
            for word, groups in words.get(text[position : position + 2], ()):
                if not text.startswith(word, position):
                    continue
                for group in groups:
                    if position >= free_from.get(group, 0):
                        free_from[group] = position + len(word)
                        yield Hit(post, position - start - 1, word, group)
