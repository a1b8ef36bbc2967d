"""Which items of the record are meant: a period, and what of it. A number and the list behind it are one `Selection`.

The address of every number carries the instant at which it was counted, so that the list counts at the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast

from django.db.models import Q
from django.http import QueryDict

from alerts.states import WAITING, Leg
from dashboards import figures
from dashboards.figures import By, Item
from dashboards.reading import source_names
from dashboards.words import WEEKDAYS, level_name, level_sign
from store.clock import SHANGHAI, iso, parse_instant

PERIODS: dict[str, str] = {"today": "今日", "7d": "7 天", "30d": "30 天", "year": "本年"}
BYS: dict[str, str] = {"unit": "单位", "town": "镇街", "topic": "主题", "source": "来源", "level": "级别"}
HEADS = {"unit": "牵头单位", "town": "镇街", "topic": "主题", "source": "来源", "level": "级别"}
WHATS: dict[str, str] = {
    "all": "全部",
    "valid": "有效诉求",
    "due": "已到期",
    "on_time": "按时回应",
    "late": "未按时",
    "answered": "已回应",
    "unanswered": "未回应",
    "open_overdue": "此刻超时未回应",
    "slowest": "用时最长的一成",
}
#: an open, late item is never too old to be told about
EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """A period counted at an instant, and the filters on it; `items()` is what it holds."""

    #: when it was counted
    at: datetime
    period: str = "30d"
    #: the period of equal length before
    previous: bool = False
    #: no matter when posted: only together with what="open_overdue"
    ever: bool = False
    what: str = "all"
    by: str = ""
    key: str = ""
    leg: str = ""
    #: weekday 0 … 6 and hour of posting in Shanghai
    weekday: int | None = None
    hour: int | None = None
    #: a bar of the trend: `2026-11-15`, `2026-11-15T14` or `2026-11`, see `bucket_of`
    bucket: str = ""
    #: an interval of its own (the digest's day) instead of the period
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def of(cls, query: QueryDict, now: datetime) -> Selection:
        """What an address asks for; what cannot be read falls back to the default."""
        since, until = _instant(query.get("from", "")), _instant(query.get("to", ""))
        by = query.get("by", "")
        what, leg = query.get("what", "all"), query.get("leg", "")
        return cls(
            at=min(now, _instant(query.get("at", "")) or now),
            since=since if until else None,
            until=until if since else None,
            period=query.get("period", "") if query.get("period", "") in PERIODS else "30d",
            previous=query.get("previous") == "1",
            ever=query.get("ever") == "1" and what == "open_overdue",
            what=what if what in WHATS else "all",
            by=by if by in BYS else "",
            key=query.get("key", "") if by in BYS else "",
            leg=leg if leg in list(Leg) else "",
            weekday=_number(query.get("weekday", ""), 6),
            hour=_number(query.get("hour", ""), 23),
            bucket=query.get("bucket", "")[:13],
        )

    def address(self, **changes: object) -> str:
        """The query string of this selection, with changes."""
        one = replace(self, **changes)  # type: ignore[arg-type]
        query = QueryDict(mutable=True)
        query["period"] = one.period
        for name, text in (
            ("previous", "1" if one.previous else ""),
            ("ever", "1" if one.ever else ""),
            ("what", "" if one.what == "all" else one.what),
            ("by", one.by if one.key else ""),
            ("key", one.key),
            ("leg", one.leg),
            ("weekday", "" if one.weekday is None else str(one.weekday)),
            ("hour", "" if one.hour is None else str(one.hour)),
            ("bucket", one.bucket),
            ("from", iso(one.since) or ""),
            ("to", iso(one.until) or ""),
            ("at", iso(one.at) or ""),
        ):
            if text:
                query[name] = text
        return query.urlencode()

    def span(self) -> tuple[datetime, datetime]:
        """Start and end of the cohort."""
        if self.since is not None and self.until is not None:
            return self.since, self.until
        since, until = figures.period(self.period, self.at)
        if self.previous:
            since, until = figures.before(since, until)
        return (EVER, until) if self.ever else (since, until)

    def cohort(self) -> list[Item]:
        """Every item of the period, before any filter."""
        waiting = Q(state__in=[state.value for state in WAITING]) if self.ever else None
        return figures.cohort(*self.span(), waiting)

    def items(self, cohort: Sequence[Item] | None = None) -> list[Item]:
        """The items meant, out of `cohort` (its own when None)."""
        found = [item for item in (self.cohort() if cohort is None else cohort) if self._passes(item)]
        if self.what == "slowest":
            return figures.slowest(found)
        counts = figures.COUNTED[self.what]
        return [item for item in found if counts(item, self.at)]

    def _passes(self, item: Item) -> bool:
        if self.key and item.key(cast(By, self.by)) != self.key:
            return False
        if self.leg and item.breach_leg != self.leg:
            return False
        if self.bucket and bucket_of(item.clock_start, self.period) != self.bucket:
            return False
        local = item.posted_at.astimezone(SHANGHAI)
        return (self.weekday is None or local.weekday() == self.weekday) and (self.hour is None or local.hour == self.hour)

    def words(self) -> list[str]:
        """The filters as people read them, the period first."""
        if self.ever:
            period = "不论哪天发的"
        else:
            since, until = self.span()
            period = span_words(since, until) + ("（上期）" if self.previous else "")
        said = [period, WHATS[self.what]]
        if self.key:
            said.append(f"{BYS[self.by]}：{key_words(self.by, self.key)}")
        if self.leg:
            said.append(f"用时最长的一段：{self.leg}")
        if self.weekday is not None or self.hour is not None:
            day = "" if self.weekday is None else f"周{WEEKDAYS[self.weekday]}"
            said.append(f"{day}{'' if self.hour is None else f' {self.hour} 时'}发帖".strip())
        if self.bucket:
            said.append(bucket_words(self.bucket))
        return said


def _instant(text: str) -> datetime | None:
    try:
        found = parse_instant(text)
    except (ValueError, OverflowError):
        return None
    # Nearer to the ends of the calendar another zone's time would overflow.
    return found if 2000 <= found.year < 2200 else None


def _number(text: str, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 and int(text) <= most else None


def key_words(by: str, key: str) -> str:
    """A group's name on the page: `4` → `Ⅳ 网络诉求`, a source's configured name."""
    if by == "level" and key in ("1", "2", "3", "4"):
        return f"{level_sign(int(key))} {level_name(int(key))}"
    if by == "source":
        return source_names().get(key, key)
    return key


def bucket_of(moment: datetime, period: str) -> str:
    """The bar of the trend in which an instant falls: hours of today, months of the year, days otherwise."""
    local = moment.astimezone(SHANGHAI)
    return local.strftime({"today": "%Y-%m-%dT%H", "year": "%Y-%m"}.get(period, "%Y-%m-%d"))


def buckets(since: datetime, until: datetime, period: str) -> list[str]:
    """All bars of a period, in order."""
    step = timedelta(hours=1) if period == "today" else timedelta(days=1)
    found, at = [], since.astimezone(SHANGHAI)
    while at < until:
        found.append(bucket_of(at, period))
        at += step
    return list(dict.fromkeys(found))


def bucket_words(bucket: str) -> str:
    """`11 月 15 日`, `14 时`, `11 月`."""
    try:
        if len(bucket) == 13:
            return f"{int(bucket[11:])} 时发"
        if len(bucket) == 10:
            return f"{int(bucket[5:7])} 月 {int(bucket[8:])} 日发"
        return f"{int(bucket[5:])} 月发"
    except ValueError:
        return bucket


def span_words(since: datetime, until: datetime) -> str:
    """`2026 年 10 月 24 日至 11 月 22 日 21:38`."""
    start, end = since.astimezone(SHANGHAI), (until - timedelta(seconds=1)).astimezone(SHANGHAI)
    first = f"{start.year} 年 {start.month} 月 {start.day} 日" + (
        "" if (start.hour, start.minute) == (0, 0) else f" {start.hour}:{start.minute:02d}"
    )
    if start.date() == end.date():
        return f"{first}至 {end.hour}:{end.minute:02d}"
    year = "" if start.year == end.year else f" {end.year} 年"
    return f"{first}至{year} {end.month} 月 {end.day} 日 {end.hour}:{end.minute:02d}"
