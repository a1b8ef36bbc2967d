"""Whether the ledger is what its history says: the chain, the triggers, and every alert compared with the fold of its audit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count

from alerts import audit as trail
from alerts.models import Alert, Audit, Delivery, Evidence
from alerts.states import LIVE, EvidenceState, State
from alerts.writes import TRACKED, derived_due, intervals, plain
from store import access as access_log
from store import triggers
from store.clock import iso
from store.models import Counter

_CHUNK = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that is not as it must be."""

    #: id of the error in docs: V001 …
    kind: str
    #: the row or table it is about
    what: str
    message: str


@dataclass(slots=True)
class VerifyReport:
    findings: list[Finding] = field(default_factory=list)
    alerts: int = 0
    #: rows of the audit, rows of the access log
    audit: int = 0
    access: int = 0

    @property
    def whole(self) -> bool:
        return not self.findings


def verify() -> VerifyReport:
    """Walk everything once, in one snapshot."""
    report = VerifyReport()
    with transaction.atomic():
        report.findings += _chain(report)
        report.findings += [
            Finding(kind="V003", what=name, message="触发器不在，只增不改的表可以被改动；运行 huiying init 重建")
            for name in triggers.missing_triggers()
        ]
        report.findings += _alerts(report)
        report.findings += _live()
        report.findings += _deliveries()
        walked = access_log.verify_chain()
        report.access = walked.rows
        if not walked.whole:
            place = f"第 {walked.broken_at} 条" if walked.broken_at else "末尾缺行"
            report.findings.append(Finding(kind="V009", what="查阅记录", message=f"查阅记录的链断了：{place}；从最近的备份核对"))
    return report


def _chain(report: VerifyReport) -> Iterator[Finding]:
    for row in trail.broken_at():
        yield Finding(kind="V001", what=f"经过 {row}", message=f"经过的链断在第 {row} 条：它或它前面的一条被改动或取走；从最近的备份核对")
    report.audit = Audit.objects.count()
    written = Counter.objects.filter(name=trail.COUNTER).values_list("value", flat=True).first() or 0
    if report.audit < written:
        yield Finding(kind="V002", what="经过", message=f"经过应有 {written} 条，只有 {report.audit} 条：末尾缺行；从最近的备份核对")


def _alerts(report: VerifyReport) -> Iterator[Finding]:
    last = 0
    while chunk := list(Alert.objects.filter(pk__gt=last).order_by("pk").prefetch_related("pauses")[:_CHUNK]):
        told: dict[int, dict[str, Any]] = {alert.pk: {} for alert in chunk}
        rows = Audit.objects.filter(alert__in=chunk, detail__has_key="set").order_by("id").values_list("alert_id", "detail")
        for alert_id, detail in rows:
            if alert_id is not None:
                told[alert_id].update(detail["set"])
        for alert in chunk:
            report.alerts += 1
            last = alert.pk
            yield from _one(alert, told[alert.pk])


def _one(alert: Alert, told: dict[str, Any]) -> Iterator[Finding]:
    strange = [name for name in TRACKED if told.get(name) != plain(getattr(alert, name))]
    if strange:
        shown = "；".join(f"{name} 经过记 {told.get(name)}，台账为 {plain(getattr(alert, name))}" for name in strange[:3])
        yield Finding(kind="V004", what=f"告警 {alert.pk}", message=f"与经过不符：{shown}；从备份核对，勿直接改库")
    due = derived_due(alert, intervals(alert))
    if due != alert.due_at:
        yield Finding(kind="V005", what=f"告警 {alert.pk}", message=f"应回应时刻 {iso(alert.due_at)} 应为 {iso(due)}")
    if alert.breached_at is not None and alert.state != State.MERGED and alert.breached_at > max(alert.due_at, due):
        yield Finding(kind="V006", what=f"告警 {alert.pk}", message=f"超时时刻 {iso(alert.breached_at)} 晚于应回应时刻")
    answered = alert.state in (State.ANSWERED, State.CLOSED)
    if answered and alert.answered_at is None:
        yield Finding(kind="V007", what=f"告警 {alert.pk}", message="已回应而没有回应时刻")
    if alert.state == State.ANSWERED and not Evidence.objects.filter(alert=alert, state=EvidenceState.STANDS).exists():
        yield Finding(kind="V007", what=f"告警 {alert.pk}", message="已回应而没有站得住的凭据")


def _live() -> Iterator[Finding]:
    live = Alert.objects.filter(state__in=[state.value for state in LIVE]).values("event_id").annotate(n=Count("pk")).filter(n__gt=1)
    for row in live:
        yield Finding(kind="V008", what=f"事件 {row['event_id']}", message=f"事件 {row['event_id']} 有 {row['n']} 件在办的告警，只能有一件")


def _deliveries() -> Iterator[Finding]:
    for row in Delivery.objects.values("key").annotate(n=Count("pk")).filter(n__gt=1):
        yield Finding(kind="V011", what=f"消息 {row['key']}", message=f"消息 {row['key']} 有 {row['n']} 份")
