"""The embedded index: follows every change, keeps no ghosts, and tells when it is not equal to the table."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from store.models import IndexedText, Post, Watermark
from store.search import Filters, QueryError, open_index
from store.search.sqlite import SqliteIndex
from tests.store.search.cast import NOON, Draft, Shelf
from tests.store.search.conftest import sqlite

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def index() -> SqliteIndex:
    return sqlite()


def test_newest_first_to_the_second_then_by_id(shelf: Shelf, index: SqliteIndex) -> None:
    old, a, b, new = shelf.put(
        [
            Draft(title="停水", posted_at=NOON - timedelta(days=900)),
            Draft(title="停水", posted_at=NOON + timedelta(microseconds=9)),
            Draft(title="停水", posted_at=NOON),
            Draft(title="停水", posted_at=NOON + timedelta(seconds=1)),
        ]
    )
    index.follow()
    assert index.search("停水").ids == [new.pk, b.pk, a.pk, old.pk]
    assert index.search("停水", limit=2, after=new.pk).ids == [b.pk, a.pk]
    assert index.search("停水", after=old.pk).ids == []
    assert index.search("停水", after=999_999).ids == []
    assert index.search("停水", Filters(since=NOON, until=NOON + timedelta(seconds=1))).ids == [b.pk, a.pk]


def test_a_post_before_1970_is_found_last(shelf: Shelf, index: SqliteIndex) -> None:
    old, new = shelf.put([Draft(title="停水", posted_at=NOON.replace(year=1969)), Draft(title="停水")])
    index.follow()
    assert index.search("停水").ids == [new.pk, old.pk]


def test_an_edit_takes_the_old_text_out(shelf: Shelf, index: SqliteIndex) -> None:
    (post,) = shelf.put([Draft(title="停水", body="沿江")])
    index.follow()
    shelf.change(post, title="来水了", posted_at=NOON - timedelta(days=1))
    assert index.status().behind == 1
    assert index.follow() == 1
    assert index.follow() == 0
    assert index.search("停水").total == 0
    assert index.search("来水").ids == [post.pk]
    assert index.check().equal


def test_a_change_of_counts_does_not_touch_the_index(shelf: Shelf, index: SqliteIndex) -> None:
    (post,) = shelf.put([Draft(title="停水")])
    index.follow()
    shelf.change(post, views=9)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_fts_data")
        before = cursor.fetchone()
        index.follow()
        cursor.execute("SELECT count(*) FROM search_fts_data")
        assert cursor.fetchone() == before
    assert index.check().equal


def test_the_watermark_moves_with_the_entries_or_not_at_all(shelf: Shelf, index: SqliteIndex) -> None:
    shelf.put([Draft(title="停水")])
    with transaction.atomic():
        index.follow()
        transaction.set_rollback(True)
    assert not Watermark.objects.filter(name__startswith="search:").exists()
    assert index.status().behind == 1
    index.follow()
    assert index.check().equal


def test_forgotten_before_its_row_goes(shelf: Shelf, index: SqliteIndex) -> None:
    gone, kept = shelf.put([Draft(title="停水甲"), Draft(title="停水乙")])
    index.follow()
    index.forget([gone.pk])
    Post.objects.filter(pk=gone.pk).delete()
    assert index.search("停水").ids == [kept.pk]
    assert index.check().equal


def test_check_names_what_is_missing_extra_and_stale(shelf: Shelf, index: SqliteIndex) -> None:
    a, b, c = shelf.put([Draft(title="甲"), Draft(title="乙"), Draft(title="丙")])
    index.follow()
    index.forget([a.pk])
    shelf.change(b, views=1)
    Post.objects.filter(pk=c.pk).delete()
    check = index.check()
    assert (check.missing, check.stale, check.extra) == ((a.pk,), (b.pk,), (c.pk,))
    assert not check.equal
    assert index.rebuild() == 2
    assert index.check().equal


def test_check_sees_what_the_integrity_check_of_fts5_does_not(shelf: Shelf, index: SqliteIndex) -> None:
    (post,) = shelf.put([Draft(title="停水三天")])
    index.follow()
    key = IndexedText.objects.get(post=post).sort_key
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO search_fts(search_fts, rowid, tokens) VALUES('delete', %s, '停水')", [key])
        cursor.execute("INSERT INTO search_fts(rowid, tokens) VALUES(%s, '停水 水')", [key])
    assert "index rebuild" in index.check().broken
    index.rebuild()
    assert index.check().equal


def test_another_tokenizer_begins_anew(shelf: Shelf, index: SqliteIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.put([Draft(title=f"停水{at}") for at in range(5)])
    index.follow()
    monkeypatch.setattr("store.search.sqlite.TOKENIZER", 2)
    monkeypatch.setattr("store.search.sqlite._WATERMARK", "search:sqlite:t2")
    assert index.follow(3) == 3
    assert index.follow(3) == 2
    assert set(IndexedText.objects.values_list("tokenizer", flat=True)) == {2}
    assert index.check().equal


def test_rebuild_tells_how_far_it_is(shelf: Shelf, index: SqliteIndex) -> None:
    shelf.put([Draft(title=f"停水{at}") for at in range(1_100)])
    told: list[tuple[int, int]] = []
    assert index.rebuild(lambda done, of: told.append((done, of))) == 1_100
    assert told == [(500, 1_100), (1_000, 1_100), (1_100, 1_100)]
    assert index.search("停水").total == 1_100


def test_a_bad_query_is_refused_and_an_odd_one_read(shelf: Shelf, index: SqliteIndex) -> None:
    (post,) = shelf.put([Draft(title="NEAR(停水) \"quoted\" a-b tokens:x *")])
    index.follow()
    for query in ["NEAR(停水)", "a-b", "tokens:x", "*", "'", '"quoted']:
        found = index.search(query).ids
        assert found == ([] if query == "'" else [post.pk]), query
    with pytest.raises(QueryError):
        index.search('"')


def test_open_index_reads_the_setting() -> None:
    class Stores:
        search = "sqlite"
        elasticsearch = None

    assert isinstance(open_index(Stores()), SqliteIndex)  # type: ignore[arg-type]


_BUILD = """
import django, os, sys
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.store.search.cast import Draft, Shelf
from tests.store.search.conftest import sqlite
Shelf().put([Draft(title=f"停水{at}", body="沿江小区又停水了" * 40) for at in range(3000)])
print("filled", flush=True)
sqlite().rebuild(lambda done, of: print(done, flush=True))
"""
_FINISH = """
import django
django.setup()
from tests.store.search.conftest import sqlite
index = sqlite()
while index.follow():
    pass
print(index.check().equal, index.search("停水").total)
"""


@pytest.mark.slow
@pytest.mark.faults
def test_killed_while_building_it_goes_on_and_equals_the_table(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    environment = os.environ | {"HUIYING_HOME": str(tmp_path), "PYTHONPATH": str(root)}
    child = subprocess.Popen([sys.executable, "-c", _BUILD], env=environment, stdout=subprocess.PIPE, text=True, cwd=root)
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == "1000":
            child.send_signal(signal.SIGKILL)
            break
    child.wait()
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL
    done = subprocess.run([sys.executable, "-c", _FINISH], env=environment, capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split() == ["True", "3000"]
