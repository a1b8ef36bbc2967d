from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from store import health
from store.health import Configured
from store.models import BoardHealth, HealthHour
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
    assert list(rows[0]) == ["source", "board", "name", "state", "last_success", "last_post", "expected_s", "failure", "advice", "since"]
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
    every_hour = [post(str(n), minutes=-60 * n, topic=n == 1) for n in range(1, 72)]
    sink(max_age=timedelta(days=30)).take([page(*every_hour)])
    health.fold(read())
    assert row().expected_s == pytest.approx(3600, rel=0.01)
    assert len(row().rates) == 24
    assert sum(row().rates) == pytest.approx(24, rel=0.05)


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
