"""The triage queue: what waits for judgement, by time left, within a scope and filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import QueryDict

from alerts import doubt
from alerts.models import Alert, EventMember, EventProposal, Person
from alerts.states import WAITING, ProposalState, State
from dashboards.due import NEAR, SECTIONS, SOON, Due, due_of, section_of
from dashboards.people import names
from dashboards.words import instant, level_name, level_sign

#: rows drawn at once; the counts are of all
SHOWN = 300
SCOPES = {"mine": "我的", "team": "本组", "all": "全部"}
FILTERS = ("level", "topic", "town", "board")


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """Scope, filters and selection, as they stand in the address."""

    scope: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    alert: int | None = None

    @classmethod
    def of(cls, query: QueryDict, person: Person) -> View:
        scope = query.get("scope", "")
        if scope not in SCOPES or (scope == "team" and not person.units):
            scope = "team" if person.units else "all"
        number = query.get("alert", "")
        chosen = {name: text for name in FILTERS if (text := query.get(name, ""))}
        return cls(scope=scope, chosen=chosen, alert=int(number) if number.isascii() and number.isdigit() and len(number) < 18 else None)

    def address(self, **changes: str) -> str:
        """The query string with `changes`; an empty value drops the key."""
        query = QueryDict(mutable=True)
        for name, text in ({"scope": self.scope, **self.chosen} | changes).items():
            if text:
                query[name] = text
        return query.urlencode()

    def words(self) -> str:
        names = dict(self.chosen)
        if "level" in names and names["level"].isdigit():
            names["level"] = f"{level_sign(int(names['level']))} {level_name(int(names['level']))}"
        return "，".join(names.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    alert: Alert
    due: Due
    section: str
    posted: str
    similar: int
    mine: bool
    #: who looks at it now, "" when free or mine
    taken_by: str


def waiting() -> QuerySet[Alert]:
    """Everything 待研判 (given back ones among it)."""
    return Alert.objects.filter(state=State.OPEN, unit="")


def _scoped(scope: str, person: Person, now: datetime) -> Q:
    if scope == "mine":
        return Q(claimed_by=person.username, claimed_until__gt=now)
    if scope == "team":
        return Q(proposed_unit__in=person.units) | Q(town__in=person.units)
    return Q()


def _filtered(chosen: Mapping[str, str]) -> Q:
    condition = Q()
    for name, text in chosen.items():
        if name == "level":
            condition &= Q(level=int(text) if text.isascii() and text.isdigit() else 0)
        elif name == "board":
            condition &= Q(anchor__board_name=text)
        else:
            condition &= Q(**{name: text})
    return condition


def select(view: View, person: Person, now: datetime) -> QuerySet[Alert]:
    """The alerts of the list, the shortest time first."""
    return waiting().filter(_scoped(view.scope, person, now), _filtered(view.chosen)).order_by("due_at", "id")


def rows(view: View, person: Person, now: datetime) -> list[Row]:
    """The first `SHOWN` rows. One query, and one for the names of who looks at them."""
    topics = EventMember.objects.filter(event=OuterRef("event"), post__kind="topic").exclude(post=OuterRef("anchor"))
    guesses = EventProposal.objects.filter(state=ProposalState.PROPOSED).exclude(post__membership__event=F("event"))
    found = (
        select(view, person, now)
        .select_related("anchor")
        .defer("anchor__body", "anchor__thread_title", "ladder", "rungs_done", "undo_snapshot")
        .annotate(
            members_n=_counted(topics, "event"),
            guessed_n=_counted(guesses.filter(event=OuterRef("event")), "event")
            + _counted(guesses.filter(post=OuterRef("anchor")), "post"),
        )
    )
    alerts = list(found[:SHOWN])
    known = names(alert.claimed_by for alert in alerts if alert.claimed_until and alert.claimed_until > now)
    return [_row(alert, person, now, known) for alert in alerts]


def _counted(found: QuerySet[Any], by: str) -> Coalesce:
    """How many rows of `found` belong to the outer row, as a subquery."""
    return Coalesce(Subquery(found.order_by().values(by).annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _row(alert: Any, person: Person, now: datetime, known: Mapping[str, str]) -> Row:
    held = alert.claimed_by if alert.claimed_until and alert.claimed_until > now else ""
    return Row(
        alert=alert,
        due=due_of(alert, now),
        section=section_of(alert.due_at - now),
        posted=instant(alert.clock_start, now),
        similar=alert.members_n + alert.guessed_n,
        mine=held == person.username,
        taken_by=known.get(held, held) if held and held != person.username else "",
    )


def sections(found: list[Row], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Rows under their headings, empty headings left out; the count is of all, not of the drawn rows."""
    grouped: dict[str, list[Row]] = {name: [] for name in SECTIONS}
    for row in found:
        grouped[row.section].append(row)
    return [{"name": name, "rows": group, "count": max(counts.get(name, 0), len(group))} for name, group in grouped.items() if group]


def figures(view: View, person: Person, now: datetime) -> dict[str, Any]:
    """Counts of scopes, of the list's sections, of everything unanswered in the county, and of the doubtful posts. Two queries."""
    pending = Q(state=State.OPEN, unit="")
    here = pending & _scoped(view.scope, person, now) & _filtered(view.chosen)
    counted = Alert.objects.filter(state__in=[state.value for state in WAITING]).aggregate(
        mine=Count("pk", filter=pending & _scoped("mine", person, now)),
        team=Count("pk", filter=pending & _scoped("team", person, now)),
        all=Count("pk", filter=pending),
        listed=Count("pk", filter=here),
        late=Count("pk", filter=here & Q(due_at__lt=now)),
        near=Count("pk", filter=here & Q(due_at__gte=now, due_at__lt=now + NEAR)),
        soon=Count("pk", filter=here & Q(due_at__gte=now + NEAR, due_at__lt=now + SOON)),
        unacked=Count("pk", filter=Q(state=State.OPEN) & ~Q(unit="")),
        owned=Count("pk", filter=Q(state=State.OWNED)),
        versions=Sum("version", filter=here),
        newest=Max("pk", filter=here),
        claimed=Count("pk", filter=here & Q(claimed_until__gt=now)),
        leased=Max("claimed_until", filter=here),
    )
    parts = dict(zip(SECTIONS, (counted["late"], counted["near"], counted["soon"]), strict=False))
    parts[SECTIONS[3]] = counted["listed"] - sum(parts.values())
    unanswered = counted["all"] + counted["unacked"] + counted["owned"]
    return {**counted, "unanswered": unanswered, "sections": parts, "doubtful": doubt.waiting(now).count()}


def choices(view: View, person: Person, now: datetime) -> dict[str, list[tuple[str, str, int]]]:
    """For each filter its values with label and the length of the list each gives under the other filters."""
    fields = ("level", "topic", "town", "anchor__board_name")
    found = waiting().filter(_scoped(view.scope, person, now)).values_list(*fields)
    out: dict[str, list[tuple[str, str, int]]] = {}
    for place, name in enumerate(FILTERS):
        others = {FILTERS.index(other): text for other, text in view.chosen.items() if other != name}
        counted = Counter(str(values[place]) for values in found if all(str(values[at]) == text for at, text in others.items()))
        counted.pop("", None)
        if view.chosen.get(name):
            counted.setdefault(view.chosen[name], 0)
        order = sorted(counted.items()) if name == "level" else counted.most_common()
        out[name] = [
            (key, f"{level_sign(int(key))} {level_name(int(key))}" if name == "level" and key in "1234" else key, n) for key, n in order
        ]
    return out


def next_after(view: View, person: Person, now: datetime, *, leaving: int | None = None) -> int | None:
    """The alert to stand on next: the first that nobody else looks at."""
    free = ~Q(claimed_until__gt=now) | Q(claimed_by=person.username) | Q(claimed_until=None)
    found = select(view, person, now).filter(free)
    if leaving is not None:
        found = found.exclude(pk=leaving)
    first: int | None = found.values_list("pk", flat=True).first()
    return first
