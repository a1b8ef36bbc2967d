"""Time left of an alert as the pages show it: class, shape and words (hue means time left, nothing else)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import shown
from alerts.models import Alert
from alerts.states import WAITING, State
from dashboards.words import interval
from store.clock import iso

SOON = timedelta(hours=1)
NEAR = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    #: "", due-soon, due-near, due-late, due-done
    css: str
    #: ring, alert-square, circle-check, player-pause, circle-dashed
    shape: str
    words: str
    #: share of the target that is used, 0…100
    used: int = 0
    #: what the page's timer counts down to; "" when nothing runs
    until: str | None = ""
    target_s: int = 0


def section_of(left: timedelta) -> str:
    """The heading under which a waiting alert stands."""
    if left < timedelta(0):
        return "超时"
    if left < NEAR:
        return "半小时内"
    return "1 小时内" if left < SOON else "1 小时以上"


SECTIONS = ("超时", "半小时内", "1 小时内", "1 小时以上")


def running(due_at: datetime, target_s: int, now: datetime) -> Due:
    """Time left of a running clock of `target_s` seconds that ends at `due_at`."""
    left = due_at - now
    if left < timedelta(0):
        return Due(css="due-late", shape="alert-square", words=shown.time_left(left), used=100, until=iso(due_at), target_s=target_s)
    css = "due-near" if left < NEAR else "due-soon" if left < SOON else ""
    used = round(100 * (1 - left.total_seconds() / target_s)) if target_s else 0
    return Due(css=css, shape="ring", words=shown.time_left(left), used=max(0, min(100, used)), until=iso(due_at), target_s=target_s)


def due_of(alert: Alert, now: datetime) -> Due:
    """What `alert` shows at `now`."""
    if alert.state in WAITING:
        if alert.paused_at is not None:
            left = alert.due_at - alert.paused_at
            return Due(
                css="",
                shape="player-pause",
                words=f"暂停，剩 {interval(left)}" if left > timedelta(0) else f"暂停，已超时 {interval(left)}",
            )
        if alert.provisional_until is not None and alert.provisional_until > now:
            return Due(css="", shape="history", words=f"待核，{shown.time_left(alert.provisional_until - now)}")
        return running(alert.due_at, alert.target_s, now)
    if alert.state == State.DISMISSED:
        return Due(css="", shape="circle-dashed", words="不需回应")
    if alert.state == State.MERGED:
        return Due(css="", shape="circle-dashed", words="已并入")
    return answered(alert)


def answered(alert: Alert) -> Due:
    """`2 小时 4 分回应，按时`, counted on the binding clock, pauses left out."""
    if alert.answered_at is None:
        return Due(css="due-done", shape="circle-check", words="已办结")
    paused = alert.due_at - alert.clock_start - timedelta(seconds=alert.target_s)
    late = alert.answered_at > alert.due_at
    used = alert.answered_at - alert.clock_start - max(timedelta(0), paused if late else timedelta(0))
    verdict = f"超时 {interval(alert.answered_at - alert.due_at)}" if late else "按时"
    return Due(css="due-late-done" if late else "due-done", shape="circle-check", words=f"{interval(used)}回应，{verdict}")
