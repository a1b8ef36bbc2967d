"""Fits the heads: linear machines whose weights fold into one table over the hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from nlp.grams import FINE
from nlp.training.features import CUE_SCALES, Features

Floats = npt.NDArray[np.float64]


#: scale of a cue among the features of a category
_CATEGORY_CUES = 1.0


@dataclass(frozen=True)
class Head:
    """score = Σ grams / √n + Σ cues · count + bias, over fine n-grams or coarse ones; n as in `Features.sizes`."""

    grams: Floats
    cues: Floats
    bias: float

    def score(self, features: Features) -> Floats:
        counts = features.fine if len(self.grams) == FINE else features.counts
        return np.asarray(counts @ self.grams) / np.sqrt(features.sizes) + features.cues @ self.cues + self.bias


def log_count_ratio(binary: sparse.csr_matrix, labels: npt.NDArray[np.bool_], weights: Floats, smooth: float = 1.0) -> Floats:
    """NB log-count ratio of binary features (Wang & Manning 2012), by weighted counts."""
    inside = binary[labels].T @ weights[labels] + smooth
    outside = binary[~labels].T @ weights[~labels] + smooth
    return np.asarray(np.log(inside / inside.sum()) - np.log(outside / outside.sum()))


#: texts that an n-gram must stand in
_LEAST = 3


def fit_head(
    features: Features,
    labels: Sequence[int | bool],
    weights: Sequence[float],
    c: float,
    *,
    fine: bool = False,
    counted: int | None = None,
) -> Head:
    """A plain and an NB-weighted linear machine, averaged; `c` = how closely they keep to their texts.

    Rows from `counted` on teach the machines, but do not count for rarities and ratios.
    """
    y = np.asarray(labels, dtype=bool)
    w = np.asarray(weights, dtype=float)
    counts = features.fine if fine else features.counts
    first = counts[:counted]
    frequency = np.bincount(first.indices, minlength=counts.shape[1])
    known = np.flatnonzero(frequency >= _LEAST)
    idf = np.log((1 + first.shape[0]) / (1 + frequency[known])) + 1
    x = sparse.diags(1 / np.sqrt(features.sizes)) @ counts[:, known] @ sparse.diags(idf)
    cues = sparse.csr_matrix(features.cues * CUE_SCALES)
    ratio = np.abs(log_count_ratio((first[:, known] > 0).tocsr(), y[:counted], w[:counted]))
    size = len(known)
    grams, cue_weights, bias = np.zeros(size), np.zeros(len(CUE_SCALES)), 0.0
    for share, scale in ((1.0, np.ones(size)), (1 / 3, ratio)):
        rows = sparse.hstack([x @ sparse.diags(scale), cues]).tocsr()
        machine = LinearSVC(C=c * share, class_weight="balanced", random_state=0, tol=1e-3).fit(rows, y, sample_weight=w)
        grams += scale * machine.coef_[0][:size] / 2
        cue_weights += machine.coef_[0][size:] / 2
        bias += float(machine.intercept_[0]) / 2
    spread = np.zeros(counts.shape[1])
    spread[known] = grams * idf
    return Head(spread, cue_weights * CUE_SCALES, bias)


def fit_topics(
    features: Features,
    labels: Sequence[str],
    names: Sequence[str],
    weights: Sequence[float] | None = None,
    c: tuple[float, float] = (0.35, 0.15),
) -> Floats:
    """float64[BUCKETS, len(names)]: one machine against the rest for each name; raw sums rank them (no norm, no intercept).

    `c` = how closely the plain and the NB-weighted machine keep to their texts.
    """
    idf = features.idf(3)
    counts = features.counts @ sparse.diags(idf)
    norms = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    x = sparse.diags(1 / np.maximum(norms, 1e-9)) @ counts
    binary = (features.counts > 0).tocsr()
    w = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=float)
    columns = []
    for name in names:
        y = np.asarray([label == name for label in labels])
        plain = LinearSVC(C=c[0], class_weight="balanced", fit_intercept=False, random_state=0).fit(x, y, sample_weight=w)
        ratio = np.abs(log_count_ratio(binary, y, w))
        weighted = LinearSVC(C=c[1], class_weight="balanced", fit_intercept=False, random_state=0).fit(
            x @ sparse.diags(ratio), y, sample_weight=w
        )
        columns.append((plain.coef_[0] + ratio * weighted.coef_[0]) * idf / 2)
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class CategoryHead:
    """score[k] = Σ grams[:, k] / √n + Σ cues[:, k] · count + bias[k]."""

    grams: Floats
    cues: Floats
    bias: Floats

    def score(self, features: Features) -> Floats:
        return np.asarray(features.counts @ self.grams) / np.sqrt(features.sizes)[:, None] + features.cues @ self.cues + self.bias


def fit_categories(features: Features, labels: Sequence[str], names: Sequence[str], c: float = 0.003) -> CategoryHead:
    """One machine against the rest for each category, on n-grams and cues."""
    idf = features.idf()
    x = sparse.diags(1 / np.sqrt(features.sizes)) @ features.counts @ sparse.diags(idf)
    matrix = sparse.hstack([x, sparse.csr_matrix(features.cues * _CATEGORY_CUES)]).tocsr()
    size = len(idf)
    grams, cues, bias = [], [], []
    for name in names:
        y = np.asarray([label == name for label in labels])
        machine = LinearSVC(C=c, class_weight="balanced", random_state=0).fit(matrix, y)
        grams.append(machine.coef_[0][:size] * idf)
        cues.append(machine.coef_[0][size:] * _CATEGORY_CUES)
        bias.append(machine.intercept_[0])
    return CategoryHead(np.stack(grams, axis=1), np.stack(cues, axis=1), np.asarray(bias))


def platt(scores: Floats, labels: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> tuple[float, float]:
    """Slope and offset of the logistic calibration of held-out scores."""
    fitted = LogisticRegression(C=1e4).fit(scores[:, None], np.asarray(labels), sample_weight=weights)
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])


def packed(columns: Floats, limit: int = 127) -> tuple[npt.NDArray[np.int32], Floats]:
    """Integer weights and the scale of each column (largest weight = limit)."""
    scales = np.abs(columns).max(axis=0) / limit
    return np.rint(columns / scales).astype(np.int32), scales
