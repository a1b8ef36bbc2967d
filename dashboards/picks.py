"""The proposed judgement as fields that a key corrects: level, topic, lead unit, place, each with what else it might be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerts import policy
from alerts.models import Alert
from dashboards.words import LEVELS, level_name, level_sign
from store.models import Assessment


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    value: str
    text: str
    #: probability or remark, "" when nothing is known
    remark: str = ""
    chosen: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """One field of the proposed judgement with what else it might be."""

    field: str
    name: str
    key: str
    title: str
    value: str
    text: str
    probability: float | None
    alternative: str
    options: tuple[Option, ...]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{round(share * 100)}%"


def _level(alert: Alert, assessment: Assessment | None) -> Pick:
    judged = assessment is not None and assessment.level == alert.level
    share = assessment.level_probability if judged and assessment else None
    options = tuple(
        Option(
            value=str(int(level)),
            text=f"{sign} {name}",
            remark=_percent(share) if level == alert.level else "",
            chosen=level == alert.level,
        )
        for level, (sign, name) in LEVELS.items()
    )
    text = f"{level_sign(alert.level)} {level_name(alert.level)}"
    return Pick(
        field="level",
        name="级别",
        key="L",
        title="级别",
        value=str(alert.level),
        text=text,
        probability=share,
        alternative="",
        options=options,
    )


def _topic(alert: Alert, assessment: Assessment | None) -> Pick:
    shares: dict[str, float] = dict(assessment.topics) if assessment else {}
    names = sorted(policy.current().topics, key=lambda name: -shares.get(name, 0.0))
    if alert.topic and alert.topic not in names:
        names.insert(0, alert.topic)
    options = tuple(Option(value=name, text=name, remark=_percent(shares.get(name)), chosen=name == alert.topic) for name in names)
    other = next((name for name in names if name != alert.topic and shares.get(name, 0) >= 0.05), "")
    alternative = f"另有 {other} {_percent(shares[other])}" if other else ""
    return Pick(
        field="topic",
        name="主题",
        key="T",
        title="主题",
        value=alert.topic,
        text=alert.topic or "未定",
        probability=shares.get(alert.topic),
        alternative=alternative,
        options=options,
    )


def _unit(alert: Alert) -> Pick:
    units = policy.current().units
    town_unit = next((unit.name for unit in units if alert.town and unit.town == alert.town), "")
    first = [name for name in (alert.proposed_unit, town_unit) if name]
    names = list(dict.fromkeys(first + [unit.name for unit in units]))
    remarks = {town_unit: "属地"} if town_unit else {}
    if alert.proposed_unit:
        remarks[alert.proposed_unit] = "拟派"
    options = tuple(Option(value=name, text=name, remark=remarks.get(name, ""), chosen=name == alert.proposed_unit) for name in names)
    co = (
        f"协办 {'、'.join(alert.co_units)}"
        if alert.co_units
        else f"属地 {town_unit}"
        if town_unit and town_unit != alert.proposed_unit
        else ""
    )
    return Pick(
        field="unit",
        name="牵头",
        key="B",
        title="牵头单位",
        value=alert.proposed_unit,
        text=alert.proposed_unit or "未定，请选",
        probability=None,
        alternative=co,
        options=options,
    )


def _place(alert: Alert, assessment: Assessment | None) -> Pick:
    mentions: list[Mapping[str, Any]] = list(assessment.places) if assessment else []
    shares = {str(place.get("town") or place.get("name")): place.get("probability") for place in reversed(mentions)}
    here = alert.place or alert.town
    names = list(dict.fromkeys([name for name in (here, *shares, *policy.current().towns) if name]))
    options = tuple(Option(value=name, text=name, remark=_percent(shares.get(name)), chosen=name == here) for name in names)
    said = next(
        (
            str(place.get("text") or place.get("name"))
            for place in mentions
            if (place.get("town") or place.get("name")) in (here, alert.town)
        ),
        "",
    )
    return Pick(
        field="place",
        name="地点",
        key="P",
        title="地点",
        value=here,
        text=here or "未指明",
        probability=shares.get(here, shares.get(alert.town)),
        alternative=f"正文「{said}」" if said else "",
        options=options,
    )


def picks(alert: Alert, assessment: Assessment | None) -> tuple[Pick, ...]:
    """The four fields in the order of their keys L T B P."""
    return _level(alert, assessment), _topic(alert, assessment), _unit(alert), _place(alert, assessment)
