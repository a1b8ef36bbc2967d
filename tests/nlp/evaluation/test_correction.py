from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from nlp.evaluation.correction import BOARD_FROM, Decision, _cut, _shift, better, compare, fit, split
from nlp.judge import Judge
from nlp.settings import JudgeSettings
from store.records import Text

START = datetime(2026, 11, 1, tzinfo=UTC)


def decision(number: int, label: int, board: str = "", title: str = "路灯坏了没人修") -> Decision:
    return Decision(text=Text(id=str(number), title=title, board=board), label=label, at=START + timedelta(hours=number))


def test_the_latest_of_each_board_are_held_out_and_small_boards_together() -> None:
    rows = [decision(n, 1, "大") for n in range(20)] + [decision(100 + n, 0, f"小{n % 5}") for n in range(10)]
    learn, held = split(reversed(rows))
    assert len(learn) == 21
    assert {int(row.text.id) for row in held} == {*range(14, 20), 107, 108, 109}
    assert not {row.text.id for row in learn} & {row.text.id for row in held}


def test_the_offset_is_what_the_decisions_say_held_back_by_the_prior() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, 4_000)
    labels = (rng.random(4_000) < 1 / (1 + np.exp(-(logits - 1.2)))).astype(np.int64)
    assert _shift(logits, labels, 1.5) == pytest.approx(-1.2, abs=0.1)
    assert abs(_shift(np.zeros(3), np.ones(3, dtype=np.int64), 0.7)) < 0.7
    assert _shift(np.full(1_000, -9.0), np.ones(1_000, dtype=np.int64), 1.5) == 2.5


def test_the_cut_keeps_the_confirmed_and_stands_still_without_a_reason() -> None:
    logits = np.asarray([-2.0] * 30 + [0.5] * 5 + [1.0] * 100)
    labels = np.asarray([0] * 30 + [1] * 5 + [1] * 100)
    cut = _cut(logits, labels, -3.0)
    assert -2.0 < cut < 0.5
    assert _cut(np.asarray([1.0, 2.0]), np.asarray([1, 1]), 0.3) == 0.3
    many = _cut(np.asarray([0.0] * 50 + [1.0] * 50), np.asarray([1] * 50 + [0] * 50), 3.0)
    assert many <= 0.0, "a standing threshold that would lose the confirmed does not stand"


def test_a_board_whose_posts_are_dismissed_gets_a_higher_threshold(judge: Judge) -> None:
    rows = [decision(n, 1, "百姓话题") for n in range(30)] + [decision(n, 0, "灌水专区") for n in range(30, 60)]
    rows += [decision(n, n % 2, "小") for n in range(60, 60 + BOARD_FROM - 1)]
    found = fit(judge, rows, 0.5)
    assert set(found.board_thresholds) == {"百姓话题", "灌水专区"}
    assert found.board_thresholds["灌水专区"] > found.board_thresholds["百姓话题"]
    assert all(0.05 <= value <= 0.95 for value in found.board_thresholds.values())


def test_two_judges_are_compared_on_the_same_decisions(judge: Judge) -> None:
    strict = Judge(replace(judge.model, offset=judge.model.offset - 3), JudgeSettings(threshold=0.5))
    rows = [decision(n, 1, "a") for n in range(5)] + [decision(n, 0, "", "哈哈哈哈") for n in range(5, 10)]
    first, second, total = compare(judge, strict, rows)
    assert [(row["board"], row["n"]) for row in (first, second, total)] == [("-", 5), ("a", 5), ("total", 10)]
    assert total["f1_before"] == 1.0
    assert total["log_loss"] > total["log_loss_before"]
    assert not better(total)
    same = compare(judge, judge, rows)[-1]
    assert same["log_loss"] == same["log_loss_before"]
    assert not better(same)


def test_better_needs_both_labels_and_both_figures() -> None:
    row = {
        "n": 20,
        "positives": 10,
        "log_loss": 0.3,
        "log_loss_before": 0.4,
        "f1": 0.8,
        "f1_before": 0.8,
        "recall": 0.95,
        "recall_before": 1.0,
    }
    assert better(row)
    assert not better({**row, "f1": 0.79})
    assert not better({**row, "log_loss": 0.4})
    assert not better({**row, "log_loss": 0.399})
    assert not better({**row, "recall": 0.94})
    assert better({**row, "recall": 0.9, "recall_before": 0.9})
    assert not better({**row, "positives": 0})
