"""Why: the spans and cues that carried a decision, with their weights in logits."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.cues import CUE_NAMES
from nlp.grams import Batch
from nlp.lexicon import Hit
from store.records import Reason

#: spans end at these, and are at most so long
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
    """(start, end, weight) of the strongest spans of either sign: runs of one sign between breaks, weak ends cut off."""
    found: list[tuple[int, int, float]] = []
    start = 0
    values = weights.tolist()
    for position in range(len(text) + 1):
        ends = position == len(text) or _BREAK.match(text[position]) is not None
        turns = not ends and position > start and (values[position] > 0) != (values[start] > 0)
        if ends or turns or position - start == SPAN_LENGTH:
            if position - start >= 2:
                found.append((start, position, sum(values[start:position])))
            start = position + 1 if ends else position
    found.sort(key=lambda span: -abs(span[2]))
    return found[:most]


def clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around a cue, at most _CLAUSE_LENGTH characters, cut at breaks."""
    while start > 0 and end - start < _CLAUSE_LENGTH and not _BREAK.match(text[start - 1]):
        start -= 1
    while end < len(text) and end - start < _CLAUSE_LENGTH and not _BREAK.match(text[end]):
        end += 1
    return start, end


def span_reasons(original: str, shown: str, offsets: Sequence[int], found: Sequence[tuple[int, int, float]]) -> list[Reason]:
    """Reasons of spans, with offsets into the original text (title + newline + body)."""
    reasons = []
    for start, end, weight in found:
        if abs(weight) < LEAST:
            continue
        begin, stop = offsets[start], offsets[end - 1] + 1
        reasons.append(Reason(text=original[begin:stop], weight=round(weight, 3), start=begin, end=stop))
    return reasons


def cue_reasons(original: str, shown: str, offsets: Sequence[int], hits: Sequence[Hit], weights: dict[str, float]) -> list[Reason]:
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
