"""Measures over scores in 0…1 and labels 0/1: ranking with bootstrap intervals, calibration, thresholds for a wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: resamples of the bootstrap, and the scores that all resamples together may read: bounds its time to about two seconds
RESAMPLES, SCORES_READ = 1_000, 40_000_000
BINS = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """One tenth of the calibration curve: posts, mean score, share of positives."""

    low: float
    high: float
    n: int
    mean: float
    share: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A threshold and what it gives: recall, share of the negatives flagged, precision and share flagged at the weighting."""

    threshold: float
    recall: float
    false_alarms: float
    precision: float
    flagged: float


class Ranking:
    """Scores sorted once, so that each resample costs one pass."""

    def __init__(self, scores: Floats, labels: Ints) -> None:
        self._order = np.argsort(-scores, kind="stable")
        ranked = scores[self._order]
        self._positive = labels[self._order].astype(np.float64)
        #: where each group of equal scores begins
        self._starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.zeros(0, np.intp)
        self.levels = ranked[self._starts] if len(ranked) else ranked

    def counts(self, weights: Floats | None = None) -> tuple[Floats, Floats]:
        """Positives and negatives in each group of equal scores, from the highest down; `weights` in sorted order."""
        held = np.ones(len(self._positive)) if weights is None else weights
        positives = np.add.reduceat(held * self._positive, self._starts)
        return positives, np.add.reduceat(held * (1.0 - self._positive), self._starts)

    def ap_auc(self, weights: Floats | None = None) -> tuple[float, float]:
        """Average precision and area under the ROC curve; NaN when a label is missing."""
        positives, negatives = self.counts(weights)
        found, wrong = np.cumsum(positives), np.cumsum(negatives)
        if not found[-1] or not wrong[-1]:
            return float("nan"), float("nan")
        precision = found / np.maximum(found + wrong, 1e-12)
        auc = float((negatives * (found - positives / 2.0)).sum() / (found[-1] * wrong[-1]))
        return float((positives * precision).sum() / found[-1]), auc

    def intervals(self, seed: int = 0) -> tuple[Interval, Interval]:
        """AP and AUC with 95 % bootstrap intervals (resampled posts, seeded, number of resamples bounded by size)."""
        n = len(self._positive)
        if not n or not 0 < self._positive.sum() < n:
            return Interval(None, None, None), Interval(None, None, None)
        rng = np.random.default_rng(seed)
        drawn = []
        for _ in range(int(min(RESAMPLES, max(40, SCORES_READ // n)))):
            weights = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
            drawn.append(self.ap_auc(weights))
        low, high = np.nanpercentile(np.asarray(drawn), [2.5, 97.5], axis=0)
        ap, auc = self.ap_auc()
        return Interval(ap, float(low[0]), float(high[0])), Interval(auc, float(low[1]), float(high[1]))

    def cuts(self, share: float) -> list[Cut]:
        """One cut at each score, from the highest down; precision and share flagged as if `share` of the stream were positive."""
        positives, negatives = self.counts()
        recalls, alarms = np.cumsum(positives) / positives.sum(), np.cumsum(negatives) / negatives.sum()
        return [
            Cut(float(level), float(recall), float(alarm), weighted_precision(recall, alarm, share), flagged_share(recall, alarm, share))
            for level, recall, alarm in zip(self.levels, recalls, alarms, strict=True)
        ]


def weighted_precision(recall: float, false_alarms: float, share: float) -> float:
    """Precision if `share` of the stream were positive; 0 when nothing is flagged."""
    right, wrong = share * recall, (1.0 - share) * false_alarms
    return float(right / (right + wrong)) if right + wrong else 0.0


def flagged_share(recall: float, false_alarms: float, share: float) -> float:
    return float(share * recall + (1.0 - share) * false_alarms)


def cut_for_recall(cuts: Sequence[Cut], recall: float) -> Cut | None:
    """The highest threshold that finds at least `recall` of the positives."""
    return next((cut for cut in cuts if cut.recall >= recall - 1e-12), None)


def cut_for_budget(cuts: Sequence[Cut], flagged: float) -> Cut | None:
    """The lowest threshold that flags at most this share of the stream; None when even the highest score flags more."""
    within = [cut for cut in cuts if cut.flagged <= flagged + 1e-12]
    return within[-1] if within else None


def calibration(scores: Floats, labels: Ints) -> tuple[float, list[Bin]]:
    """Expected calibration error over ten equal bins of score, and the curve of those that hold posts."""
    places = np.minimum((scores * BINS).astype(int), BINS - 1)
    curve, error = [], 0.0
    for place in range(BINS):
        inside = places == place
        count = int(inside.sum())
        if count:
            mean, share = float(scores[inside].mean()), float(labels[inside].mean())
            error += count / len(scores) * abs(mean - share)
            curve.append(Bin(place / BINS, (place + 1) / BINS, count, mean, share))
    return error, curve


def precision_recall_f1(flags: npt.NDArray[np.bool_], labels: Ints) -> tuple[float | None, float | None, float | None]:
    """Of the flagged and the positive; None where nothing is flagged or nothing is positive."""
    hit, flagged, positive = int((flags & (labels == 1)).sum()), int(flags.sum()), int((labels == 1).sum())
    precision = hit / flagged if flagged else None
    recall = hit / positive if positive else None
    return precision, recall, (2 * hit / (flagged + positive) if flagged + positive else None)


def log_loss(scores: Floats, labels: Ints) -> float:
    """Mean of −log of the probability given to what was true, scores held within 1e-6 of 0 and 1."""
    held = np.clip(scores, 1e-6, 1 - 1e-6)
    return float(-np.where(labels == 1, np.log(held), np.log(1 - held)).mean())


def accuracy_macro_f1(labels: Sequence[str], found: Sequence[str]) -> tuple[float, float]:
    """Share right, and the mean F1 over the names that occur as label."""
    right = sum(label == other for label, other in zip(labels, found, strict=True))
    f1 = []
    for name in sorted(set(labels)):
        hit = sum(label == name == other for label, other in zip(labels, found, strict=True))
        f1.append(2 * hit / (labels.count(name) + found.count(name)) if hit else 0.0)
    return right / len(labels), sum(f1) / len(f1)
