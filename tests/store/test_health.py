from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from store import health
from store.health import Configured
from store.models import BoardHealth, BoardRhythm, HealthHour
from store.snapshots import FetchOutcome, FetchReport
from tests.store.readings import NOON, SITE, page, post, sink

pytestmark = pytest.mark.django_db

BOARD = Configured(SITE, "2", "百姓呼声", True)


def read(after: float = 0, outcome: FetchOutcome = FetchOutcome.OK, **fields: Any) -> FetchReport:
    facts: dict[str, Any] = {
        "source": SITE,
        "board": "2",
        "url": "http://127.0.0.1/forum-2-1.html",
        "at": NOON + timedelta(seconds=after),
        "outcome": outcome,
        "yielded": 30,
        "newest_at": NOON - timedelta(minutes=3),
        "seconds": 0.5,
    }
    return FetchReport(**(facts | fields))


def row() -> BoardHealth:
    return BoardHealth.objects.get(source=SITE, board="2")


def test_a_good_read_is_remembered():
    sink().health(read())
    assert (row().last_success_at, row().last_post_at, row().state) == (NOON, NOON - timedelta(minutes=3), "starting")
    assert row().first_crawl_at == NOON


def test_what_a_first_crawl_still_has_to_read_is_told_of_the_whole_source():
    health.fold(read(board="", newest_at=None))
    health.fold(read(5, page_kind="thread", waiting=1314))
    health.fold(read(9, page_kind="thread"))
    whole, board = health.sources_rows(NOON, [Configured(SITE, "", "全站", True), BOARD])
    assert "还有 1,314 页待读" in whole["advice"]
    assert "待读" not in board["advice"]
    health.fold(read(12, waiting=0))
    assert "待读" not in health.sources_rows(NOON, [Configured(SITE, "", "全站", True)])[0]["advice"]


def test_how_far_each_list_was_read_survives_a_restart():
    assert sink().covered(SITE) == {}
    sink().cover(SITE, {"": NOON, "2": NOON - timedelta(hours=1)})
    sink().cover(SITE, {"": NOON + timedelta(minutes=1)})
    assert sink().covered(SITE) == {"": NOON + timedelta(minutes=1), "2": NOON - timedelta(hours=1)}
    assert not health.stale_sources(NOON + timedelta(days=1))  # covered is no sign of a read


def test_failures_add_up_and_a_good_read_ends_them():
    for second in range(3):
        health.fold(read(second, FetchOutcome.UNREACHABLE, failure="连接被拒绝", advice="确认站点开着", detail="refused"))
    assert (row().state, row().failures_in_row, row().last_success_at) == ("unreachable", 3, None)
    health.fold(read(9))
    assert (row().state, row().failures_in_row, row().failure) == ("starting", 0, "")


def test_a_closed_thread_says_nothing_about_its_board():
    health.fold(read())
    health.fold(read(5, FetchOutcome.NOTICE, page_kind="thread", failure="主题已关闭"))
    assert (row().outcome, row().failures_in_row) == ("ok", 0)


def test_an_hour_is_a_bar():
    health.fold(read(0))
    health.fold(read(60, FetchOutcome.HTTP, detail="503"))
    health.fold(read(120, seconds=9.0))
    health.fold(read(180, page_kind="thread", yielded=4))
    health.fold(read(3600))
    bar = HealthHour.objects.get(hour=NOON)
    assert (bar.reads, bar.failures, bar.slow, bar.posts) == (4, 1, 1, 4)
    assert HealthHour.objects.count() == 2


def test_rows_follow_the_configuration_and_say_what_to_do():
    health.fold(read())
    health.fold(read(30, FetchOutcome.WALL, board="3", failure="验证页", detail="captcha", newest_at=None))
    rows = health.sources_rows(NOON, [Configured(SITE, "", "全站", True), BOARD, Configured("tieba", "", "贴吧", False)])
    assert [(one["source"], one["board"], one["state"]) for one in rows] == [
        (SITE, "", "starting"),
        (SITE, "2", "starting"),
        ("tieba", "", "disabled"),
        (SITE, "3", "blocked"),
    ]
    first = "source board name state last_success last_post expected_s failure advice since yield canary"
    more = "yield_usual seconds seconds_usual rests_until first_crawl archived waiting covered"
    assert " ".join(rows[0]) == f"{first} {more}"
    assert rows[1]["last_success"] == "2026-11-22T12:00:00+08:00"
    assert rows[3]["advice"].startswith("验证页。")


def test_a_doubt_is_told_for_a_day():
    sink().take([page(post(minutes=600))])
    health.fold(read())
    assert "请核对站点或本机的时钟" in health.sources_rows(NOON, [BOARD])[0]["advice"]
    assert "时钟" not in health.sources_rows(NOON + timedelta(days=2), [BOARD])[0]["advice"]


def test_stale_is_a_source_without_a_good_read_for_five_minutes():
    health.fold(read())
    assert not health.stale_sources(NOON + timedelta(minutes=5))
    later = NOON + timedelta(minutes=6)
    assert health.stale_sources(later) == [health.Stale(source=SITE, since=NOON)]
    assert health.stale_sources(later, ["tieba"]) == [health.Stale(source="tieba", since=None)]
    health.fold(read(330, board="3"))
    assert not health.stale_sources(later)


def test_an_import_never_grows_stale_by_itself():
    sink().take([page(post())])
    assert not health.stale_sources(NOON + timedelta(days=9))


def test_the_usual_interval_is_learned_from_what_is_stored():
    every_hour = [post(str(n), minutes=-60 * n, topic=n == 1) for n in range(1, 20 * 24)]
    sink(first_crawl={SITE: timedelta(days=20)}).take([page(*every_hour)])
    health.fold(read())
    assert row().expected_s == pytest.approx(3600, rel=0.25)
    assert len(row().rates) == 168
    assert sum(row().rates) == pytest.approx(168, rel=0.1)


def test_each_post_is_counted_once_and_survives_a_restart():
    posts = [post(str(n), minutes=-60 * n, topic=n == 1) for n in range(1, 30)]
    crawl = sink(first_crawl={SITE: timedelta(days=20)})
    for _ in range(3):
        crawl.take([page(*posts[:20])])
    sink(first_crawl={SITE: timedelta(days=20)}).take([page(*posts, seconds=60)])  # a new process, an overlap, an edit
    sink().take([page(replace(posts[0], body="改了"), *posts[1:], seconds=90)])
    assert counted("2") == counted("") == pytest.approx(29, abs=0.01)
    sink().take([page(post("77", tid="11", minutes=-5), tid="11", board="3", seconds=99)])
    assert (counted("3"), counted("")) == (pytest.approx(1), pytest.approx(30, abs=0.01))


def test_posts_from_before_the_first_crawls_bound_are_not_counted_and_the_future_is_now():
    posts = [post("1", minutes=-60), post("2", minutes=-60 * 24 * 9), post("3", minutes=60 * 24 * 365)]
    sink(first_crawl={SITE: timedelta(days=7)}).take([page(*posts)])
    assert counted("") == 2


def test_rhythms_are_told_by_board():
    assert sink().rhythms(SITE, NOON) == {}
    posts = [post(str(n), minutes=-30 * n, topic=n == 1) for n in range(1, 200)]
    sink(first_crawl={SITE: timedelta(days=7)}).take([page(*posts), page(post("900", tid="11", minutes=-9), tid="11", board="3")])
    sink().take([page(*(post(str(n), tid="12", minutes=-30 * n) for n in range(300, 320)), tid="12", board="3")])
    assert sink().rhythms(SITE, NOON + timedelta(hours=23)) == {}  # nothing is made of rates before a source was watched for a day
    told = sink().rhythms(SITE, NOON + timedelta(hours=25))
    assert set(told) == {"", "2", "3"}
    assert told["2"].mean > 3 * told["3"].mean


def test_an_older_home_is_counted_when_it_is_brought_up_to_date():
    posts = [post(str(n), minutes=-60 * n, topic=n == 1) for n in range(1, 200)]
    sink(first_crawl={SITE: timedelta(days=30)}).take([page(*posts)])
    before = {row.board: (row.since, row.week, row.counts) for row in BoardRhythm.objects.all()}
    BoardRhythm.objects.all().delete()
    import_module("store.migrations.0004_rhythms").count_what_is_stored(apps, None)
    assert {row.board: (row.since, row.week, row.counts) for row in BoardRhythm.objects.all()} == before
    assert set(before) == {"", "2"}


def counted(board: str) -> float:
    return sum(BoardRhythm.objects.get(source=SITE, board=board).counts)


def test_the_configuration_disables_and_enables():
    health.fold(read())
    health.sync([BOARD._replace(enabled=False)])
    assert row().state == "disabled"
    assert not health.stale_sources(NOON + timedelta(hours=1))
    health.sync([BOARD])
    assert row().state == "starting"


def test_a_source_that_was_stopped_says_so_by_its_age():
    health.fold(read(newest_at=NOON + timedelta(hours=9)))
    assert row().last_post_at == NOON
