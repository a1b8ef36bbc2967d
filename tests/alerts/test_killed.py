"""kill -9 of a sender in the middle of a batch: nothing is lost, and each kill doubles one message at most."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection

from alerts import outbox
from alerts.models import Delivery
from alerts.states import DeliveryState
from tests.alerts.mail import PostOffice, open_office
from tests.alerts.town import Town, at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
KILLS = 3
SENDER = """
import os, sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from alerts import outbox
from alerts.channels.email import EmailChannel
from alerts.policy import Policy
from store.clock import parse_instant
now = parse_instant("2026-11-22T20:00:00+08:00")
outbox.recover(now)
channel = EmailChannel(host="127.0.0.1", port=int(sys.argv[2]), tls="none", sender="h@linhai.example")
outbox.send_due(now, {"email": channel}, policy=Policy())
"""


def sender(office: PostOffice) -> subprocess.Popen[bytes]:
    database = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-c", SENDER, database, str(office.channel.port)]
    return subprocess.Popen(command, cwd=settings.BASE_DIR.parent, env={**os.environ, "DJANGO_SETTINGS_MODULE": "huiying.settings"})


def arrived(office: PostOffice, count: int) -> None:
    """Wait until the server has accepted so many."""
    patience = time.monotonic() + 30
    while len(office.letters) < count:
        assert time.monotonic() < patience, f"only {len(office.letters)} of {count} arrived"
        time.sleep(0.005)


def test_a_sender_killed_in_mid_batch(town_policy: None) -> None:
    town = Town()
    for number in range(12):
        town.alert(f"第 {number} 处漏水", level=1)
    with open_office(slow_s=0.02) as office:
        for kill in range(1, KILLS + 1):
            child = sender(office)
            arrived(office, 4 * kill)
            os.kill(child.pid, signal.SIGKILL)
            child.wait(timeout=10)
        outbox.recover(at("20:01"))
        outbox.send_due(at("20:01"), {"email": office.channel})
        received = Counter(letter["X-Huiying-Key"] for letter in office.letters)
    assert set(received) == set(Delivery.objects.values_list("key", flat=True))
    assert sum(received.values()) - len(received) <= KILLS
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}
