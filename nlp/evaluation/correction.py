"""The small correction that an installation learns over the shipped weights: an offset, a threshold, thresholds by board.

Decisions of triage exist only for what was flagged, and for the doubtful below it that people looked at. The offset may be
fitted on them all the same, because what was selected was selected by the score; a threshold below the lowest score seen is
never concluded from them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from nlp.evaluation.measures import Floats, Ints, log_loss, precision_recall_f1
from nlp.judge import Judge
from store.records import Text

#: decisions of each kind below which nothing is learned
LEAST = 30
#: share of each board's decisions, the latest, that judges the correction and is not learned from
HELD_OUT = 0.3
#: boards with fewer decisions are split together
SPLIT_FROM = 10
#: decisions from which a board gets a threshold of its own
BOARD_FROM = 10
#: share of the confirmed posts of the training part that any learned threshold still flags
KEEP = 0.98
#: held out, a candidate must gain so much log loss (less is noise) and flag this share of the confirmed
GAIN, FOUND = 0.005, 0.95
#: logits: spread expected of the offset and of boards around it, and the most that either may move
OFFSET_SPREAD, BOARD_SPREAD, MOST = 1.5, 0.7, 2.5
LOWEST, HIGHEST = 0.05, 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """One post that triage confirmed (1) or dismissed (0), and when."""

    text: Text
    label: int
    at: datetime
    by: str = ""

    @property
    def reply(self) -> bool:
        """Replies are judged by weights and a threshold of their own: no threshold of a board moves them."""
        return not self.text.title.strip() and bool(self.text.thread_title.strip())


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What is learned: logits added to the shipped score, and thresholds of the corrected probability."""

    offset: float = 0.0
    threshold: float | None = None
    board_thresholds: dict[str, float] = field(default_factory=dict)


def split(decisions: Iterable[Decision]) -> tuple[list[Decision], list[Decision]]:
    """(to learn from, held out): of each board the latest decisions are held out; small boards are split together."""
    boards: dict[str, list[Decision]] = {}
    for decision in sorted(decisions, key=lambda each: (each.at, each.text.id)):
        boards.setdefault(decision.text.board, []).append(decision)
    groups = [held for held in boards.values() if len(held) >= SPLIT_FROM]
    small = [decision for held in boards.values() if len(held) < SPLIT_FROM for decision in held]
    groups.append(sorted(small, key=lambda each: (each.at, each.text.id)))
    learn: list[Decision] = []
    held_out: list[Decision] = []
    for group in groups:
        cut = len(group) - round(len(group) * HELD_OUT)
        learn += group[:cut]
        held_out += group[cut:]
    return learn, held_out


def fit(judge: Judge, decisions: Sequence[Decision], threshold: float) -> Correction:
    """The correction over `judge` (of shipped weights, uncorrected); `threshold` is kept where nothing speaks against it."""
    logits = np.asarray([_logit(found.needs_response) for found in judge.assess([each.text for each in decisions])])
    labels = np.asarray([each.label for each in decisions], dtype=np.int64)
    boards = np.asarray([each.text.board for each in decisions], dtype=object)
    offset = _shift(logits, labels, OFFSET_SPREAD)
    logits = logits + offset
    priors = {}
    for board in sorted(set(boards) - {""}):
        inside = boards == board
        if inside.sum() >= BOARD_FROM:
            priors[board] = _shift(logits[inside], labels[inside], BOARD_SPREAD)
            logits[inside] += priors[board]
    cut = _cut(logits, labels, _logit(threshold))
    return Correction(
        offset=round(offset, 4),
        threshold=_probability(cut),
        board_thresholds={board: _probability(cut - prior) for board, prior in priors.items()},
    )


def _shift(logits: Floats, labels: Ints, spread: float) -> float:
    """The constant to add to the logits: likeliest given a normal prior of mean 0 (Newton's method, convex)."""
    shift = 0.0
    for _ in range(50):
        chances = 1.0 / (1.0 + np.exp(-(logits + shift)))
        slope = float((labels - chances).sum()) - shift / spread**2
        bend = float((chances * (1.0 - chances)).sum()) + 1.0 / spread**2
        step = slope / bend
        shift += max(-1.0, min(1.0, step))
        if abs(step) < 1e-6:
            break
    return max(-MOST, min(MOST, shift))


def _cut(logits: Floats, labels: Ints, standing: float) -> float:
    """The logit from which to flag: best F1 among those that keep `KEEP` of the confirmed, nearest to the standing one on a draw."""
    levels = np.unique(logits)
    # No cut below the lowest post seen, except the standing one: nothing was decided there.
    tried = [standing, *((levels[1:] + levels[:-1]) / 2.0).tolist()]
    confirmed = int(labels.sum())
    best, best_rank = standing, (-1.0, 0.0)
    for cut in tried:
        flags = logits >= cut
        if (flags & (labels == 1)).sum() < KEEP * confirmed:
            continue
        f1 = precision_recall_f1(flags, labels)[2] or 0.0
        rank = (round(f1, 9), -abs(cut - standing))
        if rank > best_rank:
            best, best_rank = cut, rank
    if best_rank[0] < 0:
        best = float(np.quantile(logits[labels == 1], 1.0 - KEEP, method="lower"))
    return best


def compare(before: Judge, after: Judge, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """Held-out figures by board, then in total, of two judges over the same decisions; F1 at each one's own threshold."""
    texts = [each.text for each in decisions]
    one, two = before.assess(texts), after.assess(texts)
    boards: dict[str, list[int]] = {}
    for place, each in enumerate(decisions):
        boards.setdefault(each.text.board, []).append(place)
    rows = []
    for board, places in [*sorted(boards.items()), ("total", list(range(len(decisions))))]:
        labels = np.asarray([decisions[place].label for place in places], dtype=np.int64)
        row: dict[str, Any] = {"board": board or "-", "n": len(places), "positives": int(labels.sum())}
        for suffix, found in (("_before", one), ("", two)):
            flags = np.asarray([found[place].flag for place in places], dtype=np.bool_)
            scores = np.asarray([found[place].needs_response for place in places], dtype=np.float64)
            precision, recall, f1 = precision_recall_f1(flags, labels)
            thresholds = {found[place].threshold for place in places}
            row |= {
                f"threshold{suffix}": round(thresholds.pop(), 4) if len(thresholds) == 1 else None,
                f"log_loss{suffix}": round(log_loss(scores, labels), 4) if places else None,
                f"precision{suffix}": None if precision is None else round(precision, 4),
                f"recall{suffix}": None if recall is None else round(recall, 4),
                f"f1{suffix}": None if f1 is None else round(f1, 4),
            }
        rows.append(row)
    return rows


def better(total: dict[str, Any]) -> bool:
    """Whether the held-out total speaks for the candidate: log loss lower, F1 not lower, hardly a confirmed post lost."""
    if not 0 < total["positives"] < total["n"]:
        return False
    sharper = total["log_loss"] <= total["log_loss_before"] - GAIN
    # Two judges that both lose more are compared with each other: an old model must not be kept for losing as much.
    keeps = total["recall"] >= min(FOUND, total["recall_before"])
    return bool(sharper and keeps and (total["f1"] or 0.0) >= (total["f1_before"] or 0.0))


def _logit(probability: float) -> float:
    held = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))


def _probability(logit: float) -> float:
    """Rounded down, so that the post which set a cut is still flagged; held within 0.05 and 0.95."""
    exact = 1.0 / (1.0 + math.exp(-logit)) if logit > -30 else 0.0
    return max(LOWEST, min(HIGHEST, math.floor(exact * 1e4) / 1e4))
