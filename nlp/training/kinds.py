"""Texts with their category: our corpus only, for no other source tells it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from nlp.reading import clean, full_text
from nlp.training.features import Features
from nlp.training.learn import fit_categories
from nlp.training.sample import Sample
from nlp.training.sources import corpus_rows
from store.records import POSITIVE_CATEGORIES, Category

KINDS = tuple(category.value for category in Category)
_POSITIVE = np.asarray([Category(kind) in POSITIVE_CATEGORIES for kind in KINDS])


def corpus_categories() -> list[Sample]:
    """The corpus with `topic` holding the category."""
    return [
        Sample(
            text=clean(full_text(str(row["title"]), str(row["body"]))),
            label=int(str(row["needs_response"])),
            source="corpus",
            family="corpus",
            topic=str(row["category"]),
            group=str(row.get("event") or row["id"]),
        )
        for row in corpus_rows()
    ]


def category_figures(samples: Sequence[Sample], features: Features) -> dict[str, dict[str, float]]:
    """Share right and macro-F1 among the kinds of either label."""
    numbers = np.asarray([KINDS.index(sample.topic) for sample in samples])
    labels = np.asarray([sample.label for sample in samples])
    scores = np.zeros((len(samples), len(KINDS)))
    for train, test in GroupKFold(5, shuffle=True, random_state=0).split(numbers, groups=[sample.group for sample in samples]):
        scores[test] = fit_categories(features[train], [samples[int(i)].topic for i in train], KINDS).score(features[test])
    figures = {}
    for name, label, allowed in (("needs a response", 1, _POSITIVE), ("needs none", 0, ~_POSITIVE)):
        rows = labels == label
        best = np.where(allowed, scores[rows], -np.inf).argmax(axis=1)
        figures[name] = {
            "texts": float(rows.sum()),
            "right": float((best == numbers[rows]).mean()),
            "macro_f1": float(f1_score(numbers[rows], best, average="macro")),
        }
    return figures
