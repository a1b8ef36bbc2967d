"""The arithmetic of intervals: monotone in the rate, bounded on both sides, and the optimum that the literature gives."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from crawlers.freshness import FIRST_LOOK_S, LONGEST_S, faded, look_after_s, thread_rate, turns, worth_s
from crawlers.looks import Looks

RATES = st.floats(1e-7, 10.0)


@given(low=RATES, high=RATES, floor=st.floats(1, 60), more=st.floats(0, 300))
def test_a_livelier_list_is_never_read_more_rarely(low: float, high: float, floor: float, more: float) -> None:
    low, high = sorted((low, high))
    slow, quick = worth_s(low, floor, floor + more), worth_s(high, floor, floor + more)
    assert floor <= quick <= slow <= floor + more


def test_an_unknown_list_is_read_as_often_as_allowed() -> None:
    assert worth_s(None, 8.0, 24.0) == 8.0
    assert worth_s(0.0, 8.0, 24.0) == 24.0


@given(rates=st.lists(RATES, min_size=1, max_size=12), every=st.floats(1, 60), ceiling=st.floats(60, 3600))
def test_turns_follow_the_rates_within_floor_and_ceiling(rates: list[float], every: float, ceiling: float) -> None:
    intervals = turns({str(number): rate for number, rate in enumerate(rates)}, every, ceiling)
    ordered = [intervals[str(number)] for number in sorted(range(len(rates)), key=lambda number: rates[number])]
    assert ordered == sorted(ordered, reverse=True)
    assert all(every <= interval <= ceiling for interval in ordered)


def test_equal_boards_take_equal_turns() -> None:
    assert list(turns(dict.fromkeys("abcdef", 0.01), 6.0, 1e9).values()) == pytest.approx([36.0] * 6)


def test_turns_are_the_least_waiting_that_the_budget_allows() -> None:
    rates = [0.05, 0.02, 0.01, 0.004, 0.001, 0.0003]
    made = list(turns({str(number): rate for number, rate in enumerate(rates)}, 6.0, 1e9).values())
    assert sum(1 / interval for interval in made) == pytest.approx(1 / 6.0)

    def waiting(frequencies: list[float]) -> float:
        return sum(rate / (2 * frequency) for rate, frequency in zip(rates, frequencies, strict=True))

    budget = {"type": "eq", "fun": lambda frequencies: sum(frequencies) - 1 / 6.0}
    found = minimize(waiting, [1 / 36.0] * 6, bounds=[(1e-5, 1)] * 6, constraints=[budget], tol=1e-12)
    assert waiting([1 / interval for interval in made]) == pytest.approx(found.fun, rel=1e-3)
    assert waiting([1 / interval for interval in made]) < 0.8 * waiting([1 / 36.0] * 6)


@given(young=st.floats(0, 1e9), older=st.floats(0, 1e9), activity=st.floats(0, 1000))
def test_old_threads_are_looked_at_ever_more_rarely_and_never_never(young: float, older: float, activity: float) -> None:
    young, older = sorted((young, older))
    assert look_after_s(young, activity) <= look_after_s(older, activity) <= LONGEST_S
    assert look_after_s(older, activity) <= look_after_s(older, 0.0)
    assert look_after_s(0.0) == FIRST_LOOK_S


@given(activity=st.floats(0, 500), more=st.floats(0.1, 500), age=st.floats(0, 1e8), tempo=st.floats(0, 50))
def test_a_thread_with_more_posts_of_late_has_the_higher_rate(activity: float, more: float, age: float, tempo: float) -> None:
    rate = thread_rate(activity, age, tempo)
    assert 0 < rate < thread_rate(activity + more, age, tempo) < 1.0
    assert rate >= thread_rate(activity, age + 3600.0, tempo)


def test_counts_fade() -> None:
    assert faded(8.0, 3600.0, 1800.0) == pytest.approx(2.0)
    assert faded(8.0, -5.0, 1800.0) == 8.0


def test_a_scarce_budget_stretches_all_looks_alike_and_starves_none() -> None:
    """Intervals from a minute to a day, eight times more looks than there is room for."""
    intervals = {f"t{number}": 60.0 * 1440 ** (number / 199) for number in range(200)}
    room = sum(1 / interval for interval in intervals.values()) / 8
    looks, due, seen = Looks(), {}, {tid: [0.0] for tid in intervals}
    for tid, interval in intervals.items():
        due[tid] = looks.plan(tid, 0.0, interval)
    now = 0.0
    while now < 40 * 86_400:
        now += 1 / room
        looks.prune(lambda tid, at: due[tid] == at)
        tid = looks.next(now)
        if tid is not None:
            seen[tid].append(now)
            due[tid] = looks.plan(tid, now, intervals[tid])
    for tid, times in seen.items():
        gaps = [later - sooner for sooner, later in zip(times, [*times[1:], now], strict=True)]
        assert max(gaps) < 25 * intervals[tid], tid
    assert not math.isinf(max(due.values()))


def test_an_overtaken_plan_is_dropped() -> None:
    looks = Looks()
    first = looks.plan("7", 0.0, 100.0)
    second = looks.plan("7", 50.0, 100.0)
    looks.prune(lambda _, at: at == second)
    assert looks.next(120.0) is None
    assert first < second
    assert looks.next(151.0) == "7"
