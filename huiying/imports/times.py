"""Times as tables write them, to the earliest instant they allow."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from store.clock import SHANGHAI
from store.records import Precision

_DATE = r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
_HALF = r"(?P<half>上午|下午|中午|晚上|凌晨|早上|[AaPp][Mm])?"
_SECONDS = r"(?:\s*[:：]?\s*(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?"
_TIME = rf"{_HALF}\s*(?P<h>\d{{1,2}})\s*(?:[:：时点]\s*(?:(?P<min>\d{{1,2}})\s*分?)?{_SECONDS})\s*(?P<late>[AaPp][Mm])?"
_WRITTEN = re.compile(rf"{_DATE}(?:[\sT,，]*(?:星期.|周.)?\s*{_TIME})?\s*(?P<zone>Z|[+-]\d{{2}}:?\d{{2}})?\Z")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:[\sT]?(?P<h>\d{2}):?(?P<min>\d{2})(?::?(?P<s>\d{2}))?)?\Z")
_NUMBER = re.compile(r"\d+(?:\.\d+)?\Z")
#: day 0 of Excel's calendar (with its leap-year bug of 1900 behind us)
_EXCEL = datetime(1899, 12, 30, tzinfo=SHANGHAI)
#: serials of 1990 … 2100; epoch seconds and milliseconds of the same years
_SERIAL = (32_874, 73_050)
_EPOCH = (631_152_000, 4_102_444_800)


def read_time(text: str) -> tuple[datetime, Precision]:
    """`2019/11/22 12:14`, `2019年11月22日 下午3点05分`, `20191122121433`, an Excel serial or epoch seconds → (aware UTC, precision).

    Raises ValueError with a sentence in Chinese.
    """
    source = " ".join(text.replace("：", ":").split())
    if not source:
        raise ValueError("没有时间")
    found = _WRITTEN.match(source) or _COMPACT.match(source)
    if found is not None:
        return _written(found.groupdict(), text)
    if _NUMBER.match(source):
        return _number(float(source), text)
    raise ValueError(f"看不懂时间「{text[:40]}」；写成 2026-11-22 09:15:00")


def _written(parts: dict[str, str | None], text: str) -> tuple[datetime, Precision]:
    hour, minute, second = (int(parts.get(name) or 0) for name in ("h", "min", "s"))
    half = (parts.get("half") or parts.get("late") or "").lower()
    if half in ("下午", "晚上", "pm") and hour < 12:
        hour += 12
    elif half in ("凌晨", "am", "上午") and hour == 12:
        hour = 0
    zone = parts.get("zone")
    try:
        local = datetime(int(parts["y"] or 0), int(parts["m"] or 0), int(parts["d"] or 0), hour, minute, second)  # noqa: DTZ001
        aware = datetime.fromisoformat(local.isoformat() + zone) if zone else local.replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise ValueError(f"没有这样的时间「{text[:40]}」") from error
    precision = Precision.DAY
    for name, finer in (("h", Precision.HOUR), ("min", Precision.MINUTE), ("s", Precision.SECOND)):
        if parts.get(name) is not None:
            precision = finer
    return _plausible(aware, text), precision


def _number(value: float, text: str) -> tuple[datetime, Precision]:
    if _SERIAL[0] <= value <= _SERIAL[1]:
        # A serial has the resolution of a float: to the second, no further.
        seconds = round((value % 1) * 86_400)
        return (_EXCEL + timedelta(days=int(value), seconds=seconds)).astimezone(UTC), Precision.SECOND if value % 1 else Precision.DAY
    for scale in (1, 1000):
        if _EPOCH[0] <= value / scale <= _EPOCH[1]:
            return datetime.fromtimestamp(value / scale, UTC).replace(microsecond=0), Precision.SECOND
    raise ValueError(f"看不懂时间「{text[:40]}」；写成 2026-11-22 09:15:00")


def _plausible(moment: datetime, text: str) -> datetime:
    if not 1990 <= moment.year <= 2100:
        raise ValueError(f"时间「{text[:40]}」不在 1990 到 2100 年之间")
    return moment.astimezone(UTC)
