"""Fits what the grouping of events is shipped with: `python -m nlp.training.event_fit --data DIR` (40 s).

Statistics of words come from texts outside `taidi_hot`. The machine that compares two posts learns from messages of `taidi_hot`
that were read for this project (`event_labels.txt`), none of which is of the 22 labelled events. Those only choose the threshold.
"""

from __future__ import annotations

import argparse
import logging
import random
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from nlp import likeness
from nlp.event_reader import Reader
from nlp.events import LEAST_SHARED
from nlp.topical import BUCKETS, SHIPPED, Topical
from nlp.training.event_figures import best_threshold, event_rows, hot_posts
from nlp.training.event_words import statistics
from nlp.traits import Traits
from store.records import Text

LABELS = Path(__file__).parent / "event_labels.txt"
log = logging.getLogger(__name__)
Indices = npt.NDArray[np.int64]
#: weight of a labelled group, shared by its pairs, and of a pair read by itself
GROUP_WEIGHT, PAIR_WEIGHT = 8.0, 2.0
#: messages of which a copy with another name is made, and the weight of such a pair (of the titles alone): like in every word, and not
#: one matter
EXCHANGED, EXCHANGE_WEIGHT, BARE_WEIGHT = 400, 0.4, 1.2
_CALLED = re.compile(
    "(?<=[市县区镇道])([一-鿿]{2,5}?)(小区|花园|新村|新城|公馆|家园|公寓|大厦|广场|市场|社区|学校|小学|中学|学院|医院|有限公司|大道|路|村)"
)
#: inverse strength of regularisation; cross-validated loss is flat from .03 to 10
STRENGTH = 0.3


@dataclass(frozen=True, slots=True)
class Labels:
    """Numbers of messages: groups on one matter, and single pairs with whether they are."""

    groups: list[list[str]]
    pairs: list[tuple[str, str, bool]]

    @classmethod
    def read(cls, path: Path = LABELS) -> Labels:
        """Raises ValueError when a message stands in two groups."""
        groups: list[list[str]] = []
        pairs: list[tuple[str, str, bool]] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            words = line.split()
            if len(words) == 3 and words[1] in "=!":
                pairs.append((words[0], words[2], words[1] == "="))
            else:
                groups += [group.split() for group in line.split("/")]
        told = [id_ for group in groups for id_ in group]
        twice = sorted({id_ for id_ in told if told.count(id_) > 1})
        if twice:
            raise ValueError(f"{path}: in two groups: {', '.join(twice)}")
        return cls(groups, pairs)


def stream_traits(posts: Sequence[Text], topical: Topical, step: int = 64) -> tuple[Traits, Indices, Indices]:
    """Rows and keys of all posts as they are read in the stream, each by what was counted before it."""
    reader = Reader(topical)
    rows, keys, weights = [], [], []
    for begin in range(0, len(posts), step):
        read = reader.read(posts[begin : begin + step])
        found = reader.keys(read)
        rows.append(read)
        keys.append(found[0])
        weights.append(found[1])
        reader.observe(read)
    columns = (np.concatenate([getattr(read, spec.name) for read in rows]) for spec in fields(Traits))
    return Traits(*columns), np.concatenate(keys).astype(np.int64), np.concatenate(weights)


def shared(keys: Indices, weights: Indices, chosen: Indices) -> csr_matrix:
    """Weight of the keys that two of the chosen posts share."""
    used = weights[chosen] > 0
    rows = np.nonzero(used)[0]
    columns = keys[chosen][used]
    weighted = csr_matrix((weights[chosen][used], (rows, columns)), shape=(len(chosen), BUCKETS))
    plain = csr_matrix((np.ones(len(rows), np.int64), (rows, columns)), shape=(len(chosen), BUCKETS))
    plain.data[:] = 1
    return weighted @ plain.T


def examples(
    posts: Sequence[Text], topical: Topical, labels: Labels, without: Container[str]
) -> tuple[npt.NDArray[np.float32], Indices, npt.NDArray[np.float64]]:
    """Features, label and weight of the pairs to learn from; posts `without` are not touched."""
    traits, keys, weights = stream_traits(posts, topical)
    number = {post.id: position for position, post in enumerate(posts)}
    group_of = {number[id_]: group for group, ids in enumerate(labels.groups) for id_ in ids}
    chosen = np.asarray(sorted(group_of), np.int64)
    table = shared(keys, weights, chosen).tocoo()
    later, earlier, same, weight = [], [], [], []
    for row, column, votes in zip(table.row, table.col, table.data, strict=True):
        one, other = int(chosen[row]), int(chosen[column])
        if one > other and votes >= LEAST_SHARED:
            sizes = [len(labels.groups[group_of[post]]) for post in (one, other)]
            later.append(one)
            earlier.append(other)
            same.append(group_of[one] == group_of[other])
            weight.append(GROUP_WEIGHT / max(sizes))
    for left, right, label in labels.pairs:
        positions = sorted((number[left], number[right]))
        earlier.append(positions[0])
        later.append(positions[1])
        same.append(label)
        weight.append(PAIR_WEIGHT)
    found = compared(traits, np.asarray(later), traits, np.asarray(earlier), topical)
    reader = Reader(topical)
    reader.observe(traits)
    parts = [found]
    originals, copies = exchanged(posts, without)
    for bare in (False, True):  # a title alone must not do without the name either
        sides = [reader.read([replace(post, body="") for post in side] if bare else side) for side in (originals, copies)]
        parts.append(compared(sides[1], np.arange(len(copies)), sides[0], np.arange(len(copies)), topical))
    return (
        np.vstack(parts),
        np.asarray(same + [False] * 2 * len(copies), np.int64),
        np.asarray(weight + [EXCHANGE_WEIGHT] * len(copies) + [BARE_WEIGHT] * len(copies)),
    )


def compared(one: Traits, posts: Indices, other: Traits, rows: Indices, topical: Topical, step: int = 64) -> npt.NDArray[np.float32]:
    """`likeness.features` of many posts, a few at a time (its tables grow with the square of the posts)."""
    found = np.empty((len(posts), len(likeness.FEATURES)), np.float32)
    for begin in range(0, len(one), step):
        chosen = np.flatnonzero((posts >= begin) & (posts < begin + step))
        few = one.take(slice(begin, begin + step))
        found[chosen] = likeness.features(few, posts[chosen] - begin, other, rows[chosen], topical)
    return found


def exchanged(posts: Sequence[Text], without: Container[str], seed: int = 5) -> tuple[list[Text], list[Text]]:
    """Messages, and the same with the name of their place or firm exchanged for another of its kind."""
    told = [(post, found[1], found[2]) for post in posts if post.id not in without and (found := _CALLED.search(post.title))]
    names: dict[str, list[str]] = {}
    for _post, name, kind in told:
        names.setdefault(kind, []).append(name)
    rng = random.Random(seed)
    originals, copies = [], []
    for post, name, kind in rng.sample(told, min(len(told), EXCHANGED)):
        others = sorted({other for other in names[kind] if not set(other) & set(name)})
        if not others:
            continue
        other = rng.choice(others)
        originals.append(post)
        copies.append(replace(post, title=post.title.replace(name, other), body=post.body.replace(name, other)))
    return originals, copies


def fit_machine(found: npt.NDArray[np.float32], same: Indices, weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Means, scales, weights and intercept of a logistic regression over the expanded features."""
    wide = likeness.expanded(found)
    means, scales = wide.mean(axis=0), wide.std(axis=0) + 1e-6
    fitted = LogisticRegression(C=STRENGTH, max_iter=3_000).fit((wide - means) / scales, same, sample_weight=weight)
    return np.concatenate([means, scales, fitted.coef_[0], fitted.intercept_]).astype(np.float32)


def untrained() -> npt.NDArray[np.float32]:
    """A machine of the right size that says nothing."""
    size = 2 * len(likeness.FEATURES) + len(likeness.PRODUCTS)
    return np.concatenate([np.zeros(size), np.ones(size), np.zeros(size + 1)]).astype(np.float32)


def build(folder: Path, out: Path) -> dict[str, dict[str, float]]:
    """Writes the arrays of `nlp.topical.Topical`; returns the figures."""
    arrays = statistics(folder)
    posts, truth = hot_posts(folder)
    draft = out.with_name("draft-" + out.name)
    try:
        _save(draft, arrays | {"machine": untrained()})
        found, same, weight = examples(posts, Topical.load(draft), Labels.read(), truth)
    finally:
        draft.unlink(missing_ok=True)
    log.info("events: %d pairs, %d on one matter", len(same), same.sum())
    arrays["machine"] = fit_machine(found, same, weight)
    _save(out, arrays)
    threshold, groupings = best_threshold(posts, truth, out)
    _save(out, arrays, threshold)
    return event_rows(truth, groupings, threshold)


def _save(path: Path, arrays: dict[str, npt.NDArray[np.generic]], threshold: float = 0.0) -> None:
    columns: dict[str, Any] = {**arrays, "threshold": np.asarray(threshold, np.float32)}
    np.savez_compressed(path, **columns)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m nlp.training.event_fit", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="the file to write")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    for name, row in build(options.data, options.out).items():
        log.info("%s: %s", name, {key: round(value, 3) for key, value in row.items()})


if __name__ == "__main__":
    main()
