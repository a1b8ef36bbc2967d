"""What every move begins with: who acts, the alert as it is now, whose it is, and whether it changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from alerts import audit, ladder, outbox, people, policy, shown
from alerts.models import Alert, Audit, Label, Person
from alerts.moves.errors import BadReason, Conflict, NotAllowed, Unknown, WrongState
from alerts.policy import Policy
from alerts.states import ROLE_LABELS, Role, State, label
from alerts.writes import Held, hold

#: words that give no reason
EMPTY_REASONS = frozenset({"", "无", "其他", "其它", "工作需要", "同上", "如题", "略"})

#: what the engine notes as time passes; a decision made before it still stands
PASSING = frozenset({"breach", "rung", "skipped", "nobody", "flagged", "dispatched", "unverified", "joined"})


def acting(actor: Person | str) -> Person:
    """The person who acts. Raises Unknown, NotAllowed."""
    if isinstance(actor, Person):
        person = actor
    else:
        found = Person.objects.filter(username=actor).first()
        if found is None:
            raise Unknown(f"没有账号「{actor}」；用 --as 写一个现有账号，huiying user list 列出全部")
        person = found
    if not person.is_active:
        raise NotAllowed(f"账号「{person.shown}」已停用；请管理员恢复", owner="管理员")
    return person


@contextmanager
def moving(alert_id: int, now: datetime, version: int | None = None) -> Iterator[Held]:
    """Hold one alert for one move in one transaction; `version` = the one the person saw. Raises Unknown, Conflict."""
    with transaction.atomic():
        try:
            held = hold(alert_id, now=now, policy=policy.current())
        except Alert.DoesNotExist as missing:
            raise Unknown(f"没有告警 {alert_id}；huiying alerts 列出全部") from missing
        if version is not None and held.alert.version != version:
            _refuse_if_changed(held.alert, version, now)
        yield held


def _refuse_if_changed(alert: Alert, version: int, now: datetime) -> None:
    """Raise Conflict unless all that happened since `version` is the engine noting that time passed."""
    newer = alert.version - version
    # each step that raised the version left one row with "set"
    rows = list(Audit.objects.filter(alert=alert, detail__has_key="set").order_by("-id")[: max(newer, 0)])
    changes = [row for row in rows if row.actor or row.kind not in PASSING]
    if changes or newer < 0:
        said = _told(changes[0], alert, now) if changes else f"告警 {alert.pk} 没有第 {version} 版"
        raise Conflict(f"{said}；你看到的是之前的样子，什么都没有改", alert=alert)


def _told(row: Audit, alert: Alert, now: datetime) -> str:
    """`林晓 21:40 确认并派发（现在：待签收，市水务集团）`."""
    standing = describe(alert)
    who = row.actor and (Person.objects.filter(username=row.actor).first())
    return f"{who.shown if who else '系统'} {shown.instant(row.at, now)} {audit.KINDS.get(row.kind, row.kind)}（现在：{standing}）"


def describe(alert: Alert) -> str:
    words = label(alert.state, unit=alert.unit, returned=alert.returned)
    return f"{words}，{alert.unit}" if alert.unit else words


def owner_of(alert: Alert) -> str:
    """Whose move it is now: the unit with its spokespeople, or the triage duty group."""
    if alert.unit and not alert.returned:
        names = "、".join(person.shown for person in people.spokespeople(alert.unit)[:3])
        return f"{alert.unit}（{names}）" if names else f"{alert.unit}（还没有发言人，值班组代管）"
    names = "、".join(person.shown for person in people.duty_group().people[:3])
    return f"值班组（{names}）" if names else "值班组"


def need_triage(person: Person, alert: Alert | None, move: str) -> None:
    if not person.triages:
        owner = "值班组" if alert is None else owner_of(alert)
        raise NotAllowed(f"{_who(person)}不能{move}；此件归{owner}，{move}由网评员办理", owner=owner)


def need_unit(person: Person, alert: Alert, move: str, *, or_triage: bool = False) -> None:
    """The person speaks for the lead unit (or triages, where that is allowed too)."""
    if or_triage and person.triages:
        return
    if person.role != Role.SPOKESPERSON or not alert.unit or alert.unit not in person.units:
        raise NotAllowed(f"{_who(person)}不能{move}；此件归{owner_of(alert)}", owner=owner_of(alert))


def need_state(alert: Alert, move: str, allowed: bool, advice: str) -> None:
    if not allowed:
        raise WrongState(f"告警 {alert.pk} 现在是「{describe(alert)}」，不能{move}；{advice}", alert=alert)


def reason_given(reason: str, what: str) -> str:
    """The reason as written, trimmed; a phrase that says nothing is sent back. Raises BadReason."""
    text = reason.strip()
    if text.strip("。.!！ ") in EMPTY_REASONS:
        raise BadReason(f"{what}须写明事由，「{text or '空'}」不算；写一句让人看得懂的话")
    if len(text) > 300:
        raise BadReason(f"{what}的事由有 {len(text)} 字，最多 300 字")
    return text


def known_unit(name: str, rules: Policy) -> str:
    """A unit of the configuration. Raises BadReason."""
    if rules.units and rules.unit(name) is None:
        raise BadReason(f"单位「{name}」不在 pipelines.yaml 的 units 中；从名单里选，或先添上")
    return name


def keep_label(held: Held, person: Person, field: str, judged: str, decided: str) -> Label:
    """Keep a decision on the judgement: tomorrow's training."""
    alert = held.alert
    return Label.objects.create(
        post=alert.anchor, field=field, judged=judged, decided=decided, by=person.username, at=held.now, model=alert.model
    )


def tell_units(held: Held) -> tuple[str, str]:
    """Tell lead and co-units, after the seconds in which the dispatch can be undone: (prefix of the keys, who is missing)."""
    alert, now, rules = held.alert, held.now, held.policy
    turn = Audit.objects.filter(alert=alert, kind__in=("assign", "reassign")).count() + 1
    cause = "dispatch" if turn == 1 else f"dispatch-{turn}"
    told = people.recipients("unit", alert)
    helping = [person for unit in alert.co_units for person in people.spokespeople(unit)]
    addressed = {person.username: person for person in (*told.people, *helping)}.values()
    rung = ladder.first_rung(ladder.read(alert.ladder))
    reached = outbox.enqueue(
        alert, kind="dispatch", cause=cause, people=addressed, channels=rung.channels, now=now, policy=rules, not_before=now + rules.undo
    )
    return f"alert/{alert.pk}/r{alert.round}/{cause}/", told.gap or ("" if reached else f"{alert.unit} 的发言人没有可用的地址")


def role_of(person: Person) -> str:
    return ROLE_LABELS[Role(person.role)]


def _who(person: Person) -> str:
    units = f"、{'、'.join(person.units)}" if person.units else ""
    return f"{person.shown}（{role_of(person)}{units}）"


def undispatched(alert: Alert) -> bool:
    return alert.state == State.OPEN and not alert.unit
