from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.measures import (
    Ranking,
    accuracy_macro_f1,
    calibration,
    cut_for_budget,
    cut_for_recall,
    log_loss,
    precision_recall_f1,
    weighted_precision,
)
from tests.costs import seconds


def sample(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    return np.round(np.clip(0.5 + 0.2 * (labels - 0.5) + rng.normal(0, 0.2, n), 0, 1), 2), labels


@pytest.mark.slow
def test_ranking_agrees_with_scikit_learn_ties_included() -> None:
    from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

    for seed in range(5):
        scores, labels = sample(300, seed)
        ap, auc = Ranking(scores, labels).ap_auc()
        assert ap == pytest.approx(average_precision_score(labels, scores))
        assert auc == pytest.approx(roc_auc_score(labels, scores))
        assert precision_recall_f1(scores >= 0.5, labels)[2] == pytest.approx(f1_score(labels, scores >= 0.5))


def test_a_resample_is_the_figure_of_the_posts_drawn() -> None:
    scores, labels = sample(50)
    drawn = np.random.default_rng(0).integers(0, 50, 50)
    ranked = np.argsort(-scores, kind="stable")
    weights = np.bincount(drawn, minlength=50).astype(float)[ranked]
    assert Ranking(scores, labels).ap_auc(weights) == pytest.approx(Ranking(scores[drawn], labels[drawn]).ap_auc())


def test_intervals_hold_the_figure_are_repeatable_and_shrink_with_more_posts() -> None:
    few, many = Ranking(*sample(100)).intervals()[1], Ranking(*sample(4_000)).intervals()[1]
    assert Ranking(*sample(100)).intervals()[1] == few
    for found in (few, many):
        assert found.low is not None
        assert found.value is not None
        assert found.high is not None
        assert found.low < found.value < found.high
    assert many.high - many.low < (few.high - few.low) / 3  # type: ignore[operator]


@pytest.mark.slow
def test_intervals_of_a_large_file_take_seconds() -> None:
    assert seconds(Ranking(*sample(300_000)).intervals, 10) < 10


def test_one_label_alone_has_no_ranking_and_no_cuts() -> None:
    scores = np.asarray([0.2, 0.9])
    for labels in (np.asarray([1, 1]), np.asarray([0, 0])):
        assert Ranking(scores, labels).intervals()[1].value is None
    assert Ranking(np.zeros(0), np.zeros(0, dtype=int)).intervals()[0].value is None


def test_cuts_for_a_recall_and_a_budget() -> None:
    scores = np.asarray([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    cuts = Ranking(scores, np.asarray([1, 1, 0, 1, 0, 0])).cuts(0.5)
    wished = cut_for_recall(cuts, 1.0)
    assert wished is not None
    assert (wished.threshold, wished.recall, round(wished.false_alarms, 4)) == (0.6, 1.0, 0.3333)
    assert wished.precision == pytest.approx(0.75)
    within = cut_for_budget(cuts, 0.5)
    assert within is not None
    assert within.threshold == 0.7
    assert cut_for_budget(cuts, 0.01) is None


def test_calibration_of_the_calibrated_and_of_the_boastful() -> None:
    scores = np.asarray([0.25] * 400 + [1.0] * 100)
    labels = np.asarray([1] * 100 + [0] * 300 + [1] * 100)
    error, curve = calibration(scores, labels)
    assert error == pytest.approx(0)
    assert [(part.low, part.n) for part in curve] == [(0.2, 400), (0.9, 100)]
    assert calibration(np.full(100, 0.9), np.zeros(100, dtype=int))[0] == pytest.approx(0.9)


def test_small_figures() -> None:
    assert weighted_precision(0.9, 0.05, 0.05) == pytest.approx(0.045 / (0.045 + 0.0475))
    assert weighted_precision(0.0, 0.0, 0.05) == 0.0
    assert accuracy_macro_f1(["a", "a", "b", ""], ["a", "b", "b", ""]) == pytest.approx((0.75, (2 / 3 + 2 / 3 + 1) / 3))
    assert log_loss(np.asarray([0.0, 1.0]), np.asarray([0, 1])) == pytest.approx(0, abs=1e-5)
    assert precision_recall_f1(np.asarray([False]), np.asarray([0])) == (None, None, None)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 1)), min_size=2, max_size=60))
def test_turning_scores_round_turns_the_auc_round(rows: list[tuple[int, int]]) -> None:
    scores, labels = np.asarray([row[0] / 20 for row in rows]), np.asarray([row[1] for row in rows])
    one, other = Ranking(scores, labels).ap_auc()[1], Ranking(1 - scores, labels).ap_auc()[1]
    assert np.isnan(one) or one + other == pytest.approx(1)
