"""Figures by source, each with a model and a threshold that never saw the source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from nlp.training.features import Features
from nlp.training.learn import Floats, ResponseHead, fit_response, platt
from nlp.training.sample import Sample

FOLDS = 5
Labels = npt.NDArray[np.int64]


def labels_of(samples: Sequence[Sample]) -> Labels:
    return np.asarray([sample.label for sample in samples])


def fitted(samples: Sequence[Sample], features: Features, rows: npt.NDArray[np.intp]) -> ResponseHead:
    """The head trained on these rows."""
    return fit_response(features[rows], [samples[int(i)].label for i in rows], [samples[int(i)].weight for i in rows])


def corpus_scores(samples: Sequence[Sample], features: Features) -> tuple[npt.NDArray[np.intp], Floats]:
    """Held-out scores of our own corpus: folds keep an event together; everything else is always in training."""
    own = np.flatnonzero([sample.family == "corpus" for sample in samples])
    others = np.flatnonzero([sample.family != "corpus" for sample in samples])
    groups = np.asarray([samples[int(i)].group or f"{i}" for i in own])
    scores = np.zeros(len(own))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(own, groups=groups):
        scores[test] = fitted(samples, features, np.concatenate([others, own[train]])).score(features[own[test]])
    return own, scores


def family_figures(samples: Sequence[Sample], features: Features, threshold: float) -> dict[str, dict[str, float]]:
    """Leave one family out: share flagged, calibrated on the threads of our corpus without that family."""
    own = np.flatnonzero([sample.family == "corpus" and not sample.thread for sample in samples])
    figures: dict[str, dict[str, float]] = {}
    for family in sorted({sample.family for sample in samples} - {"corpus"}):
        train = np.flatnonzero([sample.family != family for sample in samples])
        head = fitted(samples, features, train)
        slope, offset = platt(head.score(features[own]), labels_of([samples[int(i)] for i in own]))
        for source, cut in sorted({(sample.source, sample.cut) for sample in samples if sample.family == family}):
            rows = np.flatnonzero([(sample.source, sample.cut) == (source, cut) for sample in samples])
            probabilities = logistic(slope * head.score(features[rows]) + offset)
            name = f"{family} / {source}{f', {cut}' if cut else ''}"
            figures[name] = {"texts": float(len(rows)), "flagged": float((probabilities >= threshold).mean())}
    return figures


def logistic(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def both_labels(labels: Labels, probabilities: Floats, threshold: float) -> dict[str, float]:
    """Figures of a source with both labels; precision also as if 5 % of the stream were positive."""
    flagged = probabilities >= threshold
    recall, alarms = float(flagged[labels == 1].mean()), float(flagged[labels == 0].mean())
    cut = float(np.quantile(probabilities[labels == 1], 0.05))
    alarms_95 = float((probabilities[labels == 0] >= cut).mean())
    return {
        "texts": float(len(labels)),
        "auc": float(roc_auc_score(labels, probabilities)),
        "ap": float(average_precision_score(labels, probabilities)),
        "recall": recall,
        "false_alarms": alarms,
        "precision_at_recall_95_if_5pct": 0.0475 / (0.0475 + 0.95 * alarms_95),
        "calibration_error": calibration_error(labels, probabilities),
    }


def calibration_error(labels: Labels, probabilities: Floats, bins: int = 10) -> float:
    """Expected calibration error over equal bins of probability."""
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    error = 0.0
    for place in range(bins):
        inside = places == place
        if inside.any():
            error += inside.mean() * abs(probabilities[inside].mean() - labels[inside].mean())
    return float(error)
