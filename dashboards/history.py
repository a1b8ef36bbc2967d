"""The history of an alert in words: who did what, with the short hash of its row, checked while it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts import audit
from alerts.models import Alert, Audit, Person
from dashboards.people import titled
from dashboards.words import instant, interval, level_name, level_sign, weekday_instant
from store.clock import parse_instant


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    number: int
    when: str
    who: str
    words: str
    hash: str
    sound: bool


def _set(detail: dict[str, Any], name: str) -> Any:
    return (detail.get("set") or {}).get(name)


def rung_words(key: str, alert: Alert | None) -> str:
    """`rung-1h` → `+1 小时 发言人`; a repetition says which."""
    for rung in alert.ladder if alert is not None else ():
        if key == rung["name"] or key.startswith(rung["name"] + "-"):
            after = timedelta(seconds=rung["after_s"])
            label = rung["label"] if rung["label"].startswith("+") else f"+{interval(after)} {rung['label']}"
            again = key.removeprefix(rung["name"]).removeprefix("-")
            return label + (f"，第 {again} 次" if again.isdigit() else "")
    return key


def words_of(row: Audit, now: datetime) -> str:
    detail, said = row.detail, [audit.KINDS.get(row.kind, row.kind)]
    if row.kind == "joined" and not row.actor:
        said = ["同帖又有诉求，归入此件，时钟不变"]
    if row.kind == "opened" and row.actor:
        said = ["在「拿不准」里定为需回应，立件"]
    if row.kind in ("assign", "reassign", "undo") and _set(detail, "unit"):
        said.append(str(_set(detail, "unit")))
    if row.kind in ("assign", "reassign") and _set(detail, "co_units"):
        said.append("协办 " + "、".join(_set(detail, "co_units")))
    if _set(detail, "level") and row.kind != "opened":
        said.append(f"级别 {level_sign(int(_set(detail, 'level')))} {level_name(int(_set(detail, 'level')))}")
    if _set(detail, "topic") and row.kind != "opened":
        said.append(f"主题 {_set(detail, 'topic')}")
    if row.kind == "breach" and detail.get("leg"):
        said.append(f"主要用在{detail['leg']}")
    if row.kind in ("rung", "skipped") and (detail.get("rung") or detail.get("name")):
        said.append(rung_words(str(detail.get("rung") or detail.get("name")), row.alert))
    said += [str(detail[name]) for name in ("reason", "note", "gap") if detail.get(name)]
    if row.kind == "merge" and detail.get("into"):
        said.append(f"到告警 {detail['into']}")
    due = _set(detail, "due_at")
    if due and row.kind not in ("opened", "assign"):
        said.append(f"应回应时刻改为 {weekday_instant(parse_instant(due), now)}")
    return "，".join(said)


def entries(alert: Alert, now: datetime) -> list[Entry]:
    """The rows of the alert's audit, oldest first; `sound` = its hash covers what it says."""
    rows = list(Audit.objects.filter(alert=alert).order_by("id"))
    people = {person.username: person for person in Person.objects.filter(username__in={row.actor for row in rows})}
    found = []
    for number, row in enumerate(rows, start=1):
        text = audit.canonical(
            at=row.at, alert=row.alert_id, event_ref=row.event_ref, actor=row.actor, kind=row.kind, detail=row.detail, previous=row.previous
        )
        found.append(
            Entry(
                number=number,
                when=instant(row.at, now),
                who=titled(row.actor, people),
                words=words_of(row, now),
                hash=row.hash[:4],
                sound=audit.digest(text) == row.hash,
            )
        )
    return found
