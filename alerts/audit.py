"""The audit: every transition of the ledger, append-only, each row's hash covering the row before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from alerts.models import Alert, Audit
from store import sequence

#: kinds of entries, in the words of the history
KINDS = {
    "opened": "立件",
    "flagged": "标出，已告知值班组",
    "assign": "确认并派发",
    "reassign": "改派",
    "ack": "签收",
    "return": "退回",
    "dispatched": "派发送达",
    "dismiss": "不需回应",
    "merge": "并入",
    "split": "拆出",
    "undo": "撤销",
    "reopen": "重启",
    "answer": "登记回应",
    "evidence": "看到官方回复",
    "answered": "首次回应，时钟停",
    "verified": "登记的回应已核实",
    "unverified": "登记的回应 30 分钟内未看到",
    "withdrawn": "官方回复已被删除",
    "result": "结果回应",
    "pause": "申请暂停",
    "approve_pause": "批准暂停",
    "resume": "恢复计时",
    "extend": "延期",
    "close": "办结",
    "breach": "超时",
    "breach_lifted": "超时撤销：回应早于时限",
    "rung": "催办",
    "skipped": "催办已过时，未发",
    "nobody": "无人可发",
    "joined": "并入新帖",
    "proposed": "拟并，待人确认",
    "confirm_join": "确认并入",
    "reject_join": "不是一件事",
    "people": "人员",
}
GENESIS = "0" * 64
COUNTER = "audit"


def canonical(*, at: datetime, alert: int | None, event_ref: str, actor: str, kind: str, detail: Mapping[str, Any], previous: str) -> str:
    """The text that a row's hash covers."""
    row = {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "alert": alert,
        "event": event_ref,
        "actor": actor,
        "kind": kind,
        "detail": detail,
        "previous": previous,
    }
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A row to be: who did what to which alert when."""

    alert: Alert | None
    kind: str
    at: datetime
    actor: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    event_ref: str = ""


def append(alert: Alert | None, actor: str, kind: str, detail: Mapping[str, Any], now: datetime, *, event_ref: str = "") -> Audit:
    """Add one row at the end of the chain; call it inside the transaction of the change it tells of."""
    return append_all([Entry(alert=alert, actor=actor, kind=kind, detail=detail, at=now, event_ref=event_ref)])[0]


def append_all(entries: Sequence[Entry]) -> list[Audit]:
    """Add rows at the end of the chain, in their order."""
    if not entries:
        return []
    # The counter's row lock orders the writers, and its value tells `verify` how many rows there must be.
    sequence.reserve(len(entries), COUNTER)
    previous = Audit.objects.order_by("-id").values_list("hash", flat=True).first() or GENESIS
    rows = []
    for entry in entries:
        row = _row(entry, previous)
        rows.append(row)
        previous = row.hash
    return Audit.objects.bulk_create(rows)


def _row(entry: Entry, previous: str) -> Audit:
    if entry.kind not in KINDS:
        raise ValueError(f"audit kind {entry.kind!r} is unknown; add it to alerts.audit.KINDS")
    event = entry.event_ref or (entry.alert.event_id if entry.alert is not None else "")
    # through JSON once, so that what is hashed is what a reader gets back
    detail = json.loads(json.dumps(entry.detail, ensure_ascii=False))
    alert_id = None if entry.alert is None else entry.alert.pk
    text = canonical(at=entry.at, alert=alert_id, event_ref=event, actor=entry.actor, kind=entry.kind, detail=detail, previous=previous)
    return Audit(
        at=entry.at,
        alert=entry.alert,
        event_ref=event,
        actor=entry.actor,
        kind=entry.kind,
        detail=detail,
        previous=previous,
        hash=digest(text),
    )


def broken_at() -> Iterator[int]:
    """Ids of rows whose hash does not cover what they say, or that do not follow the row before."""
    previous = GENESIS
    last = 0
    while rows := list(Audit.objects.filter(id__gt=last).order_by("id")[:2000]):
        for row in rows:
            text = canonical(
                at=row.at,
                alert=row.alert_id,
                event_ref=row.event_ref,
                actor=row.actor,
                kind=row.kind,
                detail=row.detail,
                previous=row.previous,
            )
            if row.previous != previous or row.hash != digest(text):
                yield row.pk
            previous = row.hash
            last = row.pk
