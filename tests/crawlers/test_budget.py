"""Requests of a host: never more than promised in any minute."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from crawlers.budget import Budget, Budgets


def spend(budget: Budget, wishes: list[float]) -> list[float]:
    """When requests go that are wished for one after the other, each this long after the last."""
    now, sent = 0.0, []
    for wish in wishes:
        now += wish
        now += budget.wait(now)
        budget.take(now)
        sent.append(now)
    return sent


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 30), st.floats(0, 5))
def test_no_minute_holds_more_than_the_promise(wishes: list[float], per_minute: int, gap: float) -> None:
    sent = spend(Budget(per_minute, gap), wishes)
    for start in sent:
        # what was held up a little on its way does not fall into the next minute of who counts there
        assert sum(start <= at < start + 60.4 for at in sent) <= per_minute
    assert all(later - earlier >= gap - 1e-6 for earlier, later in pairwise(sent))


def test_an_idle_host_answers_at_once() -> None:
    assert spend(Budget(10, 2.0), [0.0, 2.0, 100.0]) == [0.0, 2.0, 102.0]


def test_less_than_one_a_minute() -> None:
    first, second = spend(Budget(0.5), [0.0, 0.0])
    assert 120.0 <= second - first <= 121.0


def test_two_sources_of_a_host_share_the_stricter_budget() -> None:
    budgets = Budgets()
    first, second = budgets.of("bbs.example", 10, 1.0), budgets.of("bbs.example", 6, 3.0)
    assert first is second
    assert (first.per_minute, first.min_delay_s) == (6, 3.0)
