"""How soon a post is read at ten requests a minute for the whole forum, in virtual time: the policy's own figures."""

from __future__ import annotations

import pytest

from tests.crawlers.simulated import Outcome, crawl, percentile


@pytest.fixture(scope="module")
def lively() -> list[Outcome]:
    """One new thread and four replies a minute, half of them in twelve threads with an open alert."""
    return [crawl(seed=seed, per_minute=10, minutes=15, threads_a_minute=1, replies_a_minute=4) for seed in range(3)]


def test_new_threads(lively: list[Outcome]) -> None:
    delays = [delay for outcome in lively for delay in outcome.new_threads]
    assert percentile(delays, 0.5) <= 15
    assert percentile(delays, 0.95) <= 40


def test_replies_in_threads_with_an_open_alert(lively: list[Outcome]) -> None:
    delays = [delay for outcome in lively for delay in outcome.hot_replies]
    assert percentile(delays, 0.5) <= 30
    assert percentile(delays, 0.95) <= 90


def test_the_budget_is_kept_and_nothing_is_forgotten(lively: list[Outcome]) -> None:
    for outcome in lively:
        assert outcome.requests <= 10 * 17 + 3
        assert outcome.unseen <= 3  # posted in the last minutes, in threads that nobody waits for


def test_new_threads_only() -> None:
    outcomes = [crawl(seed=seed, per_minute=10, minutes=15, threads_a_minute=3.33, replies_a_minute=1e-9) for seed in range(3)]
    delays = [delay for outcome in outcomes for delay in outcome.new_threads]
    assert percentile(delays, 0.5) <= 15
    assert percentile(delays, 0.95) <= 40


def test_behind_a_guide_that_is_renewed_every_quarter_of_an_hour() -> None:
    """A stock Discuz! keeps such a copy; the forum's index tells of new posts in its place."""
    outcomes = [
        crawl(seed=seed, per_minute=10, minutes=30, threads_a_minute=1, replies_a_minute=4, copied_s=900.0) for seed in range(3)
    ]
    delays = [delay for outcome in outcomes for delay in outcome.new_threads]
    assert percentile(delays, 0.5) <= 20
    assert percentile(delays, 0.95) <= 60
