"""How fast the judge is, and how much faster than the usual parts, in one run, by processor time of one core.

Two baselines: jieba + TfidfVectorizer + LinearSVC, and the union of words and characters with two machines that judges best among
linear models. Their absolute figures vary with the machine and its neighbours, so the goals are ratios of interleaved rounds.
"""

from __future__ import annotations

import io
import itertools
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from nlp.cues import cue_table
from nlp.judge import Judge, batches
from nlp.model import ARRAYS, FACTS, SHIPPED
from nlp.reading import full_text
from nlp.stream import assess_lines
from store.records import Text

CORPUS = Path(__file__).parents[1] / "nlp" / "corpus"
#: characters of a post at most, posts of the stream, share of them that need a response
LENGTH, POSTS, SHARE = 140, 6_144, 0.05
#: running text of the corpus in pieces of so many characters: the mean of letters to the government cut at 140
PIECE = 129
#: texts that a round of the slow baselines is timed with; heads of theirs: needs_response and seven topics
SLOW, HEADS = 768, 8
ROUNDS = 5


def _corpus() -> list[dict[str, Any]]:
    paths = sorted(CORPUS.glob("train-*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _posts() -> tuple[list[Text], list[int]]:
    """A stream of POSTS from our own corpus, cut at LENGTH, a twentieth of it positive."""
    rows = _corpus()
    by_label = {label: [row for row in rows if row["needs_response"] == label] for label in (0, 1)}
    texts, labels = [], []
    for number in range(POSTS):
        label = int(number % round(1 / SHARE) == 0)
        row = by_label[label][number % len(by_label[label])]
        texts.append(Text(id=str(number), title=row["title"][:40], body=row["body"][:LENGTH], thread_title=row["thread_title"]))
        labels.append(label)
    return texts, labels


def _pieces() -> list[str]:
    running = "".join(row["title"] + row["body"] for row in _corpus())
    return [running[begin : begin + PIECE] for begin in range(0, min(len(running), POSTS * PIECE) - PIECE + 1, PIECE)]


def _line(post: Text) -> bytes:
    row = {"id": post.id, "title": post.title, "body": post.body, "board": "百姓话题", "posted_at": "2026-11-22T09:15:00+08:00"}
    return json.dumps(row | {"thread_title": post.thread_title}, ensure_ascii=False).encode()


def stream_lines() -> list[bytes]:
    """The stream as `huiying assess` reads it."""
    return [_line(post) for post in _posts()[0]]


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _baselines(texts: Sequence[str]) -> dict[str, Callable[[], object]]:
    """Name → needs_response and topics of the first SLOW texts by the usual parts, their vocabulary from all texts.

    The weights are random: they cost what fitted ones cost.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba
        import rjieba
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_union

    jieba.setLogLevel(60)
    words = TfidfVectorizer(tokenizer=jieba.lcut, token_pattern=None, lowercase=False)
    union = make_union(
        TfidfVectorizer(tokenizer=rjieba.cut, token_pattern=None, lowercase=False, ngram_range=(1, 2)),
        TfidfVectorizer(analyzer="char", ngram_range=(1, 3)),
    )
    random, shown = np.random.default_rng(0), texts[:SLOW]
    columns = words.fit_transform(texts).shape[1]
    svc = random.normal(size=(columns, HEADS))
    columns = union.fit_transform(texts).shape[1]
    first, second = random.normal(size=(2, columns, HEADS))
    ratio = sparse.diags(random.random(columns))

    def two_machines() -> object:
        seen = union.transform(shown)
        return seen @ first + (seen @ ratio) @ second

    return {
        "jieba + TfidfVectorizer + LinearSVC": lambda: words.transform(shown) @ svc,
        "union of words and characters, SVC + NB-SVM": two_machines,
    }


def _scored(judge: Judge, texts: Sequence[str]) -> None:
    """Scores of all heads over the n-grams of each text, in memory."""
    for batch in batches([*map(len, texts)]):
        judge.heads.scores(judge.grams.batch(texts[batch]))


def _decided(judge: Judge, texts: Sequence[str]) -> None:
    """Scores of needs_response, cues included, and the topic of each text, in memory."""
    heads = judge.heads
    for together in batches([*map(len, texts)]):
        batch = judge.grams.batch(texts[together])
        scores = heads.scores(batch)
        heads.needs(scores, heads.cue_shares(cue_table(judge.lexicon.columns(batch), len(batch))))
        heads.topic_logits(scores, batch.sizes).argmax(axis=1)


def _ratios(judge: Judge, kind: str, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of ours beside each baseline: medians over interleaved rounds, of the ratios too."""
    ours = {"scores of all heads over n-grams": _scored, "needs_response with cues, and topics": _decided}
    theirs = _baselines(texts)
    rates: dict[str, list[float]] = {name: [] for name in (*ours, *theirs)}
    for _ in range(ROUNDS):
        for name, decide in ours.items():
            rates[name].append(len(texts) / _seconds(lambda decide=decide: decide(judge, texts)))  # type: ignore[misc]
        for name, work in theirs.items():
            rates[name].append(SLOW / _seconds(work))
    rows = []
    for name, slow in itertools.product(ours, theirs):
        ratio = statistics.median(fast / usual for fast, usual in zip(rates[name], rates[slow], strict=True))
        middle, usual = statistics.median(rates[name]), statistics.median(rates[slow])
        rows.append(_row(f"judge in memory, {kind}: {name}, × {slow}", middle, "posts/s", 100, baseline=usual, ratio=ratio))
    return rows


_ALONE = """
import resource, sys, time
began = time.process_time()
from nlp.judge import Judge
from nlp.stream import assess_lines
judge = Judge.load()
took = time.process_time() - began
import io
import itertools
assess_lines(sys.stdin.buffer, io.StringIO(), judge)
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def _alone(lines: Sequence[bytes]) -> tuple[float, float]:
    """Seconds of processor to import and load in a process of its own, and its memory in MB after a stream."""
    command = [sys.executable, "-c", _ALONE]
    printed = subprocess.run(command, input=b"\n".join(lines), capture_output=True, check=True, cwd=CORPUS.parents[1]).stdout.split()
    return float(printed[0]), float(printed[1])


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks judge`: figure, value, unit, baseline, ratio, goal, met."""
    posts, lines = _posts()[0], stream_lines()
    load, memory = _alone(lines)
    judge = Judge.load()
    streamed = len(lines) / statistics.median(_seconds(lambda: assess_lines(lines, io.StringIO(), judge)) for _ in range(2 * ROUNDS))
    single = []
    for post in posts[:2_000]:
        began = time.perf_counter()
        judge.assess([post])
        single.append(time.perf_counter() - began)
    large = Text(id="1", title="x", body="停水了没人管。" * 150_000)
    longest = statistics.median(_seconds(lambda: judge.assess([large])) for _ in range(ROUNDS))
    weights = sum((SHIPPED / name).stat().st_size for name in (ARRAYS, FACTS)) / 1e6
    rows = [
        _row("judge: JSON lines to JSON lines, everything", streamed, "posts/s", 50_000),
        _row("judge: one post alone, median", statistics.median(single) * 1_000, "ms", 0.1, faster=False),
        _row("judge: a post of 1 MB", longest * 1_000, "ms", 100, faster=False),
        _row("judge: import and load", load, "s", 0.5, faster=False),
        _row("judge: memory of huiying assess", memory, "MB", 200, faster=False),
        _row("judge: weights on disk", weights, "MB", 16, faster=False),
    ]
    kinds = {
        f"posts of {LENGTH} characters at most": [full_text(post.title, post.body) for post in posts],
        f"{PIECE} characters": _pieces(),
    }
    for kind, texts in kinds.items():
        rows += _ratios(judge, kind, texts)
    return rows


def _row(
    figure: str, value: float, unit: str, goal: float, *, faster: bool = True, baseline: float | None = None, ratio: float | None = None
) -> dict[str, Any]:
    compared = value if ratio is None else ratio
    return {
        "figure": figure,
        "value": round(value, 4) if value < 1_000 else round(value),
        "unit": unit,
        "baseline": baseline and round(baseline, 1),
        "ratio": ratio and round(ratio, 1),
        "goal": goal,
        "met": compared >= goal if faster else compared <= goal,
    }
