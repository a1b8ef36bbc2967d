from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.beginnings import Patterns
from nlp.reading import clean_all
from nlp.replies import _MOVES
from tests.nlp.replies import NO_REQUEST, OWN_REQUEST, SECOND_NO_REQUEST, SECOND_OWN_REQUEST
from tests.nlp.texts import BAD, NEEDS_RESPONSE, NO_RESPONSE

MOVES = ["|".join(alternatives) for alternatives in _MOVES.values()]
KINDS = [
    *("没人", "没|水", "没(?:人|水[电管])?来", "[停断没](?:水|电)", "水?电", "(?:^|水)[停没]", "没$", "没(?!人)", "(?<!没)水", "水{2,3}"),
    *("[^水]人", "水.{0,2}人", ".人", "水*电", "(?:水|电)+", "😂|水", "[0-9一二]+多?次", "(水)\\1", "没(?:人|.*电)"),
]


def counted(patterns: list[str], text: str) -> list[int]:
    return [min(2, len(re.findall(pattern, text))) for pattern in patterns]


@given(st.lists(st.text("停没水电人来次二1😂\U0002a6d6。 ", max_size=12), max_size=5))
@settings(max_examples=150, deadline=None)
def test_counts_are_those_of_findall(texts: list[str]) -> None:
    assert Patterns(KINDS).count(texts, 2).tolist() == [counted(KINDS, text) for text in texts]


def test_the_moves_of_replies_are_counted_as_findall_counts_them() -> None:
    texts = [body for _title, body in (*OWN_REQUEST, *NO_REQUEST, *SECOND_OWN_REQUEST, *SECOND_NO_REQUEST)]
    texts += clean_all([*(f"{title}\n{body}" for title, body in (*NEEDS_RESPONSE, *NO_RESPONSE)), *(bad[:3_000] for bad in BAD)])
    found = Patterns(MOVES).count(texts, 2)
    assert found.tolist() == [counted(MOVES, text) for text in texts]
    assert (found.sum(axis=0) > 0).all()


@pytest.mark.parametrize("pattern", MOVES)
def test_no_move_matches_nothing(pattern: str) -> None:
    assert not re.match(pattern, "")
