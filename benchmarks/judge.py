"""How fast the judge is beside jieba + TfidfVectorizer + LinearSVC, in one run, by processor time of one core."""

from __future__ import annotations

import io
import json
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nlp.grams import Grams
from nlp.judge import BATCH, Judge
from nlp.reading import clean_all, full_text
from nlp.stream import assess_lines
from store.records import Text

CORPUS = Path(__file__).parents[1] / "nlp" / "corpus"
#: characters of a post at most, posts of the stream, share of them that need a response
LENGTH, POSTS, SHARE = 140, 6_144, 0.05
ROUNDS = 5


def _posts() -> tuple[list[Text], list[int]]:
    """A stream of POSTS from our own corpus, cut at LENGTH, a twentieth of it positive."""
    rows: list[dict[str, Any]] = []
    for path in sorted(CORPUS.glob("train-*.jsonl")):
        rows += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    by_label = {label: [row for row in rows if row["needs_response"] == label] for label in (0, 1)}
    texts, labels = [], []
    for number in range(POSTS):
        label = int(number % round(1 / SHARE) == 0)
        row = by_label[label][number % len(by_label[label])]
        texts.append(Text(id=str(number), title=row["title"][:40], body=row["body"][:LENGTH], thread_title=row["thread_title"]))
        labels.append(label)
    return texts, labels


def _rate(work: Callable[[], object], posts: int, rounds: int = ROUNDS) -> float:
    """Posts a second of processor time, median of the rounds."""
    seconds = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return posts / statistics.median(seconds)


def _baseline(texts: Sequence[str], labels: Sequence[int]) -> Callable[[], object]:
    """Cutting, weighing and deciding by the usual parts, fitted on the same stream (speed only, no figure of quality)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC

    jieba.setLogLevel(60)
    vectors = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, lowercase=False)
    machine = LinearSVC().fit(vectors.fit_transform(texts), labels)
    return lambda: machine.predict(vectors.transform(texts))


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks judge`: figure, value, unit, baseline, ratio, goal, met."""
    posts, labels = _posts()
    plain = [full_text(post.title, post.body) for post in posts]
    slow = _rate(_baseline(plain, labels), len(plain), rounds=1)
    began = time.process_time()
    judge = Judge.load()
    load = time.process_time() - began
    grams = Grams(judge.model.normaliser)

    def scores() -> None:
        for begin in range(0, len(plain), BATCH):
            judge.model.sums(grams.batch(clean_all(plain[begin : begin + BATCH])))

    in_memory = _rate(scores, len(plain))
    whole = _rate(lambda: judge.assess(posts), len(posts))
    lines = [json.dumps({"id": post.id, "title": post.title, "body": post.body}, ensure_ascii=False) for post in posts]
    streamed = _rate(lambda: assess_lines(lines, io.StringIO(), judge), len(lines))
    single = []
    for post in posts[:1_000]:
        began = time.perf_counter()
        judge.assess([post])
        single.append(time.perf_counter() - began)

    def row(figure: str, value: float, unit: str, goal: float, *, faster: bool = True, baseline: float | None = None) -> dict[str, Any]:
        ratio = None if baseline is None else round(value / baseline, 1)
        compared = value if ratio is None else ratio
        return {
            "figure": figure,
            "value": round(value, 4),
            "unit": unit,
            "baseline": baseline and round(baseline, 1),
            "ratio": ratio,
            "goal": goal,
            "met": compared >= goal if faster else compared <= goal,
        }

    return [
        row("judge: all scores in memory", in_memory, "posts/s", 100, baseline=slow),
        row("judge: assess, everything included", whole, "posts/s", 10, baseline=slow),
        row("judge: JSON lines to JSON lines", streamed, "posts/s", 50_000),
        row("judge: one post alone, median", statistics.median(single) * 1_000, "ms", 0.1, faster=False),
        row("judge: load", load, "s", 0.5, faster=False),
    ]
