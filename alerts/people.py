"""Accounts, and who is told or asked: duty group, spokespeople of a unit, leaders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from alerts import audit
from alerts.models import Alert, Person
from alerts.states import ROLE_LABELS, Role

#: so many commentators may stand in for an empty duty group; two thousand messages an hour would help nobody
MOST_STANDING_IN = 20


class PersonError(ValueError):
    """An account cannot be made or changed: says why and what to write instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Who gets a message; `gap` says who is missing when the duty group stands in, else ""."""

    people: tuple[Person, ...]
    gap: str = ""


def create(
    username: str,
    *,
    role: str,
    password: str,
    now: datetime,
    display: str = "",
    units: Sequence[str] = (),
    email: str = "",
    may_triage: bool = False,
    on_duty: bool = False,
    must_change: bool = True,
    by: str = "",
    known_units: Collection[str] | None = None,
) -> Person:
    """Make an account; a spokesperson needs at least one unit of `known_units` (None = unchecked). Raises PersonError."""
    if role not in list(Role):
        raise PersonError(f"角色「{role}」不存在；可写 {'、'.join(Role)}（{'、'.join(ROLE_LABELS.values())}）")
    if not username or any(sign.isspace() or sign in "/@" for sign in username):
        raise PersonError(f"账号「{username}」不能为空，不能含空格、/ 和 @")
    if Person.objects.filter(username=username).exists():
        raise PersonError(f"账号「{username}」已存在；换一个，或用 huiying user password {username} 重设密码")
    if role == Role.SPOKESPERSON and not units:
        raise PersonError("发言人须写明单位：--unit 市水务集团")
    if known_units is not None and (strange := [unit for unit in units if unit not in known_units]):
        raise PersonError(f"单位「{'、'.join(strange)}」不在 pipelines.yaml 的 units 中；先添单位，或改正名称")
    person = Person(
        username=username,
        role=role,
        display=display,
        units=list(units),
        email=email,
        may_triage=may_triage,
        on_duty=on_duty,
        must_change_password=must_change,
    )
    _set_password(person, password)
    with transaction.atomic():
        person.save()
        audit.append(None, by, "people", {"created": username, "role": str(role), "units": list(units)}, now)
    return person


def disable(username: str, *, now: datetime, by: str = "") -> Person:
    """Close an account: no login, no messages, no moves. What it did stays in the record."""
    person = find(username)
    person.is_active = False
    person.on_duty = False
    with transaction.atomic():
        person.save(update_fields=["is_active", "on_duty"])
        audit.append(None, by, "people", {"disabled": username}, now)
    return person


def set_password(username: str, password: str, *, now: datetime, by: str = "", must_change: bool = False) -> Person:
    """Give an account a new password. Raises PersonError when it is too weak."""
    person = find(username)
    _set_password(person, password)
    person.must_change_password = must_change
    with transaction.atomic():
        person.save(update_fields=["password", "must_change_password"])
        audit.append(None, by, "people", {"password": username}, now)
    return person


def set_duty(username: str, on_duty: bool, *, now: datetime, by: str = "") -> Person:
    """Put a person who triages on the duty group, or take them off it."""
    person = find(username)
    if on_duty and not person.triages:
        raise PersonError(f"{person.shown} 没有研判权限，不能进值班组；先把角色改为网评员，或给予研判权限")
    person.on_duty = on_duty
    with transaction.atomic():
        person.save(update_fields=["on_duty"])
        audit.append(None, by, "people", {"duty": username, "on": on_duty}, now)
    return person


def find(username: str) -> Person:
    """The account, also when it is disabled. Raises PersonError."""
    person = Person.objects.filter(username=username).first()
    if person is None:
        raise PersonError(f"没有账号「{username}」；huiying user list 列出全部账号")
    return person


class Directory:
    """Everybody who can be told something, read once; a tick asks it hundreds of times."""

    def __init__(self) -> None:
        self._active = list(Person.objects.filter(is_active=True).order_by("username"))

    def duty_group(self) -> Told:
        """Who triages now; nobody on duty → everybody who may triage, or the administrators where that is too many or nobody."""
        able = tuple(person for person in self._active if person.triages)
        if on_duty := tuple(person for person in able if person.on_duty):
            return Told(people=on_duty)
        if 0 < len(able) <= MOST_STANDING_IN:
            return Told(people=able, gap="值班组无人，改发全体网评员")
        return Told(people=self.of_role(Role.ADMINISTRATOR), gap="值班组无人，改发管理员" if able else "没有网评员，改发管理员")

    def spokespeople(self, unit: str) -> tuple[Person, ...]:
        return tuple(person for person in self.of_role(Role.SPOKESPERSON) if unit in person.units)

    def of_role(self, role: Role) -> tuple[Person, ...]:
        return tuple(person for person in self._active if person.role == role)

    def recipients(self, to: str, alert: Alert) -> Told:
        """Whom a rung of kind `to` addresses: before dispatch the duty group, afterwards as the rung says."""
        if not alert.unit or alert.returned or to == "duty":
            return self.duty_group()
        if to == "leaders":
            asked, missing = self.of_role(Role.LEADER), "没有领导账号"
        else:
            asked, missing = self.spokespeople(alert.unit), f"{alert.unit} 没有发言人"
        if asked:
            return Told(people=asked)
        standing_in = self.duty_group()
        return Told(people=standing_in.people, gap=f"{missing}，{standing_in.gap or '改发值班组'}")


def duty_group() -> Told:
    """Who triages now, and who is missing."""
    return Directory().duty_group()


def spokespeople(unit: str) -> list[Person]:
    """Active spokespeople of a unit."""
    return list(Directory().spokespeople(unit))


def recipients(to: str, alert: Alert) -> Told:
    """Whom a rung of kind `to` addresses now."""
    return Directory().recipients(to, alert)


def _set_password(person: Person, password: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise PersonError(f"密码太弱：{''.join(error.messages)}") from error
    person.set_password(password)
