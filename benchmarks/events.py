"""Events of real letters, strictly counted, and posts a second as the stream grows, beside the first grouping and near-duplicates.

The figures of quality need the real texts ($HUIYING_DATA); without them the speed is measured on our own corpus.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._greedy import GreedyIndex
from nlp.events import EventIndex
from nlp.training.event_figures import figures, forum_posts, grouped, groupings_at, hot_posts, split_rows, splits
from nlp.training.groups import near_duplicates
from store.records import Text

BESIDE = Path(__file__).parents[2] / "shared" / "data"
CORPUS = Path(__file__).parents[1] / "nlp" / "corpus"
#: parts of the stream whose speed is compared
PARTS = 4


def _row(figure: str, value: float, unit: str, goal: float, *, baseline: float | None = None) -> dict[str, Any]:
    rounded = round(value, 3) if value < 100 else round(value)
    row = {"figure": f"events: {figure}", "value": rounded, "unit": unit, "baseline": baseline and round(baseline, 3)}
    return {**row, "ratio": None if baseline is None else round(value / baseline, 2), "goal": goal, "met": value >= goal}


def _corpus_posts() -> list[Text]:
    """Our own corpus as a stream, a post a minute."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [json.loads(line) for path in sorted(CORPUS.glob("train-*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Text(id=row["id"], title=row["title"], body=row["body"], posted_at=begin + timedelta(minutes=number))
        for number, row in enumerate(rows)
        if row["title"]
    ]


def _rates(posts: Sequence[Text], place: Callable[[Sequence[Text]], object]) -> list[float]:
    """Posts a second of processor time in each of PARTS equal parts of the stream."""
    rates = []
    for part in np.array_split(np.arange(len(posts)), PARTS):
        began = time.process_time()
        place([posts[int(number)] for number in part])
        rates.append(len(part) / (time.process_time() - began))
    return rates


def _speed(posts: Sequence[Text], name: str) -> list[dict[str, Any]]:
    greedy, index = GreedyIndex(), EventIndex()
    for warm in (GreedyIndex().place, EventIndex().place):  # tables and dictionaries are loaded once, not by the first quarter
        warm(posts[0])
    before = _rates(posts, lambda part: [greedy.place(post) for post in part])
    ours = _rates(posts, index.place_many)
    return [
        _row(
            f"posts/s over {len(posts):,} posts, {name}, beside the first greedy grouping",
            float(np.mean(ours)),
            "posts/s",
            5_000,
            baseline=float(np.mean(before)),
        ),
        _row("speed in the last quarter of the stream beside the first", ours[-1] / ours[0], "", 0.95),
    ]


def _forum() -> list[dict[str, Any]]:
    """Short posts on 36 matters among 3,000 others, at the shipped threshold (chosen on letters)."""
    posts, truth = forum_posts()
    chosen = sorted(set(truth.values()))
    found, greedy = grouped(posts, EventIndex()), GreedyIndex()
    first = {post.id: greedy.place(post) for post in posts}
    ours, before = figures(found, truth, chosen), figures(first, truth, chosen)
    names = {"pair_f1": "pair F1 averaged over events", "b3_f": "B³ F", "b3_precision": "B³ precision"}
    return [_row(f"{name}, short posts of a forum", ours[key], "", 0.9, baseline=before[key]) for key, name in names.items()]


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks events`."""
    folder = Path(os.environ.get("HUIYING_DATA") or BESIDE)
    rows = _speed(_corpus_posts(), "our corpus") + _forum()
    if not folder.is_dir():
        print(f"{folder}: no real texts here, quality is not measured; set HUIYING_DATA to their folder", file=sys.stderr)
        return rows
    posts, truth = hot_posts(folder)
    rows += _speed(posts, "letters")
    reporting = [chosen for _tuning, chosen in splits(truth.values())]
    greedy = GreedyIndex(window_days=400)
    first = {post.id: greedy.place(post) for post in posts}
    copies = {
        post.id: str(group) for post, group in zip(posts, near_duplicates([f"{post.title} {post.body}" for post in posts]), strict=True)
    }
    found = split_rows(truth, groupings_at(posts))
    for key, name in (("pair_f1", "pair F1 averaged over events"), ("b3_f", "B³ F")):
        values = [row[key] for row in found]
        plain = [figures(first, truth, chosen)[key] for chosen in reporting]
        alone = float(np.mean([figures(copies, truth, chosen)[key] for chosen in reporting]))
        spread = f"{min(values):.3f} to {max(values):.3f} (near-duplicates alone {alone:.3f})"
        label = f"{name}, five splits, {spread}, beside the first greedy grouping"
        rows.append(_row(label, float(np.mean(values)), "", 0.9, baseline=float(np.mean(plain))))
    return rows
