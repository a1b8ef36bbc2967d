"""Topics of letters on the fast path beside the union of words and characters, on the same folds; needs the real texts ($HUIYING_DATA)."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.settings import TOPICS
from nlp.training.features import FeatureMaker
from nlp.training.sample import Sample
from nlp.training.topic_mix import LETTERS, UNLABELLED, expected_calibration_error, folds, held_out_logits, held_out_scores
from nlp.training.topics import corpus_topics, letters, none_of_them, taidi_topics

BESIDE = Path(__file__).parents[2] / "shared" / "data"
#: the reference → how closely its two machines keep to their texts: as it was first measured, and the best for these folds
UNIONS = {"the union": (0.35, 0.15), "a union fitted closer": (1.0, 1.0)}
#: drawings of the paired bootstrap
DRAWS = 2_000
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Union:
    """Words 1-2 and characters 1-3 by TF-IDF, a linear machine and one of Naive Bayes weights, averaged: the slow reference."""

    def __init__(self, c: tuple[float, float]) -> None:
        self.c = c
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import rjieba
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.pipeline import make_union
        common = {"sublinear_tf": True, "min_df": 2}
        self.vectors = make_union(
            TfidfVectorizer(tokenizer=rjieba.cut, token_pattern=None, lowercase=False, ngram_range=(1, 2), **common),
            TfidfVectorizer(analyzer="char", ngram_range=(1, 3), **common),
        )

    def scores(self, texts: Sequence[str], labels: Ints, test: Sequence[str]) -> Floats:
        """float64[test, topics] after fitting on texts."""
        from scipy import sparse
        from sklearn.svm import LinearSVC

        from nlp.training.learn import log_count_ratio

        inside = self.vectors.fit_transform(texts).tocsr()
        outside = self.vectors.transform(test).tocsr()
        columns = []
        for topic in range(len(TOPICS)):
            y = labels == topic
            plain = LinearSVC(C=self.c[0], class_weight="balanced", random_state=0).fit(inside, y)
            ratio = sparse.diags(np.abs(log_count_ratio((inside > 0).tocsr(), y, np.ones(len(y)))))
            weighted = LinearSVC(C=self.c[1], class_weight="balanced", random_state=0).fit(inside @ ratio, y)
            columns.append(plain.decision_function(outside) + weighted.decision_function(outside @ ratio))
        return np.stack(columns, axis=1)


def macro_f1(labels: Ints, found: Ints) -> float:
    from sklearn.metrics import f1_score

    return float(f1_score(labels, found, average="macro"))


def paired(labels: Ints, ours: Ints, theirs: Ints) -> tuple[float, float]:
    """2.5 % and 97.5 % of the difference of macro-F1 (ours - theirs) over texts drawn anew."""
    draw = np.random.default_rng(0)
    differences = []
    for _ in range(DRAWS):
        rows = draw.integers(0, len(labels), len(labels))
        differences.append(macro_f1(labels[rows], ours[rows]) - macro_f1(labels[rows], theirs[rows]))
    low, high = np.quantile(differences, (0.025, 0.975))
    return float(low), float(high)


def _row(figure: str, value: float, goal: float, *, baseline: float | None = None, more: bool = True) -> dict[str, Any]:
    met = value >= goal if more else value <= goal
    return {
        "figure": f"topics: {figure}",
        "value": round(value, 4),
        "unit": "",
        "baseline": baseline,
        "ratio": None,
        "goal": goal,
        "met": met,
    }


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks topics`; none where the real texts are not at hand."""
    folder = Path(os.environ.get("HUIYING_DATA") or BESIDE)
    if not folder.is_dir():
        print(f"{folder}: no real texts here; set HUIYING_DATA to their folder", file=sys.stderr)
        return []
    samples: list[Sample] = taidi_topics(folder) + none_of_them(folder) + corpus_topics()
    about = len(samples)
    samples += letters(folder)
    names = [*TOPICS, "", UNLABELLED]
    labels = np.asarray([names.index(sample.topic) for sample in samples])
    features = FeatureMaker()([sample.text for sample in samples])
    parts, groups = folds(samples)
    scores = held_out_scores(samples, features, TOPICS, parts)
    sources = [sample.source for sample in samples[:about]]
    logits = held_out_logits(scores[:about], features.sizes[:about], labels[:about], sources, groups[:about])

    letter = np.asarray([sample.family == LETTERS and sample.topic in TOPICS for sample in samples])
    unions = {name: np.zeros((len(samples), len(TOPICS))) for name in UNIONS}
    for train, test in parts:
        own, other = train[letter[train]], test[letter[test]]
        for name, c in UNIONS.items():
            unions[name][other] = Union(c).scores([samples[i].text for i in own], labels[own], [samples[i].text for i in other])

    of = np.asarray(sources)
    taidi, raw = np.flatnonzero(of == "taidi_topics"), np.flatnonzero(of == "taidi_raw")
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    found = logits[:, : len(TOPICS)].argmax(axis=1)
    none = labels[:about] == len(TOPICS)
    from sklearn.metrics import roc_auc_score

    elsewhere = none & (of != "corpus")
    judged = np.concatenate([taidi, raw, np.flatnonzero(elsewhere)])
    rows = []
    for name, union in unions.items():
        reference = union[:about].argmax(axis=1)
        ours, theirs = macro_f1(labels[taidi], found[taidi]), macro_f1(labels[taidi], reference[taidi])
        low, high = paired(labels[raw], found[raw], reference[raw])
        told = f"{low:+.3f} to {high:+.3f}, ours {macro_f1(labels[raw], found[raw]):.3f}"
        rows += [
            _row("macro-F1 on taidi_topics, grouped five folds", ours, 0.918, baseline=round(theirs, 4)),
            _row(f"below {name} on the same folds", theirs - ours, 0.005, more=False),
            _row(
                f"raw text, upper end of the difference to {name} ({told})",
                high,
                0.0,
                baseline=round(macro_f1(labels[raw], reference[raw]), 4),
            ),
        ]
    return [
        *rows,
        _row("calibration error on taidi_topics", expected_calibration_error(shares[taidi], labels[taidi]), 0.02, more=False),
        _row("AUC of texts outside the taxonomy beside letters", float(roc_auc_score(elsewhere[judged], shares[judged, -1])), 0.95),
    ]
