"""Fits the machine that tells serious matters (Ⅲ or worse) from ordinary requests, on the corpus' texts that need a response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from nlp.cues import CUE_GROUPS
from nlp.reading import clean, full_text
from nlp.training.features import FeatureMaker
from nlp.training.learn import Floats, fit_head, platt
from nlp.training.sources import corpus_rows

FOLDS = 5
_C = 0.01


@dataclass(frozen=True)
class LevelHead:
    """p of Ⅲ or worse = 1 / (1 + exp(-(slope · (Σ grams / √n + Σ cues · count) + offset)))."""

    grams: Floats
    cues: dict[str, float]
    slope: float
    offset: float
    figures: dict[str, float]


def fit_levels(maker: FeatureMaker) -> LevelHead:
    """From our corpus; calibrated on held-out scores."""
    rows = [row for row in corpus_rows() if row["needs_response"]]
    features = maker([clean(full_text(str(row["title"] or row["thread_title"]), str(row["body"]))) for row in rows])
    serious = np.asarray([int(str(row["level"])) <= 3 for row in rows])
    groups = [str(row["event"] or row["thread_title"] or row["id"]) for row in rows]
    scores = np.zeros(len(rows))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(serious, groups=groups):
        scores[test] = fit_head(features[train], serious[train].tolist(), [1.0] * len(train), _C).score(features[test])
    slope, offset = platt(scores, serious)
    head = fit_head(features, serious.tolist(), [1.0] * len(rows), _C)
    said = slope * scores + offset >= 0
    figures = {
        "texts": float(len(rows)),
        "auc": float(roc_auc_score(serious, scores)),
        "right": float((said == serious).mean()),
        "precision": float(serious[said].mean()),
        "recall": float(said[serious].mean()),
    }
    cues = {group: round(float(weight), 4) for group, weight in zip(CUE_GROUPS, head.cues, strict=True)}
    return LevelHead(head.grams, cues, slope, slope * head.bias + offset, figures)
