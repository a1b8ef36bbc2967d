"""Sums of weights over the n-grams of each post, for all heads at once.

A bucket's weights stand in one row of 16-bit numbers, one or two cache lines wide, and are added up as such: what may overflow is
cut into pieces before. Sums of whole numbers do not depend on the order, so one post gives the same as many.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.grams import Batch

Sums = npt.NDArray[np.int32]
#: columns are filled up to a multiple of this, so that every row begins on a cache line or in its middle
_WIDTH = 16
_LINE = 64
_MOST = np.iinfo(np.int16).max
#: batches of at least so many posts use scipy's fused product, smaller ones gather and add
_SPARSE_FROM = 4


class Adder:
    """Adds up the weights of a model, int[buckets, heads]."""

    def __init__(self, weights: npt.NDArray[np.signedinteger[Any]]) -> None:
        buckets, self._heads = weights.shape
        width = -(-self._heads // _WIDTH) * _WIDTH
        raw = np.zeros(buckets * width * 2 + _LINE, dtype=np.uint8)
        begin = -raw.ctypes.data % _LINE
        self._table = raw[begin : begin + buckets * width * 2].view(np.int16).reshape(buckets, width)
        self._table[:, : self._heads] = weights
        #: the table as 64-bit numbers, and how many of them a row is
        self._flat, self._row = self._table.view(np.int64).ravel(), width // 4
        largest = max(int(weights.max()), -int(weights.min()), 1)
        if largest > _MOST // 2:
            raise ValueError(f"a weight of {largest}; at most {_MOST // 2} can be added up")
        #: a piece of so many positions, two n-grams each, cannot overflow
        self._piece = _MOST // (2 * largest)

    def __call__(self, batch: Batch) -> Sums:
        """int32[posts, heads]."""
        starts, buckets, firsts = batch.starts, batch.buckets.ravel(), None
        if int(batch.sizes.max()) > self._piece * 2:
            counts = -(-batch.sizes // (self._piece * 2))
            firsts = counts.cumsum() - counts
            inner = np.arange(int(counts.sum())) - firsts.repeat(counts)
            starts = np.append(starts[:-1].repeat(counts) + inner * self._piece, starts[-1])
        if len(batch) >= _SPARSE_FROM:
            from scipy import sparse

            # the product waits for each row that is not in the cache; read side by side beforehand they come many at a time (those of
            # unigrams are few, and there already)
            self._flat.take(batch.twos * self._row)
            ones, pointer = np.ones(len(buckets), dtype=np.int16), (starts * 2).astype(np.int32)
            sums = sparse.csr_matrix((ones, buckets, pointer), shape=(len(pointer) - 1, len(self._table))) @ self._table
        elif len(starts) == 2:
            sums = np.add.reduce(self._table.take(buckets, axis=0), axis=0, dtype=np.int16, keepdims=True)
        else:
            sums = np.add.reduceat(self._table.take(buckets, axis=0), starts[:-1] * 2, axis=0, dtype=np.int16)
        if firsts is None:
            return np.asarray(sums[:, : self._heads], dtype=np.int32)
        return np.add.reduceat(sums[:, : self._heads], firsts, axis=0, dtype=np.int32)
