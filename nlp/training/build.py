"""One command's work: read the texts, fit the heads, calibrate, write arrays and card."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from nlp.cues import CUE_GROUPS
from nlp.model import Model
from nlp.settings import TOPICS
from nlp.training.features import FeatureMaker
from nlp.training.learn import fit_response, fit_topics, packed, platt
from nlp.training.sample import Sample
from nlp.training.sources import corpus, external, messages
from nlp.training.topics import corpus_topics, none_of_them, taidi_topics
from nlp.training.words import write_words

log = logging.getLogger(__name__)
Floats = npt.NDArray[np.float64]
FOLDS = 4


def out_of_fold(maker: FeatureMaker, samples: Sequence[Sample]) -> Floats:
    """Scores of each sample by a model that did not see it (near-duplicate cuts of one message may be on both sides)."""
    features = maker([sample.text for sample in samples])
    labels = np.asarray([sample.label for sample in samples])
    weights = np.asarray([sample.weight for sample in samples])
    scores = np.zeros(len(samples))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(weights, labels):
        scores[test] = fit_response(features[train], labels[train].tolist(), weights[train].tolist()).score(features[test])
    return scores


def calibration(samples: Sequence[Sample], scores: Floats) -> tuple[float, float]:
    """Platt on held-out scores; our own corpus alone once it is there, for it is the nearest to a local forum."""
    own = np.asarray([sample.family == "corpus" for sample in samples])
    chosen = own if own.sum() >= 300 else np.ones(len(samples), dtype=bool)
    labels = np.asarray([sample.label for sample in samples])
    return platt(scores[chosen], labels[chosen])


def topic_calibration(maker: FeatureMaker, samples: Sequence[Sample]) -> tuple[float, tuple[float, ...], dict[str, float]]:
    """One slope and an offset for each topic and for none, on held-out scores; and the figures."""
    names = [*TOPICS, ""]
    features = maker([sample.text for sample in samples])
    topics = [sample.topic for sample in samples]
    weights = [sample.weight for sample in samples]
    numbers = np.asarray([names.index(topic) for topic in topics])
    scores = np.zeros((len(samples), len(names)))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(numbers, numbers):
        table = fit_topics(features[train], [topics[i] for i in train], names, [weights[i] for i in train])
        scores[test] = (features[test].counts @ table) / np.sqrt(features[test].sizes)[:, None]
    slope, offsets = 4.0, np.zeros(len(names))
    onehot = np.eye(len(names))[numbers]
    for _ in range(400):
        logits = slope * scores + offsets
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        gradient = shares - onehot
        slope -= 2.0 * float((gradient * scores).sum(axis=1).mean())
        offsets -= 1.0 * gradient.mean(axis=0)
    figures = {}
    for source in sorted({sample.source for sample in samples}):
        rows = np.asarray([sample.source == source and bool(sample.topic) for sample in samples])
        if rows.any():
            best = scores[rows, : len(TOPICS)].argmax(axis=1)
            figures[f"topic macro-F1 {source}"] = float(f1_score(numbers[rows], best, average="macro"))
    return slope, tuple(float(value) for value in offsets), figures


def build(folder: Path, out: Path) -> dict[str, float]:
    """Trains from the data folder and our corpus, writes the weights, returns the figures."""
    maker = FeatureMaker()
    samples = external(folder) + corpus()
    log.info("needs_response: %s", Counter((sample.source, sample.label) for sample in samples))
    features = maker([sample.text for sample in samples])
    labels, weights = [sample.label for sample in samples], [sample.weight for sample in samples]
    scores = out_of_fold(maker, samples)
    slope, offset = calibration(samples, scores)
    head = fit_response(features, labels, weights)

    about = taidi_topics(folder) + none_of_them(folder) + corpus_topics()
    log.info("topics: %s", Counter((sample.source, sample.topic) for sample in about))
    topic_slope, topic_offsets, figures = topic_calibration(maker, about)
    table = fit_topics(maker([s.text for s in about]), [s.topic for s in about], [*TOPICS, ""], [s.weight for s in about])

    integers, scales = packed(np.column_stack([head.grams, table]))
    digest = int(np.abs(integers.astype(np.int64)).sum()) % 0xFFFF
    model = Model(
        version=f"huiying-judge-1.{digest:04x}",
        normaliser=maker.normaliser,
        weights=integers,
        scales=scales,
        topics=TOPICS,
        cue_weights={group: round(float(weight), 4) for group, weight in zip(CUE_GROUPS, head.cues, strict=True)},
        bias=head.bias,
        slope=slope,
        offset=offset,
        topic_slope=topic_slope,
        topic_offsets=topic_offsets,
        threshold=0.5,
        band=0.15,
    )
    model.save(out)
    write_words((f"{title} {body}" for _source, title, body in messages(folder)), out / "words.json")
    (out / "training.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return figures
