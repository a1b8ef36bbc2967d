"""Figures of the second reader beside the judge alone, and its card."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from nlp.encoder import SentenceEncoder
from nlp.judge import Judge
from nlp.model import Model
from nlp.second_reader import READ, Blend, SecondReader, read_logit
from nlp.settings import JudgeSettings
from nlp.training.card import figures_table
from nlp.training.evaluate import Labels, calibration_error, fitted, logistic
from nlp.training.features import Features
from nlp.training.learn import Floats
from nlp.training.sample import Sample
from nlp.training.sources import heldout_rows
from nlp.training.streams import first_rows, second_rows
from store.records import Text

Table = dict[str, dict[str, float]]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Read:
    """Held-out logits of both, labels, thresholds in logits, and what weighs them."""

    first: Floats
    second: Floats
    labels: Labels
    limit: float
    reply_limit: float
    blend: Blend

    def both(self, rows: Rows, *, reply: bool = False, first: Floats | None = None) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
        """Logits of both, those with both in the band only, and where that is; `first` stands in place of the held-out ones."""
        own = self.first[rows] if first is None else first
        share, others, constant = self.blend.replies if reply else self.blend.threads
        everywhere = share * own + others * self.second[rows] + constant
        distances = own - (self.reply_limit if reply else self.limit)
        inside = (distances >= self.blend.band[0]) & (distances <= self.blend.band[1])
        return everywhere, np.where(inside, everywhere, own), inside


def _figures(labels: Labels, logits: Floats, limit: float) -> dict[str, float]:
    flagged = logits >= limit
    cut = float(np.quantile(logits[labels == 0], 0.85))
    return {
        "texts": float(len(labels)),
        "auc": float(roc_auc_score(labels, logits)),
        "recall": float(flagged[labels == 1].mean()),
        "false_alarms": float(flagged[labels == 0].mean()),
        "recall_at_15pct_alarms": float((logits[labels == 1] >= cut).mean()),
        "calibration_error": calibration_error(labels, logistic(logits)),
    }


def fold_figures(read: Read, threads: Rows, replies: Rows) -> Table:
    """Our corpus, threads and replies."""
    table: Table = {}
    for name, rows, limit, reply in (("threads", threads, read.limit, False), ("replies", replies, read.reply_limit, True)):
        everywhere, inside_only, inside = read.both(rows, reply=reply)
        labels = read.labels[rows]
        table[f"{name}, judge alone"] = _figures(labels, read.first[rows], limit)
        table[f"{name}, encoder alone"] = {"texts": float(len(rows)), "auc": float(roc_auc_score(labels, read.second[rows]))}
        table[f"{name}, both on every text"] = _figures(labels, everywhere, limit)
        table[f"{name}, both in the band"] = _figures(labels, inside_only, limit) | {"read": float(inside.mean())}
    return table


def source_figures(samples: Sequence[Sample], features: Features, shown: Rows, ours: Rows, read: Read, model: Model) -> Table:
    """Real texts of families left out of the judge's training (the encoder saw none of any): share flagged by each."""
    table: Table = {}
    rest = np.arange(len(samples))
    for family in sorted({samples[int(i)].family for i in shown}):
        train = rest[[one.family != family for one in samples]]
        head = fitted(samples, features, train)
        for key in sorted({(samples[int(i)].source, samples[int(i)].cut) for i in shown if samples[int(i)].family == family}):
            rows = shown[[(samples[int(i)].source, samples[int(i)].cut) == key for i in shown]]
            first = model.slope * head.score(features[rows]) + model.offset
            table[_named(samples[int(rows[0])])] = _shares(read, rows, first)
    return table


def real_figures(samples: Sequence[Sample], rows: Rows, read: Read, reader: SentenceEncoder) -> Table:
    """Real texts held out of both, of families that both have learned from: share flagged by each."""
    second = read.second.copy()
    second[rows] = [read_logit(reader, samples[int(row)].text, samples[int(row)].thread) for row in rows]
    learned, table = replace(read, second=second), {}
    names = np.asarray([_named(samples[int(row)]) for row in rows])
    for name in sorted(set(names.tolist())):
        table[name] = _shares(learned, rows[names == name], read.first[rows[names == name]])
    return table


def _named(one: Sample) -> str:
    return f"{one.family} / {one.source}{f', {one.cut}' if one.cut else ''}"


def _shares(read: Read, rows: Rows, first: Floats) -> dict[str, float]:
    everywhere, inside_only, inside = read.both(rows, first=first)
    return {
        "texts": float(len(rows)),
        "judge_alone": float((first >= read.limit).mean()),
        "both_everywhere": float((everywhere >= read.limit).mean()),
        "both_in_the_band": float((inside_only >= read.limit).mean()),
        "read": float(inside.mean()),
    }


def judge_figures(model: Model, reader: SecondReader) -> Table:
    """Held-out part and streams through the whole judge, without and with the second reader."""
    judge = Judge(model, JudgeSettings())
    table: Table = {}
    sets = {"held-out": heldout_rows(), "streams, first set": first_rows(), "streams, second set, for development": second_rows("dev")}
    for name, rows in sets.items():
        texts = [
            Text(id=str(row["id"]), title=str(row["title"]), body=str(row["body"]), thread_title=str(row.get("thread_title") or ""))
            for row in rows
        ]
        labels = np.asarray([int(str(row["needs_response"])) for row in rows])
        turn = reader.turn()
        for way, second in (("judge alone", None), ("with the second reader", turn)):
            began = time.process_time()
            found = judge.assess(texts, second)
            spent = time.process_time() - began
            chances = np.asarray([one.needs_response for one in found])
            flags = np.asarray([one.flag for one in found])
            table[f"{name}, {way}"] = {
                "texts": float(len(rows)),
                "positives": float(labels.sum()),
                "auc": float(roc_auc_score(labels, chances)),
                "recall": float(flags[labels == 1].mean()),
                "false_alarms": float(flags[labels == 0].mean()),
                "calibration_error": calibration_error(labels, chances),
            }
        # the judge's own share of the time is a thousandth
        table[f"{name}, with the second reader"] |= {"read": turn.read_count / len(rows), "ms_a_post_read": 1e3 * spent / turn.read_count}
    return table


_CARD = """# The second reader of 回应 ({version}, beside {first})

**What it does.** The engine and `huiying evaluate` read the posts that the judge flags or doubts once more with it (`judge.second_reader`),
`huiying assess` with `--second-reader`. It runs in numpy, on the processor, without a network.

**How.** A sentence encoder, four layers of a Chinese BERT, 512 numbers wide, reads the first {read} characters, of a reply after its
thread's title, and gives a logit. That is weighed with the judge's own (weights of threads and of replies apart, fitted on held-out
logits of both; of threads half by our corpus, half by the first set of streams), which calibrates it too.
The rules of the judge come after it, thresholds stay. A post is read by itself, so it is
judged the same alone as in a batch.

**Which posts.** All that the judge flags, and those whose logit by the judge lies up to {below:.2f} below their threshold: {share:.0%} of a
stream of which 5 % need a response and the rest is half hard texts of our corpus, half chatter and news. The lower end is the one that
mends most decisions of both labels within 40 %; a plain forum has fewer hard texts, and less of it is read.

**Made from.** bge-small-zh-v1.5 (BAAI, MIT), as `{artifact}` holds it, trained on for three rounds over `nlp/corpus` without
`heldout-*.jsonl`, with the category of a text as a second lesson, and 5,000 real texts beside it (letters to offices and their answers at a
twelfth of the weight, news, chatter, reviews, customer service). Vocabulary cut to single characters and what these texts hold; weights at
seven bits. The shipped one is the mean of two that met the texts in another order. Levels Ⅰ to Ⅳ, topics and places are not asked of it.

**Command.** `python -m nlp.training.second --data DIR --base JAR` after `python -m nlp.training` (an hour on two cores;
`--base` left out, only the blend is fitted again: {seconds:.0f} s here). {size:,.0f} bytes of weights. Seeds are fixed; a run gives
these figures within noise.
"""


def write_second_card(path: Path, facts: Mapping[str, str | float], sections: Mapping[str, Table]) -> None:
    """The card with one table for each section."""
    parts = [_CARD.format(**facts, read=READ)]
    parts += [f"## {title}\n{figures_table(rows)}\n" for title, rows in sections.items() if rows]
    path.write_text("\n".join(parts), encoding="utf-8")
