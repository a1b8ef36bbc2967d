"""Times as Chinese forums write them → the earliest instant they allow, and how exactly they told it.

Relative forms are read against the server's clock (the page's footer), never the crawler's:
Discuz! prints "3 小时前" only for today, "昨天 / 前天 H:i" and "N 天前" in calendar days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime

from store.records import Precision

EAST_8 = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class ShownTime:
    """The earliest instant (UTC) that a shown time allows, with its precision."""

    at: datetime
    precision: Precision


_NUMERALS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0}
_NUMBER = r"(\d{1,4}|[零〇一二两三四五六七八九十]{1,3})"

_ABSOLUTE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)\s*日?"
    r"(?:[\sT]*(?P<half>上午|下午|晚上|凌晨|AM|PM)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?!\d)(?::(?P<second>\d{2})(?!\d))?\s*(?P<half2>AM|PM|上午|下午)?)?",
    re.IGNORECASE,
)
#: 22-11-2026 and 11/22/2026; 19-1-2 for 2019
_YEAR_LAST = re.compile(r"(?<![\d./-])(\d{1,2})([-/.])(\d{1,2})\2((?:19|20)\d{2})(?!\d)")
_SHORT_YEAR = re.compile(r"(?<![\d./-])(\d{2})([-/])(\d{1,2})\2(\d{1,2})(?![\d./-])")
_MONTH_NUMBERS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_MONTH_NUMBERS |= {f"{name}月": n for n, name in enumerate("一二三四五六七八九十", 1)} | {"十一月": 11, "十二月": 12}
_MONTH = r"(?<!\w)((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}|[一二三四五六七八九十]月|十[一二]月)"
_DAY_MONTH = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}\.?,? ((?:19|20)\d{{2}})(?!\d)", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"{_MONTH}\.? (\d{{1,2}})(?:st|nd|rd|th)?,? ((?:19|20)\d{{2}})(?!\d)", re.IGNORECASE)
_HALVES = re.compile(r"\s*\b([ap])\.m\.", re.IGNORECASE)
_NO_YEAR = re.compile(
    r"(?<![\d-])(?P<month>\d{1,2})\s*[-/月]\s*(?P<day>\d{1,2})(?!\d|\s*[-/]\s*\d)\s*日?"
    r"(?:\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
)
_DAY_WORD = re.compile(r"(今天|昨天|前天|今日|昨日)\s*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_SECONDS_AGO = re.compile(_NUMBER + r"\s*秒钟?\s*[之以]?前")
_MINUTES_AGO = re.compile(_NUMBER + r"\s*分钟?\s*[之以]?前")
_HALF_HOUR = re.compile(r"半个?\s*小时\s*[之以]?前")
_HOURS_AGO = re.compile(_NUMBER + r"\s*个?(半)?\s*(?:小时|钟头)\s*[之以]?前")
_DAYS_AGO = re.compile(_NUMBER + r"\s*天\s*[之以]?前")
_WEEKS_AGO = re.compile(_NUMBER + r"\s*(?:周|个?星期)\s*[之以]?前")
_MONTHS_AGO = re.compile(_NUMBER + r"\s*个?月\s*[之以]?前")
_YEARS_AGO = re.compile(_NUMBER + r"\s*年\s*[之以]?前")
#: 2 小时，3 分钟前 (Django's way)
_TWO_AGO = re.compile(
    rf"{_NUMBER}\s*个?(年|月|周|星期|天|小时|钟头)\s*[,，、]?\s*{_NUMBER}\s*个?(月|周|星期|天|小时|钟头|分)钟?\s*[之以]?前"
)
_MINUTES = {"分": 1, "小时": 60, "钟头": 60, "天": 1440, "周": 10_080, "星期": 10_080, "月": 43_200, "年": 525_600}
_ENGLISH = re.compile(
    r"\b(an?|\d{1,4}) (second|minute|hour|day|week|month|year)s?(?=,? (?:\d|ago\b))|\b(ago|just now|yesterday|today)\b", re.IGNORECASE
)
_IN_CHINESE = {
    "second": "秒", "minute": "分钟", "hour": "小时", "day": "天", "week": "周", "month": "个月", "year": "年",
    "ago": "前", "just now": "刚刚", "yesterday": "昨天", "today": "今天",
}  # fmt: skip
_JUST_NOW = re.compile(r"刚刚|刚才")
#: a clock alone is today's; a word before it may be a day that was damaged on its way
_ONLY_CLOCK = re.compile(r"^[\s:：|·(（于在至自发表布回复帖今天日]{0,8}(\d{1,2}):(\d{2})(?::(\d{2}))?$")

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}|$)")
#: among other words; with seconds, else 14:00-16:00 would pass for an offset
_WITH_OFFSET = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})(?!\d)")
_RFC_2822 = re.compile(r"(?:[A-Za-z]{3},\s*)?\d{1,2} [A-Za-z]{3} \d{4} \d{1,2}:\d{2}")

_FOOTER = re.compile(
    r"GMT\s*([+-]?\s*\d{1,2}(?:\.\d+)?)?\s*,\s*(?:现在时间是\s*)?(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s*(?:[AP]M|[上下]午))?)",
    re.IGNORECASE,
)


def footer_clock(text: str) -> tuple[datetime | None, timezone]:
    """The server's clock of a footer like "GMT+8, 2026-11-22 10:11", and the zone that its times are in."""
    hits = _FOOTER.findall(text)
    if not hits:
        return None, EAST_8
    offset, shown = hits[-1]
    try:
        zone = timezone(timedelta(hours=float(offset.replace(" ", "") or "0")))
    except ValueError:
        zone = EAST_8
    hit = _ABSOLUTE.search(_year_first(shown))
    found = _absolute(hit, zone) if hit else None
    return (found.at if found else None), zone


def read_time(text: str, now: datetime, zone: timezone = EAST_8) -> ShownTime | None:
    """The earliest instant that `text` allows when the server's clock stood at `now`; None when it holds no time."""
    text = re.sub(r"[\s\u00a0\u3000]+", " ", text.replace("&nbsp;", " ")).strip()
    if not text or len(text) > 200:
        return None
    local = now.astimezone(zone)
    hit = _ABSOLUTE.search(text) or _ABSOLUTE.search(_year_first(text, local.year % 100))
    if hit:
        return _absolute(hit, zone)
    if _ENGLISH.search(text):
        text = _ENGLISH.sub(_in_chinese, text)
    ago = _ago(text, local)
    if ago is not None:
        return ShownTime(ago.at.astimezone(UTC), ago.precision)
    hit = _DAY_WORD.search(text)
    if hit:
        back = {"今": 0, "昨": 1, "前": 2}[hit[1][0]]
        return _on_day(local.date() - timedelta(days=back), hit[2], hit[3], hit[4], zone)
    hit = _NO_YEAR.search(text)
    if hit:
        before = "去年" in text[: hit.start()]
        return _without_year(hit, local.replace(month=12, day=30, year=local.year - 1) if before else local, zone)
    hit = _ONLY_CLOCK.search(text)
    return _on_day(local.date(), hit[1], hit[2], hit[3], zone) if hit else None


def _months_as_numbers(text: str) -> str:
    """Names of months, English or Chinese, with the day before or behind them, in the usual order."""
    hit = _DAY_MONTH.search(text)
    if hit is not None:
        named, day, year = hit[2], hit[1], hit[3]
    elif (hit := _MONTH_DAY.search(text)) is not None:
        named, day, year = hit[1], hit[2], hit[3]
    else:
        return text
    behind = _HALVES.sub(lambda half: f" {half[1]}M", text[hit.end() :].lstrip(", "))
    return f"{year}-{_MONTH_NUMBERS[named.lower()[:3]]}-{day} {behind}"


def _year_first(text: str, latest: int = 99) -> str:
    """The text with its date in the usual order: a day above 12 tells which part is the month, else strokes mean month first."""
    text = _months_as_numbers(text)
    if (hit := _YEAR_LAST.search(text)) is not None:
        first, second = int(hit[1]), int(hit[3])
        month, day = (first, second) if second > 12 or (first <= 12 and hit[2] == "/") else (second, first)
        return f"{hit[4]}-{month}-{day}{text[hit.end() :]}"
    hit = _SHORT_YEAR.search(text)
    if hit is not None and int(hit[1]) <= latest:
        return f"20{hit[1]}-{hit[3]}-{hit[4]}{text[hit.end() :]}"
    return text


def _in_chinese(hit: re.Match[str]) -> str:
    if hit[3]:
        return _IN_CHINESE[hit[3].lower()]
    return f"{hit[1] if hit[1].isdigit() else 1} {_IN_CHINESE[hit[2].lower()]}"


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_NUMERALS.get(tens, 1) if tens else 1) * 10 + (_NUMERALS.get(ones, 0) if ones else 0)
    return int("".join(str(_NUMERALS.get(c, 0)) for c in text))


def _absolute(hit: re.Match[str], zone: timezone) -> ShownTime | None:
    try:
        day = date(int(hit["year"]), int(hit["month"]), int(hit["day"]))
    except ValueError:
        return None
    hour = hit["hour"]
    half = (hit["half"] or hit["half2"] or "").upper()
    if hour is not None and half:
        number = int(hour) % 12
        if half in ("下午", "晚上", "PM"):
            number += 12
        hour = str(number)
    return _on_day(day, hour, hit["minute"], hit["second"], zone)


def _on_day(day: date, hour: str | None, minute: str | None, second: str | None, zone: timezone) -> ShownTime | None:
    try:
        clock = time(int(hour or 0), int(minute or 0), int(second or 0))
        at = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if hour is None:
        return ShownTime(at, Precision.DAY)
    return ShownTime(at, Precision.MINUTE if second is None else Precision.SECOND)


def _without_year(hit: re.Match[str], local: datetime, zone: timezone) -> ShownTime | None:
    """A month and day: the latest such day that is not after tomorrow."""
    for year in (local.year + 1, local.year, local.year - 1, local.year - 2, local.year - 3, local.year - 4):
        try:
            day = date(year, int(hit["month"]), int(hit["day"]))
        except ValueError:
            continue
        if day <= local.date() + timedelta(days=1):
            return _on_day(day, hit["hour"], hit["minute"], hit["second"], zone)
    return None


def _ago(text: str, local: datetime) -> ShownTime | None:
    if _JUST_NOW.search(text):
        return ShownTime(local, Precision.MINUTE)
    if two := _TWO_AGO.search(text):
        minutes = _number(two[1]) * _MINUTES[two[2]] + (_number(two[3]) + 1) * _MINUTES[two[4]]
        exact = {1: Precision.MINUTE, 60: Precision.HOUR}.get(_MINUTES[two[4]], Precision.DAY)
        return ShownTime(local - timedelta(minutes=minutes), exact)
    hit = _SECONDS_AGO.search(text)
    if hit:
        return ShownTime(local - timedelta(seconds=_number(hit[1])), Precision.MINUTE)
    hit = _MINUTES_AGO.search(text)
    if hit:  # the forum rounds down: "3 分钟前" is anything below four
        return ShownTime(local - timedelta(minutes=_number(hit[1]) + 1), Precision.MINUTE)
    if _HALF_HOUR.search(text):
        return ShownTime(local - timedelta(hours=1), Precision.HOUR)
    hit = _HOURS_AGO.search(text)
    if hit:
        hours = _number(hit[1]) + 1
        earliest = local - timedelta(hours=hours)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        # Discuz! writes hours only for today; other programs go on to 23
        return ShownTime(max(earliest, midnight) if hours <= local.hour + 1 else earliest, Precision.HOUR)
    hit = _DAYS_AGO.search(text)
    days = _number(hit[1]) if hit else None
    if days is None:
        hit = _WEEKS_AGO.search(text)
        days = 7 * (_number(hit[1]) + 1) - 1 if hit else None
    if days is None and (hit := _MONTHS_AGO.search(text)):
        days = 31 * (_number(hit[1]) + 1)
    if days is None and (hit := _YEARS_AGO.search(text)):
        days = 366 * (_number(hit[1]) + 1)
    if days is None:
        return None
    day = local.date() - timedelta(days=min(days, 36500))
    return ShownTime(datetime.combine(day, time(), tzinfo=local.tzinfo), Precision.DAY)


def earlier_bound(date_only: ShownTime | None, closer: ShownTime | None) -> ShownTime | None:
    """The sharper of a title that holds the date only and a text that tells it relatively."""
    if date_only is None or closer is None:
        return closer or date_only
    if date_only.precision is not Precision.DAY:
        return date_only
    if closer.precision is Precision.DAY:
        return date_only
    day_end = date_only.at + timedelta(days=1)
    if closer.at >= day_end:
        return date_only  # they contradict each other: the absolute one stands
    return ShownTime(max(date_only.at, closer.at), closer.precision)


def read_machine_time(text: str, zone: timezone = EAST_8) -> ShownTime | None:
    """An instant as programs write it: ISO 8601, RFC 2822, epoch seconds or milliseconds; None when it is none of these."""
    text = text.strip()
    if text.isdigit() and text.isascii():
        return _epoch(int(text)) if len(text) in (10, 13) else None
    try:
        if _ISO.match(text):
            at, precise = datetime.fromisoformat(text), text.count(":") - text.partition("+")[2].count(":") >= 2 or "." in text
        elif _RFC_2822.match(text):
            at, precise = parsedate_to_datetime(text), text.count(":") >= 2
        else:
            return _among_words(text, zone)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        if len(text) == 10:
            return ShownTime(at.astimezone(UTC), Precision.DAY)
        return ShownTime(at.astimezone(UTC), Precision.SECOND if precise else Precision.MINUTE)
    except (ValueError, OverflowError):
        return _among_words(text, zone)


def _among_words(text: str, zone: timezone) -> ShownTime | None:
    """A time with its own offset, with something before or behind it: read as words it would lose the offset."""
    told = _WITH_OFFSET.search(text[:200])
    return read_machine_time(told[0], zone) if told and told[0] != text else None


def _epoch(number: int) -> ShownTime:
    seconds = number if number < 10**11 else number / 1000
    return ShownTime(datetime.fromtimestamp(seconds, UTC), Precision.SECOND)
