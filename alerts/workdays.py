"""Working days of the result's limit: the Chinese calendar with its make-up days, and the operator's own list."""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta

import chinese_calendar

from alerts.policy import Policy
from store.clock import SHANGHAI

log = logging.getLogger(__name__)
_told: set[int] = set()


def is_workday(day: date, policy: Policy) -> bool:
    """Whether offices work on `day`; a year the calendar does not know counts Monday to Friday, and the log says so once."""
    if day in policy.workdays:
        return policy.workdays[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        if day.year not in _told:
            _told.add(day.year)
            log.warning(
                "no holidays known for %s: Monday to Friday are taken as working days; renew chinesecalendar or list them in workdays",
                day.year,
            )
        return day.weekday() < 5


def after(moment: datetime, days: int, policy: Policy) -> datetime:
    """The last second of the `days`-th working day after the day of `moment`, Asia/Shanghai."""
    day = moment.astimezone(SHANGHAI).date()
    left = days
    while left > 0:
        day += timedelta(days=1)
        left -= is_workday(day, policy)
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)
