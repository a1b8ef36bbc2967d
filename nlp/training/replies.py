"""Fits the small machine that tells replies with a request of their own, on the replies of our own corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from nlp.replies import HARMLESS, HARMLESS_TITLE, REPLY_FEATURES, reply_features
from nlp.training.evaluate import calibration_error, logistic
from nlp.training.learn import Floats, platt
from nlp.training.sample import Sample

FOLDS = 10
#: share of the corpus' replies without a request that may be flagged. Nearly all replies of a forum are such, and each one flagged
#: may open an alert, so this is stricter than for threads
ALARMS = 0.05
_C = 0.03


@dataclass(frozen=True)
class ReplyHead:
    """logit = Σ weights · features + bias, calibrated on held-out replies; flagged from the logit `threshold` on."""

    weights: dict[str, float]
    bias: float
    threshold: float
    figures: dict[str, float]


def fit_replies(samples: Sequence[Sample], scores: Floats, titles: Floats) -> ReplyHead:
    """From replies, their held-out needs-response scores, and the scores of their threads' titles."""
    numbers = np.asarray([reply_features(one.text, score, title) for one, score, title in zip(samples, scores, titles, strict=True)])
    labels = np.asarray([one.label for one in samples])
    groups = np.asarray([one.group or one.thread for one in samples])
    scaler = StandardScaler().fit(numbers)
    scaled = scaler.transform(numbers)
    held = np.zeros(len(labels))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=1).split(scaled, groups=groups):
        held[test] = _machine().fit(scaled[train], labels[train]).decision_function(scaled[test])
    slope, offset = platt(held, labels)
    held = slope * held + offset
    flagged_by = held - HARMLESS_TITLE * (titles < HARMLESS)
    threshold = float(np.quantile(flagged_by[labels == 0], 1 - ALARMS))
    machine = _machine().fit(scaled, labels)
    weights = slope * machine.coef_[0] / scaler.scale_
    bias = slope * float(machine.intercept_[0]) + offset - float((weights * scaler.mean_).sum())
    figures = {
        "texts": float(len(labels)),
        "auc": float(roc_auc_score(labels, held)),
        "calibration_error": calibration_error(labels, logistic(held)),
        "threshold": float(logistic(np.asarray(threshold))),
        "recall": float((flagged_by[labels == 1] >= threshold).mean()),
        "false_alarms": float((flagged_by[labels == 0] >= threshold).mean()),
    }
    rounded = {name: round(float(weight), 4) for name, weight in zip(REPLY_FEATURES, weights, strict=True)}
    return ReplyHead(rounded, round(bias, 4), round(threshold, 4), figures)


def _machine() -> LogisticRegression:
    return LogisticRegression(C=_C, max_iter=1000)
