"""The posts that the judge was unsure of: which are listed, what 需回应 and 不需回应 do, what undo takes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from alerts import doubt, moves
from alerts.models import Alert, Audit, Label
from alerts.states import State
from alerts.verify import verify
from store.models import Assessment, Edit, Post
from tests.alerts.doubtful import doubtful, engine
from tests.alerts.town import YANJIANG, Town, at

NOW = at("21:38")


def listed() -> list[int]:
    return list(doubt.waiting(NOW).values_list("pk", flat=True))


def test_the_doubtful_are_listed_and_nobody_else(town: Town) -> None:
    older, newer = doubtful(town, posted="18:00", seen="18:05"), doubtful(town, posted="20:00", seen="20:05")
    town.post("今天天气真好", flag=False)
    flagged = town.post("水管爆了")
    Assessment.objects.filter(post=flagged).update(unsure=True)
    doubtful(town, official=True)
    doubtful(town, backfill=True)
    doubtful(town, deleted_at=at("20:30"))
    doubtful(town, posted="19 20:00", seen="19 20:05")
    bulletin = doubtful(town)
    bulletin.thread.official = True
    bulletin.thread.save()
    assert listed() == [newer.pk, older.pk]


def test_a_post_that_was_found_late_is_listed_by_when_it_was_found(town: Town) -> None:
    late = doubtful(town, posted="18 08:00", seen="21:00")
    assert listed() == [late.pk]


def test_a_post_with_an_alert_is_looked_after_already(town: Town) -> None:
    alert = town.alert()
    further = doubtful(town, thread=alert.anchor.thread, posted="20:10", seen="20:11")
    assert listed() == [further.pk]
    moves.flag(further.pk, "linxiao", now=at("20:12"))
    engine("20:13")
    assert listed() == []
    assert Alert.objects.count() == 1


def test_flagged_by_hand_opens_an_alert_with_the_clock_of_the_post(town: Town) -> None:
    post = doubtful(town)
    moves.flag(post.pk, "linxiao", now=at("20:12"))
    assert listed() == []
    assert engine("20:12:11").opened == []
    [number] = engine("20:12:12").opened
    alert = Alert.objects.get(pk=number)
    assert (alert.state, alert.anchor, alert.clock_start, alert.flagged_at) == (State.OPEN, post, at("19:38"), at("20:12:12"))
    assert (alert.due_at, alert.town, alert.unit) == (at("22:38"), YANJIANG, "")
    row = Audit.objects.get(alert=alert, kind="opened")
    assert row.actor == "linxiao"
    label = Label.objects.get(post=post)
    assert (label.field, label.judged, label.decided, label.by, label.at) == ("needs_response", "no", "yes", "linxiao", at("20:12"))
    assert engine("20:12:20").opened == []
    assert verify().whole


def test_one_that_is_late_when_flagged_is_a_breach_at_its_true_instant(town: Town) -> None:
    post = doubtful(town, posted="15:00", seen="15:05")
    moves.flag(post.pk, "linxiao", now=at("20:12"))
    [number] = engine("20:13").opened
    alert = Alert.objects.get(pk=number)
    assert (alert.breached_at, alert.breach_leg) == (at("18:00"), "研判")


def test_passed_over_leaves_the_list_and_is_kept_with_who_and_when(town: Town) -> None:
    post = doubtful(town)
    moves.pass_over(post.pk, "wuchen", now=at("20:12"))
    assert listed() == []
    assert engine("20:13").opened == []
    [label] = doubt.decided(NOW)
    assert (label.post, label.decided, label.by, label.at, label.model) == (post, "no", "wuchen", at("20:12"), "test")


def test_taken_back_it_stands_on_the_list_again(town: Town) -> None:
    post = doubtful(town)
    moves.flag(post.pk, "linxiao", now=at("20:12"))
    assert moves.take_back(post.pk, "linxiao", now=at("20:12:09")) == "yes"
    assert engine("20:13").opened == []
    assert listed() == [post.pk]
    moves.pass_over(post.pk, "linxiao", now=at("20:14"))
    assert moves.take_back(post.pk, "wuchen", now=at("21:00")) == "no"
    assert (listed(), Label.objects.count()) == ([post.pk], 0)


def test_once_there_is_an_alert_its_own_moves_lead_on(town: Town) -> None:
    post = doubtful(town)
    moves.flag(post.pk, "linxiao", now=at("20:12"))
    engine("20:13")
    with pytest.raises(moves.TooLate, match="已开告警"):
        moves.take_back(post.pk, "linxiao", now=at("20:13:05"))


def test_of_two_the_first_decides_and_the_second_is_told(town: Town) -> None:
    post = doubtful(town)
    moves.pass_over(post.pk, "wuchen", now=at("20:12"))
    with pytest.raises(moves.WrongState, match="吴晨 20:12 已定为不需回应"):
        moves.flag(post.pk, "linxiao", now=at("20:13"))
    assert Label.objects.count() == 1


def test_only_who_triages_decides(town: Town) -> None:
    post = doubtful(town)
    for move in (moves.flag, moves.pass_over, moves.take_back):
        with pytest.raises(moves.NotAllowed, match="网评员"):
            move(post.pk, "chenli", now=at("20:12"))
    assert Label.objects.count() == 0


def test_what_is_not_on_the_list_is_not_decided_there(town: Town) -> None:
    calm = town.post("今天天气真好", flag=False)
    with pytest.raises(moves.WrongState, match="不在「拿不准」之列"):
        moves.flag(calm.pk, "linxiao", now=NOW)
    with pytest.raises(moves.WrongState, match="可撤销"):
        moves.take_back(calm.pk, "linxiao", now=NOW)
    with pytest.raises(moves.Unknown):
        moves.flag(9999, "linxiao", now=NOW)


def test_an_edited_text_is_looked_at_again(town: Town) -> None:
    post = doubtful(town)
    moves.pass_over(post.pk, "wuchen", now=at("20:12"))
    Edit.objects.create(post=post, seen_at=at("20:40"), title=post.title, body="原文", text_sha256="0" * 64)
    assert listed() == [post.pk]
    moves.flag(post.pk, "wuchen", now=at("20:45"))
    assert listed() == []


def test_deleted_before_the_engine_came_it_opens_nothing(town: Town) -> None:
    post = doubtful(town)
    moves.flag(post.pk, "linxiao", now=at("20:12"))
    Post.objects.filter(pk=post.pk).update(deleted_at=at("20:12:05"))
    assert engine("20:13").opened == []


def test_both_questions_use_their_index(town: Town) -> None:
    for found, name in ((doubt.waiting(NOW), "doubtful_by_time"), (doubt.due(NOW, timedelta(seconds=12)), "decided_in_doubt")):
        sql, values = found.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
            assert any(name in str(row) for row in cursor.fetchall()), name
