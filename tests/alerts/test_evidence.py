"""What stops the clock, and what starts it again."""

from __future__ import annotations

import pytest

from alerts.engine import tick
from alerts.evidence import observe
from alerts.models import Alert, AlertPost, Delivery, Evidence, Label
from alerts.moves import (
    BadReason,
    Conflict,
    NotAllowed,
    WrongState,
    ack,
    answer,
    approve_pause,
    assign,
    close,
    extend,
    merge,
    pause,
    reopen,
)
from alerts.states import DeliveryState, EvidenceState, State
from store.models import Post
from tests.alerts.town import ECOLOGY, Town, at

LINK = "http://bbs.example/thread-t1001-1-1.html#pid1002"


def owned(town: Town, **post: object) -> Alert:
    alert = assign(town.alert(**post).pk, town.wuchen, now=at("20:02"))  # type: ignore[arg-type]
    return ack(alert.pk, town.chenli, now=at("20:09"))


def seen(town: Town, alert: Alert, posted: str, detected: str, **fields: object) -> Post:
    reply = town.official_reply(alert.anchor.thread, posted=posted, seen=detected, **fields)  # type: ignore[arg-type]
    observe([reply], at(detected), town.policy)
    alert.refresh_from_db()
    return reply


def test_an_official_reply_on_the_forum_stops_the_clock_at_the_forums_time(town: Town) -> None:
    alert = owned(town)
    seen(town, alert, "21:54", "21:55")
    assert (alert.state, alert.answered_at, alert.next_rung_at) == (State.ANSWERED, at("21:54"), None)
    assert alert.result_due_at == at("27 23:59:59")
    assert Evidence.objects.get().other_unit is False


def test_seeing_it_again_changes_nothing(town: Town) -> None:
    alert = owned(town)
    reply = seen(town, alert, "21:54", "21:55")
    version = alert.version
    observe([reply], at("21:56"), town.policy)
    alert.refresh_from_db()
    assert (alert.version, Evidence.objects.count()) == (version, 1)


def test_another_offices_reply_is_shown_not_refused(town: Town) -> None:
    alert = owned(town)
    seen(town, alert, "21:54", "21:55", unit=ECOLOGY)
    assert alert.state == State.ANSWERED
    assert Evidence.objects.get().other_unit is True


def test_a_reply_before_the_clocks_start_is_no_answer(town: Town) -> None:
    topic = town.post("停水通知", official=True)
    town.official_reply(topic.thread, posted="19:50", seen="19:51")
    request = town.post("我家也没水", posted="20:10", seen="20:11", thread=topic.thread)
    town.open(request, now="20:11:10")
    assert Alert.objects.get().state == State.OPEN


def test_an_answer_in_time_but_seen_late_takes_the_breach_back(town: Town) -> None:
    alert = owned(town)
    tick(at("22:40"), town.policy)
    seen(town, alert, "22:30", "22:50")
    assert (alert.breached_at, alert.answered_at) == (None, at("22:30"))


def test_a_late_answer_is_a_breach_even_if_no_tick_came_between(town: Town) -> None:
    alert = owned(town)
    seen(town, alert, "22:45", "22:46")
    assert (alert.breached_at, alert.breach_leg) == (at("22:38"), "回应")


def test_an_answer_beats_a_late_acknowledgement(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    version = alert.version
    seen(town, alert, "20:30", "20:31")
    with pytest.raises(Conflict, match="首次回应"):
        ack(alert.pk, town.chenli, version=version, now=at("20:32"))
    with pytest.raises(WrongState, match="时钟已停，不用再签收"):
        ack(alert.pk, town.chenli, now=at("20:32"))


def test_what_was_not_sent_yet_is_taken_back(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    seen(town, alert, "20:01", "20:02")
    assert Delivery.objects.get().state == DeliveryState.CANCELLED


def test_a_day_only_time_of_an_answer_does_not_flatter(town: Town) -> None:
    alert = owned(town)
    seen(town, alert, "00:00", "22:00", precision="day")
    assert alert.answered_at == at("22:00")


def test_a_recorded_answer_rests_the_ladder_for_half_an_hour(town: Town) -> None:
    alert = owned(town)
    waiting = answer(alert.pk, town.chenli, url=LINK, at=at("22:10"), text="已派人抢修", now=at("22:12"))
    assert (waiting.state, waiting.provisional_until, waiting.next_rung_at) == (State.OWNED, at("22:42"), at("22:42"))
    assert tick(at("22:41"), town.policy).breached == 0
    report = tick(at("22:43"), town.policy)
    waiting.refresh_from_db()
    assert (report.breached, waiting.breached_at, waiting.due_at) == (1, at("22:38"), at("22:38"))
    assert Evidence.objects.get().state == EvidenceState.FAILED


def test_the_crawler_verifies_it_and_the_forums_time_wins(town: Town) -> None:
    alert = owned(town)
    answer(alert.pk, town.chenli, url=LINK, at=at("22:00"), text="已派人抢修", now=at("22:12"))
    seen(town, alert, "22:11", "22:14")
    assert (alert.state, alert.answered_at, alert.provisional_until) == (State.ANSWERED, at("22:11"), None)
    assert set(Evidence.objects.values_list("kind", "state")) == {("observed", "stands"), ("recorded", "stands")}


def test_recording_again_buys_no_second_half_hour(town: Town) -> None:
    alert = owned(town)
    answer(alert.pk, town.chenli, url=LINK, at=at("21:00"), text="已派人抢修", now=at("21:01"))
    tick(at("21:40"), town.policy)
    again = answer(alert.pk, town.chenli, url=LINK, at=at("21:45"), text="已派人抢修", now=at("21:46"))
    assert again.provisional_until is None
    assert tick(at("22:38"), town.policy).breached == 1


def test_on_a_site_that_is_not_crawled_it_stands(town: Town) -> None:
    alert = owned(town, site="hotline", source="hotline")
    done = answer(alert.pk, town.chenli, url="https://hotline.example/1", at=at("21:00"), text="已答复", now=at("21:01"))
    assert (done.state, done.answered_at) == (State.ANSWERED, at("21:00"))


@pytest.mark.parametrize(
    ("url", "when", "text", "words"),
    [
        ("thread-1", "21:00", "好", "以 http://"),
        (LINK, "23:00", "好", "将来"),
        (LINK, "19:00", "好", "早于发帖"),
        (LINK, "21:00", " ", "内容为空"),
    ],
)
def test_a_record_that_does_not_hold_is_refused(town: Town, url: str, when: str, text: str, words: str) -> None:
    with pytest.raises(BadReason, match=words):
        answer(owned(town).pk, town.chenli, url=url, at=at(when), text=text, now=at("21:01"))


def test_a_commentator_may_record_that_it_was_answered_already(town: Town) -> None:
    alert = answer(town.alert().pk, town.wuchen, url=LINK, at=at("19:50"), text="已派人抢修", now=at("19:55"))
    assert (alert.provisional_until, alert.triaged_at) == (at("20:25"), at("19:55"))
    assert Label.objects.get().decided == "yes"
    with pytest.raises(NotAllowed):
        answer(alert.pk, town.luomin, url=LINK, at=at("19:50"), text="已派人抢修", now=at("19:56"))


def test_a_deleted_answer_opens_the_next_round(town: Town) -> None:
    alert = owned(town)
    reply = seen(town, alert, "21:54", "21:55")
    reply.deleted_at = at("23 09:00")
    reply.save()
    report = observe([reply], at("23 09:01"), town.policy)
    second = Alert.objects.get(pk=report.reopened[0])
    alert.refresh_from_db()
    assert (alert.state, alert.answered_at) == (State.CLOSED, at("21:54"))
    assert (second.round, second.state, second.clock_start, second.proposed_unit) == (2, State.OPEN, at("23 09:00"), "市水务集团")
    assert Evidence.objects.get().state == EvidenceState.WITHDRAWN
    assert observe([reply], at("23 09:02"), town.policy).reopened == []


def test_a_deleted_answer_beside_another_one_reopens_nothing(town: Town) -> None:
    alert = owned(town)
    reply = seen(town, alert, "21:54", "21:55")
    seen(town, alert, "22:30", "22:31")
    reply.deleted_at = at("23 09:00")
    reply.save()
    assert observe([reply], at("23 09:01"), town.policy).reopened == []
    alert.refresh_from_db()
    assert (alert.state, alert.answered_at) == (State.ANSWERED, at("21:54"))


def test_the_first_answer_on_any_member_thread_stops_the_one_clock(town: Town) -> None:
    first = owned(town)
    second = town.alert("老镇区没水", posted="20:20", seen="20:25")
    merge(second.pk, town.linxiao, into=first.pk, now=at("21:40"))
    seen(town, second, "22:31", "22:32")
    first.refresh_from_db()
    assert (first.state, first.answered_at) == (State.ANSWERED, at("22:31"))
    assert AlertPost.objects.get().answered_at == at("22:31")
    third = town.alert("阀门也坏了", posted="20:40", seen="22:40")
    merge(third.pk, town.linxiao, into=first.pk, now=at("22:41"))
    assert AlertPost.objects.get(post=third.anchor).answered_at is None


def test_reopening_starts_a_new_clock_and_keeps_the_old_result(town: Town) -> None:
    alert = owned(town)
    seen(town, alert, "21:54", "21:55")
    close(alert.pk, town.zhaoning, now=at("23 09:00"))
    second = reopen(alert.pk, town.wuchen, reason="水又停了，回应里说的没有做到", now=at("23 10:00"))
    assert (second.round, second.due_at) == (2, at("23 13:00"))
    with pytest.raises(WrongState, match="已有第 2 轮"):
        reopen(alert.pk, town.wuchen, reason="再来一次吧", now=at("23 10:01"))


def test_a_pause_is_not_approved_by_the_one_who_asked_nor_after_the_breach(town: Town) -> None:
    alert = owned(town)
    pause(alert.pk, town.wuchen, reason="论坛停机维护", now=at("20:50"))
    with pytest.raises(NotAllowed, match="第二个人"):
        approve_pause(alert.pk, town.wuchen, now=at("20:51"))
    with pytest.raises(WrongState, match="批准前已超时"):
        approve_pause(alert.pk, town.zhouming, now=at("22:39"))


def test_an_answer_ends_a_running_pause(town: Town) -> None:
    alert = owned(town)
    pause(alert.pk, town.chenli, reason="论坛停机维护", now=at("20:50"))
    approve_pause(alert.pk, town.zhouming, now=at("20:52"))
    seen(town, alert, "21:10", "21:11")
    assert (alert.paused_at, alert.pauses.get().ended_at, alert.due_at) == (None, at("21:10"), at("22:58"))


def test_an_extension_moves_the_result_only_and_has_a_cap(town: Town) -> None:
    alert = owned(town)
    seen(town, alert, "21:54", "21:55")
    longer = extend(alert.pk, town.chenli, days=2, reason="管件要从外地调来", now=at("23 09:00"))
    assert longer.result_due_at == parse("2026-12-01T23:59:59+08:00")
    assert longer.due_at == at("22:38")
    with pytest.raises(BadReason, match="延期已用完"):
        extend(alert.pk, town.chenli, days=1, reason="管件还没到", now=at("23 09:01"))


def parse(text: str) -> object:
    from store.clock import parse_instant

    return parse_instant(text)


def test_the_result_is_recorded_on_the_second_clock(town: Town) -> None:
    alert = owned(town)
    seen(town, alert, "21:54", "21:55")
    done = answer(alert.pk, town.chenli, url=LINK, at=at("23 15:00"), text="已修好", form="result", now=at("23 15:01"))
    assert (done.state, done.result_at, done.answered_at) == (State.ANSWERED, at("23 15:00"), at("21:54"))
