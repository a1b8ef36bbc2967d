"""Counts beside the results: 时间 版块 主题 级别 状态, over the very posts that were found.

Each group keeps every filter but its own, so its counts add up to the total without that filter (时间 nests: each
period holds the shorter ones). Over COUNTED hits a group keeps its own filter too, and counts the newest COUNTED.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from store.clock import SHANGHAI
from store.models import Post
from store.search.port import COUNTED, NONE, Filters
from store.search.query import Node

if TYPE_CHECKING:
    from store.search.base import BaseIndex

#: Days back from today, today included; None = the whole archive.
PERIODS: dict[str, int | None] = {"今天": 1, "7 天": 7, "30 天": 30, "全部": None}
LEVELS = {1: "Ⅰ 特大", 2: "Ⅱ 重大", 3: "Ⅲ 一般负面", 4: "Ⅳ 网络诉求", 0: "未定"}
GROUPS = ("time", "board", "topic", "level", "state")
_NAMELESS = {"board": "未分版块", "topic": "未分主题", "state": "未标出"}
_CHUNK = 900


@dataclass(frozen=True, kw_only=True, slots=True)
class Facet:
    """One line of a group: what to filter by, what people read, how many posts, and whether it is chosen."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    posted_at: datetime
    #: group → value, as `Filters` takes it
    values: dict[str, str]
    board_id: str


def since_of(period: str, now: datetime) -> datetime | None:
    """Where a period of `PERIODS` begins, at midnight in Shanghai; None for the whole archive. Raises KeyError."""
    days = PERIODS[period]
    if days is None:
        return None
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days - 1)


def facets_of(index: BaseIndex, node: Node, filters: Filters, now: datetime) -> dict[str, list[Facet]]:
    """The five groups, each with its most frequent value first (时间 and 级别 in their own order)."""
    free = replace(filters, since=None, until=None, board="", topic="", level=None, state="")
    ids = index.ids(node, free, COUNTED + 1)
    if len(ids) <= COUNTED:
        rows = list(_rows(index, ids))
        kept = {group: [row for row in rows if _passes(row, filters, group)] for group in GROUPS}
    else:
        rows = list(_rows(index, index.ids(node, filters, COUNTED)))
        kept = dict.fromkeys(GROUPS, rows)
    groups = {"time": _times(kept["time"], filters, now), "level": _levels(kept["level"], filters)}
    for group in ("board", "topic", "state"):
        chosen = getattr(filters, group)
        counts = Counter(row.values[group] for row in kept[group])
        groups[group] = [
            Facet(value=value, label=_NAMELESS[group] if value == NONE else value, count=count, chosen=value == chosen)
            for value, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ]
    return {group: groups[group] for group in GROUPS}


def _times(rows: list[_Row], filters: Filters, now: datetime) -> list[Facet]:
    facets = []
    for period in PERIODS:
        since = since_of(period, now)
        count = sum(since is None or row.posted_at >= since for row in rows)
        chosen = filters.until is None and filters.since == since
        facets.append(Facet(value=period, label=period, count=count, chosen=chosen))
    return facets


def _levels(rows: list[_Row], filters: Filters) -> list[Facet]:
    counts = Counter(row.values["level"] for row in rows)
    return [
        Facet(value=str(level), label=label, count=counts[str(level)], chosen=filters.level == level)
        for level, label in LEVELS.items()
        if counts[str(level)]
    ]


def _passes(row: _Row, filters: Filters, group: str) -> bool:
    """Whether a row passes the filters of every group but its own."""
    if group != "time" and not (
        (filters.since is None or row.posted_at >= filters.since.replace(microsecond=0))
        and (filters.until is None or row.posted_at < filters.until.replace(microsecond=0))
    ):
        return False
    if group != "board" and filters.board and filters.board not in {row.values["board"], row.board_id}:
        return False
    if group != "level" and filters.level is not None and row.values["level"] != str(filters.level):
        return False
    return all(
        group == other or not getattr(filters, other) or row.values[other] == getattr(filters, other) for other in ("topic", "state")
    )


def _rows(index: BaseIndex, ids: Sequence[int]) -> Iterator[_Row]:
    wanted = ("pk", "posted_at", "board", "board_name", "assessment__flag", "assessment__topic", "assessment__level")
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        states = index.labels(chunk)
        for pk, posted_at, board, board_name, flag, topic, level in Post.objects.filter(pk__in=chunk).values_list(*wanted):
            values = {
                "board": board_name or board or NONE,
                "topic": topic or NONE,
                # The level of a post that was not flagged is not completed; people read 未定.
                "level": str(level) if flag else "0",
                "state": states[pk],
            }
            yield _Row(posted_at, values, board)
