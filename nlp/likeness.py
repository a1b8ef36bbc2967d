"""How probable it is that two posts are on one matter: features of pairs, and a logistic machine over them.

The features say how much of what one post calls by name the other tells too, how alike their subjects are, and how far
apart they lie; none of them knows a word, a place or a forum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.topical import BUCKETS, Topical
from nlp.traits import CALLED, NAMES, PAIRS, SUBJECT, TITLE_PAIRS, TITLE_WORDS, WORDS, Ints, Traits

FEATURES = (
    "title words",  # cosine of the titles' words, by rarity
    "words",  # cosine of all words
    "title told, better",  # share of one title's letter pairs that the other post holds, by rarity
    "title told, worse",
    "rare pairs",  # rare letter pairs of a title that the other post holds: sum of rarity
    "place",  # a place in common, or different places only
    "days",  # log of the days between
    "subject",  # cosine of the directions of subject
    "name told",  # share of one post's names that the other holds, the better side
    "names told",  # sum of rarity of names held
    "strangers",  # both call something by name, and neither holds the other's
    "subject words",  # share of the common words of one title that the other post holds, the better side
    "title's subject, better",  # direction of one title against the other's whole
    "title's subject, worse",
    "title words shared",  # sum of rarity of the words that both titles hold
    "title words told",  # sum of rarity of one title's words that the other post holds
    "names lacking",  # sum of rarity of names that the other does not hold, the worse side
    "called",  # the pairs before 小区, 路 … : held by the other post, or both sides call places and neither holds the other's
    "called, worse",  # share held on the worse side
    "number",  # a number in common (bus 205), or different numbers only
)
#: pairs of features whose product is a feature too: name and subject must both agree
PRODUCTS = (
    ("name told", "subject"),
    ("title's subject, better", "name told"),
    ("subject words", "name told"),
    ("strangers", "words"),
    ("called", "words"),
    ("called", "subject"),
    ("subject", "title told, worse"),
)
#: rarity from which a letter pair counts as rare; weight of names from which a side counts as naming something
_RARE, _NAMED = 5.5, 6.0
#: share of a side's names that must be held for it not to be a stranger
_STRANGE = 0.25
_FLOOR = 0.03
_TINY = np.float32(1e-6)

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


def _divided(upper: Floats, lower: Floats, otherwise: float) -> Floats:
    """upper / lower, `otherwise` where there is nothing to divide by."""
    shares: Floats = np.where(lower > _TINY, upper / np.maximum(lower, _TINY), np.float32(otherwise)).astype(np.float32)
    return shares


def _sums(pair: Places, values: npt.NDArray[Any], pairs: Places) -> Floats:
    """Sum of the values of each of the pairs, in the order of the columns, so that it is the same in every batch."""
    return np.bincount(pair, values, len(pairs)).astype(np.float32)


class _Lookup:
    """Numbers of several posts at once, in which other posts' numbers are looked up by one indexing."""

    def __init__(self, rows: Ints) -> None:
        """rows: int32[posts, width]; number 0 is none."""
        self._local = _SCRATCH.pop() if _SCRATCH else np.zeros(BUCKETS, np.int32)
        self._numbers = rows.ravel()
        self._local[self._numbers] = np.arange(1, rows.size + 1)
        self._local[0] = 0
        self._width = rows.size + 1
        table = np.zeros((len(rows), self._width), np.int32)
        table[np.arange(len(rows))[:, None], self._local[rows]] = np.arange(1, rows.size + 1).reshape(rows.shape)
        table[:, 0] = 0
        self._table = table.ravel()

    def __call__(self, posts: Places, numbers: Ints) -> tuple[Places, Places]:
        """Flat places in `numbers` (int32[pairs, width]) that the post of the pair holds, and where in its row (flat, too): most pairs
        have little in common, and only that is worked on further."""
        local = self._local.take(numbers.ravel())
        at = np.flatnonzero(local > 0)
        own = self._table.take(posts[at // numbers.shape[1]] * self._width + local[at])
        held = np.flatnonzero(own > 0)
        return at[held], own[held].astype(np.int64) - 1

    def close(self) -> None:
        """Gives the table of numbers back, clean, for the next."""
        self._local[self._numbers] = 0
        _SCRATCH.append(self._local)


#: tables of zeros over all numbers, to be used again
_SCRATCH: list[npt.NDArray[np.int32]] = []


def features(one: Traits, posts: Places, other: Traits, rows: Places, topical: Topical) -> Floats:
    """float32[pairs, FEATURES] of the pairs (one[posts[i]], other[rows[i]])."""
    found = np.empty((len(posts), len(FEATURES)), np.float32)
    if not len(posts):
        return found
    _of_pairs(found, one, posts, other, rows)
    _of_words(found, one, posts, other, rows, topical)
    own_subject, own_title = one.subject[posts], one.title_subject[posts]
    subject, title = other.subject[rows], other.title_subject[rows]
    found[:, 7] = (own_subject * subject).sum(axis=1)
    forth, back = (own_title * subject).sum(axis=1), (title * own_subject).sum(axis=1)
    found[:, 12], found[:, 13] = np.maximum(forth, back), np.minimum(forth, back)
    for column, own, their in ((5, one.places, other.places), (19, one.numbers, other.numbers)):
        mine, yours = own[posts], their[rows]
        told = (mine > 0) & (yours > 0)
        found[:, column] = np.where(told, np.where(mine & yours > 0, 1, -1), 0)
    days = np.log1p(np.abs(one.day[posts] - other.day[rows])) / 6
    found[:, 6] = np.where(np.isnan(days), 0, days)
    return found


def _of_pairs(found: Floats, one: Traits, posts: Places, other: Traits, rows: Places) -> None:
    weights = one.pair_weights
    titles = weights.copy()
    titles[:, TITLE_PAIRS:] = 0
    named, by_kind = np.zeros_like(weights), np.zeros_like(weights)
    lookup = _Lookup(one.pairs)
    for kept, numbers in ((named, one.names), (by_kind, one.called)):
        of_kind = lookup(np.arange(len(one)), numbers)[1]
        kept.ravel()[of_kind] = weights.ravel()[of_kind]
    at, own_at = lookup(posts, other.pairs[rows])
    names_at, own_names = lookup(posts, other.names[rows])
    called_at, own_called = lookup(posts, other.called[rows])
    lookup.close()
    own_weights = weights.ravel()
    pair, column = at // PAIRS, at % PAIRS
    theirs = other.pair_weights[rows[pair], column]
    told = np.where(theirs > 0, titles.ravel()[own_at], 0)
    told_back = np.where((column < TITLE_PAIRS) & (own_weights[own_at] > 0), theirs, 0)
    forth = _divided(_sums(pair, told, posts), titles.sum(axis=1)[posts], 0.0)
    back = _divided(_sums(pair, told_back, posts), other.pair_weights[:, :TITLE_PAIRS][rows].sum(axis=1), 0.0)
    found[:, 2], found[:, 3] = np.maximum(forth, back), np.minimum(forth, back)
    rare = np.maximum(np.where(told >= _RARE, told, 0), np.where(told_back >= _RARE, told_back, 0))
    found[:, 4] = np.minimum(_sums(pair, rare, posts), 60) / 60
    own = named.sum(axis=1)[posts]
    their = other.name_weights[rows].sum(axis=1)
    forth_sum = _sums(pair, np.where(theirs > 0, named.ravel()[own_at], 0), posts)
    back_sum = _sums(names_at // NAMES, other.name_weights[rows].ravel()[names_at] * (own_weights[own_names] > 0), posts)
    forth, back = _divided(forth_sum, own, 0.5), _divided(back_sum, their, 0.5)
    found[:, 8] = np.maximum(forth, back)
    found[:, 9] = np.minimum(np.maximum(forth_sum, back_sum), 40) / 40
    found[:, 10] = (own >= _NAMED) & (their >= _NAMED) & (forth < _STRANGE) & (back < _STRANGE)
    found[:, 16] = np.minimum(np.maximum(np.maximum(own - forth_sum, their - back_sum), 0), 40) / 20
    own, their = by_kind.sum(axis=1)[posts], other.called_weights[rows].sum(axis=1)
    forth_sum = _sums(pair, np.where(theirs > 0, by_kind.ravel()[own_at], 0), posts)
    back_sum = _sums(called_at // CALLED, other.called_weights[rows].ravel()[called_at] * (own_weights[own_called] > 0), posts)
    forth, back = _divided(forth_sum, own, 0.5), _divided(back_sum, their, 0.5)
    best = np.maximum(forth, back)
    found[:, 17] = np.where((own > 0) & (their > 0), np.where(best > 0, best, -1), 0)
    found[:, 18] = np.minimum(forth, back)


def _of_words(found: Floats, one: Traits, posts: Places, other: Traits, rows: Places, topical: Topical) -> None:
    known = len(topical.vocabulary)

    def common(words: Ints) -> npt.NDArray[np.bool_]:
        return (words > 0) & (words <= known) & (topical.word_rarity[words] < SUBJECT)

    lookup = _Lookup(one.words)
    # words of the title count among all words too, unless a post has more words than a row
    title_weight = np.zeros_like(one.word_weights)
    title_at, own_title = lookup(np.arange(len(one)), one.title_words)
    title_weight.ravel()[own_title] = one.title_weights.ravel()[title_at]
    subject = np.where(common(one.words), title_weight, 0)
    at, own_at = lookup(posts, other.words[rows])
    title_at, own_title = lookup(posts, other.title_words[rows])
    lookup.close()
    pair, weights = at // WORDS, other.word_weights[rows].ravel()[at]
    found[:, 1] = _sums(pair, one.word_weights.ravel()[own_at] * weights, posts)
    title, title_weights = other.title_words[rows], other.title_weights[rows]
    titled, told = title_at // TITLE_WORDS, title_weights.ravel()[title_at]
    both = np.where(told > 0, title_weight.ravel()[own_title], 0)
    own_length = np.sqrt((title_weight**2).sum(axis=1))[posts]
    length = np.sqrt((title_weights**2).sum(axis=1))
    found[:, 0] = _divided(_sums(titled, both * told, posts), own_length * length, 0.0)
    found[:, 14] = np.minimum(_sums(titled, both, posts), 40) / 20
    forth = _sums(pair, np.where(weights > 0, title_weight.ravel()[own_at], 0), posts)
    held = told * (one.word_weights.ravel()[own_title] > 0)
    back = _sums(titled, held, posts)
    found[:, 15] = np.minimum(np.maximum(forth, back), 40) / 20
    own_subject = subject.sum(axis=1)[posts]
    their = np.where(common(title), title_weights, 0)
    forth = _divided(_sums(pair, np.where(weights > 0, subject.ravel()[own_at], 0), posts), own_subject, 0.5)
    back = _divided(_sums(titled, held * common(title.ravel()[title_at]), posts), their.sum(axis=1), 0.5)
    found[:, 11] = np.maximum(forth, back)


def expanded(found: Floats) -> Floats:
    """The features, their logarithms and the products."""
    logarithms = np.log(_FLOOR + np.clip(found, 0, 1))
    products = [found[:, FEATURES.index(one)] * found[:, FEATURES.index(other)] for one, other in PRODUCTS]
    return np.column_stack([found, logarithms, *products]).astype(np.float32)


def scores(found: Floats, machine: Floats) -> Floats:
    """Log odds, up to a constant, that each pair is on one matter; `machine` = means, scales, weights, intercept."""
    wide = expanded(found)
    size = wide.shape[1]
    means, scales, weights, intercept = machine[:size], machine[size : 2 * size], machine[2 * size : 3 * size], machine[3 * size]
    logits: Floats = (((wide - means) / scales) * weights).sum(axis=1) + intercept
    return logits
