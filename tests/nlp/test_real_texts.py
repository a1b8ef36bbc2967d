"""Floors on the real texts, where they are at hand ($HUIYING_DATA or shared/data beside the project); figures stand in MODEL_CARD.md.

A part of each source was trained on at a small weight, so these floors guard against a slip, they are no proof of quality elsewhere.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nlp.judge import Judge
from nlp.reading import clean
from store.records import Text

DATA = Path(os.environ.get("HUIYING_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
MANY = 2_000
_CODES = re.compile(r"(?:西地省)?(?:[A-Z]\d{0,2} ?[市县区州]){1,2}|西地省")

pytestmark = [
    pytest.mark.slow,  # pandas and thousands of texts
    pytest.mark.skipif(not DATA.is_dir(), reason="no real texts here: set HUIYING_DATA to their folder"),
]


def _rows(name: str) -> list[dict[str, str]]:
    from nlp.training.sources import table

    return table(DATA / name)


def _masked(text: str) -> str:
    return _CODES.sub("本地", clean(text))


def _titles() -> Iterator[tuple[str, str]]:
    return ((_masked(row["留言主题"]), "") for row in _rows("taidi_hot.csv.gz"))


def _letters() -> Iterator[tuple[str, str]]:
    return ((_masked(row["留言主题"]), _masked(row["留言详情"])) for row in _rows("taidi_hot.csv.gz"))


def _replies() -> Iterator[tuple[str, str]]:
    return (("", _masked(row["答复意见"])) for row in _rows("taidi_replies.csv.gz"))


def _reply_sentences() -> Iterator[tuple[str, str]]:
    from nlp.training.sample import sentences

    return (("", sentence) for row in _rows("taidi_replies.csv.gz") for sentence in sentences(_masked(row["答复意见"])))


def _news() -> Iterator[tuple[str, str]]:
    return (("", row["text"]) for row in _rows("news_sentences.csv.gz"))


def _of(*sources: str) -> Callable[[], Iterator[tuple[str, str]]]:
    return lambda: ((row["text"], "") for row in _rows("no_response.csv.gz") if row["source"] in sources)


#: texts → the share flagged lies within
FLOORS: dict[str, tuple[Callable[[], Iterator[tuple[str, str]]], float, float]] = {
    "titles of letters": (_titles, 0.77, 1.0),
    "whole letters": (_letters, 0.9, 1.0),
    "replies": (_replies, 0.0, 0.05),
    "sentences of replies": (_reply_sentences, 0.0, 0.1),
    "news sentences": (_news, 0.0, 0.03),
    "news titles": (_of("news_THUC", "news_TNEWS"), 0.0, 0.05),
    "comments": (_of("weibo_zhihu_COLD", "weibo_senti", "weibo_SWSR"), 0.0, 0.04),
    "reviews": (_of("reviews_negative", "reviews_positive"), 0.0, 0.1),
    "customer service": (_of("customer_service_CIC"), 0.0, 0.16),
}


@pytest.mark.parametrize("name", FLOORS)
def test_share_flagged(name: str, judge: Judge) -> None:
    texts, least, most = FLOORS[name]
    rows = list(texts())
    random.Random(1).shuffle(rows)
    chosen = [Text(id=str(number), title=title, body=body) for number, (title, body) in enumerate(rows[:MANY])]
    found = judge.assess(chosen)
    share = sum(one.flag for one in found) / len(found)
    assert least <= share <= most, f"{name}: {share:.3f}"


def test_topics_of_raw_letters(judge: Judge) -> None:
    rows = _rows("taidi_topics_raw.csv.gz")
    found = judge.assess([Text(id=row["id"], title=_masked(row["title"]), body=_masked(row["body"])) for row in rows])
    right = sum(one.topic == row["topic"] for one, row in zip(found, rows, strict=True)) / len(rows)
    assert right > 0.9, f"{right:.3f}"
