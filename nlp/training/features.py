"""Feature matrices: the same n-grams and cues that the judge reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from nlp.cues import ANCHORS, CUE_CAP, CUE_GROUPS, CUES, cue_table
from nlp.grams import BUCKETS, FINE, Batch, Grams, build_normaliser
from nlp.lexicon import Lexicon

#: scale of a cue feature beside n-grams whose idf lies around 6. The words of the anchored groups are rare in our corpus and common in
#: letters to the government, so what they say must not be left to their n-grams
CUE_SCALES = np.asarray([6.0 if group in ANCHORS else 1.0 for group in CUE_GROUPS])
#: of a mixture only the first part begins or ends it
_ANYWHERE = np.asarray([group not in ANCHORS for group in CUE_GROUPS])
_CHUNK = 2_000


@dataclass(frozen=True)
class Features:
    """Raw counts of n-grams, capped counts of cues, number of n-grams of each text; `fine` are the counts in fine buckets, or of no
    columns."""

    counts: sparse.csr_matrix
    cues: npt.NDArray[np.float64]
    sizes: npt.NDArray[np.float64]
    fine: sparse.csr_matrix

    def __getitem__(self, chosen: npt.NDArray[np.intp]) -> Features:
        return Features(self.counts[chosen], self.cues[chosen], self.sizes[chosen], self.fine[chosen])

    def beside(self, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp]) -> Features:
        """Each text of `first` with the one of `second` behind it, as if they were one."""
        cues = np.minimum(self.cues[first] + self.cues[second] * _ANYWHERE, CUE_CAP)
        counts, fine = self.counts[first] + self.counts[second], self.fine[first] + self.fine[second]
        return Features(counts, cues, self.sizes[first] + self.sizes[second], fine)

    def idf(self, least: int = 2) -> npt.NDArray[np.float64]:
        """Smooth inverse document frequency; 0 for buckets seen in fewer than `least` texts."""
        frequency = np.bincount(self.counts.indices, minlength=BUCKETS)
        idf = np.log((1 + self.counts.shape[0]) / (1 + frequency)) + 1
        return np.where(frequency >= least, idf, 0.0)


def stacked(parts: Sequence[Features]) -> Features:
    """The rows of all parts, in order."""
    return Features(
        sparse.vstack([part.counts for part in parts]).tocsr(),
        np.concatenate([part.cues for part in parts]),
        np.concatenate([part.sizes for part in parts]),
        sparse.vstack([part.fine for part in parts]).tocsr(),
    )


class FeatureMaker:
    """Reads cleaned texts into Features."""

    def __init__(self) -> None:
        self.normaliser = build_normaliser()
        self.grams = Grams(self.normaliser)
        self.cues = Lexicon(self.grams, CUES, ANCHORS)

    def __call__(self, texts: Sequence[str], fine: bool = False) -> Features:
        """Features of the texts; the fine counts only when they are wanted."""
        return stacked([self._part(self.grams.batch(texts[begin : begin + _CHUNK]), fine) for begin in range(0, len(texts), _CHUNK)])

    def _part(self, batch: Batch, fine: bool) -> Features:
        counts = _counted(batch.buckets, batch.starts, BUCKETS)
        fines = _counted(batch.fine(), batch.starts, FINE) if fine else sparse.csr_matrix((len(batch), 0))
        return Features(counts, cue_table(self.cues.columns(batch), len(batch)), batch.sizes.astype(float), fines)


def _counted(buckets: npt.NDArray[np.int32], starts: npt.NDArray[np.int64], columns: int) -> sparse.csr_matrix:
    """How often each bucket stands in each post."""
    # a copy: sum_duplicates sorts in place, and the lexicon still reads the buckets
    inside = buckets.flatten()
    counts = sparse.csr_matrix((np.ones(inside.size), inside, starts * buckets.shape[1]), shape=(len(starts) - 1, columns))
    counts.sum_duplicates()
    return counts
