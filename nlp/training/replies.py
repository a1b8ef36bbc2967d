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
from nlp.training.learn import Floats
from nlp.training.sample import Sample

FOLDS = 10
#: share of the corpus' replies without a request that may be flagged. Nearly all replies of a forum are such, and each one flagged
#: may open an alert, so this is stricter than for threads
ALARMS = 0.07
_C = 0.03


@dataclass(frozen=True)
class ReplyHead:
    """logit = Σ weights · features + bias; 0 = the strict threshold of replies."""

    weights: dict[str, float]
    bias: float
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
    held -= HARMLESS_TITLE * (titles < HARMLESS)
    strict = float(np.quantile(held[labels == 0], 1 - ALARMS))
    machine = _machine().fit(scaled, labels)
    weights = machine.coef_[0] / scaler.scale_
    bias = float(machine.intercept_[0] - (weights * scaler.mean_).sum()) - strict
    figures = {
        "texts": float(len(labels)),
        "auc": float(roc_auc_score(labels, held)),
        "recall": float((held[labels == 1] >= strict).mean()),
        "false_alarms": float((held[labels == 0] >= strict).mean()),
    }
    return ReplyHead({name: round(float(weight), 4) for name, weight in zip(REPLY_FEATURES, weights, strict=True)}, round(bias, 4), figures)


def _machine() -> LogisticRegression:
    return LogisticRegression(C=_C, max_iter=1000)
