"""One command's work: read the texts, fit the heads, calibrate, measure, write arrays and card."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from nlp.cues import CUE_GROUPS
from nlp.judge import Judge
from nlp.model import Model
from nlp.settings import TOPICS, JudgeSettings
from nlp.training.card import write_card
from nlp.training.evaluate import Labels, both_labels, corpus_scores, family_figures, labels_of, logistic
from nlp.training.event_figures import event_table
from nlp.training.features import FeatureMaker
from nlp.training.groups import near_duplicates
from nlp.training.kinds import KINDS, category_figures, corpus_categories
from nlp.training.learn import Floats, fit_categories, fit_response, fit_topics, packed, platt
from nlp.training.replies import ALARMS as REPLY_ALARMS
from nlp.training.replies import fit_replies
from nlp.training.sample import Sample
from nlp.training.sources import corpus, external, heldout_rows, messages
from nlp.training.topics import corpus_topics, none_of_them, taidi_topics
from nlp.training.words import write_words
from store.records import Text

log = logging.getLogger(__name__)
Table = dict[str, dict[str, float]]
FOLDS = 5
#: share of the corpus' threads without a request that may be flagged: of a forum's threads most ask for nothing, and these are its
#: hardest, so the shipped threshold is chosen for few false alarms; what lies below stands in the band
ALARMS = 0.15
BAND = 0.15


def topic_scores(maker: FeatureMaker, samples: Sequence[Sample], names: Sequence[str]) -> Floats:
    """Held-out scores of topics and none, divided by √n; near-duplicates stay on one side."""
    features = maker([sample.text for sample in samples])
    topics = [sample.topic for sample in samples]
    weights = [sample.weight for sample in samples]
    groups = near_duplicates([sample.text[:400] for sample in samples])
    scores = np.zeros((len(samples), len(names)))
    for train, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(topics, topics, groups):
        table = fit_topics(features[train], [topics[i] for i in train], names, [weights[i] for i in train])
        scores[test] = (features[test].counts @ table) / np.sqrt(features[test].sizes)[:, None]
    return scores


def topic_calibration(scores: Floats, numbers: Floats) -> tuple[float, tuple[float, ...]]:
    """One slope, and an offset for each column, by gradient descent on the log loss of held-out scores."""
    slope, offsets = 2.0, np.zeros(scores.shape[1])
    wanted = np.eye(scores.shape[1])[numbers.astype(int)]
    for _ in range(500):
        logits = slope * scores + offsets
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        gradient = shares - wanted
        slope -= 1.0 * float((gradient * scores).sum(axis=1).mean())
        offsets -= 1.0 * gradient.mean(axis=0)
    return slope, tuple(float(value) for value in offsets)


def topic_figures(samples: Sequence[Sample], scores: Floats, calibrated: Floats, names: Sequence[str]) -> Table:
    """Macro-F1 among the seven where a topic is given; how often "none" is said where it is right and where it is wrong."""
    numbers = np.asarray([names.index(sample.topic) for sample in samples])
    none = len(names) - 1
    figures: Table = {}
    for source in sorted({sample.source for sample in samples}):
        rows = np.asarray([sample.source == source for sample in samples])
        inside, outside = rows & (numbers != none), rows & (numbers == none)
        figures[source] = {"texts": float(rows.sum())}
        if inside.any():
            best = scores[inside, :none].argmax(axis=1)
            present = sorted(set(numbers[inside].tolist()))
            figures[source]["macro_f1"] = float(f1_score(numbers[inside], best, average="macro", labels=present))
            figures[source]["none_wrongly"] = float((calibrated[inside].argmax(axis=1) == none).mean())
        if outside.any():
            figures[source]["none_rightly"] = float((calibrated[outside].argmax(axis=1) == none).mean())
    return figures


def threshold_for(labels: Labels, probabilities: Floats) -> float:
    """The probability, to two decimals, at which ALARMS of the negatives are flagged."""
    return float(np.ceil(np.quantile(probabilities[labels == 0], 1 - ALARMS) * 100) / 100)


def _text(row: dict[str, object]) -> Text:
    def cell(key: str) -> str:
        return str(row.get(key) or "")

    return Text(id=cell("id"), title=cell("title"), body=cell("body"), board=cell("board"), thread_title=cell("thread_title"))


def heldout_figures(model: Model) -> Table:
    """The held-out part of the corpus through the whole judge; empty when it is not there yet."""
    rows = heldout_rows()
    if not rows:
        return {}
    judge = Judge(model, JudgeSettings())
    found = judge.assess([_text(row) for row in rows])
    labels = np.asarray([int(str(row["needs_response"])) for row in rows])
    table = {"heldout": both_labels(labels, np.asarray([one.needs_response for one in found]), model.threshold)}
    topics = np.asarray([one.topic == row["topic"] for one, row in zip(found, rows, strict=True) if row["topic"]])
    levels = np.asarray([int(one.level) == row["level"] for one, row in zip(found, rows, strict=True) if row["needs_response"]])
    kinds = np.asarray([one.category == row["category"] for one, row in zip(found, rows, strict=True)])
    table["heldout"] |= {"topic_right": float(topics.mean()), "category_right": float(kinds.mean()), "level_right": float(levels.mean())}
    return table


def build(folder: Path, out: Path) -> dict[str, Table]:
    """Trains from the data folder and our corpus, writes the weights and the card, returns the figures by section."""
    began = time.perf_counter()
    maker = FeatureMaker()
    samples = external(folder) + corpus()
    log.info("needs_response: %s", Counter((sample.source, sample.label) for sample in samples))
    features = maker([sample.text for sample in samples])
    own, scores = corpus_scores(samples, features)
    labels = labels_of([samples[i] for i in own])
    threads = np.asarray([not samples[i].thread for i in own])
    slope, offset = platt(scores[threads], labels[threads])
    held = logistic(slope * scores[threads] + offset)
    threshold = threshold_for(labels[threads], held)
    sections: dict[str, Table] = {
        "Needs response: our corpus, five folds": {
            "corpus, threads at the threshold": both_labels(labels[threads], held, threshold),
            "corpus, threads at .5": both_labels(labels[threads], held, 0.5),
        },
        "Needs response: leave one family out, share flagged": family_figures(samples, features, threshold),
    }
    head = fit_response(features, [sample.label for sample in samples], [sample.weight for sample in samples])
    replies = [samples[i] for i in own[~threads]]
    reply = fit_replies(replies, scores[~threads], head.score(maker([sample.thread for sample in replies])))
    sections["Needs response: replies of our corpus, ten folds by thread, at their stricter threshold"] = {"replies": reply.figures}

    about = taidi_topics(folder) + none_of_them(folder) + corpus_topics()
    names = [*TOPICS, ""]
    log.info("topics: %s", Counter((sample.source, sample.topic) for sample in about))
    about_scores = topic_scores(maker, about, names)
    numbers = np.asarray([names.index(sample.topic) for sample in about], dtype=float)
    topic_slope, topic_offsets = topic_calibration(about_scores, numbers)
    calibrated = topic_slope * about_scores + np.asarray(topic_offsets)
    sections["Topics, grouped five folds"] = topic_figures(about, about_scores, calibrated, names)
    table = fit_topics(maker([s.text for s in about]), [s.topic for s in about], names, [s.weight for s in about])

    kinds = corpus_categories()
    kind_features = maker([sample.text for sample in kinds])
    sections["Categories: our corpus, five folds, given the label"] = category_figures(kinds, kind_features)
    kind = fit_categories(kind_features, [sample.topic for sample in kinds], KINDS)

    integers, scales = packed(np.column_stack([head.grams, table, kind.grams]))
    model = Model(
        version="",
        normaliser=maker.normaliser,
        weights=integers,
        scales=scales,
        topics=TOPICS,
        categories=KINDS,
        category_cues={group: tuple(round(float(value), 4) for value in row) for group, row in zip(CUE_GROUPS, kind.cues, strict=True)},
        category_bias=tuple(round(float(value), 4) for value in kind.bias),
        cue_weights={group: round(float(weight), 4) for group, weight in zip(CUE_GROUPS, head.cues, strict=True)},
        bias=head.bias,
        slope=slope,
        offset=offset,
        topic_slope=topic_slope,
        topic_offsets=topic_offsets,
        threshold=threshold,
        band=BAND,
        reply_weights=reply.weights,
        reply_bias=reply.bias,
    )
    model = replace(model, version=f"huiying-judge-1.{model.digest()}")
    model.save(out)
    write_words((f"{title} {body}" for _source, title, body in messages(folder)), out / "words.json")
    sections["Needs response: held-out part of the corpus, through the whole judge"] = heldout_figures(model)
    sections["Events of taidi_hot, streamed in order of time"] = event_table(folder, out / "words.json")
    facts: dict[str, str | float] = {"version": model.version, "cues": len(CUE_GROUPS), "seconds": time.perf_counter() - began}
    facts |= {"threshold": threshold, "alarms": ALARMS, "band": BAND, "reply_alarms": REPLY_ALARMS}
    write_card(out / "MODEL_CARD.md", facts, sections)
    return sections
