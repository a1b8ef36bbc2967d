"""Where the time of `huiying assess` goes: microseconds of one core a post, by part, in the midst of a whole run."""

from __future__ import annotations

import io
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import nlp.judge
import nlp.stream
from benchmarks.judge import stream_lines
from nlp.beginnings import Patterns
from nlp.grams import Grams
from nlp.heads import Heads
from nlp.judge import Judge
from nlp.lexicon import Lexicon
from nlp.model import Model
from nlp.places import Gazetteer
from nlp.sums import Adder

ROUNDS = 9
#: microseconds that a post may cost at 50,000 a second
BUDGET = 20.0
REST = "rules, calibration, rows of JSON"
#: part → what does it; the time of a part within a part counts for the inner one
PARTS: dict[str, tuple[tuple[Any, str], ...]] = {
    "cleaning and n-grams": ((Grams, "batch"),),
    "sums of all heads": ((Adder, "__call__"), (Model, "response_sums")),
    "words: cues, levels, units, places": ((Lexicon, "columns"), (nlp.judge, "cue_table")),
    "topics and categories": ((Heads, "topics"), (Heads, "categories")),
    "places and other cities": ((Gazetteer, "resolve"),),
    "moves of replies": ((Patterns, "count"),),
    "unit, level and reasons of the flagged": ((Judge, "_tell"),),
}


class _Watch:
    """Seconds of each part, without those of parts within it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    def watched(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            began = time.process_time()
            try:
                return work(*args, **named)
            finally:
                took = time.process_time() - began
                self.seconds[part] += took - self._inner.pop()
                self._inner[-1] += took

        return timed


@contextmanager
def _watching(watch: _Watch) -> Iterator[None]:
    before = [(owner, name, getattr(owner, name), part) for part, works in PARTS.items() for owner, name in works]
    try:
        for owner, name, work, part in before:
            setattr(owner, name, watch.watched(part, work))
        yield
    finally:
        for owner, name, work, _part in before:
            setattr(owner, name, work)


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks judge_parts`; the parts make the whole."""
    judge, lines = Judge.load(), stream_lines()
    rounds: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        began = time.process_time()
        for line in lines:
            nlp.stream.read(line)
        reading = time.process_time() - began
        watch = _Watch()
        with _watching(watch):
            began = time.process_time()
            nlp.stream.assess_lines(lines, io.StringIO(), judge)
            whole = time.process_time() - began
        rest = whole - reading - sum(watch.seconds.values())
        for part, seconds in {"reading the lines": reading, **watch.seconds, REST: rest, "whole": whole}.items():
            rounds[part].append(seconds * 1e6 / len(lines))
    return [_row(part, statistics.median(costs)) for part, costs in rounds.items()]


def _row(part: str, cost: float) -> dict[str, Any]:
    figure = f"judge, a post of the stream: {part}"
    return {"figure": figure, "value": round(cost, 2), "unit": "µs", "baseline": None, "ratio": None, "goal": BUDGET, "met": cost <= BUDGET}
