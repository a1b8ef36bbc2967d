"""Merging and splitting: one alert for one event, and nobody gains time by it."""

from __future__ import annotations

import pytest

from alerts.engine import tick
from alerts.evidence import observe
from alerts.models import Alert, EventMember
from alerts.moves import BadReason, WrongState, ack, approve_pause, assign, close, dismiss, merge, pause, split, undo
from alerts.states import State
from alerts.verify import verify
from tests.alerts.town import Town, at


@pytest.fixture
def early(town: Town) -> Alert:
    return town.alert("东塍有气味", posted="19:36", seen="19:43")


@pytest.fixture
def late(town: Town) -> Alert:
    return town.alert("胶水味又来了", posted="20:20", seen="20:25")


def fresh(alert: Alert) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def test_a_later_post_merged_changes_nothing_of_the_clock(town: Town, early: Alert, late: Alert) -> None:
    gone = merge(late.pk, town.linxiao, into=early.pk, now=at("21:40"))
    assert (gone.state, gone.merged_into_id, gone.next_rung_at) == (State.MERGED, early.pk, None)
    assert fresh(early).due_at == at("22:36")
    assert EventMember.objects.filter(event=early.event).count() == 2


def test_an_earlier_post_merged_brings_its_start_and_due_time(town: Town, early: Alert, late: Alert) -> None:
    merge(early.pk, town.linxiao, into=late.pk, now=at("21:40"))
    alert = fresh(late)
    assert (alert.clock_start, alert.posted_at, alert.due_at) == (at("19:36"), at("19:36"), at("22:36"))
    assert alert.anchor == late.anchor


def test_the_pause_of_one_does_not_prolong_the_other(town: Town, early: Alert, late: Alert) -> None:
    assign(late.pk, town.wuchen, now=at("20:26"))
    ack(late.pk, town.chenli, now=at("20:30"))
    pause(late.pk, town.chenli, reason="论坛停机维护", now=at("20:40"))
    approve_pause(late.pk, town.zhouming, now=at("20:41"))
    with pytest.raises(WrongState, match="正在暂停"):
        merge(early.pk, town.linxiao, into=late.pk, now=at("20:42"))
    from alerts.moves import resume

    resume(late.pk, town.chenli, now=at("21:40"))
    merge(early.pk, town.linxiao, into=late.pk, now=at("21:41"))
    assert fresh(late).due_at == at("22:36")
    pause(late.pk, town.chenli, reason="论坛又停机维护", now=at("21:50"))
    approve_pause(late.pk, town.zhouming, now=at("21:51"))
    resume(late.pk, town.chenli, now=at("22:00"))
    assert fresh(late).due_at == at("22:46")


def test_merging_what_is_overdue_makes_the_other_overdue(town: Town, early: Alert, late: Alert) -> None:
    merge(early.pk, town.linxiao, into=late.pk, now=at("22:50"))
    assert fresh(late).breached_at == at("22:36")


def test_a_split_gives_both_their_own_time_back(town: Town, early: Alert, late: Alert) -> None:
    merge(early.pk, town.linxiao, into=late.pk, now=at("22:50"))
    back = split(early.pk, town.wuchen, now=at("23:00"))
    assert (back.state, back.due_at, back.breached_at) == (State.OPEN, at("22:36"), at("22:36"))
    other = fresh(late)
    assert (other.clock_start, other.due_at, other.due_cap, other.breached_at) == (at("20:20"), at("23:20"), None, None)
    assert EventMember.objects.get(post=early.anchor).event_id == early.event_id
    assert not other.further.exists()


def test_splitting_one_of_two_keeps_the_time_of_the_other(town: Town, early: Alert, late: Alert) -> None:
    third = town.alert("窗都不敢开", posted="20:00", seen="20:25")
    merge(early.pk, town.linxiao, into=late.pk, now=at("21:00"))
    merge(third.pk, town.linxiao, into=late.pk, now=at("21:05"))
    split(early.pk, town.linxiao, now=at("21:10"))
    assert fresh(late).due_at == at("23:00")


def test_undo_of_a_merge_is_a_split(town: Town, early: Alert, late: Alert) -> None:
    merge(late.pk, town.linxiao, into=early.pk, now=at("21:40"))
    assert undo(late.pk, town.linxiao, now=at("21:40:08")).state == State.OPEN
    assert fresh(late).due_at == at("23:20")


def test_a_split_post_whose_own_thread_was_answered_is_answered(town: Town, early: Alert, late: Alert) -> None:
    merge(late.pk, town.linxiao, into=early.pk, now=at("21:40"))
    observe([town.official_reply(late.anchor.thread, posted="22:00", seen="22:01")], at("22:01"), town.policy)
    assert fresh(early).answered_at == at("22:00")
    assert split(late.pk, town.linxiao, now=at("22:30")).answered_at == at("22:00")


def test_a_chain_of_merges_can_be_taken_apart_in_any_order(town: Town, early: Alert, late: Alert) -> None:
    third = town.alert("窗都不敢开", posted="20:00", seen="20:25")
    merge(early.pk, town.linxiao, into=late.pk, now=at("21:00"))
    merge(late.pk, town.linxiao, into=third.pk, now=at("21:05"))
    assert fresh(third).due_at == at("22:36")
    split(early.pk, town.linxiao, now=at("21:10"))
    split(late.pk, town.linxiao, now=at("21:15"))
    assert [fresh(alert).state for alert in (early, late, third)] == [State.OPEN] * 3
    owners = {member.post_id: member.event_id for member in EventMember.objects.all()}
    assert owners == {alert.anchor_id: alert.event_id for alert in (early, late, third)}
    assert verify().findings == []


def test_what_cannot_be_merged(town: Town, early: Alert, late: Alert) -> None:
    with pytest.raises(BadReason, match="同一件"):
        merge(early.pk, town.linxiao, into=early.pk, now=at("21:00"))
    dismiss(late.pk, town.linxiao, reason="外地的事", now=at("21:00"))
    with pytest.raises(WrongState, match="没有可并入的件"):
        merge(early.pk, town.linxiao, into=late.pk, now=at("21:01"))


def test_merged_into_a_closed_event_it_opens_a_round(town: Town, early: Alert, late: Alert) -> None:
    observe([town.official_reply(early.anchor.thread, posted="20:00", seen="20:01")], at("20:01"), town.policy)
    close(early.pk, town.zhaoning, now=at("20:10"))
    merge(late.pk, town.linxiao, into=early.pk, now=at("21:00"))
    second = Alert.objects.get(event=early.event, round=2)
    assert (second.state, second.due_at, second.anchor_id) == (State.OPEN, at("23:20"), late.anchor_id)
    assert fresh(late).merged_into_id == second.pk
    with pytest.raises(WrongState, match="另开了一轮"):
        split(late.pk, town.linxiao, now=at("21:01"))
    assert tick(at("23:20"), town.policy).breached == 1
