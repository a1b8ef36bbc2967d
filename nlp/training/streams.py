"""Figures on the streams of nlp/corpus/streams, which nobody trains on: `python -m nlp.training.streams [--set 1|2] [--half dev|sealed]`.

Two sets. The first is plain and whole. Of the second, paraphrased from what real streams hold, the even lines of each file are for finding
out what is wrong, the odd ones are sealed: they are read once, when the work on the judge is done, and never tuned on.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Literal

import numpy as np
from sklearn.metrics import roc_auc_score

from nlp.judge import Judge
from nlp.model import Model
from nlp.reading import clean, full_text
from nlp.settings import JudgeSettings
from nlp.training.sample import Sample
from nlp.training.sources import CORPUS
from store.records import Text

Table = dict[str, dict[str, float]]
Rows = list[dict[str, object]]
Half = Literal["dev", "sealed", "whole"]
STREAMS = CORPUS / "streams"


def first_rows() -> Rows:
    """The first set: plain texts of six kinds of streams."""
    return [row for path in sorted(STREAMS.glob("streams-*.jsonl")) for row in _lines(path.read_text(encoding="utf-8"))]


def plain_threads() -> list[Sample]:
    """Texts of the first set that are no replies: what is said of them calibrates the scores, beside our corpus."""
    rows = [row for row in first_rows() if row["title"] or not row["thread_title"]]
    texts = [clean(full_text(str(row["title"]), str(row["body"]))) for row in rows]
    labels = [int(str(row["needs_response"])) for row in rows]
    return [Sample(text=text, label=label, source="streams", family="streams") for text, label in zip(texts, labels, strict=True)]


def second_rows(half: Half = "dev") -> Rows:
    """A half of the second set, by the parity of the line in its file (the first line is 1, so sealed)."""
    rows: Rows = []
    for path in sorted(STREAMS.glob("streams2-*.jsonl")):
        own = _lines(path.read_text(encoding="utf-8"))
        rows += {"dev": own[1::2], "sealed": own[::2], "whole": own}[half]
    return rows


def _lines(raw: str) -> Rows:
    return [json.loads(line) for line in raw.splitlines() if line.strip()]


def stream_figures(model: Model, rows: Rows) -> Table:
    """Rows of a set by source, through the whole judge; `all` at the end."""

    def text(row: dict[str, object]) -> Text:
        return Text(id=str(row["id"]), title=str(row["title"]), body=str(row["body"]), thread_title=str(row["thread_title"]))

    found = Judge(model, JudgeSettings()).assess([text(row) for row in rows])
    labels = np.asarray([int(str(row["needs_response"])) for row in rows])
    probabilities = np.asarray([one.needs_response for one in found])
    flags = np.asarray([one.flag for one in found])
    of = np.asarray([str(row["source"]) for row in rows])
    table: Table = {}
    for source in [*sorted(set(of.tolist())), "all"]:
        chosen = (of == source) | (source == "all")
        own, shares = labels[chosen], flags[chosen]
        table[source] = {"texts": float(len(own)), "positives": float(own.sum())}
        if 0 < own.sum() < len(own):
            table[source]["auc"] = float(roc_auc_score(own, probabilities[chosen]))
            table[source]["recall"] = float(shares[own == 1].mean())
        table[source]["false_alarms"] = float(shares[own == 0].mean())
    topics = [(row["topic"], one.topic) for row, one in zip(rows, found, strict=True) if row["topic"]]
    table["all"]["topic_right"] = sum(given == said for given, said in topics) / max(1, len(topics))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m nlp.training.streams", description=__doc__)
    parser.add_argument("--set", type=int, choices=(1, 2), default=2, dest="number", help="which set (default 2)")
    parser.add_argument("--half", choices=("dev", "sealed"), default="dev", help="which half of the second set (default dev)")
    options = parser.parse_args()
    rows = first_rows() if options.number == 1 else second_rows(options.half)
    for source, figures in stream_figures(Model.load(), rows).items():
        sys.stdout.write(f"{source:15} " + "  ".join(f"{name} {round(value, 3):g}" for name, value in figures.items()) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
