"""The alert list: scopes by role, filters with the length of the list each gives, rows by time left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict

from alerts.ledger import overdue
from alerts.models import Alert, Pause, Person
from alerts.states import LIVE, WAITING, Role, State
from dashboards.due import SECTIONS, Due, due_of, section_of
from dashboards.results import result_due
from dashboards.words import instant, interval, level_name, level_sign

PAGE = 100
#: state of the list → label, condition; together they are everything not closed
STATES: dict[str, tuple[str, Q]] = {
    "triage": ("待研判", Q(state=State.OPEN, unit="", returned=False)),
    "returned": ("已退回", Q(state=State.OPEN, unit="", returned=True)),
    "unacked": ("待签收", Q(state=State.OPEN) & ~Q(unit="")),
    "owned": ("已签收，待回应", Q(state=State.OWNED)),
    "answered": ("已首次回应", Q(state=State.ANSWERED)),
}
FILTERS = ("state", "level", "town", "topic", "unit")
PAUSED = "暂停中，不计时"
RECORDED = "已登记，待核"
RESULT = "已首次回应，等结果"


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What of the list is shown, as it stands in the address."""

    scope: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    late: bool = False
    #: "open", or "done" = closed in the last seven days
    show: str = "open"
    shown: int = PAGE

    @classmethod
    def of(cls, query: QueryDict, person: Person) -> View:
        scope = query.get("scope", "")
        number = query.get("n", "")
        return cls(
            scope=scope if scope in dict(scopes(person)) else "all",
            chosen={name: text for name in FILTERS if (text := query.get(name, ""))},
            late=bool(query.get("late")),
            show="done" if query.get("show") == "done" else "open",
            shown=min(2000, int(number)) if number.isascii() and number.isdigit() and number != "0" and len(number) < 6 else PAGE,
        )

    def address(self, **changes: str) -> str:
        query = QueryDict(mutable=True)
        parts = {"scope": self.scope, **self.chosen, "late": "1" if self.late else "", "show": self.show if self.show == "done" else ""}
        for name, text in (parts | changes).items():
            if text:
                query[name] = text
        return query.urlencode()

    def words(self) -> str:
        names = {**self.chosen}
        if names.get("level", "") in ("1", "2", "3", "4"):
            names["level"] = f"{level_sign(int(names['level']))} {level_name(int(names['level']))}"
        if "state" in names:
            names["state"] = STATES.get(names["state"], (names["state"],))[0]
        return "，".join([*names.values(), *(["只看超时"] if self.late else [])])

    @property
    def filtered(self) -> bool:
        return bool(self.chosen) or self.late


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    alert: Alert
    due: Due
    section: str
    posted: str
    #: 牵头 / 协办 / the unit's name
    part: str
    who: str
    #: ack, answer, result, resume, triage, "" = open it
    act: str


def scopes(person: Person) -> list[tuple[str, str]]:
    if person.role == Role.SPOKESPERSON:
        return [("lead", "我牵头"), ("co", "我协办"), ("all", "全部")]
    return [("mine", "我派的"), ("all", "全部")] if person.triages else [("all", "全部")]


def _co(units: list[str]) -> Q:
    """Alerts that one of `units` joins: names are quoted in the stored JSON, so a name inside another does not match."""
    condition = Q(pk__in=[])
    for unit in units:
        condition |= Q(co_units__icontains=f'"{unit}"') | Q(co_units__icontains='"' + unit.encode("unicode_escape").decode() + '"')
    return condition


def within(person: Person, scope: str = "all") -> Q:
    """The alerts a person may list in `scope`: a spokesperson's own units only."""
    if person.role == Role.SPOKESPERSON:
        lead = Q(unit__in=person.units)
        return {"lead": lead, "co": _co(person.units) & ~lead}.get(scope, lead | _co(person.units))
    if scope == "mine":
        return Q(pk__in=Alert.objects.filter(history__kind__in=("assign", "reassign"), history__actor=person.username).values("pk"))
    return Q()


def _base(view: View, now: datetime) -> Q:
    if view.show == "done":
        return Q(state=State.CLOSED, closed_at__gt=now - timedelta(days=7))
    return Q(state__in=[state.value for state in LIVE])


def _filter(view: View, now: datetime) -> Q:
    condition = overdue(now) if view.late else Q()
    for name, text in view.chosen.items():
        if name == "state":
            condition &= STATES[text][1] if text in STATES else Q(pk__in=[])
        elif name == "level":
            condition &= Q(level=int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0)
        else:
            condition &= Q(**{name: text})
    return condition


def select(view: View, person: Person, now: datetime) -> QuerySet[Alert]:
    """Running clocks by due time, then paused ones, then answered ones by the limit of the result."""
    group = Case(
        When(state__in=[state.value for state in WAITING], paused_at=None, then=Value(0)),
        When(state__in=[state.value for state in WAITING], then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = Alert.objects.filter(_base(view, now), within(person, view.scope), _filter(view, now)).annotate(group=group)
    if view.show == "done":
        return found.order_by("-closed_at", "id")
    by = Case(When(state=State.ANSWERED, then=Coalesce(F("result_due_at"), F("due_at"))), default=F("due_at"))
    return found.order_by("group", by, "id")


def counts(view: View, person: Person, now: datetime) -> dict[str, Any]:
    """Scopes, states of the scope, length of the list, closed in seven days. One query."""
    here = _base(view, now) & within(person, view.scope)
    open_ = Q(state__in=[state.value for state in LIVE])
    asked = {f"scope_{key}": Count("pk", filter=_base(view, now) & within(person, key)) for key, _ in scopes(person)}
    asked |= {f"state_{key}": Count("pk", filter=here & condition) for key, (_, condition) in STATES.items()}
    asked |= {
        "listed": Count("pk", filter=here & _filter(view, now)),
        "late": Count("pk", filter=here & overdue(now)),
        "open": Count("pk", filter=open_ & within(person, view.scope)),
        "done": Count("pk", filter=Q(state=State.CLOSED, closed_at__gt=now - timedelta(days=7)) & within(person, view.scope)),
    }
    return Alert.objects.filter(within(person)).aggregate(**asked)


def sum_words(counted: Mapping[str, int]) -> str:
    """`未办结 8 件 = 待签收 2 + 已签收，待回应 3 + 已首次回应 3`."""
    parts = [f"{text} {counted[f'state_{key}']}" for key, (text, _) in STATES.items() if counted[f"state_{key}"]]
    return f"未办结 {counted['open']} 件" + (f" = {' + '.join(parts)}" if parts else "")


def choices(view: View, person: Person, now: datetime) -> list[dict[str, Any]]:
    """Each filter with its values and the length of the list each gives under the other filters. One query."""
    state = Case(*[When(condition, then=Value(key)) for key, (_, condition) in STATES.items()], default=Value("closed"))
    late = ExpressionWrapper(overdue(now), output_field=BooleanField())
    grouped = list(
        Alert.objects.filter(_base(view, now), within(person, view.scope))
        .annotate(f_state=state, f_late=late)
        .values_list("f_state", "level", "town", "topic", "unit", "f_late")
        .annotate(n=Count("pk"))
        .order_by()
    )
    out = []
    for place, (name, title) in enumerate(zip(FILTERS, ("状态", "级别", "镇街", "主题", "单位"), strict=True)):
        if name == "unit" and person.role == Role.SPOKESPERSON:
            continue
        others = {FILTERS.index(key): text for key, text in view.chosen.items() if key != name}
        counted: Counter[str] = Counter()
        for row in grouped:
            if all(str(row[at]) == text for at, text in others.items()) and (row[5] or not view.late):
                counted[str(row[place])] += row[6]
        counted.pop("", None)
        if view.chosen.get(name):
            counted.setdefault(view.chosen[name], 0)
        order = sorted(counted.items()) if name == "level" else counted.most_common()
        out.append(
            {"name": name, "title": title, "now": view.chosen.get(name, ""), "values": [(key, _value(name, key), n) for key, n in order]}
        )
    return out


def _value(name: str, key: str) -> str:
    if name == "level" and key in ("1", "2", "3", "4"):
        return f"{level_sign(int(key))} {level_name(int(key))}"
    return STATES[key][0] if name == "state" and key in STATES else key


def row(alert: Alert, person: Person, now: datetime, names: Mapping[str, str], pauses: Mapping[int, Pause]) -> Row:
    lead = alert.unit in person.units
    if person.role == Role.SPOKESPERSON:
        part = "牵头" if lead else "协办"
    else:
        part = alert.unit or ("拟派 " + alert.proposed_unit if alert.proposed_unit else "未派")
    answered = alert.state == State.ANSWERED
    due = result_due(alert, now) if answered and alert.result_due_at and not alert.result_at else due_of(alert, now)
    section = PAUSED if alert.paused_at else section_of(alert.due_at - now)
    if alert.provisional_until is not None and alert.provisional_until > now:
        section = RECORDED
    if answered or alert.state == State.CLOSED:
        section = RESULT
    posted = f"{instant(alert.clock_start, now)} {'追问' if alert.round > 1 else '发'}"
    return Row(
        alert=alert,
        due=due,
        section=section,
        posted=posted,
        part=part,
        who=_who(alert, now, names, lead, person, pauses),
        act=_act(alert, person, lead),
    )


def _who(alert: Alert, now: datetime, names: Mapping[str, str], lead: bool, person: Person, pauses: Mapping[int, Pause]) -> str:
    if alert.state == State.CLOSED:
        return f"{instant(alert.closed_at, now)} 办结"
    if alert.state == State.ANSWERED and alert.answered_at:
        late = alert.answered_at > alert.due_at
        return f"首回 {interval(alert.answered_at - alert.clock_start)}，{'超时' if late else '按时'}"
    if person.role == Role.SPOKESPERSON and not lead:
        return f"{alert.unit}牵头"
    if alert.paused_at:
        pause = pauses.get(alert.pk)
        people = (
            f"，{names.get(pause.asked_by, pause.asked_by)}申请，{names.get(pause.approved_by, pause.approved_by)}批准" if pause else ""
        )
        return f"{instant(alert.paused_at, now)} 起停{people}"
    if alert.state == State.OWNED:
        return f"{instant(alert.acked_at, now)} 签收，{names.get(alert.owner, alert.owner)}"
    if alert.returned:
        return alert.return_reason
    if alert.unit:
        return f"{instant(alert.dispatched_at, now)} 送达" if alert.dispatched_at else "消息在路上"
    return ""


def _act(alert: Alert, person: Person, lead: bool) -> str:
    if person.role == Role.SPOKESPERSON and lead:
        if alert.paused_at:
            return "resume"
        return {State.OPEN: "ack", State.OWNED: "answer", State.ANSWERED: "" if alert.result_at else "result"}.get(State(alert.state), "")
    if person.triages and alert.state == State.OPEN and not alert.unit:
        return "triage"
    return ""


def sections(found: list[Row], show: str) -> list[dict[str, Any]]:
    """Rows under their headings; counts are those of the drawn rows."""
    if show == "done":
        return [{"name": "近 7 天办结", "rows": found, "count": len(found)}] if found else []
    names = (*SECTIONS, PAUSED, RECORDED, RESULT)
    return [
        {"name": name, "rows": group, "count": len(group)} for name in names if (group := [one for one in found if one.section == name])
    ]
