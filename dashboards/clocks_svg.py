"""Geometry of the two clocks on one linear axis; the template only draws what is computed here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from alerts import ladder, policy
from alerts.clocks import Interval, after, milestones
from alerts.models import Alert, Pause
from alerts.states import WAITING, Leg, State
from alerts.writes import spent, started_at
from dashboards.words import hour_minute, interval, level_sign, weekday_instant
from store.clock import SHANGHAI

#: left and right end of the axis, in the picture's units (1300 wide)
LEFT, RIGHT = 124.0, 918.0
LEGS = {Leg.DISCOVERY: "c-l1", Leg.TRIAGE: "c-l2", Leg.DISPATCH: "c-l3", Leg.RESPONSE: "c-l4"}
WAITS = {Leg.DISCOVERY: "等待发现", Leg.TRIAGE: "等待研判", Leg.DISPATCH: "等待签收", Leg.RESPONSE: "等待回应"}
STEPS = (0.25, 0.5, 1, 2, 3, 4, 6, 12, 24, 48, 96, 168)


def width(text: str) -> float:
    """Roughly how wide `text` is at 12 px: Han 12, the rest 6.8."""
    return sum(12.0 if ord(sign) > 0x2E7F else 6.8 for sign in text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    x: float
    width: float
    css: str
    text: str = ""
    ink: str = ""
    #: where the words stand when not in the middle
    at: float | None = None

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1) if self.at is None else self.at

    def beside(self, others: Iterable[Box]) -> Box:
        """The same box with its words in its widest stretch that none of `others` covers; none that wide = no words."""
        left, free = self.x, []
        for other in sorted(others, key=lambda one: one.x):
            free.append((left, min(other.x, self.x + self.width)))
            left = max(left, other.x + other.width)
        free.append((left, self.x + self.width))
        begin, end = max(free, key=lambda one: one[1] - one[0])
        fits = width(self.text) + 8 < end - begin
        return replace(self, text=self.text if fits else "", at=round((begin + end) / 2, 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A line, dot or label at one instant."""

    x: float
    text: str = ""
    css: str = ""
    anchor: str = "middle"
    dx: float = 0
    y: float = 0

    @property
    def tx(self) -> float:
        return round(self.x + self.dx, 1)

    def span(self) -> tuple[float, float]:
        wide = width(self.text)
        left = {"start": self.tx, "end": self.tx - wide, "middle": self.tx - wide / 2}[self.anchor]
        return left - 4, left + wide + 4


@dataclass(kw_only=True, slots=True)
class Picture:
    desc: str
    ticks: list[Mark] = field(default_factory=list)
    citizen: list[Box] = field(default_factory=list)
    duty: list[Box] = field(default_factory=list)
    left: dict[str, Box | None] = field(default_factory=dict)
    pauses: list[Box] = field(default_factory=list)
    tops: list[Mark] = field(default_factory=list)
    now: Mark | None = None
    due: Mark | None = None
    due_was: Mark | None = None
    #: who asked for a pause and who approved it, under the citizen's bar
    asked: list[Mark] = field(default_factory=list)
    answered: Mark | None = None
    due_note: str = ""
    rungs: list[Mark] = field(default_factory=list)
    superior: list[dict[str, Any]] = field(default_factory=list)
    superior_words: list[str] = field(default_factory=list)
    legend: list[tuple[str, str, str]] = field(default_factory=list)
    binds: str = "posted"


class Axis:
    """Instants to places on the axis."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end
        self._scale = (RIGHT - LEFT) / max(1.0, (end - start).total_seconds())

    def x(self, moment: datetime) -> float:
        return round(min(RIGHT, max(LEFT, LEFT + (moment - self.start).total_seconds() * self._scale)), 1)

    def box(self, start: datetime, end: datetime, css: str, text: str = "", ink: str = "") -> Box:
        left, right = self.x(start), self.x(end)
        wide = round(max(0.0, right - left), 1)
        return Box(x=left, width=wide, css=css, text=text if width(text) + 8 < wide else "", ink=ink)

    def ticks(self) -> list[Mark]:
        """Full hours, or fewer when the time is long; the day is said where it changes."""
        hours = (self.end - self.start).total_seconds() / 3600
        step = next((one for one in STEPS if hours / one <= 7), STEPS[-1])
        local = self.start.astimezone(SHANGHAI)
        moment = local.replace(hour=0, minute=0, second=0, microsecond=0)
        out: list[Mark] = []
        while moment <= self.end:
            if moment > self.start:
                day = moment.hour == 0 and moment.minute == 0 and step >= 1
                out.append(Mark(x=self.x(moment), text=f"{moment.month} 月 {moment.day} 日" if day else hour_minute(moment)))
            moment += timedelta(hours=step)
        return out


def _legs(alert: Alert, now: datetime) -> list[tuple[Leg, datetime, datetime]]:
    """The legs with begin and end; a leg of no length is left out."""
    out, at = [], started_at(alert)
    for leg, seconds in spent(alert, now).items():
        end = at + timedelta(seconds=seconds)
        if seconds >= 1:
            out.append((leg, at, end))
        at = end
    return out


def _spread(marks: Iterable[Mark]) -> list[Mark]:
    """The marks in their order of weight; a label that would lie on an earlier one is dropped."""
    kept: list[Mark] = []
    for mark in marks:
        left, right = mark.span()
        if all(right <= other.span()[0] or left >= other.span()[1] for other in kept):
            kept.append(mark)
    return kept


def _bars(alert: Alert, axis: Axis, end: datetime, start: datetime) -> list[Box]:
    out = []
    running = alert.state in WAITING
    legs = _legs(alert, end)
    for leg, begin, finish in legs:
        begin = max(begin, start)
        if finish <= begin:
            continue
        last = running and leg == legs[-1][0]
        if last:
            out.append(axis.box(begin, finish, "c-run", WAITS[leg]))
        else:
            minutes = interval(finish - begin)
            text = f"{leg.value} {minutes}" if leg == Leg.RESPONSE else minutes.removesuffix(" 分") if "小时" not in minutes else minutes
            out.append(axis.box(begin, finish, LEGS[leg], text, "c-inv" if leg == Leg.RESPONSE else "c-in"))
    return out


def picture(alert: Alert, pauses: list[Pause], now: datetime, names: dict[str, str]) -> Picture:
    """Everything `_clocks.html` draws."""
    start, running = started_at(alert), alert.state in WAITING
    stopped = alert.answered_at or alert.dismissed_at or alert.closed_at
    end = now if running or stopped is None else stopped
    last = max(alert.due_at, end, alert.answered_at or end)
    room = max(timedelta(minutes=24), (last - start) * 0.12)
    axis = Axis(start - max(timedelta(minutes=8), (last - start) * 0.04), last + room)
    shot = Picture(desc=_desc(alert, pauses, now, names), ticks=axis.ticks(), binds=alert.clock)
    shot.citizen = _bars(alert, axis, end, start)
    shot.duty = _bars(alert, axis, end, alert.detected_at)
    shot.pauses = [axis.box(pause.asked_at, pause.ended_at or end, "c-pause") for pause in pauses if pause.approved_at]
    shot.citizen = [box.beside(shot.pauses) for box in shot.citizen]
    shot.duty = [box.beside(shot.pauses) for box in shot.duty]
    for pause, box in zip([one for one in pauses if one.approved_at], shot.pauses, strict=True):
        span = interval((pause.ended_at or end) - pause.asked_at)
        text = f"{names.get(pause.asked_by, pause.asked_by)}申请，{names.get(pause.approved_by, pause.approved_by)}批准，暂停 {span}"
        shot.asked.append(Mark(x=max(LEFT + width(text) / 2, box.middle), text=text))
    shot.asked = _spread(shot.asked)
    due_x, left = axis.x(alert.due_at), alert.due_at - (alert.paused_at or now)
    said = hour_minute(alert.due_at) if last - start < timedelta(hours=20) else weekday_instant(alert.due_at, now)
    shot.due = Mark(x=due_x, text=f"{said} 应回应", css="c-duet" if running else "c-k", anchor="start", dx=6)
    if shot.due.span()[1] > RIGHT + 40:
        shot.due = Mark(x=due_x, text=shot.due.text, css=shot.due.css, anchor="end", dx=-6)
    plain = alert.clock_start + timedelta(seconds=alert.target_s)
    if plain < alert.due_at:
        shot.due_was = Mark(x=axis.x(plain))
        shot.due_note = f"原 {hour_minute(plain)} + {interval(alert.due_at - plain)}"
    tops = [shot.due]
    if running:
        words = f"现在 {hour_minute(now)}"
        shot.now = Mark(x=axis.x(now), text=words, css="c-k", anchor="end", dx=-6)
        tops.append(shot.now)
        lag = alert.detected_at - start
        if left > timedelta(0):
            shot.left = {
                "citizen": axis.box(now, alert.due_at, "c-left", f"剩 {interval(left)}"),
                "duty": axis.box(now, min(alert.due_at + lag, axis.end), "c-left", f"剩 {interval(left + lag)}"),
            }
    elif alert.answered_at:
        shot.answered = Mark(
            x=axis.x(alert.answered_at), text=f"{hour_minute(alert.answered_at)} 已回应，两钟都停", css="c-okt", anchor="end", dx=-6
        )
        tops.append(shot.answered)
    began = "发帖" if alert.clock_start <= alert.posted_at or alert.round == 1 else "起算"
    tops.append(Mark(x=axis.x(start), text=f"{hour_minute(start)} {began}", anchor="end", dx=-4))
    if alert.dispatched_at:
        tops.append(Mark(x=axis.x(alert.dispatched_at), text=f"{hour_minute(alert.dispatched_at)} 派发", anchor="start", dx=4))
    shot.tops = [mark for mark in _spread(tops) if mark not in (shot.due, shot.now, shot.answered)]
    for name in ("now", "answered"):
        mark = getattr(shot, name)
        if mark is not None and mark not in _spread(tops):
            setattr(shot, name, Mark(x=mark.x, css=mark.css))
    shot.rungs = _rungs(alert, pauses, axis)
    _superior(alert, shot, now)
    shot.legend = _legend(alert, end, now)
    return shot


def _rungs(alert: Alert, pauses: list[Pause], axis: Axis) -> list[Mark]:
    """Dots of the ladder: filled when sent, hollow when to come; labels on two lines by turns, crowded ones left out."""
    done = {row["name"] for row in alert.rungs_done}
    stood_still = [Interval(start=pause.asked_at, end=pause.ended_at) for pause in pauses if pause.approved_at]
    dots, labels = [], []
    for place, rung in enumerate(one for one in ladder.read(alert.ladder) if one.after > timedelta(0)):
        at = after(alert.clock_start, rung.after, stood_still)
        if at > axis.end:
            continue
        sent = rung.name in done
        text = rung.label if rung.label.startswith("+") else f"+{interval(rung.after)} {rung.label}"
        dots.append(Mark(x=axis.x(at), css="c-rd" if sent else "c-rn"))
        half = width(text) / 2
        middle = min(max(axis.x(at), half), RIGHT + 6 - half)
        labels.append(Mark(x=middle, text=text, css="" if sent else "c-mut", y=180 + 18 * (place % 2)))
    shown = [mark for y in (180, 198) for mark in _spread(one for one in labels if one.y == y)]
    return [*dots, *shown]


def _superior(alert: Alert, shot: Picture, now: datetime) -> None:
    found = milestones(started_at(alert), alert.level, policy.current())
    for place, limit in enumerate(found):
        name = " ".join(limit.name.split()[:2])
        shot.superior.append(
            {"x": 970 + 118 * place, "name": name, "at": weekday_instant(limit.at, now), "css": "c-k" if limit.binds else "c-mut"}
        )
    for limit in found:
        shot.superior_words.append(f"{limit.name}：{'适用' if limit.binds else f'本件 {level_sign(alert.level)} 级不适用'}")
    shot.superior_words.append("按钟点算，不因暂停顺延")


def _legend(alert: Alert, end: datetime, now: datetime) -> list[tuple[str, str, str]]:
    running = alert.state in WAITING
    legs = _legs(alert, end)
    out = []
    for leg, begin, finish in legs:
        last = running and leg == legs[-1][0]
        out.append(("c-run" if last else LEGS[leg], leg.value, interval(finish - begin) + ("，进行中" if last else "")))
    return out


def _desc(alert: Alert, pauses: list[Pause], now: datetime, names: dict[str, str]) -> str:
    words = [f"市民 {weekday_instant(started_at(alert), now)} 发帖，应于 {weekday_instant(alert.due_at, now)} 前回应"]
    for pause in pauses:
        if pause.approved_at:
            span = interval((pause.ended_at or now) - pause.asked_at)
            people = f"由{names.get(pause.asked_by, pause.asked_by)}申请、{names.get(pause.approved_by, pause.approved_by)}批准"
            words.append(f"{people}暂停 {span}，事由{pause.reason}")
    if alert.answered_at:
        words.append(f"{weekday_instant(alert.answered_at, now)} 已回应")
    elif alert.state in (State.OPEN, State.OWNED):
        left = alert.due_at - now
        words.append(f"现在 {hour_minute(now)}，{'剩' if left > timedelta(0) else '超时'} {interval(left)}")
    return "；".join(words) + "。"
