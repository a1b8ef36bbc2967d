"""Moves of the commentator: confirm and dispatch, dismiss, reassign, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from alerts import evidence, ladder, outbox, shown
from alerts.models import Alert, Label, Person
from alerts.moves import events
from alerts.moves.common import (
    acting,
    keep_label,
    known_unit,
    moving,
    need_state,
    need_triage,
    need_unit,
    reason_given,
    tell_units,
    undispatched,
)
from alerts.moves.errors import BadReason, Conflict, TooLate, WrongState
from alerts.moves.undoing import put_back, remember
from alerts.states import LIVE, State
from alerts.writes import Held
from store.clock import iso
from store.records import Category

REASONS = tuple(category.value for category in Category if not category.positive)


def assign(
    alert_id: int,
    actor: Person | str,
    *,
    unit: str | None = None,
    co_units: Sequence[str] | None = None,
    level: int | None = None,
    topic: str | None = None,
    place: str | None = None,
    version: int | None = None,
    now: datetime,
) -> Alert:
    """确认并派发: the matter needs an answer, `unit` (default: the proposed one) gives it; what is corrected becomes a label."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_triage(person, alert, "派发")
        need_state(alert, "派发", undispatched(alert), "已派出的用改派" if alert.unit else "已有结果的用重启或拆出")
        lead = (unit or alert.proposed_unit).strip()
        if not lead:
            raise BadReason("还没有拟定的单位；请选定牵头单位再派发")
        known_unit(lead, held.policy)
        remember(held, "assign", person)
        labels = _correct(held, person, unit=lead, level=level, topic=topic, place=place)
        alert.triaged_at = alert.triaged_at or now
        _hand_over(held, person, lead, co_units, "assign", labels)
        return alert


def reassign(
    alert_id: int,
    actor: Person | str,
    *,
    unit: str,
    co_units: Sequence[str] | None = None,
    reason: str = "",
    version: int | None = None,
    now: datetime,
) -> Alert:
    """改派: another unit leads; the citizen's clock runs on."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_unit(person, alert, "改派", or_triage=True)
        if not person.triages:
            need_state(alert, "改派", alert.state == State.OWNED, "还没有签收的请退回，由网评员改派")
        movable = alert.state == State.OWNED or (alert.state == State.OPEN and bool(alert.unit or alert.returned))
        need_state(alert, "改派", movable, "还没派出的用派发" if undispatched(alert) else "已有结果的用重启")
        lead = unit.strip()
        if not lead or lead == alert.unit:
            raise BadReason(f"改派须换一个单位；此件现在就归{alert.unit}" if lead else "请选定改派给哪个单位")
        known_unit(lead, held.policy)
        outbox.cancel(alert, "已改派")
        remember(held, "reassign", person)
        labels = _correct(held, person, unit=lead)
        alert.triaged_at = alert.triaged_at or now
        evidence.end_pause(held, now)
        _hand_over(held, person, lead, co_units, "reassign", labels, reason=reason.strip()[:300])
        return alert


def _hand_over(held: Held, person: Person, lead: str, co_units: Sequence[str] | None, move: str, labels: list[int], **detail: Any) -> None:
    """Make `lead` the unit that answers, with nobody owning it yet, and put its messages in the outbox."""
    alert = held.alert
    alert.unit = lead
    if co_units is not None:
        alert.co_units = [known_unit(name.strip(), held.policy) for name in dict.fromkeys(co_units) if name.strip()]
    alert.co_units = [name for name in alert.co_units if name != lead]
    alert.state = State.OPEN
    # 派发 ends when the new lead has it: time spent at the wrong unit is not the right one's
    alert.owner, alert.acked_at, alert.dispatched_at = "", None, None
    alert.returned, alert.returned_at, alert.return_reason = False, None, ""
    alert.claimed_by, alert.claimed_until = "", None
    prefix, gap = tell_units(held)
    alert.undo_snapshot = {**(alert.undo_snapshot or {}), "labels": labels, "prefix": prefix}
    alert.undo_until = held.now + held.policy.undo
    held.save(move, actor=person.username, **detail)
    if gap:
        held.save("nobody", gap=gap)


def _correct(
    held: Held, person: Person, *, unit: str, level: int | None = None, topic: str | None = None, place: str | None = None
) -> list[int]:
    """Take over corrections of the judgement and keep each as a label; ids of the labels."""
    alert, rules = held.alert, held.policy
    if level is not None and level not in shown.LEVELS:
        raise BadReason(f"级别「{level}」不存在；写 1（特大）到 4（网络诉求）")
    if topic and rules.topics and topic not in rules.topics:
        raise BadReason(f"主题「{topic}」不在 pipelines.yaml 的 topics 中；可选 {'、'.join(rules.topics)}")
    judged = {"unit": alert.unit or alert.proposed_unit, "level": str(alert.level), "topic": alert.topic, "place": alert.place}
    decided = {"unit": unit, "level": None if level is None else str(level), "topic": topic, "place": place}
    rows = [keep_label(held, person, "needs_response", "yes", "yes")] if alert.triaged_at is None else []
    rows += [
        keep_label(held, person, name, judged[name], choice)
        for name, choice in decided.items()
        if choice is not None and choice != judged[name]
    ]
    if level is not None and level != alert.level:
        alert.level = level
        alert.ladder = ladder.snapshot(ladder.of_level(rules, level))
    if topic is not None:
        alert.topic = topic
    if place is not None and place != alert.place:
        alert.place = place
        alert.town = place if place in rules.towns else alert.town
    return [row.pk for row in rows]


def dismiss(alert_id: int, actor: Person | str, *, reason: str, note: str = "", version: int | None = None, now: datetime) -> Alert:
    """不需回应, for one of the negative categories; 其他 needs a sentence."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_triage(person, alert, "定为不需回应")
        need_state(alert, "定为不需回应", undispatched(alert), "已派出的请单位退回，或改派、办结")
        chosen = "其他" if reason.strip() in ("其他", "其他（须写一句）") else reason.strip()
        if chosen not in REASONS:
            raise BadReason(f"理由「{reason}」不在名单里；可选 {' · '.join(REASONS)}。已由官方回复的用登记回应，重复的用并入")
        if chosen == Category.OTHER:
            note = reason_given(note, "理由选「其他」")
        remember(held, "dismiss", person)
        labels = [keep_label(held, person, "needs_response", "yes", "no"), keep_label(held, person, "category", alert.category, chosen)]
        alert.undo_snapshot = {**(alert.undo_snapshot or {}), "labels": [row.pk for row in labels]}
        alert.undo_until = now + held.policy.undo
        alert.state = State.DISMISSED
        alert.dismissed_at, alert.dismiss_reason, alert.dismiss_note = now, chosen, note.strip()[:300]
        alert.claimed_by, alert.claimed_until = "", None
        outbox.cancel(alert, "不需回应")
        return held.save("dismiss", actor=person.username, reason=chosen, note=alert.dismiss_note)


def undo(alert_id: int, actor: Person | str, *, version: int | None = None, now: datetime) -> Alert:
    """Take the last decision of triage back: a dispatch within the seconds of undo, a dismissal or merge at any time."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_triage(person, alert, "撤销")
        kept = alert.undo_snapshot
        dispatched = alert.state == State.OWNED or bool(alert.unit)
        if kept is None:
            if dispatched and alert.state in LIVE:
                raise TooLate("撤不回，可改派" if alert.state != State.ANSWERED else "撤不回：官方已回应；要再办用重启")
            raise WrongState(f"告警 {alert.pk} 没有可撤销的一步", alert=alert)
        if kept["move"] in ("assign", "reassign") and (alert.undo_until is None or now >= alert.undo_until):
            raise TooLate(f"撤不回，可改派：{int(held.policy.undo.total_seconds())} 秒已过（到 {iso(alert.undo_until)}）")
        if kept["move"] == "merge":
            return events.take_apart(held, person, "undo")
        other = Alert.objects.filter(event=alert.event, state__in=[state.value for state in LIVE]).exclude(pk=alert.pk).first()
        if other is not None:
            raise WrongState(f"撤不回：同一事件已另有告警 {other.pk}；请并入它", alert=alert)
        Label.objects.filter(pk__in=kept.get("labels", [])).delete()
        if kept.get("prefix"):
            outbox.cancel(alert, "已撤销", prefix=kept["prefix"])
        put_back(held)
        held.save("undo", actor=person.username, of=kept["move"])
        if not evidence.settle(held):
            held.settle_breach()
        return alert


def claim(alert_id: int, actor: Person | str, *, now: datetime) -> Alert:
    """Take the two-minute lease on an alert that is being read; it blocks nobody's decision. Raises Conflict."""
    person = acting(actor)
    with moving(alert_id, now) as held:
        alert = held.alert
        need_triage(person, alert, "研判")
        busy = alert.claimed_until is not None and alert.claimed_until > now and alert.claimed_by != person.username
        if busy:
            other = Person.objects.filter(username=alert.claimed_by).first()
            raise Conflict(f"{other.shown if other else alert.claimed_by}在看；可先看下一条", alert=alert)
        return _lease(alert, person.username, now + held.policy.claim)


def release(alert_id: int, actor: Person | str, *, now: datetime) -> Alert:
    """Give one's lease back; another's is left alone."""
    person = acting(actor)
    with moving(alert_id, now) as held:
        return _lease(held.alert, "", None) if held.alert.claimed_by == person.username else held.alert


def _lease(alert: Alert, username: str, until: datetime | None) -> Alert:
    """A lease is no transition: neither version nor audit knows it."""
    alert.claimed_by, alert.claimed_until = username, until
    alert.save(update_fields=["claimed_by", "claimed_until"])
    return alert
