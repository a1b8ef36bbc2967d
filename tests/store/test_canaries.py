"""Threads that tell a changed template from a quiet forum, and what health makes of their word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import health
from store.canaries import canaries
from store.health import Configured
from store.models import BoardHealth, Post
from store.snapshots import CanaryPost, FetchOutcome
from tests.store.readings import NOON, SITE, page, post, sink
from tests.store.test_health import read

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=3)
ALL = Configured(SITE, "", "全站", True)


def thread(tid: str, first: int, *, uid: str = "7", body: str = "有内容") -> None:
    posts = [post(str(first + n), tid=tid, topic=n == 0, minutes=n, uid=uid, body=body) for n in range(4)]
    sink().take([page(*posts, tid=tid)])


def test_a_thread_that_was_read_in_full_and_is_quiet_is_a_canary():
    thread("10", 100)
    assert canaries(SITE, NOON) == []
    (canary,) = canaries(SITE, LATER)
    assert (canary.tid, len(canary.posts)) == ("10", 4)
    assert canary.posts[0] == CanaryPost(pid="100", posted_at=NOON, named=True, worded=True)


def test_a_thread_with_a_hidden_or_missing_post_is_none():
    thread("10", 100)
    thread("20", 200)
    thread("30", 300, body="")
    thread("40", 400, uid="")
    Post.objects.filter(pid="101").update(shielded=True)
    Post.objects.filter(pid="201").update(missing_since=NOON)
    assert canaries(SITE, LATER) == []


def test_without_an_old_thread_one_that_is_quiet_for_an_hour_serves():
    thread("10", 100)
    assert [canary.tid for canary in canaries(SITE, NOON + timedelta(hours=2))] == ["10"]


def fold(after: float, outcome: FetchOutcome, failure: str = "") -> None:
    health.fold(read(after, outcome, board="", page_kind="canary", failure=failure, advice="把样本交给开发者" if failure else ""))


def test_a_canary_that_reads_otherwise_is_a_changed_template_until_one_reads_in_full_again():
    health.fold(read(board=""))
    fold(60, FetchOutcome.PARSER, "对照主题 10 少了作者")
    health.fold(read(90, board=""))
    fold(1800, FetchOutcome.PARSER, "对照主题 10 少了作者")
    (row,) = health.sources_rows(NOON + timedelta(hours=1), [ALL])
    assert (row["state"], row["advice"]) == ("changed", "对照主题 10 少了作者。把样本交给开发者")
    assert row["since"] == row["canary"]["at"] == "2026-11-22T12:01:00+08:00"
    fold(3600, FetchOutcome.OK)
    (row,) = health.sources_rows(NOON + timedelta(hours=1), [ALL])
    assert (row["state"], row["canary"]["told"]) == ("starting", "")


def test_a_quiet_board_is_a_note():
    health.fold(read(board=""))
    fold(60, FetchOutcome.OK, "列表空白，旧主题照旧读得全：确实没有帖子")
    (row,) = health.sources_rows(NOON + timedelta(minutes=5), [ALL])
    assert row["state"] == "starting"
    assert "确实没有帖子" in row["advice"]


def test_the_yield_of_pages_is_remembered():
    for n, found in enumerate((60, 60, 60, 20)):
        health.fold(read(n, board="", counts={"wanted": 60, "found": found}))
    row = BoardHealth.objects.get(source=SITE, board="")
    assert (row.yield_recent or 1.0) < 0.75
    assert (row.yield_usual or 0.0) > 0.95


def test_what_was_found_changed_is_known_to_the_next_process():
    told = {"page_kind": "canary", "failure": "模板变了", "advice": "把样本交给开发者"}
    health.fold(read(1, FetchOutcome.PARSER, board="", **told), read(1, FetchOutcome.PARSER, board="2", **told))
    assert sink().doubted(SITE) == {"", "2"}
    health.fold(read(2, FetchOutcome.OK, board="", page_kind="canary"))
    assert sink().doubted(SITE) == {"2"}
