"""Floors of the grouping: on real letters where they are at hand, on short posts of a forum, and what the stream costs."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from nlp.events import COMPARED, STEP, EventIndex
from nlp.pool import MEMBERS
from nlp.training.event_figures import figures, forum_posts, grouped, hot_posts, splits
from nlp.training.sources import corpus_rows
from store.records import Text

DATA = Path(os.environ.get("HUIYING_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
START = datetime(2026, 3, 1, tzinfo=UTC)

pytestmark = pytest.mark.slow  # thousands of posts


@pytest.mark.skipif(not DATA.is_dir(), reason="no real texts here: set HUIYING_DATA to their folder")
def test_letters_are_grouped_as_the_model_card_says() -> None:
    posts, truth = hot_posts(DATA)
    found = grouped(posts, EventIndex())
    rows = [figures(found, truth, reporting) for _tuning, reporting in splits(truth.values())]
    assert np.mean([row["pair_f1"] for row in rows]) >= 0.81
    assert np.mean([row["b3_f"] for row in rows]) >= 0.87
    assert min(row["pair_f1"] for row in rows) >= 0.75
    every = figures(found, truth, sorted(set(truth.values())))
    assert every["pair_f1"] >= 0.83
    assert every["b3_precision"] >= 0.93
    # the greatest matter has 56 letters, and there is no event greater than that by much
    assert every["largest"] <= 70


def test_short_posts_of_a_forum_are_grouped() -> None:
    posts, truth = forum_posts()
    found = grouped(posts, EventIndex())
    row = figures(found, truth, sorted(set(truth.values())))
    assert row["pair_f1"] >= 0.40
    assert row["b3_f"] >= 0.70
    assert row["b3_precision"] >= 0.85
    assert row["largest"] <= 20


def corpus_posts() -> list[Text]:
    rows = corpus_rows()
    return [
        Text(id=str(row["id"]), title=str(row["title"]), body=str(row["body"]), posted_at=START + timedelta(minutes=number))
        for number, row in enumerate(rows)
    ]


def test_our_corpus_does_not_run_together_and_the_cost_stays_flat() -> None:
    posts = corpus_posts()
    index = EventIndex()
    costs, events = [], Counter[str]()
    for part in np.array_split(np.arange(len(posts)), 6):
        before = index.compared
        events.update(index.place_many([posts[int(number)] for number in part]))
        costs.append((index.compared - before) / len(part))
    # texts of 13,000 matters, some of one kind
    assert events.most_common(1)[0][1] <= 25
    assert len(events) > 0.7 * len(posts)
    # pairs compared for one post: bounded however long the stream, and twice the stream costs less than half as much again
    assert max(costs) <= COMPARED * 3
    assert costs[-1] <= 1.5 * costs[2]


def test_no_post_is_compared_with_more_than_a_bound() -> None:
    index = EventIndex()
    most = 0
    for number in range(400):
        before = index.compared
        index.place(Text(id=str(number), title="丽景花园停水", body="水管爆了没人修" * (number % 3), posted_at=START))
        most = max(most, index.compared - before)
    assert most <= COMPARED * MEMBERS + STEP


def test_a_burst_on_one_matter_is_one_event() -> None:
    """What holds a burst together must not become common by the burst itself."""
    others = corpus_posts()[:600]
    said = ("停水到现在没人修", "什么时候来水", "又没水了", "爆管了快来人", "一滴水都没有", "停水一天了", "有没有人知道几点来水")
    burst = []
    for number in range(400):
        moment = START + timedelta(minutes=number)
        burst.append(Text(id=f"b{number}", title=f"丽景花园{said[number % 7]}", body=f"我家是{number % 40 + 1}幢", posted_at=moment))
    stream = sorted([*others, *burst], key=lambda post: (post.posted_at or START, post.id))
    found = dict(zip((post.id for post in stream), EventIndex().place_many(stream), strict=True))
    sizes = Counter(found[post.id] for post in burst)
    assert sizes.most_common(1)[0][1] >= 0.9 * len(burst)
    assert sum(event == sizes.most_common(1)[0][0] for event in found.values()) <= sizes.most_common(1)[0][1] + 3
