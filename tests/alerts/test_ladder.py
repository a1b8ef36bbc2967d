"""The ladder by itself, and as the engine climbs it."""

from __future__ import annotations

from datetime import timedelta

from alerts import ladder
from alerts.clocks import Interval
from alerts.engine import tick
from alerts.models import Alert, Audit, Delivery
from alerts.moves import ack, approve_pause, assign, pause, resume
from tests.alerts.town import Town, at

START = at("19:38")


def names(due: ladder.Due) -> tuple[str | None, list[str], int]:
    return (due.run.key if due.run else None, [step.key for step in due.skipped], due.more_skipped)


def test_nothing_is_due_before_its_time() -> None:
    assert names(ladder.due(ladder.SHIPPED, START, [], set(), at("19:52"))) == (None, [], 0)


def test_the_first_reminder_comes_after_fifteen_minutes() -> None:
    assert names(ladder.due(ladder.SHIPPED, START, [], set(), at("19:53"))) == ("rung-15m", [], 0)


def test_after_an_outage_only_the_highest_rung_runs() -> None:
    due = ladder.due(ladder.SHIPPED, START, [], {"rung-15m"}, at("21:40"))
    assert names(due) == ("rung-120m", ["rung-60m"], 0)


def test_after_the_breach_it_repeats_every_hour() -> None:
    done = {"rung-15m", "rung-60m", "rung-120m", "rung-150m", "rung-180m"}
    assert ladder.next_at(ladder.SHIPPED, START, [], done) == at("23:38")
    assert names(ladder.due(ladder.SHIPPED, START, [], done, at("23:38"))) == ("rung-180m-2", [], 0)
    assert ladder.next_at(ladder.SHIPPED, START, [], done | {"rung-180m-2"}) == at("23 00:38")


def test_a_night_without_the_engine_is_one_message() -> None:
    due = ladder.due(ladder.SHIPPED, START, [], set(), at("23 08:00"))
    assert names(due) == ("rung-180m-10", ["rung-15m", "rung-60m", "rung-120m", "rung-150m", "rung-180m"], 8)


def test_a_pause_moves_the_rungs() -> None:
    pauses = [Interval(start=at("20:00"), end=at("20:12"))]
    assert ladder.next_at(ladder.SHIPPED, START, pauses, {"rung-15m"}) == at("20:50")


def test_a_snapshot_reads_back_as_the_ladder() -> None:
    assert ladder.read(ladder.snapshot(ladder.SHIPPED)) == ladder.SHIPPED


def told(alert: Alert) -> list[tuple[str, str]]:
    return list(Delivery.objects.filter(alert=alert).order_by("id").values_list("cause", "person"))


def test_until_dispatch_the_duty_group_is_told(town: Town) -> None:
    alert = town.alert()
    assert tick(at("19:52"), town.policy).notified == 0
    assert tick(at("20:39"), town.policy).notified == 1
    assert told(alert) == [("rung-60m", "wuchen"), ("rung-60m", "zhouming")]
    assert Audit.objects.get(kind="skipped").detail["rungs"] == ["rung-15m"]


def test_after_dispatch_the_unit_is_told(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    tick(at("20:38"), town.policy)
    assert told(alert)[-1] == ("rung-60m", "chenli")
    assert tick(at("20:39"), town.policy).notified == 0


def test_nobody_is_told_that_nobody_signed_once_somebody_has(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("19:46"))
    ack(alert.pk, town.chenli, now=at("19:50"))
    assert tick(at("19:53"), town.policy).notified == 0
    alert.refresh_from_db()
    assert alert.next_rung_at == at("20:38")


def test_the_breach_stands_at_its_true_instant_and_leaders_hear_of_it(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    ack(alert.pk, town.chenli, now=at("20:09"))
    report = tick(at("22:51"), town.policy)
    assert (report.breached, report.notified) == (1, 1)
    alert.refresh_from_db()
    assert (alert.breached_at, alert.breach_leg) == (at("22:38"), "回应")
    message = Delivery.objects.get(cause="rung-180m")
    assert (message.person, message.subject) == ("zheng", "【超时】沿江自来水管爆裂，超时 13 分")


def test_a_breach_in_triage_names_triage_and_goes_to_the_duty_group(town: Town) -> None:
    alert = town.alert()
    tick(at("22:38"), town.policy)
    alert.refresh_from_db()
    assert alert.breach_leg == "研判"
    assert {person for _, person in told(alert)} == {"wuchen", "zhouming"}


def test_a_tick_repeated_does_nothing(town: Town) -> None:
    town.alert()
    tick(at("22:40"), town.policy)
    again = tick(at("22:40"), town.policy)
    assert (again.notified, again.breached) == (0, 0)


def test_a_late_discovery_starts_at_the_rung_that_is_due(town: Town) -> None:
    alert = town.alert(posted="17:30", seen="19:45")
    tick(at("19:46"), town.policy)
    assert {cause for cause, _ in told(alert)} == {"rung-120m"}


def test_a_pause_needs_two_names_and_stops_the_ladder(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:05"))
    ack(alert.pk, town.chenli, now=at("20:09"))
    tick(at("20:38"), town.policy)
    pause(alert.pk, town.chenli, reason="论坛停机维护，官方账号发不了帖", now=at("20:50"))
    paused = approve_pause(alert.pk, town.zhouming, now=at("20:52"))
    assert (paused.paused_at, paused.next_rung_at, paused.due_at) == (at("20:50"), None, at("22:38"))
    assert tick(at("23:59"), town.policy).breached == 0
    running = resume(alert.pk, town.chenli, now=at("21:02"))
    assert (running.due_at, running.paused_at, running.next_rung_at) == (at("22:50"), None, at("21:50"))
    assert Audit.objects.get(kind="resume").detail["moved_s"] == 720


def test_editing_the_policy_moves_no_running_clock(town: Town) -> None:
    alert = town.alert()
    town.policy = type(town.policy)(target=timedelta(hours=9), ladders={})
    tick(at("22:38"), town.policy)
    alert.refresh_from_db()
    assert alert.breached_at == at("22:38")
