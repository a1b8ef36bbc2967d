"""Figures of a labelled file, by group and in total."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nlp.evaluation.labelled import Judged
from nlp.evaluation.measures import (
    Cut,
    Ranking,
    accuracy_macro_f1,
    calibration,
    cut_for_budget,
    cut_for_recall,
    flagged_share,
    precision_recall_f1,
    weighted_precision,
)

TOTAL = "total"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What the reader wants to know: a recall, a budget of alerts a day in a stream of `per_day` posts, `share` of them positive."""

    recall: float = 0.95
    budget: int | None = None
    per_day: int = 2_000
    share: float = 0.05
    worst: int = 20


def by_group(rows: Sequence[Judged], key: Callable[[Judged], str], wish: Wish) -> Iterator[tuple[str, dict[str, Any]]]:
    """(group, figures) of every group by name, then of all together as "total"."""
    groups: dict[str, list[Judged]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    for name in sorted(groups):
        yield name, figures(groups[name], wish)
    yield TOTAL, figures(rows, wish)


def figures(rows: Sequence[Judged], wish: Wish) -> dict[str, Any]:
    """One row of figures; None where the labels do not allow one. Holds no texts."""
    found: dict[str, Any] = {"n": len(rows)}
    found |= _response([row for row in rows if row.label is not None], wish)
    topics = [row for row in rows if row.topic is not None]
    found["topic_n"] = len(topics)
    found["topic_accuracy"] = found["topic_macro_f1"] = None
    if topics:
        accuracy, macro = accuracy_macro_f1([row.topic or "" for row in topics], [row.topic_found for row in topics])
        found["topic_accuracy"], found["topic_macro_f1"] = _round(accuracy), _round(macro)
    return found


def _response(rows: Sequence[Judged], wish: Wish) -> dict[str, Any]:
    labels = np.asarray([row.label for row in rows], dtype=np.int64)
    scores = np.asarray([row.score for row in rows], dtype=np.float64)
    flags = np.asarray([row.flag for row in rows], dtype=np.bool_)
    positives = int(labels.sum())
    both = 0 < positives < len(rows)
    precision, recall, f1 = precision_recall_f1(flags, labels)
    alarms = float(flags[labels == 0].mean()) if positives < len(rows) else None
    ranking = Ranking(scores, labels)
    ap, auc = ranking.intervals()
    error, curve = calibration(scores, labels) if rows else (None, [])
    cuts = ranking.cuts(wish.share) if both else []
    wished = cut_for_recall(cuts, wish.recall)
    thresholds = {row.threshold for row in rows}
    row: dict[str, Any] = {
        "positives": positives,
        "negatives": len(rows) - positives,
        "threshold": _round(thresholds.pop()) if len(thresholds) == 1 else None,
        "precision": _round(precision),
        "recall": _round(recall),
        "f1": _round(f1),
        "false_alarms": _round(alarms),
        "share": wish.share,
        "precision_weighted": None if recall is None or alarms is None else _round(weighted_precision(recall, alarms, wish.share)),
        "flagged_weighted": None if recall is None or alarms is None else _round(flagged_share(recall, alarms, wish.share)),
        "ap": [_round(ap.value), _round(ap.low), _round(ap.high)],
        "auc": [_round(auc.value), _round(auc.low), _round(auc.high)],
        "calibration_error": _round(error),
        "curve": [{name: _round(value) for name, value in asdict(part).items()} for part in curve],
        "for_recall": _cut(wished, recall_wished=wish.recall),
    }
    if wish.budget is not None:
        row["for_budget"] = _cut(cut_for_budget(cuts, wish.budget / wish.per_day), budget=wish.budget, per_day=wish.per_day)
    row["worst"] = [{"id": each.id, "needs_response": round(each.score, 4), "label": each.label} for each in worst(rows, wish.worst)]
    return row


def worst(rows: Sequence[Judged], most: int) -> list[Judged]:
    """The wrongly flagged and the missed, those furthest from their label first."""
    wrong = [row for row in rows if row.label is not None and row.flag != bool(row.label)]
    return sorted(wrong, key=lambda row: (-abs((row.label or 0) - row.score), row.id))[:most]


def _cut(cut: Cut | None, **asked: float) -> dict[str, Any] | None:
    """Thresholds are rounded down in the sixth place, so that the post which set it is still flagged."""
    if cut is None:
        return None
    return {
        **asked,
        "threshold": int(cut.threshold * 1e6) / 1e6,
        "recall": _round(cut.recall),
        "false_alarms": _round(cut.false_alarms),
        "precision_weighted": _round(cut.precision),
        "flagged_weighted": _round(cut.flagged),
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
