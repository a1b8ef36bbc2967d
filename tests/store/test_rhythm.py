"""Posting rates by hour of week: what counting and shrinking promise."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.clock import parse_instant
from store.rhythm import CEILING, FLOOR, HOURS, UNKNOWN, Rhythm, WeekCounts, board_rhythm, source_rhythm
from store.week import WEEK

MONDAY = parse_instant("2026-11-02T00:00:00+08:00")
HOUR, WEEKS = timedelta(hours=1), timedelta(weeks=1)


def every(step: timedelta, weeks: float) -> WeekCounts:
    """A post each `step`, in the middle of it."""
    number = int(weeks * WEEKS / step)
    return WeekCounts(MONDAY).add(MONDAY + (index + 0.5) * step for index in range(number))


def test_the_assumed_week_is_a_shape() -> None:
    assert len(WEEK) == HOURS
    assert sum(WEEK) / HOURS == pytest.approx(1, abs=0.01)
    assert min(WEEK) > 0.2
    assert WEEK[24 + 10] > 3 * WEEK[24 + 4]
    assert sum(WEEK[: 5 * 24]) / 5 > 1.5 * sum(WEEK[5 * 24 :]) / 2


def test_hours_are_those_of_the_week_in_shanghai() -> None:
    rates = Rhythm(tuple(float(hour) for hour in range(HOURS)))
    assert rates.at(MONDAY) == 0
    assert rates.at(parse_instant("2026-11-02T10:59:59+08:00")) == 10
    assert rates.at(parse_instant("2026-11-08T23:30:00+08:00")) == HOURS - 1


def test_an_unknown_source_has_the_assumed_week() -> None:
    rhythm = source_rhythm(WeekCounts(MONDAY), MONDAY)
    assert rhythm.rates == pytest.approx([UNKNOWN * part for part in WEEK])
    assert rhythm.evidence == 0


def test_much_evidence_overrules_what_was_assumed() -> None:
    rng = random.Random(5)
    night = {hour for hour in range(HOURS) if hour % 24 < 6}
    posts = [MONDAY + n * HOUR + rng.random() * HOUR for n in range(8 * HOURS) for _ in range(60 if n % HOURS in night else 2)]
    rhythm = source_rhythm(WeekCounts(MONDAY).add(posts), MONDAY + 8 * WEEKS)
    assert rhythm.rates[26] == pytest.approx(60, rel=0.15)
    assert rhythm.rates[36] == pytest.approx(2, rel=0.6)
    assert rhythm.mean == pytest.approx((60 * 6 + 2 * 18) / 24, rel=0.1)


def test_old_weeks_fade_by_half_in_four() -> None:
    busy = every(timedelta(minutes=6), 2)
    then = source_rhythm(busy, MONDAY + 2 * WEEKS).mean
    later = source_rhythm(busy, MONDAY + 10 * WEEKS).mean
    assert then == pytest.approx(10, rel=0.1)
    assert 0.5 < later < 2.5
    assert busy.seen_by(MONDAY + 6 * WEEKS)[30] == pytest.approx(busy.seen_by(MONDAY + 2 * WEEKS)[30] / 2)


def test_the_order_of_counting_does_not_matter() -> None:
    rng = random.Random(2)
    posts = [MONDAY + rng.random() * 6 * WEEKS for _ in range(300)]
    ordered, mixed = WeekCounts(MONDAY).add(sorted(posts)), WeekCounts(MONDAY)
    for start in range(0, 300, 7):
        mixed = mixed.add(posts[start : start + 7])
    assert mixed.week == ordered.week
    assert mixed.counts == pytest.approx(ordered.counts, abs=0.05)


def test_what_was_before_is_not_counted() -> None:
    assert sum(WeekCounts(MONDAY).add([MONDAY - HOUR, MONDAY + HOUR]).counts) == 1


@pytest.mark.parametrize("hours", [1, 30, 167, 168, 169, 500, 5 * HOURS])
def test_watching_is_as_long_as_it_was(hours: int) -> None:
    start = MONDAY + 17.5 * HOUR
    watched = WeekCounts(start).watched_by(start + hours * HOUR)
    assert sum(watched) <= hours + 1e-6
    if hours < 150:
        assert sum(watched) == pytest.approx(hours)
    assert max(watched) <= 1 / (1 - 0.5**0.25) + 1e-9


def test_a_board_with_few_posts_has_the_hours_of_its_source_at_its_own_level() -> None:
    whole = source_rhythm(every(timedelta(minutes=4), 4), MONDAY + 4 * WEEKS)
    quiet = board_rhythm(every(timedelta(hours=80), 4), MONDAY + 4 * WEEKS, whole, 6)
    assert quiet.mean == pytest.approx(1 / 80, rel=0.5)
    assert max(quiet.rates) / min(quiet.rates) < 2.0 * max(whole.rates) / min(whole.rates)


def test_a_board_that_was_never_seen_gets_its_share() -> None:
    whole = source_rhythm(every(timedelta(minutes=6), 4), MONDAY + 4 * WEEKS)
    new = board_rhythm(WeekCounts(MONDAY + 4 * WEEKS), MONDAY + 4 * WEEKS, whole, 5)
    assert new.mean == pytest.approx(2, rel=0.1)


@given(counts=st.lists(st.floats(0, 1e6), min_size=HOURS, max_size=HOURS), weeks=st.floats(0, 60), boards=st.integers(0, 40))
def test_rates_keep_between_floor_and_ceiling(counts: list[float], weeks: float, boards: int) -> None:
    counted = WeekCounts(MONDAY, week=0, counts=tuple(counts))
    whole = source_rhythm(counted, MONDAY + weeks * WEEKS)
    board = board_rhythm(counted, MONDAY + weeks * WEEKS, whole, boards)
    for rate in (*whole.rates, *board.rates):
        assert FLOOR <= rate <= CEILING


@given(extra=st.integers(1, 50), hour=st.integers(0, HOURS - 1), base=st.integers(0, 30))
def test_more_posts_never_make_a_lower_rate(extra: int, hour: int, base: int) -> None:
    now = MONDAY + 3 * WEEKS
    posts = [MONDAY + hour * HOUR + 0.5 * HOUR] * base
    fewer, more = WeekCounts(MONDAY).add(posts), WeekCounts(MONDAY).add(posts + [MONDAY + hour * HOUR + 0.5 * HOUR] * extra)
    higher, lower = source_rhythm(more, now).rates[hour], source_rhythm(fewer, now).rates[hour]
    assert higher > lower or higher == lower == FLOOR


def test_expected_posts_and_the_wait_for_the_next_agree() -> None:
    rhythm = Rhythm(tuple(0.1 if hour % 24 < 7 else 4.0 for hour in range(HOURS)))
    evening = parse_instant("2026-11-04T23:50:00+08:00")
    wait = timedelta(seconds=rhythm.wait_s(evening, 1.0))
    assert rhythm.expected(evening, evening + wait) == pytest.approx(1.0)
    assert wait > 3 * HOUR
    assert rhythm.expected(evening, evening + 400 * 24 * HOUR) == pytest.approx(2 * HOURS * rhythm.mean)
    assert Rhythm((0.0,) * HOURS).wait_s(evening) == pytest.approx(14 * 24 * 3600)
