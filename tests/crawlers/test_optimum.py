"""The bound that the schedule is printed beside, and the baseline."""

from __future__ import annotations

import random

import pytest

from benchmarks.virtual.adaptive import Crawl
from benchmarks.virtual.arrivals import Arrival, Town, post, zipf
from benchmarks.virtual.optimum import optimum
from benchmarks.virtual.outcome import densest
from benchmarks.virtual.taidi_hours import FLAT
from benchmarks.virtual.uniform import uniform

ALL = tuple("123456")


def sparse(boards: tuple[str, ...], number: int = 60) -> list[Arrival]:
    """Threads of one post, spread over an hour."""
    rng = random.Random(4)
    return [Arrival(3600 * (n + rng.random()) / number, str(n), rng.choice(boards), True) for n in range(number)]


def test_one_list_and_hardly_any_post_waits_half_a_slot() -> None:
    assert optimum([Arrival(1800.0, "1", "1", True)], lists=("",), per_minute=10) == pytest.approx(3.0, rel=0.01)


def test_reads_are_paid_from_the_same_budget() -> None:
    # sixty posts an hour, each read once, leave nine looks a minute
    assert optimum(sparse(("1",)), lists=("",), per_minute=10) == pytest.approx(60 / 9 / 2, rel=0.01)


def test_equal_boards_are_looked_at_alike() -> None:
    posts = [Arrival(3600 * n / 60, str(n), str(n % 6 + 1), True) for n in range(60)]
    assert optimum(posts, lists=ALL, per_minute=10) == pytest.approx(6 * 60 / 9 / 2, rel=0.01)


def test_unequal_boards_wait_less() -> None:
    posts = [Arrival(3600 * n / 60, str(n), "1" if n % 10 else "2", True) for n in range(60)]
    roots = 0.9**0.5 + 0.1**0.5
    assert optimum(posts, lists=("1", "2"), per_minute=10) == pytest.approx(roots**2 * 60 / 9 / 2, rel=0.02)


@pytest.mark.parametrize("lists", [("",), ALL])
@pytest.mark.parametrize("per_minute", [0.5, 2.0, 5.0])
def test_nobody_beats_it(lists: tuple[str, ...], per_minute: float) -> None:
    town = Town(per_minute=per_minute, shape=FLAT, boards=zipf(6))
    start, end = 2 * 3600.0, 5 * 3600.0
    posts = [arrival for arrival in post(town, seed=8, hours=5).arrivals if arrival.at >= start]
    least = optimum(posts, lists=lists, per_minute=10)
    assert least < Crawl(guide="" in lists).run(post(town, seed=8, hours=5), start, end).mean
    assert least < uniform(posts, lists=lists, per_minute=10, start_s=start, end_s=end).mean


def test_the_baseline_reads_everything_within_its_budget() -> None:
    posts = sparse(ALL)
    made = uniform(posts, lists=ALL, per_minute=10, start_s=0.0, end_s=3700.0)
    assert made.unseen == 0
    assert made.densest == 10
    assert all(arrival.seen is not None and arrival.seen >= arrival.at for arrival in posts)
    assert made.reasons["news"] == 60


def test_the_densest_minute_is_a_sliding_one() -> None:
    assert densest([0.0, 50.0, 59.0, 61.0, 115.0]) == 3
    assert densest([0.0, 60.0, 120.0]) == 1
    assert densest([]) == 0
