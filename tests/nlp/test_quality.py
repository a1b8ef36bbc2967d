"""Floors of quality on the held-out part of the corpus, which nobody trained on; measured figures stand in MODEL_CARD.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.judge import Judge
from nlp.model import ARRAYS, SHIPPED
from nlp.training.streams import first_rows, second_rows
from store.records import Assessment, Text

HELDOUT = sorted((Path(__file__).parents[2] / "nlp" / "corpus").glob("heldout*.jsonl"))


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve by ranks, ties counted half."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = (positive[:, None] > negative[None, :]).mean() + 0.5 * (positive[:, None] == negative[None, :]).mean()
    return float(wins)


@pytest.fixture(scope="module")
def judged(judge: Judge) -> tuple[list[dict[str, object]], list[Assessment]]:
    if not HELDOUT:
        pytest.skip("the held-out part of nlp/corpus is not written yet")
    rows = [json.loads(line) for path in HELDOUT for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = [Text(id=row["id"], title=row["title"], body=row["body"], board=row["board"], thread_title=row["thread_title"]) for row in rows]
    return rows, judge.assess(texts)


def test_ranking_on_the_held_out_part(judged: tuple[list[dict[str, object]], list[Assessment]]) -> None:
    rows, found = judged
    labels = np.asarray([row["needs_response"] for row in rows])
    assert auc(labels, np.asarray([one.needs_response for one in found])) > FLOORS["auc"]


def test_recall_and_false_alarms_at_the_shipped_threshold(judged: tuple[list[dict[str, object]], list[Assessment]]) -> None:
    rows, found = judged
    labels = np.asarray([row["needs_response"] for row in rows])
    flags = np.asarray([one.flag for one in found])
    assert flags[labels == 1].mean() > FLOORS["recall"]
    assert flags[labels == 0].mean() < FLOORS["false_alarms"]


def test_topic_on_the_held_out_part(judged: tuple[list[dict[str, object]], list[Assessment]]) -> None:
    rows, found = judged
    right = [one.topic == row["topic"] for row, one in zip(rows, found, strict=True) if row["topic"]]
    assert sum(right) / len(right) > FLOORS["topic"]


def test_levels_on_the_held_out_part(judged: tuple[list[dict[str, object]], list[Assessment]]) -> None:
    rows, found = judged
    right = [int(one.level) == row["level"] for row, one in zip(rows, found, strict=True) if row["needs_response"]]
    assert sum(right) / len(right) > FLOORS["level"]


@pytest.mark.parametrize("named", ["streams", "second"])
def test_streams_of_other_kinds_and_cities(judge: Judge, named: str) -> None:
    """The first set whole; of the second the half for diagnosis only: the sealed half is read when the work is done."""
    rows: list[dict[str, Any]] = first_rows() if named == "streams" else second_rows("dev")
    found = judge.assess([Text(id=row["id"], title=row["title"], body=row["body"], thread_title=row["thread_title"]) for row in rows])
    labels = np.asarray([row["needs_response"] for row in rows])
    flags = np.asarray([one.flag for one in found])
    assert len(rows) > 370
    assert auc(labels, np.asarray([one.needs_response for one in found])) > FLOORS[f"{named}_auc"]
    assert flags[labels == 1].mean() > FLOORS[f"{named}_recall"]
    assert flags[labels == 0].mean() < FLOORS[f"{named}_false_alarms"]


#: below what was measured, by about two standard errors
FLOORS = {"auc": 0.925, "recall": 0.87, "false_alarms": 0.22, "topic": 0.79, "level": 0.64}
FLOORS |= {"streams_auc": 0.97, "streams_recall": 0.915, "streams_false_alarms": 0.1}
FLOORS |= {"second_auc": 0.975, "second_recall": 0.92, "second_false_alarms": 0.09}


def test_the_weights_are_small_and_without_pickle() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 16_000_000
    with np.load(SHIPPED / ARRAYS, allow_pickle=False) as arrays:
        assert set(arrays) == {"normaliser", "response", "weights", "scales"}
