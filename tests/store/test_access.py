from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from store import access, triggers
from store.models import AccessEntry, Counter
from tests.store.readings import NOON

pytestmark = pytest.mark.django_db


def looked(number: int = 3) -> list[AccessEntry]:
    return [access.record("linxiao", "commentator", "open", f"sample:{n}", "研判", 1, "127.0.0.1", NOON) for n in range(number)]


def test_entries_are_chained():
    first, second, _ = looked()
    assert first.previous == access.GENESIS
    assert second.previous == first.hash
    assert access.verify_chain() == access.ChainReport(rows=3, broken_at=None)


def test_an_empty_log_is_whole():
    assert access.verify_chain().whole


@pytest.mark.parametrize("statement", ["UPDATE store_accessentry SET what = 'x'", "DELETE FROM store_accessentry"])
def test_the_database_refuses_to_change_or_delete_entries(statement):
    looked()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert access.verify_chain().rows == 3


@pytest.mark.parametrize(
    ("deed", "broken"),
    [
        ("UPDATE store_accessentry SET what = 'x' WHERE id = {1}", 1),
        ("DELETE FROM store_accessentry WHERE id = {1}", 2),
        ("DELETE FROM store_accessentry WHERE id = {2}", None),
    ],
)
def test_whoever_takes_the_triggers_away_is_still_found_out(deed, broken):
    entries = looked()
    ids = [entry.pk for entry in entries]
    triggers.drop()
    with connection.cursor() as cursor:
        cursor.execute(deed.format(*ids))
    report = access.verify_chain()
    assert not report.whole
    assert report.broken_at == (0 if broken is None else ids[broken])


def test_missing_triggers_are_named_and_made_again():
    assert not [name for name in triggers.missing_triggers() if "accessentry" in name]
    triggers.drop()
    assert "store_accessentry_refuses_delete" in triggers.missing_triggers()
    triggers.ensure()
    assert not [name for name in triggers.missing_triggers() if "accessentry" in name]


def test_long_words_are_cut_before_they_are_hashed():
    access.record("林" * 200, "x" * 30, "search", "水" * 500, now=NOON)
    assert access.verify_chain().whole


def test_the_counter_of_entries_is_not_that_of_posts():
    looked(2)
    assert Counter.objects.get(name="access-log").value == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_committing_test_is_flushed_and_the_law_stands_again(turn):
    assert not [name for name in triggers.missing_triggers() if "accessentry" in name]
    assert looked(1)[0].previous == access.GENESIS
