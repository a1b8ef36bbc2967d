"""Accounts, and who is told."""

from __future__ import annotations

import pytest

from alerts import people
from alerts.models import Audit, Person
from alerts.moves import NotAllowed, Unknown, assign
from tests.alerts.town import WATER, Town, at

NOW = at("12:00")


def test_an_account_is_made_and_the_history_tells(town: Town) -> None:
    person = people.create(
        "hefang", role="spokesperson", password="沿江自来水抢修2026", now=NOW, display="何芳", units=[WATER], by="shenjie"
    )
    assert person.check_password("沿江自来水抢修2026")
    assert Audit.objects.get(kind="people").detail == {"created": "hefang", "role": "spokesperson", "units": [WATER]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"username": "chenli"}, "已存在"),
        ({"username": "he fang"}, "不能含空格"),
        ({"role": "chief"}, "角色「chief」不存在"),
        ({"role": "spokesperson"}, "须写明单位"),
        ({"role": "spokesperson", "units": ["水务局"], "known_units": {WATER}}, "单位「水务局」不在"),
        ({"password": "12345"}, "密码太弱"),
    ],
)
def test_what_is_refused_says_what_to_write(town: Town, given: dict[str, object], words: str) -> None:
    fields: dict[str, object] = {"username": "hefang", "role": "commentator", "password": "沿江自来水抢修2026", "now": NOW, **given}
    with pytest.raises(people.PersonError, match=words):
        people.create(**fields)  # type: ignore[arg-type]


def test_a_disabled_account_moves_nothing_and_gets_nothing(town: Town) -> None:
    alert = town.alert()
    people.disable("wuchen", now=NOW, by="shenjie")
    with pytest.raises(NotAllowed, match="已停用"):
        assign(alert.pk, "wuchen", now=at("20:00"))
    assert [person.username for person in people.duty_group().people] == ["zhouming"]


def test_nobody_of_that_name(town: Town) -> None:
    with pytest.raises(Unknown, match="没有账号"):
        assign(town.alert().pk, "nobody", now=at("20:00"))


def test_when_nobody_is_on_duty_everybody_is_told(town: Town) -> None:
    for name in ("wuchen", "zhouming"):
        people.set_duty(name, False, now=NOW)
    told = people.duty_group()
    assert {person.username for person in told.people} == {"wuchen", "zhouming", "linxiao"}
    assert told.gap == "值班组无人，改发全体网评员"


def test_when_nobody_triages_the_administrator_is_told(town: Town) -> None:
    Person.objects.filter(role="commentator").update(is_active=False)
    assert [person.username for person in people.duty_group().people] == ["shenjie"]


def test_only_who_triages_goes_on_duty(town: Town) -> None:
    with pytest.raises(people.PersonError, match="没有研判权限"):
        people.set_duty("chenli", True, now=NOW)
