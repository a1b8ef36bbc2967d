"""Whatever people do in whatever order: nobody gains time, and the ledger is what its history says."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts import moves, outbox, policy
from alerts.engine import tick
from alerts.evidence import observe
from alerts.models import Alert, Delivery, Pause
from alerts.moves import MoveError
from alerts.states import LIVE
from alerts.verify import verify
from store.models import Post
from tests.alerts.town import ECOLOGY, WATER, Town, at

LINK = "http://bbs.example/thread-1"
STEPS = (
    *("assign", "ack", "return", "reassign", "answer", "dismiss", "merge", "split", "undo", "reopen", "close"),
    *("pause", "approve", "resume", "extend", "tick", "reply", "delete", "send"),
)
step = st.tuples(st.sampled_from(STEPS), st.integers(0, 2), st.integers(1, 90))


class Evening:
    """Three alerts, and hands that do things to them."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.now: datetime = at("19:45")
        self.first = [town.alert("自来水管爆裂"), town.alert("路灯不亮", posted="19:40"), town.alert("有气味", posted="19:20")]
        self.due = {alert.pk: alert.due_at for alert in self.first}

    def do(self, name: str, which: int, minutes: int) -> None:
        # undo and dispatch happen within seconds, the rest within the hour
        self.now += timedelta(seconds=5) if name in ("undo", "assign") else timedelta(minutes=minutes)
        alert = self._newest(which)
        other = self._newest((which + 1) % 3)
        speaker = "luomin" if alert.unit == ECOLOGY else "chenli"
        now = self.now
        deeds = {
            "assign": lambda: moves.assign(alert.pk, "wuchen", unit=WATER, now=now),
            "ack": lambda: moves.ack(alert.pk, speaker, now=now),
            "return": lambda: moves.return_(alert.pk, speaker, reason="不归我们管", now=now),
            "reassign": lambda: moves.reassign(alert.pk, "wuchen", unit=WATER if alert.unit == ECOLOGY else ECOLOGY, now=now),
            "answer": lambda: moves.answer(alert.pk, speaker, url=LINK, at=now - timedelta(minutes=1), text="已派人", now=now),
            "dismiss": lambda: moves.dismiss(alert.pk, "wuchen", reason="外地的事", now=now),
            "merge": lambda: moves.merge(alert.pk, "linxiao", into=other.pk, now=now),
            "split": lambda: moves.split(alert.pk, "linxiao", now=now),
            "undo": lambda: moves.undo(alert.pk, "wuchen", now=now),
            "reopen": lambda: moves.reopen(alert.pk, "wuchen", reason="问题还在", now=now),
            "close": lambda: moves.close(alert.pk, "zhaoning", now=now),
            "pause": lambda: moves.pause(alert.pk, speaker, reason="论坛停机维护", now=now),
            "approve": lambda: moves.approve_pause(alert.pk, "zhouming", now=now),
            "resume": lambda: moves.resume(alert.pk, speaker, now=now),
            "extend": lambda: moves.extend(alert.pk, speaker, days=1, reason="管件未到", now=now),
            "tick": lambda: tick(now, self.town.policy),
            "reply": lambda: self._reply(alert),
            "delete": self._delete,
            "send": lambda: outbox.send_due(now, {}, simulated=True),
        }
        with contextlib.suppress(MoveError), transaction.atomic():
            deeds[name]()

    def _newest(self, which: int) -> Alert:
        """The alert of that thread's newest round."""
        anchor = self.first[which].anchor_id
        found = Alert.objects.filter(anchor_id=anchor).order_by("-id").first()
        assert found is not None
        return found

    def _reply(self, alert: Alert) -> None:
        clock = f"{self.now.astimezone(at('00:00').tzinfo):%H:%M}"
        reply = self.town.official_reply(alert.anchor.thread, posted=clock, seen=clock)
        Post.objects.filter(pk=reply.pk).update(posted_at=self.now, detected_at=self.now, precision="second")
        reply.refresh_from_db()
        observe([reply], self.now, self.town.policy)

    def _delete(self) -> None:
        reply = Post.objects.filter(official=True, deleted_at=None).order_by("-id").first()
        if reply is not None:
            reply.deleted_at = self.now
            reply.save()
            observe([reply], self.now, self.town.policy)

    def check(self) -> None:
        assert verify().findings == []
        stood = sum(
            ((pause.ended_at or self.now) - pause.asked_at for pause in Pause.objects.exclude(approved_at=None)),
            timedelta(0),
        )
        for alert in Alert.objects.all():
            assert alert.due_at <= alert.clock_start + timedelta(seconds=alert.target_s) + stood
            if alert.pk in self.due:
                assert alert.due_at <= self.due[alert.pk] + stood
            if alert.breached_at is not None:
                assert alert.breached_at <= self.now
        live = [alert.event_id for alert in Alert.objects.filter(state__in=LIVE)]
        assert len(live) == len(set(live))
        keys = list(Delivery.objects.values_list("key", flat=True))
        assert len(keys) == len(set(keys))


def play(steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        evening = Evening(Town())
        for name, which, minutes in steps:
            evening.do(name, which, minutes)
        evening.check()
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(step, min_size=3, max_size=18))
def test_in_whatever_order(town_policy: None, steps: list[tuple[str, int, int]]) -> None:
    play(steps)


def test_one_long_evening(town_policy: None, db: None) -> None:
    play([(name, which, 7) for which in range(3) for name in STEPS])
    assert policy.current() is not None
