"""The corpus keeps its promises: valid values, balance by length class and subject, no two texts alike."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

import nlp
from store.records import Category

CORPUS = Path(nlp.__file__).parent / "corpus"
FIELDS = {"id", "title", "body", "board", "thread_title", "needs_response", "category", "topic", "level", "places", "event"}
TOPICS = {"城乡建设", "环境保护", "交通运输", "教育文体", "劳动和社会保障", "商贸旅游", "卫生计生", ""}
TOWNS = {
    *("古城街道", "大洋街道", "江南街道", "大田街道", "邵家渡街道", "汛桥镇", "东塍镇", "汇溪镇", "小芝镇", "河头镇"),
    *("白水洋镇", "括苍镇", "永丰镇", "尤溪镇", "涌泉镇", "沿江镇", "杜桥镇", "上盘镇", "桃渚镇"),
}
#: length classes in characters of title + body: ≤ 8, 9–20, 21–60, 61–140, > 140
BOUNDS = (8, 20, 60, 140)


@cache
def rows() -> tuple[dict[str, Any], ...]:
    """Every row of every file of the corpus, with its file's name under ``file``."""
    found: list[dict[str, Any]] = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            found.append({**json.loads(line), "file": path.name})
    return tuple(found)


def text_of(row: dict[str, Any]) -> str:
    return f"{row['title']} {row['body']}".strip()


def length_class(row: dict[str, Any]) -> int:
    length = len(row["title"]) + len(row["body"])
    return sum(length > bound for bound in BOUNDS)


def grams(text: str) -> set[str]:
    return {text[i : i + 3] for i in range(len(text) - 2)}


def test_files_are_short_and_plain() -> None:
    for path in CORPUS.glob("train-*.jsonl"):
        raw = path.read_bytes()
        assert raw.count(b"\n") <= 400, path.name
        assert b"\r" not in raw, path.name
        assert raw.endswith(b"\n"), path.name


def test_every_row_has_valid_values() -> None:
    for row in rows():
        where = f"{row['file']} {row['id']}"
        assert set(row) - {"file"} == FIELDS, where
        assert row["needs_response"] in (0, 1), where
        assert Category(row["category"]).positive == bool(row["needs_response"]), where
        assert row["topic"] in TOPICS, where
        assert row["level"] in ((1, 2, 3, 4) if row["needs_response"] else (4,)), where
        assert text_of(row), where
        assert row["board"], where
        assert not (row["title"] and row["thread_title"]), f"{where}: a reply has no title of its own"
        seen = f"{row['title']}\n{row['body']}\n{row['thread_title']}"
        for place in row["places"]:
            assert place in TOWNS or place in seen, f"{where}: {place} is neither a town nor in the text"


def test_ids_are_unique() -> None:
    counts = Counter(row["id"] for row in rows())
    assert not [identity for identity, n in counts.items() if n > 1]


@pytest.mark.parametrize("length", range(len(BOUNDS) + 1))
def test_half_of_every_length_class_is_positive(length: int) -> None:
    labels = [row["needs_response"] for row in rows() if length_class(row) == length and row["file"].startswith("train-")]
    assert labels
    assert 0.45 <= sum(labels) / len(labels) <= 0.55, f"{sum(labels)} of {len(labels)}"


def test_every_topic_and_board_has_both_labels() -> None:
    for key, least in (("topic", 0.3), ("board", 0.2)):
        labels: dict[str, list[int]] = defaultdict(list)
        for row in rows():
            labels[row[key]].append(row["needs_response"])
        for value, found in labels.items():
            if len(found) < 20:
                continue
            assert least <= sum(found) / len(found) <= 1 - least, f"{key} {value!r}: {sum(found)} of {len(found)}"


def test_no_text_stands_twice() -> None:
    counts = Counter((text_of(row), row["thread_title"]) for row in rows())
    assert not [text for text, n in counts.items() if n > 1]


def test_no_two_texts_are_alike() -> None:
    """Containment of character 3-grams (|A∩B| / smaller) stays under .5 for texts of 8 characters or more."""
    texts = [(f"{row['file']} {row['id']}", grams(text_of(row))) for row in rows() if len(text_of(row)) >= 8]
    column: dict[str, int] = {}
    indices = [column.setdefault(gram, len(column)) for _, own in texts for gram in own]
    sizes = np.array([len(own) for _, own in texts])
    pointers = np.concatenate([[0], np.cumsum(sizes)])
    holds = sparse.csr_array((np.ones(len(indices), np.int32), indices, pointers), shape=(len(texts), len(column)))
    shared = (holds @ holds.T).tocoo()
    close = (shared.row < shared.col) & (2 * shared.data >= np.minimum(sizes[shared.row], sizes[shared.col]))
    alike = [f"{texts[a][0]} ~ {texts[b][0]}" for a, b in zip(shared.row[close], shared.col[close], strict=True)]
    assert not alike
