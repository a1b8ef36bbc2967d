"""Fits the heads: linear machines whose weights fold into one table over the hashed n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from nlp.training.features import CUE_SCALE, Features

Floats = npt.NDArray[np.float64]


#: scale of a cue among the features of a category
_CATEGORY_CUES = 1.0


@dataclass(frozen=True)
class ResponseHead:
    """score = Σ grams / √n + Σ cues · count + bias."""

    grams: Floats
    cues: Floats
    bias: float

    def score(self, features: Features) -> Floats:
        return np.asarray(features.counts @ self.grams) / np.sqrt(features.sizes) + features.cues @ self.cues + self.bias


def log_count_ratio(binary: sparse.csr_matrix, labels: npt.NDArray[np.bool_], weights: Floats, smooth: float = 1.0) -> Floats:
    """NB log-count ratio of binary features (Wang & Manning 2012), by weighted counts."""
    inside = binary[labels].T @ weights[labels] + smooth
    outside = binary[~labels].T @ weights[~labels] + smooth
    return np.asarray(np.log(inside / inside.sum()) - np.log(outside / outside.sum()))


def fit_response(features: Features, labels: Sequence[int | bool], weights: Sequence[float], c: float = 0.005) -> ResponseHead:
    """needs_response: a plain and an NB-weighted linear machine, averaged."""
    y = np.asarray(labels, dtype=bool)
    w = np.asarray(weights, dtype=float)
    idf = features.idf()
    inverse = sparse.diags(1 / np.sqrt(features.sizes))
    x = inverse @ features.counts @ sparse.diags(idf)
    cues = sparse.csr_matrix(features.cues * CUE_SCALE)
    plain = LinearSVC(C=c, class_weight="balanced", random_state=0).fit(sparse.hstack([x, cues]).tocsr(), y, sample_weight=w)
    ratio = np.abs(log_count_ratio((features.counts > 0).tocsr(), y, w))
    weighted = LinearSVC(C=c / 3, class_weight="balanced", random_state=0).fit(
        sparse.hstack([x @ sparse.diags(ratio), cues]).tocsr(), y, sample_weight=w
    )
    size = len(idf)
    grams = (plain.coef_[0][:size] + ratio * weighted.coef_[0][:size]) * idf / 2
    cue_weights = (plain.coef_[0][size:] + weighted.coef_[0][size:]) * CUE_SCALE / 2
    return ResponseHead(grams, cue_weights, float(plain.intercept_[0] + weighted.intercept_[0]) / 2)


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
