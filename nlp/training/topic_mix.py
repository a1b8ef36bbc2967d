"""Fits the two topic machines, the gate between them, and how they are weighed, on held-out scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import optimize
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from nlp.topics import TopicMix
from nlp.training.features import Features
from nlp.training.groups import near_duplicates
from nlp.training.learn import Floats, fit_head, fit_topics
from nlp.training.sample import Sample

FOLDS = 5
Rows = npt.NDArray[np.intp]
#: families whose texts are letters to the government
LETTERS = "messages"
#: weight of a source's texts in the gate and in the weighing
_GATE_WEIGHTS = {"taidi_topics": 0.5, "corpus": 0.4}
_MIX_WEIGHTS = {"taidi_topics": 1.0, "taidi_raw": 4.0}
_OTHER_WEIGHT = 0.1
#: long letters with a clear topic bear a closer fit (.921 → .928 on five folds); the short texts of a forum do not (.833 → .824)
_LETTERS_C = (2.0, 2.0)
#: topic of letters that serve the gate only
UNLABELLED = "?"


@dataclass(frozen=True)
class TopicTables:
    """Weights over the hashed n-grams: gate [BUCKETS], letters [BUCKETS, topics], forum [BUCKETS, topics + 1]."""

    gate: Floats
    letters: Floats
    forum: Floats

    def scores(self, features: Features) -> Floats:
        """float64[texts, 1 + topics + topics + 1], sums divided by √n: gate, letters, forum."""
        table = np.column_stack([self.gate, self.letters, self.forum])
        return np.asarray(features.counts @ table) / np.sqrt(features.sizes)[:, None]


def fit_gate(features: Features, letters: Sequence[bool], weights: Sequence[float]) -> Floats:
    """Letter or not, by n-grams alone; its constant stands in the mix."""
    return fit_head(replace(features, cues=np.zeros_like(features.cues)), letters, weights, 0.005).grams


def fit_tables(samples: Sequence[Sample], features: Features, rows: npt.NDArray[np.intp], topics: Sequence[str]) -> TopicTables:
    """The three tables from these rows; letters marked UNLABELLED teach the gate only."""
    letters = np.asarray([samples[int(i)].family == LETTERS for i in rows])
    labelled = np.asarray([samples[int(i)].topic != UNLABELLED for i in rows])
    gate = fit_gate(features[rows], letters.tolist(), [_GATE_WEIGHTS.get(samples[int(i)].source, 1.0) for i in rows])
    own = rows[letters & labelled]
    written = fit_topics(features[own], [samples[int(i)].topic for i in own], topics, c=_LETTERS_C)
    other = rows[~letters]
    spoken = fit_topics(
        features[other],
        [samples[int(i)].topic for i in other],
        [*topics, ""],
        [samples[int(i)].weight for i in other],
    )
    return TopicTables(gate, written, spoken)


def folds(samples: Sequence[Sample]) -> tuple[list[tuple[Rows, Rows]], npt.NDArray[np.int64]]:
    """(train, test) rows of FOLDS folds, and the group of near-duplicates of each text, which stays on one side."""
    groups = np.asarray(near_duplicates([sample.text[:400] for sample in samples]))
    strata = [f"{sample.source} {sample.topic}" for sample in samples]
    return list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(strata, strata, groups)), groups


def held_out_scores(samples: Sequence[Sample], features: Features, topics: Sequence[str], parts: Sequence[tuple[Rows, Rows]]) -> Floats:
    """Columns of TopicTables.scores, each text by tables that were fitted without its fold."""
    scores = np.zeros((len(samples), 2 * len(topics) + 2))
    for train, test in parts:
        scores[test] = fit_tables(samples, features, train, topics).scores(features[test])
    return scores


def _numbers(values: npt.NDArray[np.float64], count: int) -> TopicMix:
    offset, slope, letters, forum, both, none = (float(value) for value in values[:6])
    return TopicMix(
        gate_offset=offset,
        gate_slope=float(np.exp(slope)),
        letters=letters,
        forum=forum,
        both=both,
        none_length=none,
        letters_offsets=tuple(float(value) for value in values[6 : 6 + count]),
        forum_offsets=tuple(float(value) for value in values[6 + count : 6 + 2 * count]),
    )


def mixed(mix: TopicMix, scores: Floats, sizes: Floats) -> Floats:
    """Logits of the columns of TopicTables.scores."""
    topics = scores.shape[1] // 2 - 1
    return mix.logits(scores[:, 0], scores[:, 1 : 1 + topics], scores[:, 1 + topics :], sizes)


def fit_mix(scores: Floats, sizes: Floats, labels: npt.NDArray[np.int64], sources: Sequence[str]) -> TopicMix:
    """The weighing with the least log loss on held-out scores."""
    count = scores.shape[1] // 2
    weights = np.asarray([_MIX_WEIGHTS.get(source, _OTHER_WEIGHT) for source in sources])
    rows = np.arange(len(labels))

    def loss(values: npt.NDArray[np.float64]) -> float:
        logits = mixed(_numbers(values, count), scores, sizes)
        logits -= logits.max(axis=1, keepdims=True)
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return float(-(weights * logs[rows, labels]).sum() / weights.sum() + 1e-4 * (values**2).sum())

    start = np.concatenate([[0.0, 1.5, 1.0, 1.0, 0.3, 0.0], np.zeros(2 * count)])
    found = optimize.minimize(loss, start, method="BFGS", options={"maxiter": 200})
    mix = _numbers(found.x, count)
    return _rounded(mix)


def _rounded(mix: TopicMix) -> TopicMix:
    numbers = {name: round(value, 4) for name, value in mix.facts().items() if isinstance(value, float)}
    offsets = {name: tuple(round(value, 4) for value in values) for name, values in mix.facts().items() if isinstance(values, tuple)}
    return TopicMix.from_facts({**numbers, **offsets})


def held_out_logits(
    scores: Floats, sizes: Floats, labels: npt.NDArray[np.int64], sources: Sequence[str], groups: npt.NDArray[np.int64]
) -> Floats:
    """Logits of each half of the groups, weighed as fitted on the other half."""
    half = np.random.default_rng(0).integers(0, 2, int(groups.max()) + 1)[groups]
    logits = np.zeros((len(labels), scores.shape[1] // 2))
    for side in (0, 1):
        fit, test = np.flatnonzero(half != side), np.flatnonzero(half == side)
        mix = fit_mix(scores[fit], sizes[fit], labels[fit], [sources[int(i)] for i in fit])
        logits[test] = mixed(mix, scores[test], sizes[test])
    return logits


def expected_calibration_error(shares: Floats, labels: npt.NDArray[np.int64], bins: int = 15) -> float:
    """Mean distance of confidence and share right over equal bins of the confidence of the likeliest class."""
    best, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    places = np.minimum((best * bins).astype(int), bins - 1)
    return float(sum((places == one).mean() * abs(best[places == one].mean() - right[places == one].mean()) for one in np.unique(places)))


def topic_figures(logits: Floats, labels: npt.NDArray[np.int64], sources: Sequence[str]) -> dict[str, dict[str, float]]:
    """By source: macro-F1 among the topics, share right with "none of them", calibration error, AUC of "none" against the letters."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    none = logits.shape[1] - 1
    names = np.asarray(sources)
    letters = shares[(names == "taidi_topics"), none]
    figures: dict[str, dict[str, float]] = {}
    for source in sorted(set(sources)):
        rows = names == source
        inside, outside = rows & (labels != none), rows & (labels == none)
        row = {"texts": float(rows.sum()), "right": float((shares[rows].argmax(axis=1) == labels[rows]).mean())}
        row["calibration_error"] = expected_calibration_error(shares[rows], labels[rows])
        if inside.any():
            present = sorted(set(labels[inside].tolist()))
            row["macro_f1"] = float(f1_score(labels[inside], logits[inside, :none].argmax(axis=1), average="macro", labels=present))
        if outside.any() and len(letters):
            truth = np.r_[np.zeros(len(letters)), np.ones(int(outside.sum()))]
            row["auc_of_none_beside_letters"] = float(roc_auc_score(truth, np.r_[letters, shares[outside, none]]))
        if outside.any() and inside.any():
            row["auc_of_none"] = float(roc_auc_score(labels[rows] == none, shares[rows, none]))
        figures[source] = row
    return figures
