"""Several at once, on a real file database: the first stands, the others are told, nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from alerts import outbox
from alerts.engine import tick
from alerts.models import Alert, Delivery
from alerts.moves import MoveError, assign
from alerts.states import DeliveryState
from alerts.verify import verify
from store.models import Post
from tests.alerts.mail import open_office
from tests.alerts.town import POLICY, Town, at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HANDS = 4


def together(deed: Callable[[int], Any]) -> list[Any]:
    """What `deed` gives each of four threads that begin at the same moment; an error of a move counts as an answer."""
    gate = Barrier(HANDS)

    def run(number: int) -> Any:
        try:
            gate.wait(timeout=20)
            return deed(number)
        except MoveError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(run, range(HANDS)))


def test_four_press_y_at_once(town_policy: None) -> None:
    town = Town()
    alert = town.alert()
    names = ("wuchen", "linxiao", "zhouming", "wuchen")
    answers = together(lambda number: assign(alert.pk, names[number], version=1, now=at("20:02")))
    assert sum(isinstance(answer, Alert) for answer in answers) == 1
    assert all("确认并派发" in str(answer) for answer in answers if isinstance(answer, MoveError))
    assert Delivery.objects.count() == 1
    assert verify().findings == []


def test_four_engines_open_one_alert_a_post_and_speak_once_a_rung(town_policy: None) -> None:
    town = Town()
    for number in range(6):
        town.post(f"第 {number} 处漏水")
    together(lambda _: town.open(*Post.objects.select_related("thread", "assessment")))
    assert Alert.objects.count() == 6
    together(lambda _: tick(at("20:40"), POLICY))
    assert Delivery.objects.count() == 12
    assert verify().findings == []


def test_four_senders_send_each_message_once(town_policy: None) -> None:
    town = Town()
    for number in range(10):
        town.alert(f"第 {number} 处漏水", level=1)
    with open_office() as office:
        together(lambda _: outbox.send_due(at("20:00"), {"email": office.channel}, limit=7))
        assert outbox.send_due(at("20:00"), {"email": office.channel}).failed == 0
        keys = [letter["X-Huiying-Key"] for letter in office.letters]
    assert sorted(keys) == sorted(Delivery.objects.values_list("key", flat=True))
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
