from __future__ import annotations

from datetime import timedelta

import pytest

from store.posts import find_post, official_nodes, post_rows, thread_view
from tests.store.readings import NOON, page, post, sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def _forum():
    other = post("7", tid="11", minutes=-5, topic=True, title="路灯不亮")
    sink().take([page(post(), post("2", uid="900", minutes=-20, body="已派人")), page(other, tid="11", title="路灯不亮")])
    sink().take([page(post(body="修好了"), post("2", uid="900", minutes=-20, body="已派人"), seconds=60, views=8)])


@pytest.mark.usefixtures("_forum")
def test_rows_have_the_shape_of_the_contract():
    rows = list(post_rows(limit=2))
    assert [row["id"] for row in rows] == ["sample:7", "sample:2"]
    assert list(rows[0]) == [
        "site", "id", "thread", "board", "kind", "title", "thread_title", "body", "author", "official", "posted_at",
        "precision", "detected_at", "url", "replies", "views", "deleted", "edits",
    ]  # fmt: skip
    assert rows[1]["posted_at"] == "2026-11-22T11:40:00+08:00"
    assert rows[1]["official"] is True


@pytest.mark.usefixtures("_forum")
def test_rows_by_thread_source_and_time():
    assert [row["id"] for row in post_rows(thread="sample:10")] == ["sample:1", "sample:2"]
    assert [row["id"] for row in post_rows(thread="11")] == ["sample:7"]
    assert [row["id"] for row in post_rows(since=NOON - timedelta(minutes=6))] == ["sample:7"]
    assert not list(post_rows(source="elsewhere"))


@pytest.mark.usefixtures("_forum")
def test_a_thread_as_the_archive_shows_it():
    view = thread_view("sample:10")
    assert view is not None
    assert view.topic is not None
    assert view.topic.body == "修好了"
    assert [edit.body for edit in view.edits[view.topic.pk]] == ["人民路口的水管爆了，没有人管"]
    assert [reply.official_unit for reply in view.official] == ["市水务集团"]
    assert [seen.views for seen in view.observations] == [5, 8]
    assert not official_nodes(view.official[0])


@pytest.mark.usefixtures("_forum")
def test_what_is_not_stored_is_none():
    assert find_post("sample:99") is None
    assert find_post("99") is None
    assert thread_view("sample:99") is None
    found = find_post("sample:7")
    assert found is not None
    assert found.thread.tid == "11"
