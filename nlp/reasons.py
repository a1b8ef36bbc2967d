"""Why: the spans and cues that carried a decision, with their weights in logits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.cues import CUE_GROUPS, CUE_NAMES
from nlp.grams import Batch
from nlp.judged import Because
from nlp.lexicon import Hit

#: spans and clauses end at these; a span is at most so long
_BREAKS = frozenset(" ，。！？；：、,.!?;:~…—-\"'“”‘’《》（）()【】[]")
SPAN_LENGTH = 8
_CLAUSE_LENGTH = 14
#: a cue or span below this many logits is no reason
LEAST = 0.05
_NUMBERS = {group: number for number, group in enumerate(CUE_GROUPS)}


def running_sums(batch: Batch, column: npt.NDArray[np.int8], rows: Sequence[int]) -> list[list[int]]:
    """For each of these posts the running sums over its units, a 0 before them. A unit weighs what its unigram does and half of
    either bigram it stands in; twice that is summed here, so that the sums are whole and do not depend on the batch."""
    begins = batch.starts[rows]
    sizes = batch.starts[np.asarray(rows) + 1] - begins
    ends = sizes.cumsum()
    firsts = ends - sizes
    # the separator before a post belongs to it: a bigram begins there that its first character stands in
    ones, twos = column.take(batch.fine(np.arange(ends[-1]) + (begins - firsts).repeat(sizes))).astype(np.int64).T
    weights = 2 * ones + twos
    weights[1:] += twos[:-1]
    weights[firsts] = 0
    totals = weights.cumsum()
    return [(totals[first:end] - totals[first]).tolist() for first, end in zip(firsts.tolist(), ends.tolist(), strict=True)]


def spans(text: str, totals: Sequence[int], scale: float, most: int) -> list[tuple[float, int, int]]:
    """(logits, start, end) of the strongest spans of either sign: neighbouring words of one sign, at most SPAN_LENGTH units; the
    running sums of the post are those of `running_sums`, `scale` is what one of them is in logits."""
    import rjieba

    found: list[tuple[int, int, int]] = []
    start = end = 0
    before = here = totals[0]
    for word in rjieba.cut(text):
        stop = end + len(word)
        there = totals[stop]
        if word[0] in _BREAKS:
            if end - start > 1:
                found.append((here - before, start, end))
            start, before = stop, there
        elif stop - start > SPAN_LENGTH or (there - here) * (here - before) < 0:
            if end - start > 1:
                found.append((here - before, start, end))
            start, before = end, here
        end, here = stop, there
    if end - start > 1:
        found.append((here - before, start, end))
    found.sort(key=_strength)
    return [(weight * scale, start, end) for weight, start, end in found[:most]]


def _strength(entry: tuple[float, Any, Any]) -> float:
    return -abs(entry[0])


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
    cue_logits: Sequence[float],
    found: Iterable[tuple[float, int, int]],
    most: int,
) -> list[Because]:
    """The strongest cues and spans, at most so many: of each cue group its first hit with the clause around it
    (求助语气：「能不能有人来看看」), of the spans (logits, start, end) their words.

    Offsets lead into the original (title + newline + body); `cue_logits` stand in the order of CUE_GROUPS.
    """
    first: dict[str, Hit] = {}
    for hit in cues:
        first.setdefault(hit.group, hit)
    entries: list[tuple[float, Hit | int, int]] = []
    for group, hit in first.items():
        if abs(logits := cue_logits[_NUMBERS[group]]) >= LEAST:
            entries.append((round(logits, 3), hit, 0))
    for logits, start, end in found:
        if abs(logits) >= LEAST:
            entries.append((round(logits, 3), start, end))
    entries.sort(key=_strength)
    reasons = []
    for weight, of, to in entries[:most]:
        name = ""
        if isinstance(of, Hit):
            name = CUE_NAMES[of.group]
            of, to = clause(shown, of.offset, of.offset + len(of.word))
        begin, stop = offsets[of], offsets[to - 1] + 1
        words = original[begin:stop]
        reasons.append(Because(f"{name}：「{words}」" if name else words, weight, "needs_response", begin, stop))
    return reasons
