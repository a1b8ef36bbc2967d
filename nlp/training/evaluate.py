"""Figures by source, each with a model and a threshold that never saw the source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from nlp.training.features import Features, stacked
from nlp.training.learn import Floats, Head, fit_head, platt
from nlp.training.sample import OPINION, Sample

FOLDS = 5
Labels = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]


def labels_of(samples: Sequence[Sample]) -> Labels:
    return np.asarray([sample.label for sample in samples])


#: how closely the machines of needs_response keep to their texts
_CLOSE = 0.0025
#: families whose texts are mixed with ours; mixtures made for each at the most, and their weight
_MIXED = ("news", "reviews", "service", "weibo")
_MIXTURES, _MIXED_WEIGHT = 1_200, 0.5


def fitted(samples: Sequence[Sample], features: Features, rows: Rows) -> Head:
    """The head trained on these rows and on mixtures of them.

    Almost all real texts ask for nothing, so their register alone would speak against a request, and letters of a kind never seen
    would be passed over. So texts of each family that ask for nothing are joined with texts of our corpus of either label: what
    they have in common with their family then stands on both sides, and what asks is what tells the sides apart. Not so replies to
    letters: they repeat what was asked, and ask for nothing all the same.
    """
    own, others, firsts = _pairs(samples, rows)
    mixed = [features.beside(firsts, others[label]) for label in (1, 0)]
    taught = stacked([features[rows], *mixed])
    labels = [samples[int(i)].label for i in rows] + [1] * len(firsts) + [0] * len(firsts)
    weights = [samples[int(i)].weight for i in rows] + [_MIXED_WEIGHT] * (2 * len(firsts))
    return fit_head(taught, labels, weights, _CLOSE, fine=True, counted=own)


def _pairs(samples: Sequence[Sample], rows: Rows) -> tuple[int, dict[int, Rows], Rows]:
    """The number of rows, for each label which text of our corpus to join, and the texts of families to join them to."""
    rng = np.random.default_rng(0)
    families: dict[str, list[int]] = defaultdict(list)
    own: dict[int, list[int]] = {0: [], 1: []}
    for row in rows.tolist():
        sample = samples[row]
        if sample.family == "corpus":
            own[sample.label].append(row)
        elif sample.family in _MIXED and not sample.label:
            families[sample.family].append(row)
    chosen = [rng.choice(found, min(len(found), _MIXTURES), replace=False) for _family, found in sorted(families.items())]
    firsts = np.concatenate([np.zeros(0, dtype=np.intp), *chosen])
    return len(rows), {label: rng.choice(own[label], len(firsts)) for label in (0, 1)}, firsts


def half_each(hard: int, plain: int) -> Floats:
    """Weights of so many texts of our corpus and so many of the streams by other hands, each half of the whole.

    Our corpus alone, with the hardest texts on both sides, would calibrate to chances which plain texts do not have: of those said to be
    at .5 one in five needed a response."""
    return np.repeat([(hard + plain) / 2 / hard, (hard + plain) / 2 / plain], [hard, plain])


def own_folds(samples: Sequence[Sample]) -> tuple[Rows, list[Rows]]:
    """Rows of our own corpus, and the rows of each of its folds; an event, and the replies of a thread, stay together."""
    own = np.flatnonzero([sample.family == "corpus" for sample in samples])
    groups = np.asarray([samples[int(i)].group or f"{i}" for i in own])
    return own, [own[test] for _train, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(own, groups=groups)]


def corpus_scores(samples: Sequence[Sample], features: Features) -> tuple[Rows, Floats]:
    """Held-out scores of our own corpus; everything else is always in training."""
    own, held = own_folds(samples)
    scores = np.zeros(len(samples))
    for test in held:
        scores[test] = fitted(samples, features, np.setdiff1d(np.arange(len(samples)), test)).score(features[test])
    return own, scores[own]


def family_figures(samples: Sequence[Sample], features: Features, thresholds: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Leave one family out, and a fifth of our corpus with it, on whose threads the scores are calibrated: shares flagged at each
    named threshold."""
    _own, held = own_folds(samples)
    calibration = np.asarray([i for i in held[0].tolist() if not samples[i].thread])
    kept = np.setdiff1d(np.arange(len(samples)), held[0])
    figures: dict[str, dict[str, float]] = {}
    for family in sorted({sample.family for sample in samples} - {"corpus"}):
        head = fitted(samples, features, np.asarray([i for i in kept.tolist() if samples[i].family != family]))
        slope, offset = platt(head.score(features[calibration]), labels_of([samples[i] for i in calibration.tolist()]))
        for source, cut in sorted({(sample.source, sample.cut) for sample in samples if sample.family == family and sample.cut != OPINION}):
            rows = np.flatnonzero([(sample.source, sample.cut) == (source, cut) for sample in samples])
            probabilities = logistic(slope * head.score(features[rows]) + offset)
            name = f"{family} / {source}{f', {cut}' if cut else ''}"
            flagged = {title: float((probabilities >= threshold).mean()) for title, threshold in thresholds.items()}
            figures[name] = {"texts": float(len(rows)), **flagged}
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
