"""What was asked of the archive, as it stands in the address: words, filters, order, and where the page begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import QueryDict

from store.search import Filters
from store.search.facets import LEVELS, PERIODS, since_of
from store.search.port import NONE, Order

GROUPS = {"time": "时间", "board": "版块", "topic": "主题", "level": "级别", "state": "状态"}
NAMELESS = {"board": "未分版块", "topic": "未分主题", "state": "未标出"}
EVERYTHING = "全部"
LONGEST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A search; `filters()` is what the index takes."""

    q: str = ""
    time: str = EVERYTHING
    board: str = ""
    topic: str = ""
    level: str = ""
    state: str = ""
    order: Order = "relevance"
    #: the last post of the page before, and how many were listed up to it
    after: int | None = None
    seen: int = 0

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        level, after, seen = query.get("level", ""), query.get("after", ""), query.get("seen", "")
        return cls(
            q=query.get("q", "").strip()[:LONGEST],
            time=query.get("time", "") if query.get("time", "") in PERIODS else EVERYTHING,
            board=query.get("board", "")[:120],
            topic=query.get("topic", "")[:40],
            level=level if level in map(str, LEVELS) else "",
            state=query.get("state", "")[:40],
            order="time" if query.get("order") == "time" else "relevance",
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 12 else None,
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else 0,
        )

    def address(self, **changes: object) -> str:
        """The query string with changes; a changed filter begins at the first page again."""
        one = replace(self, **({"after": None, "seen": 0} | changes))  # type: ignore[arg-type]
        query = QueryDict(mutable=True)
        for name, text in (
            ("q", one.q),
            ("time", "" if one.time == EVERYTHING else one.time),
            ("board", one.board),
            ("topic", one.topic),
            ("level", one.level),
            ("state", one.state),
            ("order", "" if one.order == "relevance" else one.order),
            ("after", "" if one.after is None else str(one.after)),
            ("seen", str(one.seen) if one.seen else ""),
        ):
            if text:
                query[name] = text
        return query.urlencode()

    def filters(self, now: datetime) -> Filters:
        return Filters(
            since=since_of(self.time, now),
            board=self.board,
            topic=self.topic,
            level=int(self.level) if self.level else None,
            state=self.state,
        )

    def chosen(self) -> list[tuple[str, str]]:
        """(group, words) of the filters that are on."""
        said = [("time", self._time_words())] if self.time != EVERYTHING else []
        for group in ("board", "topic", "state"):
            if value := str(getattr(self, group)):
                said.append((group, NAMELESS[group] if value == NONE else value))
        if self.level:
            said.append(("level", LEVELS[int(self.level)]))
        return said

    def _time_words(self) -> str:
        return self.time if self.time == "今天" else f"近 {self.time}"

    def without(self, group: str) -> Asked:
        return replace(self, after=None, seen=0, **({"time": EVERYTHING} if group == "time" else {group: ""}))  # type: ignore[arg-type]

    def words(self) -> str:
        """For the access log: the query and its filters."""
        return "，".join([self.q, *[text for _, text in self.chosen()]])


def facet_links(asked: Asked, facets: Mapping[str, object]) -> list[dict[str, object]]:
    """The groups of the page: each value with its count and the address it leads to; a chosen one leads back."""
    groups = []
    for group, title in GROUPS.items():
        rows = []
        for facet in facets.get(group, []):  # type: ignore[attr-defined]
            off = EVERYTHING if group == "time" else ""
            value = off if facet.chosen and group != "time" else facet.value
            rows.append({"label": facet.label, "count": facet.count, "chosen": facet.chosen, "link": "?" + asked.address(**{group: value})})
        chosen = dict(asked.chosen())
        if group != "time" and group in chosen and not any(row["chosen"] for row in rows):
            # it leaves nothing, but must be there to be dropped
            rows.append({"label": chosen[group], "count": 0, "chosen": True, "link": "?" + asked.without(group).address()})
        groups.append({"title": title, "rows": rows, "chosen": bool(asked.without(group) != replace(asked, after=None, seen=0))})
    return groups
