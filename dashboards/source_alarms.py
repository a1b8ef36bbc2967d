"""A source that is not read, or silent beyond its history, is told to the administrators: once, again each day, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.models import Delivery, Person
from alerts.states import Role
from dashboards.source_rows import FAILED, LOOKS
from dashboards.words import interval
from store.clock import SHANGHAI, parse_instant
from store.health import Configured, sources_rows
from store.records import SourceState

#: a failure that ends by itself within this time wakes nobody
GRACE = timedelta(minutes=5)
AGAIN = timedelta(hours=24)
_TOLD = FAILED | {SourceState.SILENT}
_CAUSE, _OVER = "source", "source-over"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """What is wrong with one source at one time."""

    source: str
    #: when the oldest of its troubles began
    since: datetime
    states: tuple[str, ...]
    lines: tuple[str, ...]

    def key(self, now: datetime) -> str:
        """One key for each kind of trouble, each of its days."""
        day = (now - self.since) // AGAIN
        return f"source/{self.source}/{self.since:%Y%m%dT%H%M%S}/{'+'.join(self.states)}/{day}"


def send_due(now: datetime, configured: Sequence[Configured]) -> int:
    """Put the alarms and all-clears that are due in the outbox; how many messages were made."""
    names = {one.source: one.name for one in configured if not one.board}
    enabled = {one.source for one in configured if one.enabled}
    troubles = {trouble.source: trouble for trouble in troubles_of(sources_rows(now, configured)) if now - trouble.since >= GRACE}
    made = 0
    for source, trouble in troubles.items():
        name = names.get(source, source)
        subject = f"【回应】来源{'读不到' if FAILED & set(trouble.states) else '久无新帖'}：{name}"
        body = "\n".join([f"{name} 已有 {interval(now - trouble.since)}没有正常读到新内容：", *trouble.lines, "", _FOOT])
        made += _post(trouble.key(now), _CAUSE, subject, body, now)
    for source in sorted(enabled - troubles.keys()):
        made += _all_clear(source, names.get(source, source), now)
    return made


_FOOT = "期间的帖子恢复后会补读，时钟仍从发帖时刻算起。详情见「来源健康」页，或运行 huiying sources。"


def troubles_of(rows: Sequence[dict[str, Any]]) -> list[Trouble]:
    """The sources with trouble, from the rows of `huiying sources`."""
    found: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}
    for row in rows:
        if row["state"] in _TOLD and row["since"]:
            found.setdefault(row["source"], []).append((parse_instant(row["since"]), row))
    return [
        Trouble(
            source=source,
            since=min(since for since, _ in own),
            states=tuple(sorted({str(row["state"]) for _, row in own})),
            lines=tuple(f"· {_where(row)}（{LOOKS[row['state']][0]}）：{row['advice']}" for _, row in own),
        )
        for source, own in found.items()
    ]


def _where(row: dict[str, Any]) -> str:
    return row["name"] or f"版块 {row['board']}" if row["board"] else "整站"


def _all_clear(source: str, name: str, now: datetime) -> int:
    """Tell those who were told that it is over, once."""
    last = Delivery.objects.filter(key__startswith=f"source/{source}/", cause__in=(_CAUSE, _OVER)).order_by("-pk").first()
    if last is None or last.cause == _OVER:
        return 0
    told = f"{last.created_at.astimezone(SHANGHAI):%m-%d %H:%M}"
    return _post(f"source/{source}/over/{last.pk}", _OVER, f"【回应】来源已恢复：{name}", f"{name} 又读得到了（{told} 曾报读不到）。", now)


def _post(key: str, cause: str, subject: str, body: str, now: datetime) -> int:
    """One mail for each administrator with an address; a key that exists is left alone."""
    if Delivery.objects.filter(key__startswith=f"{key}/").exists():
        return 0
    rows = [
        Delivery(
            key=f"{key}/email/{person.username}",
            cause=cause,
            channel="email",
            person=person.username,
            address=person.email,
            subject=subject,
            body=body,
            created_at=now,
            not_before=now,
            not_after=now + AGAIN,
            next_try_at=now,
        )
        for person in Person.objects.filter(is_active=True, role=Role.ADMINISTRATOR).exclude(email="").order_by("username")
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
