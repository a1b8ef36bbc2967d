"""How well the streaming grouping does on labelled events: pair F1 and B³, strictly counted, over fixed splits.

A post without a label that stands in one found event with a labelled one counts as a wrong pair, even where a reader would
say that it belongs there: the labels were made by regular expressions and miss some (MODEL_CARD.md says how many).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from nlp.events import EventIndex
from nlp.topical import SHIPPED
from nlp.training.sources import CORPUS, corpus_rows, table
from store.clock import SHANGHAI
from store.records import Text

#: thresholds tried; a choice is made by the mean over neighbours, for a single one may be lucky
THRESHOLDS = tuple(round(-3.0 + 0.25 * step, 2) for step in range(10))
#: means that differ by less are equal
EQUAL = 0.005
SPLITS = 5
MATTERS = CORPUS / "matters"


def hot_posts(folder: Path) -> tuple[list[Text], dict[str, str]]:
    """The 4,326 messages in order of time, and the event of those that are labelled."""
    posts: list[Text] = []
    truth: dict[str, str] = {}
    for row in table(folder / "taidi_hot.csv.gz"):
        moment = datetime.strptime(row["留言时间"].replace("-", "/"), "%Y/%m/%d %H:%M:%S").replace(tzinfo=SHANGHAI).astimezone(UTC)
        posts.append(Text(id=row["留言编号"], title=row["留言主题"], body=row["留言详情"], posted_at=moment))
        if row["event"]:
            truth[row["留言编号"]] = row["event"]
    posts.sort(key=lambda post: (post.posted_at or datetime.min.replace(tzinfo=UTC), post.id))
    return posts, truth


def forum_posts(background: int = 3_000) -> tuple[list[Text], dict[str, str]]:
    """Short posts of a forum on 36 matters (`corpus/matters`) among others of our corpus, in order of time, and their events."""
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    posts: list[Text] = []
    truth: dict[str, str] = {}
    rows = [json.loads(line) for path in sorted(MATTERS.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        posts.append(Text(id=row["id"], title=row["title"], body=row["body"], posted_at=begin + timedelta(hours=row["hours"])))
        if row["event"]:
            truth[row["id"]] = row["event"]
    others = corpus_rows()
    hours = max(row["hours"] for row in rows)
    for number in range(background):
        row = others[number * len(others) // background]
        moment = begin + timedelta(hours=hours * number / background)
        posts.append(Text(id=str(row["id"]), title=str(row["title"]), body=str(row["body"]), posted_at=moment))
    posts.sort(key=lambda post: (post.posted_at or begin, post.id))
    return posts, truth


def splits(events: Iterable[str]) -> list[tuple[list[str], list[str]]]:
    """Five fixed splits into halves (tuning, reporting): the events in a fixed shuffled order, the window of reporting moved on
    round the circle, so each event is reported two or three times."""
    names = sorted(set(events))
    order = [names[number] for number in np.random.RandomState(11).permutation(len(names))]
    half = len(order) // 2
    found = []
    for number in range(SPLITS):
        begin = round(number * len(order) / SPLITS)
        reporting = [order[(begin + step) % len(order)] for step in range(half)]
        found.append(([name for name in names if name not in reporting], reporting))
    return found


def grouped(posts: Sequence[Text], index: EventIndex) -> dict[str, str]:
    """post id → event given by the index."""
    return dict(zip((post.id for post in posts), index.place_many(posts), strict=True))


def figures(found: Mapping[str, str], truth: Mapping[str, str], chosen: Sequence[str]) -> dict[str, float]:
    """Pair F1 (mean over events) and B³ over the chosen events.

    A pair of a labelled and an unlabelled post, or of two events, in one found event counts as wrong.
    """
    clusters: dict[str, list[str]] = defaultdict(list)
    for post, event in found.items():
        clusters[event].append(post)
    members: dict[str, list[str]] = defaultdict(list)
    for post, event in truth.items():
        members[event].append(post)
    pair_f, precisions, recalls = [], [], []
    for event in chosen:
        inside = Counter(found[post] for post in members[event])
        size = len(members[event])
        right = sum(count * (count - 1) / 2 for count in inside.values())
        wanted = size * (size - 1) / 2
        wrong = sum(count * (len(clusters[name]) - count) for name, count in inside.items())
        precision = right / (right + wrong) if right + wrong else 1.0
        recall = right / wanted if wanted else 1.0
        pair_f.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
        for post in members[event]:
            count = inside[found[post]]
            precisions.append(count / len(clusters[found[post]]))
            recalls.append(count / size)
    b_precision, b_recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return {
        "pair_f1": sum(pair_f) / len(pair_f),
        "b3_precision": b_precision,
        "b3_recall": b_recall,
        "b3_f": 2 * b_precision * b_recall / (b_precision + b_recall),
        "largest": float(max(len(posts) for posts in clusters.values())),
    }


Groupings = Mapping[float, Mapping[str, str]]


def groupings_at(
    posts: Sequence[Text], weights: Path | None = None, thresholds: Sequence[float] = THRESHOLDS
) -> dict[float, dict[str, str]]:
    """The whole stream grouped at each threshold."""
    return {threshold: grouped(posts, EventIndex(weights=weights, threshold=threshold)) for threshold in thresholds}


def chosen_threshold(groupings: Groupings, truth: Mapping[str, str], tuning: Sequence[str]) -> float:
    """The threshold with the best mean of pair F1 and B³ F on the tuning events, smoothed over its neighbours; of equals the highest."""
    thresholds = list(groupings)
    rows = [figures(groupings[threshold], truth, tuning) for threshold in thresholds]
    means = [(row["pair_f1"] + row["b3_f"]) / 2 for row in rows]
    smoothed = [float(np.mean(means[max(0, number - 1) : number + 2])) for number in range(len(means))]
    return max(threshold for threshold, mean in zip(thresholds, smoothed, strict=True) if mean >= max(smoothed) - EQUAL)


def best_threshold(posts: Sequence[Text], truth: Mapping[str, str], weights: Path) -> tuple[float, dict[float, dict[str, str]]]:
    """The threshold to ship, chosen on all labelled events, and the groupings it was chosen among."""
    groupings = groupings_at(posts, weights)
    return chosen_threshold(groupings, truth, sorted(set(truth.values()))), groupings


def split_rows(truth: Mapping[str, str], groupings: Groupings) -> list[dict[str, float]]:
    """Figures on the reporting events of each split, at the threshold its tuning events chose."""
    rows = []
    for tuning, reporting in splits(truth.values()):
        threshold = chosen_threshold(groupings, truth, tuning)
        rows.append(figures(groupings[threshold], truth, reporting) | {"threshold": threshold})
    return rows


def event_rows(truth: Mapping[str, str], groupings: Groupings, threshold: float) -> dict[str, dict[str, float]]:
    """One row each for the mean over the splits, their worst and best, and all events at the shipped threshold."""
    rows = split_rows(truth, groupings)
    table = {}
    for name, of in (("five splits, mean", np.mean), ("five splits, worst", np.min), ("five splits, best", np.max)):
        table[name] = {key: float(of([row[key] for row in rows])) for key in rows[0]}
    shipped = figures(groupings[threshold], truth, sorted(set(truth.values())))
    table["all 22 events at the shipped threshold"] = shipped | {"threshold": threshold}
    return table


def event_table(folder: Path, words: Path) -> dict[str, dict[str, float]]:
    """Figures of the shipped grouping, for the model card; `words` stands beside its weights."""
    posts, truth = hot_posts(folder)
    shipped = words.with_name("events.npz")
    threshold, groupings = best_threshold(posts, truth, shipped if shipped.exists() else SHIPPED)
    return event_rows(truth, groupings, threshold)
