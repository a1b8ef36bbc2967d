"""Pair F1 and B³ of the streaming grouping on labelled events; wrong merges with unlabelled posts count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from nlp.events import EventIndex
from nlp.training.sources import table
from store.clock import SHANGHAI
from store.records import Text


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


def grouped(posts: Iterable[Text], index: EventIndex) -> dict[str, str]:
    """post id → event given by the index."""
    return {post.id: index.place(post) for post in posts}


def event_table(folder: Path, words: Path) -> dict[str, dict[str, float]]:
    """Figures at the shipped settings, and with a window as long as the messages last."""
    posts, truth = hot_posts(folder)
    chosen = sorted(set(truth.values()))
    table = {}
    for name, index in (
        ("shipped settings", EventIndex(words=words)),
        ("window of 400 days", EventIndex(words=words, window_days=400)),
    ):
        table[name] = figures(grouped(posts, index), truth, chosen) | {"texts": float(len(posts))}
    return table


def figures(found: Mapping[str, str], truth: Mapping[str, str], chosen: Sequence[str]) -> dict[str, float]:
    """Pair F1 (mean over events) and B³ F over the chosen events.

    A pair of a labelled and an unlabelled post in one found event counts as wrong.
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
