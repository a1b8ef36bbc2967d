"""How soon a post is read at ten requests a minute for the whole forum, in virtual time: the policy's own figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.virtual.adaptive import Crawl, learned
from benchmarks.virtual.arrivals import Town, post, zipf
from benchmarks.virtual.outcome import Outcome, percentile
from benchmarks.virtual.taidi_hours import COUNTS, FLAT, SHAPE
from benchmarks.virtual.uniform import uniform
from crawlers.policy import Pace

#: one new thread and four replies a minute on six boards, a fifth of the threads with an open alert
LIVELY = Town(per_minute=5, shape=FLAT, boards=zipf(6))
HISTORY, HOURS = 6, 1.5


def crawled(town: Town, seed: int, hours: float = HOURS, **options: object) -> Outcome:
    crawl = Crawl(**options)  # type: ignore[arg-type]
    return crawl.run(post(town, seed=seed, hours=HISTORY + hours), HISTORY * 3600.0, (HISTORY + hours) * 3600 + 120)


def in_turn(town: Town, seed: int, hours: float = HOURS, duty_s: float = 0.0) -> Outcome:
    posted = post(town, seed=seed, hours=HISTORY + hours)
    boards = [str(number + 1) for number in range(len(town.boards))]
    arrivals = [arrival for arrival in posted.arrivals if arrival.at >= HISTORY * 3600]
    end = (HISTORY + hours) * 3600 + 120
    return uniform(arrivals, lists=boards, per_minute=10, start_s=HISTORY * 3600.0, end_s=end, duty_s=duty_s)


@pytest.fixture(scope="module")
def lively() -> list[Outcome]:
    return [crawled(LIVELY, seed) for seed in range(3)]


def test_new_threads(lively: list[Outcome]) -> None:
    delays = [delay for outcome in lively for delay in outcome.new_threads]
    assert percentile(delays, 0.5) <= 15
    assert percentile(delays, 0.95) <= 40


def test_replies_in_threads_with_an_open_alert(lively: list[Outcome]) -> None:
    delays = [delay for outcome in lively for delay in outcome.hot_replies]
    assert len(delays) > 100
    assert percentile(delays, 0.5) <= 30
    assert percentile(delays, 0.95) <= 90
    assert max(delays) <= 120


def test_the_budget_is_kept_and_nothing_is_forgotten(lively: list[Outcome]) -> None:
    for outcome in lively:
        assert outcome.densest <= 10
        assert outcome.unseen == 0
        assert max(outcome.delays) < 300  # also a reply that nobody waits for, on a page that was not known


def test_twice_as_soon_as_boards_in_turn(lively: list[Outcome]) -> None:
    for seed, outcome in enumerate(lively):
        assert outcome.mean <= 0.5 * in_turn(LIVELY, seed).mean


def test_behind_a_guide_that_is_renewed_every_quarter_of_an_hour() -> None:
    """A stock Discuz! keeps such a copy; the forum's index tells of new posts in its place."""
    delays = [delay for seed in range(3) for delay in crawled(LIVELY, seed, copied_s=900.0).new_threads]
    assert percentile(delays, 0.5) <= 20
    assert percentile(delays, 0.95) <= 60


def test_what_was_learned_of_boards_helps_where_no_list_tells_of_all() -> None:
    town = replace(LIVELY, per_minute=1.0, boards=zipf(6, 2.0))
    rhythms = learned(town, seed=99, weeks=1)
    means = [crawled(town, 1, 8, guide=False, rhythms=known).mean for known in (rhythms, {})]
    assert means[0] < 0.9 * means[1]


def test_equal_boards_at_all_hours_lose_nothing() -> None:
    town = Town(per_minute=1.0, shape=FLAT)
    rhythms = learned(town, seed=99, weeks=1)
    ours = crawled(town, 1, 12, guide=False, rhythms=rhythms).mean
    assert ours <= 1.05 * in_turn(town, 1, 12, duty_s=Pace.of(8.0, 10.0).leftover_s).mean


def test_the_same_seed_gives_the_same_crawl() -> None:
    first, second = (crawled(LIVELY, 7) for _ in range(2))
    assert first.delays == second.delays
    assert first.reasons == second.reasons


def test_arrivals_come_by_the_hours_of_the_mailbox() -> None:
    assert len(COUNTS) == 168
    assert sum(COUNTS) == 4312
    town = Town(per_minute=2.0, shape=SHAPE)
    posted = post(town, seed=1, hours=168)
    by_hour = [0] * 168
    for arrival in posted.arrivals:
        by_hour[int(arrival.at // 3600)] += 1
    assert len(posted.arrivals) == pytest.approx(2 * 60 * 168, rel=0.05)
    assert sum(by_hour[24 + 9 : 24 + 12]) > 8 * sum(by_hour[24 + 2 : 24 + 5])
