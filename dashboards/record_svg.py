"""The trend as an inline picture: the share answered in time above, due items with their late part below. Geometry only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from alerts.policy import Policy
from dashboards import figures
from dashboards.figures import Item
from dashboards.record_query import Selection, bucket_of, bucket_words, buckets

LEFT, RIGHT, TOP, BASE = 44.0, 526.0, 20.0, 112.0
BAR_TOP, BAR_BASE = 144.0, 192.0
#: a single day seldom has enough items for a rate: each point also counts the six days before it
TRAIL = timedelta(days=6)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    x: float
    width: float
    y: float
    height: float
    late_y: float
    late_height: float
    label: str
    link: str


def trend(chosen: Selection, items: Sequence[Item], policy: Policy) -> dict[str, Any]:
    """What the template draws: axis, line pieces, named points, bars, labels."""
    since, until = chosen.span()
    names = buckets(since, until, chosen.period)
    slot = (RIGHT - LEFT) / max(1, len(names))
    by_bucket: dict[str, list[Item]] = {name: [] for name in names}
    for item in items:
        by_bucket.setdefault(bucket_of(item.clock_start, chosen.period), []).append(item)
    rates = _rates(chosen, items, names, policy)
    floor = _floor(rates, policy.target_rate)
    points = [(round(LEFT + slot * (at + 0.5), 1), _y(rate, floor), rate, names[at]) for at, rate in enumerate(rates) if rate is not None]
    counted = {name: _due_late(by_bucket[name], chosen) for name in names}
    most = _round_up(max((due for due, _ in counted.values()), default=0))
    return {
        "title": {"today": "今日", "7d": "近 7 天", "30d": "近 30 天", "year": "本年"}[chosen.period],
        "note": _note(chosen.period),
        "grid": [{"y": _y(value, floor), "text": f"{value:.0%}"} for value in (1.0, (1 + floor) / 2, floor)],
        "target": {"y": _y(policy.target_rate, floor), "text": f"目标 {policy.target_rate:.0%}"},
        "pieces": _pieces(points, slot),
        "dots": _dots(points, chosen.period),
        "most": most,
        "bars": [
            _bar(round(LEFT + slot * at + slot * 0.12, 1), round(slot * 0.76, 1), *counted[name], most, name, chosen)
            for at, name in enumerate(names)
        ],
        "labels": _labels(names, slot, chosen.period),
        "empty": not any(due for due, _ in counted.values()),
        "no_rate": not points,
        "minimum": policy.minimum_sample,
    }


def _note(period: str) -> str:
    bars = "下图为每钟点到期件，红色为未按时" if period == "today" else "下图为到期件，红色为未按时"
    return bars + {"today": "", "year": "；按时率按月"}.get(period, "；按时率每点含前 6 天")


def _rates(chosen: Selection, items: Sequence[Item], names: Sequence[str], policy: Policy) -> list[float | None]:
    """The rate at each bar, None where too few were due."""
    if chosen.period == "today":
        return [None for _ in names]
    wide = list(items)
    trailing = chosen.period in ("7d", "30d")
    if trailing:
        since, _ = chosen.span()
        wide += figures.cohort(since - TRAIL, since)
    days: dict[str, list[Item]] = {}
    for item in wide:
        days.setdefault(bucket_of(item.clock_start, chosen.period), []).append(item)
    order = buckets(chosen.span()[0] - TRAIL, chosen.span()[1], chosen.period) if trailing else list(names)
    rates = []
    for name in names:
        at = order.index(name)
        window = [item for day in order[max(0, at - 6) if trailing else at : at + 1] for item in days.get(day, [])]
        rates.append(figures.figures(window, chosen.at, policy.minimum_sample).on_time_rate)
    return rates


def _floor(rates: Sequence[float | None], target: float) -> float:
    lowest = min([target, *[rate for rate in rates if rate is not None]])
    return next(floor for floor in (0.9, 0.8, 0.6, 0.0) if lowest >= floor)


def _y(rate: float, floor: float) -> float:
    return round(BASE - (BASE - TOP) * (rate - floor) / (1 - floor), 1)


def _due_late(items: Sequence[Item], chosen: Selection) -> tuple[int, int]:
    due, late = figures.COUNTED["due"], figures.COUNTED["late"]
    return sum(due(item, chosen.at) for item in items), sum(late(item, chosen.at) for item in items)


def _round_up(most: int) -> int:
    for step in (5, 10, 20, 50, 100, 200, 500, 1000):
        if most <= step:
            return step
    return -(-most // 1000) * 1000


def _pieces(points: Sequence[tuple[float, float, float, str]], slot: float) -> list[str]:
    """Path data of unbroken runs; a gap is where too few were due."""
    runs: list[list[tuple[float, float]]] = []
    for x, y, _, _ in points:
        if runs and x - runs[-1][-1][0] <= slot * 1.5:
            runs[-1].append((x, y))
        else:
            runs.append([(x, y)])
    return ["M" + "L".join(f"{x} {y}" for x, y in run) for run in runs if len(run) > 1]


def _dots(points: Sequence[tuple[float, float, float, str]], period: str) -> list[dict[str, Any]]:
    """The lowest point and the last one are named."""
    if not points:
        return []
    last, low = points[-1], min(points, key=lambda point: point[2])
    named = [last] if low is last or last[0] - low[0] < 40 else [low, last]
    return [
        {
            "x": x,
            "y": y,
            "text": f"{rate:.1%}" if point is last else f"{bucket_words(name).removesuffix('发')} {rate:.1%}",
            "ty": _label_y(y, point is last and not (len(points) > 1 and points[-2][1] < y)),
            "tx": x if point is last else min(max(x, LEFT + 50), RIGHT - 50),
            "anchor": "end" if point is last else "middle",
        }
        for point in named
        for x, y, rate, name in [point]
    ]


def _label_y(y: float, above: bool) -> float:
    """Above the point where the line comes from below, else under it."""
    return y - 8 if above and y > TOP + 14 else min(y + 17, BASE - 2)


def _bar(x: float, width: float, due: int, late: int, most: int, name: str, chosen: Selection) -> Bar:
    height = (BAR_BASE - BAR_TOP) * due / most
    late_height = 0.0 if not late else max(2.0, (BAR_BASE - BAR_TOP) * late / most)
    label = f"{bucket_words(name).removesuffix('发')}：到期 {due} 件，未按时 {late} 件"
    return Bar(
        x=x,
        width=width,
        y=round(BAR_BASE - height, 1),
        height=round(height, 1),
        late_y=round(BAR_BASE - late_height, 1),
        late_height=round(late_height, 1),
        label=label,
        link="/record/list?" + replace(chosen, what="due", bucket=name).address() if due else "",
    )


def _labels(names: Sequence[str], slot: float, period: str) -> list[dict[str, Any]]:
    """About four names under the bars, the first and the last among them."""
    if len(names) < 2:
        chosen = list(range(len(names)))
    else:
        step = max(1, round((len(names) - 1) / (6 if period == "today" else 3)))
        chosen = [at for at in range(0, len(names), step) if len(names) - 1 - at >= step * 0.6] + [len(names) - 1]
    return [
        {
            "x": round(LEFT + slot * (at + 0.5), 1),
            "anchor": "middle" if 0 < at < len(names) - 1 else "start" if at == 0 and len(names) > 1 else "end",
            "text": bucket_words(names[at]).removesuffix("发"),
        }
        for at in chosen
    ]
