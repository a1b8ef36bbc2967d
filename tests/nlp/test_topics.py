"""The weighing of the two topic machines: same bits alone as in a batch, and the gate decides whose lines hold."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nlp.model import Model
from nlp.topics import TopicMix

MIX = TopicMix(
    gate_slope=5.0,
    gate_offset=0.0,
    letters=1.0,
    forum=1.0,
    both=0.2,
    none_length=-0.5,
    letters_offsets=(0.0, 0.0, -3.0),
    forum_offsets=(0.0, 0.0, 0.0),
)


def columns(posts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return rng.normal(size=posts), rng.normal(size=(posts, 2)), rng.normal(size=(posts, 3)), rng.integers(4, 9_000, posts).astype(float)


def test_a_post_alone_has_the_same_bits_as_in_a_batch() -> None:
    gate, letters, forum, sizes = columns(1_031)
    together = MIX.logits(gate, letters, forum, sizes)
    for row in range(0, 1_031, 97):
        one = slice(row, row + 1)
        assert (MIX.logits(gate[one], letters[one], forum[one], sizes[one]) == together[one]).all()


def test_a_letter_is_sorted_as_letters_are_and_a_forum_post_as_a_forum_does() -> None:
    letters, forum = np.asarray([[2.0, -2.0]] * 2), np.asarray([[-2.0, 2.0, -1.0]] * 2)
    logits = MIX.logits(np.asarray([3.0, -3.0]), letters, forum, np.asarray([60.0, 60.0]))
    assert logits.argmax(axis=1).tolist() == [0, 1]


def test_it_goes_through_json() -> None:
    assert TopicMix.from_facts(json.loads(json.dumps(MIX.facts()))) == MIX
    lacking = {name: value for name, value in MIX.facts().items() if name != "both"}
    with pytest.raises(TypeError):
        TopicMix.from_facts(lacking)


def test_the_shipped_one_has_a_constant_for_each_topic_and_none() -> None:
    model = Model.load()
    assert len(model.topic_mix.letters_offsets) == len(model.topic_mix.forum_offsets) == len(model.topics) + 1
