"""Why: the spans and cues that carried a decision, with their weights in logits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from nlp.cues import CUE_NAMES
from nlp.grams import Batch
from nlp.lexicon import Hit
from store.records import Reason

#: spans and clauses end at these; a span is at most so long
_BREAK = re.compile(r"[\s，。！？；：、,.!?;:~…—\-\"'“”‘’《》（）()【】\[\]]")
SPAN_LENGTH = 8
_CLAUSE_LENGTH = 14
#: a cue or span below this many logits is no reason
LEAST = 0.05


def unit_weights(batch: Batch, column: npt.NDArray[np.int32], scale: float) -> npt.NDArray[np.float64]:
    """Contribution of each unit of a one-post batch: its unigram and half of either bigram it stands in."""
    grams = column[batch.buckets] * scale
    inner = grams[1:, 0].copy()
    inner += grams[1:, 1] / 2
    inner += grams[:-1, 1] / 2
    return np.asarray(inner)


def spans(text: str, weights: npt.NDArray[np.float64], most: int) -> list[tuple[int, int, float]]:
    """(start, end, weight) of the strongest spans of either sign: neighbouring words of one sign, at most SPAN_LENGTH units."""
    import rjieba

    totals = np.concatenate(([0.0], np.cumsum(weights))).tolist()
    found: list[tuple[int, int, float]] = []
    start = end = 0
    for word in rjieba.cut(text):
        stop = end + len(word)
        weight, held = totals[stop] - totals[end], totals[end] - totals[start]
        breaks = _BREAK.match(word) is not None
        if breaks or stop - start > SPAN_LENGTH or weight * held < 0:
            found.append((start, end, held))
            start = stop if breaks else end
        end = stop
    found.append((start, end, totals[end] - totals[start]))
    found = [span for span in found if span[1] - span[0] >= 2]
    found.sort(key=lambda span: -abs(span[2]))
    return found[:most]


def clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around a cue, at most _CLAUSE_LENGTH characters, cut at breaks."""
    while start > 0 and end - start < _CLAUSE_LENGTH and not _BREAK.match(text[start - 1]):
        start -= 1
    while end < len(text) and end - start < _CLAUSE_LENGTH and not _BREAK.match(text[end]):
        end += 1
    return start, end


def span_reasons(original: str, offsets: Sequence[int], found: Sequence[tuple[int, int, float]]) -> list[Reason]:
    """Reasons of spans, with offsets into the original text (title + newline + body)."""
    reasons = []
    for start, end, weight in found:
        if abs(weight) < LEAST:
            continue
        begin, stop = offsets[start], offsets[end - 1] + 1
        reasons.append(Reason(text=original[begin:stop], weight=round(weight, 3), start=begin, end=stop))
    return reasons


def cue_reasons(original: str, shown: str, offsets: Sequence[int], hits: Iterable[Hit], weights: dict[str, float]) -> list[Reason]:
    """One reason for each cue group, at its first hit: 求助语气：「能不能有人来看看」."""
    reasons: dict[str, Reason] = {}
    for hit in hits:
        weight = weights.get(hit.group)
        if weight is None or abs(weight) < LEAST:
            continue
        known = reasons.get(hit.group)
        if known:
            continue
        start, end = clause(shown, hit.offset, hit.offset + len(hit.word))
        begin, stop = offsets[start], offsets[end - 1] + 1
        text = f"{CUE_NAMES[hit.group]}：「{original[begin:stop]}」"
        reasons[hit.group] = Reason(text=text, weight=round(weight, 3), start=begin, end=stop)
    return list(reasons.values())
