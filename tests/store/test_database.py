from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from store import database, triggers
from store.models import Counter

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /mnt/share nfs4 rw 0 0
//nas/office /mnt/my\\040office cifs rw 0 0
user@host: /mnt/ssh fuse.sshfs rw 0 0
tmpfs /mnt/share/local tmpfs rw 0 0
"""


@pytest.mark.parametrize("home", ["/mnt/share/huiying", "/mnt/share", "/mnt/my office/x", "/mnt/ssh/a"])
def test_a_network_drive_is_refused(home):
    with pytest.raises(database.NetworkFileSystem, match="--home"):
        database.check_file_system(Path(home), MOUNTS)


@pytest.mark.parametrize("home", ["/srv/huiying", "/mnt/shared", "/mnt/share/local/x"])
def test_a_local_disk_is_taken(home):
    database.check_file_system(Path(home), MOUNTS)


def test_this_machines_own_temporary_folder_is_taken(tmp_path: Path):
    database.check_file_system(tmp_path)


@pytest.mark.django_db
def test_a_database_of_a_newer_release_is_refused(tmp_path: Path):
    database.check_release(tmp_path)
    MigrationRecorder(connection).record_applied("store", "0999_from_the_future")
    with pytest.raises(database.NewerRelease, match=r"store\.0999_from_the_future.*备份"):
        database.check_release(tmp_path)


@pytest.mark.django_db
def test_an_unknown_app_of_the_operator_is_no_newer_release(tmp_path: Path):
    MigrationRecorder(connection).record_applied("reporting", "0001_initial")
    database.check_release(tmp_path)


@pytest.mark.django_db
def test_missing_triggers_are_made_again_at_the_next_start(tmp_path: Path):
    triggers.drop()
    assert database.migrate(tmp_path) is False
    assert not triggers.missing_triggers()


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_refuses_the_write_whole_and_says_what_to_do(tmp_path: Path):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        with pytest.raises(database.StoreFull, match="磁盘已满"), database.translated(tmp_path):
            Counter.objects.bulk_create([Counter(name=f"{number:0>40}") for number in range(20_000)])
        assert Counter.objects.count() == 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    Counter.objects.create(name="room again")


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        (OperationalError("database is locked"), database.StoreLocked),
        (OSError(28, "No space left on device"), database.StoreFull),
        (sqlite3.DatabaseError("file is not a database"), database.StoreBroken),
        (OperationalError("unable to open database file"), database.StoreBroken),
    ],
)
def test_complaints_are_said_in_words(complaint, kind, tmp_path: Path):
    assert isinstance(database.explain(complaint, tmp_path), kind)


def test_another_fault_passes_as_it_is(tmp_path: Path):
    with pytest.raises(OperationalError, match="no such table"), database.translated(tmp_path):
        raise OperationalError("no such table: store_post")
