"""The same facts as the two clocks, as a list for narrow screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import policy
from alerts.clocks import milestones
from alerts.models import Alert, Pause
from alerts.states import WAITING
from alerts.writes import started_at
from dashboards.words import interval, weekday_instant


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    at: datetime
    when: str
    words: str
    small: str = ""
    css: str = ""


def _used(begin: datetime, end: datetime) -> str:
    words = interval(end - begin)
    return "" if end <= begin else words if words.startswith("不到") else f"用 {words}"


def rail(alert: Alert, pauses: list[Pause], now: datetime, names: dict[str, str]) -> list[Stop]:
    """The stops in the order of time."""
    start, at = started_at(alert), started_at(alert)
    stops = [Stop(at=start, when=weekday_instant(start, now), words="发帖" if alert.round == 1 else f"第 {alert.round} 轮起算")]
    for moment, words in (
        (alert.detected_at, "发现"),
        (alert.triaged_at, "研判"),
        (alert.dispatched_at, f"派发，{alert.unit}牵头"),
    ):
        if moment is not None and moment >= at:
            stops.append(Stop(at=moment, when=weekday_instant(moment, now), words=words, small=_used(at, moment)))
            at = moment
    for pause in pauses:
        if pause.approved_at:
            people = (
                f"{pause.reason}，{names.get(pause.asked_by, pause.asked_by)}申请，{names.get(pause.approved_by, pause.approved_by)}批准"
            )
            words = f"暂停 {interval((pause.ended_at or now) - pause.asked_at)}"
            stops.append(Stop(at=pause.asked_at, when=weekday_instant(pause.asked_at, now), words=words, small=people))
    due = Stop(at=alert.due_at, when=weekday_instant(alert.due_at, now), words="应回应", css="fut dueln" if alert.due_at > now else "dueln")
    if alert.answered_at:
        stops.append(Stop(at=alert.answered_at, when=weekday_instant(alert.answered_at, now), words="已回应，两钟都停", css="now has"))
        if alert.due_at < alert.answered_at:
            stops.append(due)
    elif alert.state in WAITING:
        waited = f"市民已等 {interval(now - start)}"
        stops += [Stop(at=now, when=weekday_instant(now, now), words="现在", small=waited, css="now"), due]
        limits = [one for one in milestones(start, alert.level, policy.current()) if one.binds and one.at > now]
        for limit in limits:
            day, _, hour = weekday_instant(limit.at, now).rpartition(" ")
            stops.append(
                Stop(at=limit.at, when=day or hour, words=limit.name, small=f"{hour if day else ''} 上级时限，不顺延".strip(), css="fut")
            )
    return sorted(stops, key=lambda stop: (stop.at, stop.css == "now" and alert.due_at > now - timedelta(0)))
