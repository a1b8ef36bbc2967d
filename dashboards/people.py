"""Names of people as the pages show them."""

from __future__ import annotations

from collections.abc import Iterable

from alerts.models import Person
from alerts.states import ROLE_LABELS, Role


def names(usernames: Iterable[str] | None = None) -> dict[str, str]:
    """username → shown name of these people (None = everybody); one query, none when nobody is asked for."""
    people = Person.objects.all()
    if usernames is not None:
        wanted = {name for name in usernames if name}
        if not wanted:
            return {}
        people = people.filter(username__in=wanted)
    return {username: display or username for username, display in people.values_list("username", "display")}


def titled(username: str, people: dict[str, Person]) -> str:
    """`吴晨（网评员）`, `陈立（市水务集团）`, `系统` for "" and the bare name when the account is gone."""
    if not username:
        return "系统"
    person = people.get(username)
    if person is None:
        return username
    office = person.units[0] if person.role == Role.SPOKESPERSON and person.units else ROLE_LABELS[Role(person.role)]
    return f"{person.shown}（{office}）"
