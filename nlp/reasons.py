"""Why: the spans and cues that carried a decision, with their weights in logits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.cues import CUE_NAMES
from nlp.grams import Batch
from nlp.lexicon import Hit
from store.records import Reason

#: spans and clauses end at these; a span is at most so long
_BREAKS = frozenset(" ，。！？；：、,.!?;:~…—-\"'“”‘’《》（）()【】[]")
SPAN_LENGTH = 8
_CLAUSE_LENGTH = 14
#: a cue or span below this many logits is no reason
LEAST = 0.05


def running_sums(batch: Batch, column: npt.NDArray[np.signedinteger[Any]], rows: Sequence[int]) -> list[list[int]]:
    """For each of these posts the running sums over its units, a 0 before them. A unit weighs what its unigram does and half of
    either bigram it stands in; twice that is summed here, so that the sums are whole and do not depend on the batch."""
    begins = batch.starts[rows] + 1
    sizes = batch.starts[np.asarray(rows) + 1] - begins
    ends = sizes.cumsum()
    places = np.arange(ends[-1]) + (begins - ends + sizes).repeat(sizes)
    ones, twos = column[batch.buckets[places, 0]], column[batch.buckets[:, 1]]
    totals = [0, *np.cumsum(2 * ones + twos[places] + twos[places - 1], dtype=np.int64).tolist()]
    return [totals[end - size : end + 1] for end, size in zip(ends.tolist(), sizes.tolist(), strict=True)]


def spans(text: str, totals: Sequence[int], most: int) -> list[tuple[int, int, int]]:
    """(start, end, weight) of the strongest spans of either sign: neighbouring words of one sign, at most SPAN_LENGTH units; the
    running sums of the post are those of `running_sums`."""
    import rjieba

    found: list[tuple[int, int, int]] = []
    start = end = 0
    before, here = totals[0], totals[0]
    for word in rjieba.cut(text):
        stop = end + len(word)
        there = totals[stop]
        if word[0] in _BREAKS:
            found.append((start, end, here - before))
            start, before = stop, there
        elif stop - start > SPAN_LENGTH or (there - here) * (here - before) < 0:
            found.append((start, end, here - before))
            start, before = end, here
        end, here = stop, there
    found.append((start, end, here - before))
    found = [span for span in found if span[1] - span[0] >= 2]
    found.sort(key=lambda span: -abs(span[2]))
    return found[:most]


def clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around a cue, at most _CLAUSE_LENGTH characters, cut at breaks."""
    while start > 0 and end - start < _CLAUSE_LENGTH and text[start - 1] not in _BREAKS:
        start -= 1
    while end < len(text) and end - start < _CLAUSE_LENGTH and text[end] not in _BREAKS:
        end += 1
    return start, end


def strongest(
    original: str,
    shown: str,
    offsets: Sequence[int],
    cues: Iterable[Hit],
    cue_weights: Mapping[str, float],
    found: Iterable[tuple[int, int, float]],
    most: int,
) -> list[Reason]:
    """The strongest cues and spans, at most so many: of each cue group its first hit with the clause around it
    (求助语气：「能不能有人来看看」), of the spans (start, end, logits) their words.

    Offsets lead into the original (title + newline + body).
    """
    first: dict[str, Hit] = {}
    for hit in cues:
        first.setdefault(hit.group, hit)
    entries = [(cue_weights[group], hit.offset, hit.offset + len(hit.word), CUE_NAMES[group]) for group, hit in first.items()]
    entries += [(weight, start, end, "") for start, end, weight in found]
    entries = [(round(weight, 3), start, end, name) for weight, start, end, name in entries if abs(weight) >= LEAST]
    entries.sort(key=lambda entry: -abs(entry[0]))
    reasons = []
    for weight, begin_at, end_at, name in entries[:most]:
        start, end = clause(shown, begin_at, end_at) if name else (begin_at, end_at)
        begin, stop = offsets[start], offsets[end - 1] + 1
        words = original[begin:stop]
        reasons.append(Reason(text=f"{name}：「{words}」" if name else words, weight=weight, start=begin, end=stop))
    return reasons
