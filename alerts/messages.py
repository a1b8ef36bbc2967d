"""What people are told: shipped texts by kind, which `policy.messages` may replace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from alerts import shown
from alerts.clocks import left
from alerts.models import Alert
from alerts.policy import Policy
from alerts.states import label
from store.clock import iso

#: placeholders that a template may name
PLACEHOLDERS = (
    *("title", "left", "unit", "co_units", "level", "topic", "place", "label", "link"),
    *("source_link", "due", "posted", "rung", "reason", "round", "id", "county"),
)
SHIPPED: Mapping[str, Mapping[str, str]] = {
    "dispatch": {
        "subject": "【回应】{title}，{left}",
        "body": "【回应】{title}，{left}。请回应：{link}\n\n牵头：{unit}{co_units}\n级别：{level}　主题：{topic}　地点：{place}\n"
        "发帖：{posted}，应于 {due} 前首次回应\n原帖：{source_link}\n",
    },
    "flagged": {
        "subject": "【待研判】{level}：{title}，{left}",
        "body": "【待研判】{level}：{title}，{left}。请研判：{link}\n\n发帖：{posted}，应于 {due} 前首次回应\n原帖：{source_link}\n",
    },
    "rung": {
        "subject": "【催办】{title}，{left}",
        "body": "【催办】{title}，{left}（{rung}，{label}）。请处理：{link}\n\n应于 {due} 前首次回应\n原帖：{source_link}\n",
    },
    "breach": {
        "subject": "【超时】{title}，{left}",
        "body": "【超时】{title}，{left}（{rung}，{label}，{unit}）。请处理：{link}\n\n"
        "应于 {due} 前首次回应，尚未看到官方回复\n原帖：{source_link}\n",
    },
    "returned": {
        "subject": "【退回】{title}，{left}",
        "body": "【退回】{title}，{left}。{reason}。请改派：{link}\n",
    },
}


class TemplateError(ValueError):
    """A message of the policy names a placeholder that does not exist."""


def render(kind: str, alert: Alert, now: datetime, policy: Policy, *, rung: str = "", reason: str = "") -> tuple[str, str]:
    """Subject and body of a message on `alert` as it stands at `now`. Raises TemplateError."""
    template = {**SHIPPED[kind], **policy.messages.get(kind, {})}
    words = {
        "title": alert.title or f"告警 {alert.pk}",
        "left": shown.time_left(left(alert.due_at, now, alert.paused_at)),
        "unit": alert.unit or "尚未派发",
        "co_units": f"，协办：{'、'.join(alert.co_units)}" if alert.co_units else "",
        "level": shown.LEVELS[alert.level],
        "topic": alert.topic or "未定",
        "place": alert.place or "未定",
        "label": label(alert.state, unit=alert.unit, returned=alert.returned),
        "link": f"{policy.product_url.rstrip('/')}/alerts/{alert.pk}",
        "source_link": alert.anchor.url,
        "due": shown.instant(alert.due_at, now),
        "posted": shown.instant(alert.posted_at, now),
        "rung": rung,
        "reason": reason,
        "round": str(alert.round),
        "id": str(alert.pk),
        "county": policy.county,
    }
    try:
        subject, body = template["subject"].format(**words), template["body"].format(**words)
    except (KeyError, IndexError, ValueError) as error:
        known = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise TemplateError(f"messages.{kind}: {error} at {iso(now)}; a template may name {known}") from error
    # a header is one line
    return " ".join(subject.split())[:300], body
