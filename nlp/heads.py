"""Sums of a batch read as scores, column by column for all of its posts at once.

Every number of a post depends on its own row only: the sums are of integers, cues are counted in whole units of their weights,
and the rest is arithmetic element by element. So a post alone and the same post in a batch give the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.cues import CUE_GROUPS
from nlp.grams import Batch
from nlp.model import Model
from store.records import Category

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: weights of cues are rounded to whole multiples of this
CUE_UNIT = 1e-6


class Heads:
    """The heads of a model over a batch: rows are posts."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._topics = len(model.topics)
        self._first_kind = 3 + 2 * self._topics
        # a group that these weights were not trained with counts for nothing
        none = (0.0,) * len(model.categories)
        rows = [[model.cue_weights.get(group, 0.0), *model.category_cues.get(group, none)] for group in CUE_GROUPS]
        self._cues = _units([[*row, model.level_cues.get(group, 0.0)] for row, group in zip(rows, CUE_GROUPS, strict=True)])
        self._kind_bias = np.asarray(model.category_bias)
        self.kinds = tuple(Category(name) for name in model.categories)
        #: added to the scores of the kinds: row 0 bars those that need a response, row 1 all others
        self._barred = np.zeros((2, len(self.kinds)))
        for column, kind in enumerate(self.kinds):
            self._barred[0 if kind.positive else 1, column] = -np.inf
            if kind == Category.ELSEWHERE:
                # only the gazetteer, never the wording, says that a matter is 外地的事
                self._barred[:, column] = -np.inf

    def scores(self, batch: Batch) -> Floats:
        """float64[posts, 1 + heads]: needs_response and the heads of `Model.weights`: sums over the n-grams of each post, divided by
        √n; cues are not in them."""
        scales = self.model.scales
        sums = np.empty((len(batch), len(scales)))
        sums[:, 0] = self.model.response_sums(batch)
        sums[:, 1:] = self.model.sums(batch)
        sums *= scales
        sums /= np.sqrt(batch.sizes)[:, None]
        return sums

    def cue_shares(self, cues: Floats) -> Floats:
        """float64[posts, 1 + kinds + 1]: what the counted cues add to needs_response, to each kind, to seriousness."""
        shares: Floats = cues @ self._cues
        shares *= CUE_UNIT
        return shares

    def needs(self, scores: Floats, shares: Floats) -> Floats:
        """Score of needs_response of each post, cues included."""
        return np.asarray(scores[:, 0] + self.model.bias + shares[:, 0])

    def topic_logits(self, scores: Floats, sizes: npt.NDArray[np.int64]) -> Floats:
        """float64[posts, topics + 1]: logits of the topics, none of them last."""
        letters, forum = scores[:, 2 : 2 + self._topics], scores[:, 2 + self._topics : self._first_kind]
        return self.model.topic_mix.logits(scores[:, 1], letters, forum, sizes)

    def topics(self, scores: Floats, sizes: npt.NDArray[np.int64]) -> tuple[list[list[float]], list[str]]:
        """Of each post the probabilities of the topics, to four decimals, and the likeliest ("" when none of them is)."""
        logits = self.topic_logits(scores, sizes)
        best = logits.argmax(axis=1)
        powers = np.exp(logits - np.maximum.reduce(logits, 1)[:, None])
        powers *= 10_000.0 / np.add.reduce(powers, 1)[:, None]
        shares: list[list[float]] = (np.rint(powers[:, :-1]) / 10_000.0).tolist()
        named = (*self.model.topics, "")
        return shares, [named[column] for column in best.tolist()]

    def categories(self, scores: Floats, shares: Floats, flags: Bools) -> list[Category]:
        """Of each post the best-scored kind among those that its flag allows."""
        totals = scores[:, self._first_kind : -1] + self._kind_bias + shares[:, 1:-1] + self._barred.take(flags, axis=0)
        kinds = self.kinds
        return [kinds[column] for column in totals.argmax(axis=1).tolist()]

    def serious(self, scores: Floats, shares: Floats) -> Floats:
        """Of each post the probability that its level is Ⅲ or worse, if it needs a response."""
        return logistic(self.model.level_slope * (scores[:, -1] + shares[:, -1]) + self.model.level_offset)


def logistic(logits: Floats) -> Floats:
    """1 / (1 + e^-logit) of each."""
    # beyond this e^-logit is no number any more
    power = np.exp(-np.maximum(logits, -700.0))
    power += 1.0
    return np.asarray(1.0 / power)


def _units(weights: Sequence[Sequence[float]]) -> Floats:
    """The weights in CUE_UNIT: whole numbers, so that sums of them are exact in any order."""
    return np.rint(np.asarray(weights) / CUE_UNIT)
