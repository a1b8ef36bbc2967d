from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from store.records import SourceState
from store.snapshots import FetchOutcome
from store.verdict import Facts, decide, silence
from tests.store.readings import NOON

WELL = Facts(
    first_crawl_at=NOON - timedelta(days=9),
    last_success_at=NOON - timedelta(seconds=40),
    last_post_at=NOON - timedelta(minutes=10),
    outcome="ok",
    seconds_recent=0.6,
    seconds_usual=0.6,
    rates=[1.5] * 168,
    rates_evidence=400.0,
)


def state(**changes: object) -> SourceState:
    return decide(replace(WELL, **changes), NOON).state  # type: ignore[arg-type]


def test_all_is_well():
    assert decide(WELL, NOON).state is SourceState.OK
    assert decide(WELL, NOON).advice == "不用管"


def test_a_disabled_source_is_disabled_whatever_happened():
    assert state(enabled=False, outcome="wall") is SourceState.DISABLED


def test_never_read_or_young_is_starting_and_tells_how_much_went_to_the_archive():
    assert state(outcome="") is SourceState.STARTING
    young = decide(replace(WELL, first_crawl_at=NOON - timedelta(hours=2), backfilled=2140), NOON)
    assert young.state is SourceState.STARTING
    assert "旧帖 2,140 帖已入档，不开告警" in young.advice
    under_way = decide(replace(WELL, first_crawl_at=NOON - timedelta(hours=2), backfilled=2140, waiting=1314), NOON)
    assert "还有 1,314 页待读" in under_way.advice
    assert "还有 1,314 页待读" in decide(replace(WELL, waiting=1314), NOON).advice


@pytest.mark.parametrize(
    ("outcome", "detail", "expected"),
    [
        ("unreachable", "", SourceState.UNREACHABLE),
        ("http", "503", SourceState.UNREACHABLE),
        ("http", "429", SourceState.BLOCKED),
        ("http", "status 403", SourceState.BLOCKED),
        ("parser", "", SourceState.CHANGED),
        ("not_a_forum", "", SourceState.CHANGED),
        ("notice", "closed", SourceState.UNREACHABLE),
        ("notice", "missing_board", SourceState.CHANGED),
        ("notice", "password", SourceState.LOGIN),
        ("notice", "no_permission", SourceState.LOGIN),
        ("wall", "captcha", SourceState.BLOCKED),
        ("login", "", SourceState.LOGIN),
        ("robots", "", SourceState.BLOCKED),
        ("refused", "", SourceState.UNREACHABLE),
        ("gone", "", SourceState.CHANGED),
    ],
)
def test_every_failure_has_its_state(outcome, detail, expected):
    assert state(outcome=outcome, detail=detail, failures_in_row=3) is expected


def test_every_outcome_is_decided_and_says_what_to_do():
    for outcome in FetchOutcome:
        assert decide(replace(WELL, outcome=outcome.value, failures_in_row=5), NOON).advice


def test_one_broken_answer_is_a_blip_but_a_wall_is_believed_at_once():
    assert state(outcome="unreachable", failures_in_row=1) is SourceState.OK
    assert state(outcome="unreachable", failures_in_row=2) is SourceState.UNREACHABLE
    assert state(outcome="wall", failures_in_row=1) is SourceState.BLOCKED


def test_a_source_that_was_never_read_well_is_in_trouble_from_the_first_failure():
    assert state(outcome="unreachable", failures_in_row=1, last_success_at=None, first_crawl_at=None) is SourceState.UNREACHABLE


def test_the_readers_own_words_come_first():
    told = decide(replace(WELL, outcome="parser", failures_in_row=4, failure="页面 200，但读到 0 帖", advice="看样本"), NOON).advice
    assert told == "页面 200，但读到 0 帖（连续 4 次）。看样本"


def test_silence_is_measured_by_what_the_hours_promise():
    assert state(last_post_at=NOON - timedelta(hours=5)) is SourceState.OK
    assert state(last_post_at=NOON - timedelta(hours=6)) is SourceState.SILENT
    nights_asleep = ([0.006] * 12 + [1.5] * 12) * 7
    assert state(last_post_at=NOON - timedelta(hours=12), rates=nights_asleep) is SourceState.OK
    weekdays_only = [1.5] * 120 + [0.01] * 48
    assert state(last_post_at=NOON - timedelta(hours=30), rates=weekdays_only) is SourceState.OK  # noon is a Sunday's
    assert state(last_post_at=NOON - timedelta(days=3), rates=()) is SourceState.OK


def test_little_history_allows_longer_silences():
    """Of posts expected and none come, with so much evidence: the silence in nats."""
    start = NOON - timedelta(hours=10)
    told = [silence([1.0] * 168, evidence, start, NOON) for evidence in (0.0, 1.0, 5.0, 20.0, 5000.0)]
    assert told == sorted(told)
    assert told[0] == 0
    assert told[3] == told[4] < 10  # bursts: no more than twenty independent posts are believed
    assert state(last_post_at=NOON - timedelta(hours=6), rates_evidence=4.0) is SourceState.OK
    assert silence([1.0] * 24, 900.0, start, NOON) == 0


def test_slow_is_slow_against_what_is_usual():
    assert state(seconds_recent=8.4) is SourceState.SLOW
    assert state(seconds_recent=8.4, seconds_usual=7.0) is SourceState.OK
    assert state(seconds_recent=2.9, seconds_usual=0.1) is SourceState.OK
