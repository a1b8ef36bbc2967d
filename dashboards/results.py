"""The second clock: working days until the result is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import policy
from alerts.models import Alert
from alerts.workdays import is_workday
from dashboards.due import Due
from dashboards.words import interval
from store.clock import SHANGHAI


def workdays_left(until: datetime, now: datetime) -> int:
    """Working days after today up to the day of `until`, both in Shanghai; at most 400 are counted."""
    rules, day, last = policy.current(), now.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()
    count = 0
    for _ in range(400):
        if day >= last:
            break
        day += timedelta(days=1)
        count += is_workday(day, rules)
    return count


def result_due(alert: Alert, now: datetime) -> Due:
    """`结果 剩 3 个工作日`, `结果 今天到期`, `结果 超时 2 天`."""
    until = alert.result_due_at
    if until is None:
        return Due(css="", shape="ring", words="结果不限期")
    if until < now:
        return Due(css="due-late", shape="alert-square", words=f"结果 超时 {interval(now - until)}")
    left = workdays_left(until, now)
    total = max(1, policy.current().result_days + alert.extended_days)
    used = round(100 * (1 - left / total))
    words = f"结果 剩 {left} 个工作日" if left else "结果 今天到期"
    return Due(css="due-soon" if left <= 0 else "", shape="ring", words=words, used=max(0, min(100, used)))
