"""Watermarks and heartbeats."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from store import heartbeat, watermark
from store.models import Heartbeat
from store.sequence import OutsideTransaction
from tests.store.readings import NOON, page, post, sink

pytestmark = pytest.mark.django_db


def test_a_follower_sees_every_change_once_in_order():
    sink().take([page(post(), post("2"))])
    seen = watermark.changed_posts("judge", limit=1)
    assert [row.pid for row in seen] == ["1"]
    with transaction.atomic():
        watermark.advance("judge", seen[-1].seq, NOON)
    assert [row.pid for row in watermark.changed_posts("judge")] == ["2"]
    sink().take([page(post(body="改了"), post("2"), seconds=60)])
    assert [row.pid for row in watermark.changed_posts("judge")] == ["2", "1"]
    assert [row.pid for row in watermark.changed_posts("index")] == ["2", "1"]


def test_a_mark_never_moves_back():
    with transaction.atomic():
        watermark.advance("judge", 7, NOON)
        watermark.advance("judge", 7, NOON)
        with pytest.raises(watermark.WentBack):
            watermark.advance("judge", 6, NOON)
    assert watermark.get("judge") == 7


@pytest.mark.django_db(transaction=True)
def test_a_mark_moves_only_with_its_effects():
    with pytest.raises(OutsideTransaction, match="atomic"):
        watermark.advance("judge", 1, NOON)


def test_heartbeats_have_an_age():
    assert heartbeat.age("engine", NOON) is None
    heartbeat.beat("engine", NOON, assessed=3)
    heartbeat.beat("engine", NOON + timedelta(seconds=5), assessed=4)
    assert heartbeat.age("engine", NOON + timedelta(seconds=9)) == timedelta(seconds=4)
    assert Heartbeat.objects.get().detail == {"assessed": 4}
