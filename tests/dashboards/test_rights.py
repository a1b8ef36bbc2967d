"""Which role opens which address; a refusal names who owns it and stands in the access log."""

from __future__ import annotations

import pytest
from django.test import Client

from alerts import moves
from store.models import AccessEntry
from tests.alerts.town import ECOLOGY, WATER, Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import text

ROLES = ("wuchen", "chenli", "zhaoning", "zheng", "shenjie")
#: address → the answer to commentator, spokesperson, editor, leader, administrator
MATRIX = {
    "/triage": (200, 403, 403, 403, 403),
    "/triage/list": (200, 403, 403, 403, 403),
    "/triage/alerts/{own}": (200, 403, 403, 403, 403),
    "/alerts": (200, 200, 200, 200, 403),
    "/alerts/{own}": (200, 200, 200, 200, 403),
    "/alerts/{other}": (200, 403, 200, 200, 403),
    "/alerts/{waiting}": (200, 403, 200, 200, 403),
    "/threads/bbs/{own_tid}": (200, 200, 200, 200, 403),
    "/threads/bbs/{other_tid}": (200, 403, 200, 200, 403),
    "/events/{own_event}": (200, 200, 200, 200, 403),
    "/events/{other_event}": (200, 403, 200, 200, 403),
    "/password": (200, 200, 200, 200, 200),
    "/tick": (200, 200, 200, 200, 200),
    "/nowhere": (404, 404, 404, 404, 404),
}


@pytest.fixture
def places(town: Town) -> dict[str, object]:
    own, other, waiting = town.alert("水管爆裂"), town.alert("刺鼻气味"), town.alert("路灯不亮")
    moves.assign(own.pk, "wuchen", unit=WATER, now=at("20:02"))
    moves.assign(other.pk, "wuchen", unit=ECOLOGY, now=at("20:02"))
    return {
        "own": own.pk,
        "other": other.pk,
        "waiting": waiting.pk,
        "own_tid": own.anchor.thread.tid,
        "other_tid": other.anchor.thread.tid,
        "own_event": own.event_id,
        "other_event": other.event_id,
    }


def test_each_role_opens_what_it_may(places: dict[str, object], login: Login) -> None:
    clients = [login(name) for name in ROLES]
    answers = {address: tuple(client.get(address.format(**places)).status_code for client in clients) for address in MATRIX}
    assert answers == MATRIX


def test_a_stranger_is_sent_to_the_door(places: dict[str, object]) -> None:
    for address in MATRIX.keys() - {"/nowhere"}:
        response = Client().get(address.format(**places))
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/login")


def test_a_refusal_names_the_owner_and_is_logged(places: dict[str, object], login: Login) -> None:
    response = login("chenli").get(f"/alerts/{places['other']}")
    assert ECOLOGY in text(response)
    assert "已记入查阅记录" in text(response)
    entry = AccessEntry.objects.get(action="denied")
    assert (entry.person, entry.what) == ("chenli", f"alert:{places['other']}")


def test_an_administrator_with_triage_may_judge(town: Town, login: Login) -> None:
    town.shenjie.may_triage = True
    town.shenjie.save()
    assert login("shenjie").get("/triage").status_code == 200


def test_everybody_starts_where_their_work_is(login: Login) -> None:
    starts = [login(name).get("/").headers["Location"] for name in ROLES]
    assert starts == ["/triage", "/alerts", "/digest", "/record", "/sources"]
