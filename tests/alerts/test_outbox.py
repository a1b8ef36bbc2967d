"""Messages on their way, with a real SMTP server on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alerts import outbox
from alerts.channels.email import EmailChannel, message_id
from alerts.engine import tick
from alerts.evidence import observe
from alerts.models import Alert, Delivery, Person
from alerts.moves import ack, assign, return_
from alerts.sending import retry_in
from alerts.states import DeliveryState
from tests.alerts.mail import PostOffice, open_office
from tests.alerts.town import Town, at


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_office() as office:
        yield office


def send(office: PostOffice, clock: str) -> outbox.SendReport:
    return outbox.send_due(at(clock), {"email": office.channel})


def dispatched(town: Town) -> Alert:
    return assign(town.alert().pk, town.wuchen, now=at("20:02"))


def test_chenli_reads_how_long_is_left_and_where_to_go(town: Town, office: PostOffice) -> None:
    alert = dispatched(town)
    assert send(office, "20:02:11").sent == 0
    assert send(office, "20:02:12").sent == 1
    letter = office.letters[0]
    assert letter["Subject"] == "【回应】沿江自来水管爆裂，剩 2 小时 36 分"
    assert letter["To"] == "chenli@example.org"
    assert letter["From"] == "回应 <huiying@linhai.example>"
    assert letter["Message-ID"] == f"<alert.{alert.pk}.r1.dispatch.email.chenli@linhai.example>"
    assert letter["X-Huiying-Key"] == f"alert/{alert.pk}/r1/dispatch/email/chenli"
    assert f"请回应：http://huiying.example/alerts/{alert.pk}" in letter.get_content()
    assert send(office, "20:03").sent == 0


def test_the_first_delivery_to_the_lead_unit_ends_the_dispatch(town: Town, office: PostOffice) -> None:
    alert = dispatched(town)
    send(office, "20:05")
    alert.refresh_from_db()
    assert alert.dispatched_at == at("20:05")


def test_or_the_signature_when_that_is_first(town: Town, office: PostOffice) -> None:
    alert = ack(dispatched(town).pk, town.chenli, now=at("20:02:06"))
    send(office, "20:05")
    alert.refresh_from_db()
    assert alert.dispatched_at == at("20:02:06")


def test_a_delivery_to_the_duty_group_does_not(town: Town, office: PostOffice) -> None:
    alert = assign(town.alert().pk, town.wuchen, unit="沿江镇", now=at("20:02"))
    assert send(office, "20:05").sent == 2
    alert.refresh_from_db()
    assert alert.dispatched_at is None


def test_one_connection_carries_a_batch(town: Town, office: PostOffice) -> None:
    for number in range(4):
        assign(town.alert(f"第 {number} 处漏水").pk, town.wuchen, now=at("20:02"))
    assert send(office, "20:03").sent == 4
    assert office.sessions == 1


def test_what_is_no_longer_needed_is_not_sent(town: Town, office: PostOffice) -> None:
    alert = town.alert()
    tick(at("20:38"), town.policy)
    observe([town.official_reply(alert.anchor.thread, posted="20:38", seen="20:39")], at("20:39"), town.policy)
    assert send(office, "20:40") == outbox.SendReport()
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.CANCELLED}


def test_a_returned_alerts_message_is_moot_once_it_is_assigned_again(town: Town, office: PostOffice) -> None:
    alert = dispatched(town)
    return_(alert.pk, town.chenli, reason="不归我们管", now=at("20:03"))
    assign(alert.pk, town.wuchen, unit="市生态环境局", now=at("20:03:30"))
    report = send(office, "20:04")
    assert (report.sent, report.cancelled) == (1, 2)
    assert office.letters[0]["To"] == "luomin@example.org"


def test_while_the_server_is_away_they_wait_longer_and_longer(town: Town, office: PostOffice) -> None:
    dispatched(town)
    away = {"email": EmailChannel(host="127.0.0.1", port=1, tls="none", sender="h@example.org", timeout_s=1)}
    assert outbox.send_due(at("20:03"), away).failed == 1
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.next_try_at) == (DeliveryState.PENDING, 1, at("20:03:10"))
    assert "127.0.0.1:1" in row.error
    assert outbox.send_due(at("20:03:09"), away).failed == 0
    assert send(office, "20:03:10").sent == 1


def test_the_waits_double_up_to_five_minutes() -> None:
    assert [retry_in(n).total_seconds() for n in (1, 2, 3, 4, 5, 6, 7, 50)] == [10, 20, 40, 80, 160, 300, 300, 300]


def test_after_a_long_absence_only_the_newest_reminder_goes_out(town: Town, office: PostOffice) -> None:
    dispatched(town)
    for clock in ("20:38", "21:38", "22:38"):
        tick(at(clock), town.policy)
    report = send(office, "23:00")
    subjects = [letter["Subject"] for letter in office.letters if letter["To"] == "chenli@example.org"]
    assert [subject[:4] for subject in subjects] == ["【回应】", "【催办】"]
    assert report.cancelled == 1


def test_one_refused_address_does_not_hold_up_the_others(town: Town, office: PostOffice) -> None:
    office.refuses = {"wuchen@example.org"}
    town.alert(level=1)
    report = send(office, "19:46")
    assert (report.sent, report.failed) == (1, 1)
    assert "550 no such person" in Delivery.objects.get(person="wuchen").error


def test_a_server_that_hangs_up_loses_nothing(town: Town, office: PostOffice) -> None:
    for number in range(3):
        assign(town.alert(f"第 {number} 处漏水").pk, town.wuchen, now=at("20:02"))
    office.hangs_up_after = 1
    report = send(office, "20:03")
    assert (report.sent, report.failed) == (1, 2)
    office.hangs_up_after = None
    assert send(office, "20:03:10").sent == 2
    assert len({letter["Message-ID"] for letter in office.letters}) == 3


def test_a_worker_that_died_is_followed_by_at_most_one_duplicate(town: Town, office: PostOffice) -> None:
    alert = dispatched(town)
    # died between the server's acceptance and the mark
    until = at("20:05")
    Delivery.objects.update(state=DeliveryState.CLAIMED, claim="dead", claimed_until=until, next_try_at=until)
    assert send(office, "20:04").sent == 0
    assert send(office, "20:05").sent == 1
    assert office.letters[0]["Message-ID"].startswith(f"<alert.{alert.pk}.r1.dispatch")


def test_a_restarted_engine_need_not_wait_for_the_lease(town: Town, office: PostOffice) -> None:
    dispatched(town)
    until = at("20:05")
    Delivery.objects.update(state=DeliveryState.CLAIMED, claim="dead", claimed_until=until, next_try_at=until)
    assert outbox.recover(at("20:03")) == 1
    assert send(office, "20:03").sent == 1


def test_without_a_channel_they_wait_until_they_are_stale(town: Town) -> None:
    dispatched(town)
    assert outbox.send_due(at("20:03"), {}) == outbox.SendReport()
    assert outbox.send_due(at("23 20:03"), {}).expired == 1


def test_a_simulated_home_renders_and_never_sends(town: Town) -> None:
    alert = dispatched(town)
    outbox.send_due(at("20:10"), {}, simulated=True)
    row = Delivery.objects.get()
    assert (row.state, row.accepted_at) == (DeliveryState.SIMULATED, at("20:02:12"))
    alert.refresh_from_db()
    assert alert.dispatched_at == at("20:02:12")


def test_a_person_without_an_address_is_a_gap_in_the_history(town: Town) -> None:
    Person.objects.filter(username="chenli").update(email="")
    alert = dispatched(town)
    assert alert.history.get(kind="nobody").detail["gap"] == "市水务集团 的发言人没有可用的地址"


def test_a_key_of_other_signs_still_makes_a_valid_message_id() -> None:
    odd = message_id("alert/1/r1/rung-60m/email/陈立", "h@example.org")
    assert odd.isascii()
    assert odd != message_id("alert/1/r1/rung-60m/email/陈力", "h@example.org")


def test_a_title_cannot_smuggle_a_header(town: Town, office: PostOffice) -> None:
    assign(town.alert("停水\r\nBcc: x@example.org").pk, town.wuchen, now=at("20:02"))
    send(office, "20:03")
    assert office.letters[0]["Bcc"] is None
    assert office.letters[0]["Subject"].startswith("【回应】停水 Bcc: x@example.org")
