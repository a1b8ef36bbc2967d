"""Feature matrices: the same n-grams and cues that the judge reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from nlp.cues import CUE_CAP, CUE_GROUPS, CUES, cue_hits
from nlp.grams import BUCKETS, Grams, build_normaliser
from nlp.lexicon import Lexicon

#: scale of a cue feature beside n-grams whose idf lies around 6
CUE_SCALE = 1.0
_CHUNK = 2_000


@dataclass(frozen=True)
class Features:
    """Raw counts of n-grams, capped counts of cues, number of n-grams of each text."""

    counts: sparse.csr_matrix
    cues: npt.NDArray[np.float64]
    sizes: npt.NDArray[np.float64]

    def __getitem__(self, chosen: npt.NDArray[np.intp]) -> Features:
        return Features(self.counts[chosen], self.cues[chosen], self.sizes[chosen])

    def idf(self, least: int = 2) -> npt.NDArray[np.float64]:
        """Smooth inverse document frequency; 0 for buckets seen in fewer than `least` texts."""
        frequency = np.bincount(self.counts.indices, minlength=BUCKETS)
        idf = np.log((1 + self.counts.shape[0]) / (1 + frequency)) + 1
        return np.where(frequency >= least, idf, 0.0)


class FeatureMaker:
    """Reads cleaned texts into Features."""

    def __init__(self) -> None:
        self.normaliser = build_normaliser()
        self.grams = Grams(self.normaliser)
        self.cues = Lexicon(self.grams, CUES)
        self._column = {group: number for number, group in enumerate(CUE_GROUPS)}

    def __call__(self, texts: Sequence[str]) -> Features:
        blocks, sizes = [], []
        cues = np.zeros((len(texts), len(CUE_GROUPS)))
        for begin in range(0, len(texts), _CHUNK):
            batch = self.grams.batch(texts[begin : begin + _CHUNK])
            ones = np.ones(batch.buckets.size)
            # a copy: sum_duplicates sorts in place, and the lexicon still reads the buckets
            block = sparse.csr_matrix((ones, batch.buckets.flatten(), batch.indptr), shape=(len(batch), BUCKETS))
            block.sum_duplicates()
            blocks.append(block)
            sizes.append(batch.sizes)
            for hit in cue_hits(self.cues.find(batch)):
                cues[begin + hit.post, self._column[hit.group]] += 1
        return Features(sparse.vstack(blocks).tocsr(), np.minimum(cues, CUE_CAP), np.concatenate(sizes).astype(float))
