"""The parts of 回应实录: five figures, the table by group, heat map, legs, the worst by name. Each number with its list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from alerts.models import Alert, Person
from alerts.policy import Policy
from alerts.states import Leg, Role
from dashboards import figures
from dashboards.figures import NONE, By, Figures, Item
from dashboards.record_query import Selection, key_words
from dashboards.rights import own_alert
from dashboards.words import WEEKDAYS, interval
from store.clock import SHANGHAI

#: rows of the too-few section before 全部 is pressed, lines of the worst by name
FEW, WORST = 6, 6
LEGS = (
    (Leg.DISCOVERY, "帖出现到系统读到"),
    (Leg.TRIAGE, "读到到确认需回应"),
    (Leg.DISPATCH, "确认到单位收到"),
    (Leg.RESPONSE, "单位收到到公开回应"),
)
LIST = "/record/list?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stat:
    name: str
    value: str
    share: str
    change: str
    #: the list behind the figure of the period before
    change_link: str
    definition: str
    link: str
    link_words: str
    #: lists of the numbers named in `share`
    share_link: str = ""
    late: bool = False
    more: str = ""
    more_link: str = ""


def seconds_words(seconds: float | None) -> str:
    return "—" if seconds is None else interval(timedelta(seconds=seconds))


def rate_words(rate: float | None) -> str:
    """`97.1%`; only a whole one is rounded to 100."""
    if rate is None:
        return "不算率"
    return f"{rate if rate == 1 else min(rate, 0.9994):.1%}"


def _points(now: float | None, was: float | None) -> str:
    if now is None or was is None:
        return "上期不足以比较" if was is None else f"上期 {rate_words(was)}"
    gap = round((now - was) * 100, 1)
    return f"上期 {rate_words(was)}，" + (f"{'+' if gap > 0 else '−'}{abs(gap)} 个百分点" if gap else "持平")


def _faster(now: float | None, was: float | None, few: bool) -> str:
    if few:
        return "上期不足以比较"
    if was is None:
        return "上期没有回应"
    if now is None:
        return f"上期 {seconds_words(was)}"
    gap = abs(now - was)
    return f"上期 {seconds_words(was)}，" + ("持平" if gap < 60 else f"{'快' if now < was else '慢'} {seconds_words(gap)}")


def stats(chosen: Selection, items: Sequence[Item], policy: Policy) -> list[Stat]:
    """The five figures, in the order of the page."""
    here = figures.figures(items, chosen.at, policy.minimum_sample)
    past = replace(chosen, previous=True)
    was = figures.figures(past.cohort(), chosen.at, policy.minimum_sample)
    target = interval(policy.target)
    few = f"到期不足 {policy.minimum_sample} 件，不算率。" if here.too_few else ""
    start = "发帖" if policy.clock == "posted" else "发现"
    triage = sum(1 for item in items if not item.valid())

    def to(what: str, base: Selection = chosen) -> str:
        return LIST + base.address(what=what)

    return [
        Stat(
            name="按时回应率",
            value=rate_words(here.on_time_rate),
            share=f"{here.on_time:,} / {here.due:,}",
            share_link=to("on_time"),
            change=_points(here.on_time_rate, was.on_time_rate),
            change_link=to("due", past),
            definition=f"{few}到期件中，{start}后 {target}内首次公开回应的占比。未回应且已过时限的算作未按时。",
            link=to("due"),
            link_words=f"看 {here.due:,} 件",
            more=f"未按时 {here.due - here.on_time:,} 件" if here.due > here.on_time else "",
            more_link=to("late"),
        ),
        Stat(
            name="中位用时",
            value=seconds_words(here.median_s),
            share="",
            change=_faster(here.median_s, was.median_s, was.too_few),
            change_link=to("answered", past),
            definition=f"已回应 {here.answered:,} 件的一半在此时间内，扣除暂停；另 {here.unanswered:,} 件未回应。",
            link=to("answered"),
            link_words=f"看 {here.answered:,} 件，按用时",
        ),
        Stat(
            name="九成用时",
            value=seconds_words(here.p90_s),
            share="",
            change=_faster(here.p90_s, was.p90_s, was.too_few),
            change_link=to("slowest", past),
            definition=f"已回应的十件有九件在此时间内；另 {here.unanswered:,} 件未回应。",
            link=to("slowest"),
            link_words=f"看最慢 {len(figures.slowest(items)):,} 件",
        ),
        _overdue(chosen, here),
        Stat(
            name="答复率",
            value=rate_words(here.answer_rate),
            share=f"{here.answered:,} / {here.valid:,}",
            share_link=to("answered"),
            change=_points(here.answer_rate, was.answer_rate),
            change_link=to("valid", past),
            definition=f"{few}有效诉求（不含待研判 {triage:,} 件）中已有公开回应的占比，含尚未到期的。",
            link=to("unanswered"),
            link_words=f"看 {here.unanswered:,} 件未答",
        ),
    ]


def _overdue(chosen: Selection, here: Figures) -> Stat:
    """Every open, late item, also those posted before the period: the same number as on the wall."""
    ever = replace(chosen, ever=True, what="open_overdue")
    late = ever.items()
    longest = max((chosen.at - item.due_at for item in late), default=None)
    earlier = len(late) - here.open_overdue
    return Stat(
        name="超时未回应",
        value=f"{len(late):,} 件",
        share="",
        change=f"最久 超时 {interval(longest)}" if longest else "此刻没有",
        change_link="",
        definition="此刻已过时限仍无公开回应，含待研判的，不论哪天发的。" + (f"其中 {earlier:,} 件发于本期之前。" if earlier else ""),
        link=LIST + ever.address(),
        link_words=f"看 {len(late):,} 件",
        late=bool(late),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupRow:
    name: str
    figures: Figures
    rate: str
    median: str
    p90: str
    #: where the dot stands on the 80–100 % axis (4 … 68), and whether it is below the axis
    dot: float
    open_dot: bool
    #: list of each number by name of the figure; empty where the person may see counts only
    links: dict[str, str]


def groups(chosen: Selection, items: Sequence[Item], by: str, person: Person, policy: Policy) -> tuple[list[GroupRow], list[GroupRow]]:
    """Ranked rows and those with too few items. 待研判 is not a unit and is left to its own figure."""
    ranked: list[GroupRow] = []
    few: list[GroupRow] = []
    for key, found in figures.by_key(items, cast(By, by), chosen.at, policy.minimum_sample):
        if by == "unit" and key == NONE["unit"]:
            continue
        rate = found.on_time_rate
        row = GroupRow(
            name=key_words(by, key),
            figures=found,
            rate=rate_words(rate),
            median=seconds_words(found.median_s),
            p90="不算" if found.too_few else seconds_words(found.p90_s),
            dot=4 + 64 * max(0.0, min(1.0, ((rate or 0) - 0.8) / 0.2)),
            open_dot=rate is not None and rate < 0.8,
            links={
                what: LIST + chosen.address(what=what, by=by, key=key)
                for what in ("all", "due", "on_time", "late", "answered", "slowest", "open_overdue")
                if by != "unit" or person.role != Role.SPOKESPERSON or key in person.units
            },
        )
        (few if found.too_few else ranked).append(row)
    return ranked, few


def target_x(policy: Policy) -> float:
    """Where the target stands on the axis."""
    return round(4 + 64 * max(0.0, min(1.0, (policy.target_rate - 0.8) / 0.2)), 1)


def heat(chosen: Selection, items: Sequence[Item]) -> dict[str, Any]:
    """Weekday rows of hour cells, five steps of blue by the largest cell."""
    cells = figures.heat(items, chosen.at)
    most = max((count for row in cells for count, _ in row), default=0)
    step = max(1, -(-most // 5))
    rows = [
        {
            "day": f"周{WEEKDAYS[day]}",
            "cells": [
                {
                    "count": count,
                    "css": f"q{min(5, -(-count // step))}" + (" x" if late else ""),
                    "label": f"周{WEEKDAYS[day]} {hour} 时，{count} 件{'，有超时' if late else ''}",
                    "link": LIST + chosen.address(weekday=day, hour=hour) if count else "",
                }
                for hour, (count, late) in enumerate(row)
            ],
        }
        for day, row in enumerate(cells)
        if chosen.period != "today" or day == chosen.at.astimezone(SHANGHAI).weekday()
    ]
    legend = [(f"q{n}", f"{(n - 1) * step + 1}–{n * step}" if step > 1 else str(n)) for n in range(1, 5)]
    return {"rows": rows, "legend": [*legend, ("q5", f"{4 * step + 1} 以上")], "total": len(items), "all": LIST + chosen.address()}


def legs(chosen: Selection, items: Sequence[Item]) -> dict[str, Any]:
    """Late items by the leg that used most of the time, and those whose leg is not told yet."""
    used = figures.legs_used(items, chosen.at)
    most = max(used.values(), default=0)
    rows = [
        {
            "name": leg.value,
            "from_to": words,
            "count": used.get(leg.value, 0),
            "width": round(200 * used.get(leg.value, 0) / most, 1) if most else 0,
            "link": LIST + chosen.address(what="late", leg=leg.value),
        }
        for leg, words in LEGS
    ]
    late = len([item for item in items if figures.COUNTED["late"](item, chosen.at)])
    return {"rows": rows, "late": late, "untold": late - sum(used.values()), "link": LIST + chosen.address(what="late")}


def worst(chosen: Selection, person: Person, now: datetime, due: Callable[[Alert, datetime], Any]) -> list[dict[str, Any]]:
    """The longest overdue, by name; a spokesperson may open their own."""
    late = sorted(replace(chosen, ever=True, what="open_overdue").items(), key=lambda item: item.due_at)[:WORST]
    found = Alert.objects.in_bulk([item.pk for item in late])
    rows = [found[item.pk] for item in late if item.pk in found]
    return [
        {
            "alert": alert,
            "due": due(alert, now),
            "who": alert.unit or ("已退回" if alert.returned else "待研判"),
            "own": own_alert(person, alert),
        }
        for alert in rows
    ]
