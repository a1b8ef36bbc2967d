"""Times as a Discuz!-shaped forum writes them: `Y-n-j H:i:s`, without padding of month and day, or relative."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from store.clock import SHANGHAI


class TimeStyle(StrEnum):
    """How recent times are shown."""

    #: `<span title="2026-1-3 07:05:09">3&nbsp;分钟前</span>`, the stock behaviour
    TITLED = "titled"
    #: `3&nbsp;分钟前` and nothing else, as on mobile pages
    BARE = "bare"
    #: always `2026-1-3 07:05:09`
    ABSOLUTE = "absolute"


@lru_cache(maxsize=20_000)
def _local(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, SHANGHAI)


def day(epoch: int) -> str:
    """`2026-1-3`."""
    moment = _local(epoch)
    return f"{moment.year}-{moment.month}-{moment.day}"


def minute(epoch: int) -> str:
    """`2026-1-3 07:05`."""
    return f"{day(epoch)} {_local(epoch):%H:%M}"


def second(epoch: int) -> str:
    """`2026-1-3 07:05:09`."""
    return f"{day(epoch)} {_local(epoch):%H:%M:%S}"


def relative(epoch: int, now: int) -> str | None:
    """`3&nbsp;分钟前`, `昨天&nbsp;12:30`, `5&nbsp;天前` (calendar days); None after a week or in the future."""
    seconds = now - epoch
    if seconds < 0:
        return None
    then, today = _local(epoch), _local(now)
    days = (today.date() - then.date()).days
    if days == 0:
        return _same_day(seconds)
    if days == 1:
        return f"昨天&nbsp;{then:%H:%M}"
    if days == 2:
        return f"前天&nbsp;{then:%H:%M}"
    return f"{days}&nbsp;天前" if days <= 7 else None


def _same_day(seconds: int) -> str:
    if seconds > 3600:
        return f"{seconds // 3600}&nbsp;小时前"
    if seconds > 1800:
        return "半小时前"
    if seconds > 60:
        return f"{seconds // 60}&nbsp;分钟前"
    return f"{seconds}&nbsp;秒前" if seconds else "刚刚"


def shown(epoch: int, now: int, full: str, style: TimeStyle) -> str:
    """HTML of a time whose absolute form is `full`, in the given style."""
    if style is TimeStyle.ABSOLUTE:
        return full
    words = relative(epoch, now)
    if words is None:
        return full
    return words if style is TimeStyle.BARE else f'<span title="{full}">{words}</span>'


def epoch_of(moment: datetime) -> int:
    """Whole seconds since 1970, the precision that a forum keeps."""
    return int(moment.timestamp())


def instant(epoch: int) -> datetime:
    """The aware instant (Asia/Shanghai) of whole seconds since 1970."""
    return _local(epoch)


def ago(now: datetime, **span: float) -> datetime:
    """`now` minus a span, given as to timedelta."""
    return now - timedelta(**span)
