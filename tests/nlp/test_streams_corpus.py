"""The two sets of streams: valid values, nobody trains on them, and no text of the corpus resembles one of theirs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import nlp
from nlp.training.sources import corpus_rows, heldout_rows
from nlp.training.streams import first_rows, second_rows

STREAMS = Path(nlp.__file__).parent / "corpus" / "streams"
FIELDS = {"id", "source", "title", "body", "thread_title", "needs_response", "topic"}
LONG = 20
TOPICS = {"城乡建设", "环境保护", "交通运输", "教育文体", "劳动和社会保障", "商贸旅游", "卫生计生", ""}


def text_of(row: dict[str, Any]) -> str:
    return f"{row['title']} {row['body']}".strip()


def grams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}


def test_every_row_of_the_streams_has_valid_values() -> None:
    rows: list[dict[str, Any]] = [*first_rows(), *second_rows("whole")]
    for row in rows:
        assert set(row) - {"level"} == FIELDS, row["id"]
        assert row["needs_response"] in (0, 1), row["id"]
        assert row["topic"] in TOPICS, row["id"]
        assert row.get("level", 4) in ((1, 2, 3, 4) if row["needs_response"] else (4,)), row["id"]
        assert text_of(row), row["id"]
        assert not (row["title"] and row["thread_title"]), f"{row['id']}: a reply has no title of its own"
    assert not [identity for identity, n in Counter(row["id"] for row in rows).items() if n > 1]


def test_the_halves_of_the_second_set_share_nothing() -> None:
    dev, sealed = ({str(row["id"]) for row in second_rows(half)} for half in ("dev", "sealed"))
    assert not dev & sealed
    assert dev | sealed == {str(row["id"]) for row in second_rows("whole")}
    lines = [path.read_text(encoding="utf-8").splitlines() for path in sorted(STREAMS.glob("streams2-*.jsonl"))]
    assert sealed == {json.loads(line)["id"] for own in lines for number, line in enumerate(own, 1) if number % 2}
    assert len(dev) > 370


@pytest.mark.parametrize("read", [corpus_rows, heldout_rows])
def test_nobody_trains_on_a_stream(read: Any) -> None:
    """Neither the rows themselves nor texts alike."""
    streams: list[dict[str, Any]] = [*first_rows(), *second_rows("whole")]
    rows: list[dict[str, Any]] = read()
    assert not {row["id"] for row in streams} & {row["id"] for row in rows}
    alike = close_pairs([text_of(row) for row in streams], [text_of(row) for row in rows])
    assert not [f"{streams[a]['id']} ~ {rows[b]['id']}" for a, b in alike]


def close_pairs(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Numbers of the pairs that share half of the smaller one's 3-grams, or of the larger one's if the smaller is shorter than LONG.

    A state told in ten characters may stand in anybody's letter.
    """
    own, other = ([grams(text) if len(text) >= 8 else set() for text in texts] for texts in (left, right))
    column: dict[str, int] = {}

    def matrix(sets: list[set[str]]) -> sparse.csr_array:
        indices = [column.setdefault(gram, len(column)) for one in sets for gram in one]
        pointers = np.concatenate([[0], np.cumsum([len(one) for one in sets])])
        return sparse.csr_array((np.ones(len(indices), np.int32), indices, pointers), shape=(len(sets), 1_000_000))

    shared = (matrix(own) @ matrix(other).T).tocoo()
    sizes, others = (np.array([len(one) for one in sets]) for sets in (own, other))
    small, large = np.minimum(sizes[shared.row], others[shared.col]), np.maximum(sizes[shared.row], others[shared.col])
    close = 2 * shared.data >= np.where(small < LONG - 2, large, small)
    return [(int(a), int(b)) for a, b in zip(shared.row[close], shared.col[close], strict=True)]


def test_likeness_is_seen() -> None:
    short, letter = "门口的路灯坏了三天没人修", "领导好，我住在老街，门口的路灯坏了三天没人修，晚上老人出门都要打手电筒，请派人来看看"
    assert close_pairs([short], [short + "呀", "今天晚上吃什么好呢大家", letter]) == [(0, 0)]
    assert close_pairs([letter], [letter[12:40]]) == [(0, 0)]
