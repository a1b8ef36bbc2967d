"""The clocks by themselves: no database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts import shown
from alerts.clocks import Cap, Interval, after, due_at, earliest, latest, left, legs, longest_leg, milestones, starts_at
from alerts.states import Leg
from tests.alerts.town import POLICY, at

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_three_hours_from_the_post() -> None:
    assert due_at(at("19:38"), 3 * HOUR, []) == at("22:38")


def test_a_pause_moves_the_due_time_by_exactly_its_length() -> None:
    assert due_at(at("19:38"), 3 * HOUR, [Interval(start=at("20:50"), end=at("21:02"))]) == at("22:50")


def test_pauses_that_overlap_count_once_and_those_after_the_due_time_not_at_all() -> None:
    pauses = [
        Interval(start=at("20:00"), end=at("20:20")),
        Interval(start=at("20:10"), end=at("20:30")),
        Interval(start=at("23:30"), end=at("23:40")),
    ]
    assert after(at("19:00"), 3 * HOUR, pauses) == at("22:30")


def test_a_running_pause_moves_nothing_yet() -> None:
    assert due_at(at("19:38"), 3 * HOUR, [Interval(start=at("20:50"))]) == at("22:38")


def test_an_earlier_due_time_that_a_merge_brought_is_kept_but_for_later_pauses() -> None:
    cap = Cap(due=at("22:00"), since=at("20:00"))
    before, later = Interval(start=at("19:40"), end=at("19:50")), Interval(start=at("20:30"), end=at("20:40"))
    assert due_at(at("19:38"), 3 * HOUR, [before], cap) == at("22:00")
    assert due_at(at("19:38"), 3 * HOUR, [before, later], cap) == at("22:10")


@pytest.mark.parametrize(
    ("precision", "first", "last"),
    [("second", "19:38:40", "19:38:41"), ("minute", "19:38", "19:39"), ("hour", "19:00", "20:00"), ("day", "00:00", "23 00:00")],
)
def test_a_shown_time_allows_instants_between(precision: str, first: str, last: str) -> None:
    assert earliest(at("19:38:40"), precision) == at(first)
    assert latest(at("19:38:40"), precision) == at(last)


def test_the_detected_clock_starts_at_discovery() -> None:
    assert starts_at(clock="detected", posted_at=at("19:38"), precision="minute", detected_at=at("19:45")) == at("19:45")


def test_time_left_stands_still_in_a_pause() -> None:
    assert left(at("22:38"), at("21:20"), paused_at=at("21:18")) == 80 * MINUTE
    assert left(at("22:38"), at("22:46")) == -8 * MINUTE


def test_the_legs_add_up_to_the_citizens_clock() -> None:
    spent = legs(
        started_at=at("19:38"),
        detected_at=at("19:45"),
        triaged_at=at("20:02"),
        dispatched_at=at("20:05"),
        answered_at=at("21:54"),
        now=at("22:00"),
    )
    assert {leg.value: seconds / 60 for leg, seconds in spent.items()} == {"发现": 7, "研判": 17, "派发": 3, "回应": 109}
    assert longest_leg(spent) == Leg.RESPONSE


def test_a_leg_that_has_not_ended_runs_until_now() -> None:
    spent = legs(started_at=at("19:38"), detected_at=at("19:45"), triaged_at=None, dispatched_at=None, answered_at=None, now=at("22:38"))
    assert [spent[leg] for leg in Leg] == [420, 173 * 60, 0, 0]
    assert longest_leg(spent) == Leg.TRIAGE


def test_of_equal_legs_the_earlier_is_named() -> None:
    assert longest_leg({Leg.DISCOVERY: 5.0, Leg.TRIAGE: 5.0, Leg.DISPATCH: 0.0, Leg.RESPONSE: 5.0}) == Leg.DISCOVERY


def test_milestones_are_plain_hours_and_bind_by_level() -> None:
    assert [(stone.at, stone.binds) for stone in milestones(at("19:38"), 3, POLICY)] == [
        (at("23 00:38"), False),
        (at("23 19:38"), False),
        (at("24 19:38"), True),
    ]
    assert all(stone.binds for stone in milestones(at("19:38"), 2, POLICY))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=40), "剩不到 1 分"),
        (timedelta(minutes=9, seconds=59), "剩 9 分"),
        (timedelta(hours=1, minutes=12), "剩 1 小时 12 分"),
        (timedelta(hours=2), "剩 2 小时"),
        (-timedelta(minutes=8), "超时 8 分"),
        (-timedelta(seconds=8), "超时不到 1 分"),
        (-timedelta(hours=27, minutes=5), "超时 1 天 3 小时"),
    ],
)
def test_time_left_in_words(span: timedelta, words: str) -> None:
    assert shown.time_left(span) == words


def test_an_instant_carries_its_day_unless_it_is_today() -> None:
    assert shown.instant(at("21:38"), at("23:59")) == "21:38"
    assert shown.instant(at("21:38"), at("23 00:01")) == "11 月 22 日 21:38"
