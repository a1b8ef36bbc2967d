from __future__ import annotations

import random

import numpy as np
import pytest

from nlp.cues import CUE_CAP, CUE_GROUPS, cue_hits
from nlp.judge import Judge
from nlp.training.features import FeatureMaker
from nlp.training.groups import near_duplicates
from nlp.training.sample import LENGTH_CLASSES, length_class, sentences, windows
from tests.nlp.texts import NEEDS_RESPONSE, NO_RESPONSE

TEXTS = [f"{title} {body}".strip() for title, body in (*NEEDS_RESPONSE, *NO_RESPONSE)]


def test_training_counts_the_cues_that_the_judge_finds(judge: Judge) -> None:
    maker = FeatureMaker()
    features = maker(TEXTS)
    expected = np.zeros((len(TEXTS), len(CUE_GROUPS)))
    for hit in cue_hits(maker.cues.find(maker.grams.batch(TEXTS))):
        expected[hit.post, CUE_GROUPS.index(hit.group)] += 1
    assert (features.cues == np.minimum(expected, CUE_CAP)).all()
    assert expected.sum() > len(TEXTS)


@pytest.mark.slow  # imports pandas
def test_the_held_out_part_is_never_in_the_training_set() -> None:
    from nlp.training.sources import HELDOUT, corpus_rows, heldout_rows

    held = {row["id"] for row in heldout_rows()}
    assert held.isdisjoint(row["id"] for row in corpus_rows())
    assert HELDOUT == "heldout"


def test_near_duplicates_share_a_group() -> None:
    text = "丽景花园北门水管爆了从早上停水到现在没人来修"
    groups = near_duplicates([text, text + "！！", "求推荐一家好吃的烧烤", text[3:]])
    assert groups[0] == groups[1] == groups[3] != groups[2]


def test_cutting_keeps_every_character_class() -> None:
    text = "路灯坏了。打电话没人接！什么时候修？"
    assert "".join(sentences(text)) == text
    assert all(window in text for window in windows(text, random.Random(1), 5))
    assert [length_class("x" * length) for length in LENGTH_CLASSES] == [0, 1, 2, 3, 4]


@pytest.mark.slow
def test_a_head_learns_from_the_corpus_alone() -> None:
    from nlp.training.learn import fit_head
    from nlp.training.sources import corpus

    samples = corpus()[:900]
    features = FeatureMaker()([sample.text for sample in samples], fine=True)
    train, test = np.arange(0, 600), np.arange(600, 900)
    head = fit_head(features[train], [samples[i].label for i in train], [1.0] * len(train), 0.005, fine=True)
    scores = head.score(features[test])
    labels = np.asarray([samples[i].label for i in test])
    assert scores[labels == 1].mean() > scores[labels == 0].mean()
