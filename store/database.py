"""The database of a home: may it be used, is it up to date, and what a full or locked disk means in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from store import locking, triggers

#: file systems over a network: SQLite's locks and shared memory do not hold there, and the file is corrupted
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ncpfs", "ceph", "glusterfs", "lustre", "davfs", "ocfs2", "gfs2"}
)
_NETWORK_FUSE = ("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "fuse.nfs")


class StoreError(RuntimeError):
    """The store cannot be used: says what, where and what to do."""


class StoreFull(StoreError):
    """No space is left; nothing was lost, the write was refused as a whole."""


class StoreLocked(StoreError):
    """Another process held the write lock for too long."""


class StoreBroken(StoreError):
    """The database file is damaged or cannot be read or written."""


class NetworkFileSystem(StoreError):
    """The home lies on a network drive, where SQLite loses data."""


class NewerRelease(StoreError):
    """The database was made by a newer release of this program."""


def file_system(path: Path, mounts: str | None = None) -> str:
    """Type of the file system that holds `path`, "" where the system does not tell; `mounts` in the form of /proc/self/mounts."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
    best, kind = "", ""
    target = str(path.resolve())
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:
            continue
        point = parts[1].replace("\\040", " ").rstrip("/") or "/"
        inside = point == "/" or target == point or target.startswith(point + "/")
        # ≥: of two mounts on one point the later one is on top
        if inside and len(point) >= len(best):
            best, kind = point, parts[2]
    return kind


def check_file_system(home: Path, mounts: str | None = None) -> None:
    """Raise NetworkFileSystem when SQLite must not live there."""
    kind = file_system(home, mounts)
    if kind in _NETWORK or kind.startswith(_NETWORK_FUSE):
        raise NetworkFileSystem(f"{home}: 在网络盘上（{kind}），SQLite 在网络盘上会损坏数据；用 --home 换到本机磁盘上的目录")


def check_release(home: Path) -> None:
    """Raise NewerRelease when migrations were applied that this release does not know."""
    with translated(home):
        loader = MigrationLoader(connection)
    ours = loader.migrated_apps
    unknown = sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations if app in ours and (app, name) not in loader.disk_migrations
    )
    # A squashed migration leaves the names it replaced in the database.
    replaced = {f"{app}.{name}" for migration in loader.disk_migrations.values() for app, name in migration.replaces}
    unknown = [name for name in unknown if name not in replaced]
    if unknown:
        raise NewerRelease(
            f"{home}: 数据库由更新的版本建立（本版本不认识 {'、'.join(unknown[:3])}{' 等' if len(unknown) > 3 else ''}）；"
            "请装回那个或更新的版本，或从当时的备份恢复到另一个目录"
        )


def migrate(home: Path) -> bool:
    """Bring the tables up to date, one process at a time; returns whether anything had to be done."""
    descriptor = locking.take(home / "locks" / "migrate.lock", wait=True)
    try:
        with translated(home):
            executor = MigrationExecutor(connection)
            pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
            if pending:
                call_command("migrate", verbosity=0, interactive=False)
            elif triggers.missing_triggers():
                triggers.ensure()
        return pending
    finally:
        locking.free(descriptor)


def prepare(home: Path) -> None:
    """Everything that must be right before the store is used: disk, release, tables. Raises StoreError."""
    if connection.vendor == "sqlite":
        check_file_system(home)
    check_release(home)
    migrate(home)


@contextmanager
def translated(home: Path) -> Iterator[None]:
    """Turn the database's own complaints into what, where, what to do; others pass as they are."""
    try:
        yield
    except (DatabaseError, OSError) as error:
        found = explain(error, home)
        if found is None:
            raise
        raise found from error


def explain(error: BaseException, home: Path) -> StoreError | None:
    """The StoreError that a complaint of the database or the disk means; None when it means something else."""
    text = str(error).lower()
    if "disk is full" in text or "no space left" in text or "disk quota exceeded" in text:
        return StoreFull(
            f"{home}: 磁盘已满，这一次写入整体未做，已存的不受影响；腾出空间后会自动接着做（可先清 {home / 'exports'} 和旧日志）"
        )
    if "database is locked" in text or "database table is locked" in text:
        return StoreLocked(f"{home}: 数据库被另一个进程占用超过 20 秒；稍后再试，或看看有没有没停下的 huiying 进程")
    if "readonly database" in text or "unable to open database" in text or "attempt to write a readonly" in text:
        return StoreBroken(f"{home}: 数据库打不开或不可写；检查目录的权限和所有者，或用 --home 换一个目录")
    if "malformed" in text or "file is not a database" in text or "disk i/o error" in text:
        return StoreBroken(f"{home}: 数据库文件已损坏（{error}）；先把整个目录另存一份，再从备份恢复：huiying restore 备份目录")
    return None
