"""Append-only law in the database: tables whose rows nobody may change or take away, not even this program.

Django drops a table's triggers when a migration remakes it (AddField, AlterField), so they are made again after every
`migrate`, and `missing_triggers()` tells `huiying verify` whether they are all there.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

_tables: set[str] = set()
_DEEDS = ("UPDATE", "DELETE")


def append_only(table: str) -> None:
    """Declare a table append-only; its triggers are made at the next post_migrate. Call it in `AppConfig.ready`."""
    _tables.add(table)


def _name(table: str, deed: str) -> str:
    return f"{table}_refuses_{deed.lower()}"


def ensure(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make every missing trigger on the tables that exist."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    for table in sorted(_tables & existing):
        for deed in _DEEDS:
            with connection.cursor() as cursor:
                for statement in _statements(connection.vendor, table, deed):
                    cursor.execute(statement)


def _statements(vendor: str, table: str, deed: str) -> list[str]:
    name, text = _name(table, deed), f"{table} is append-only: {deed} refused"
    if vendor == "sqlite":
        return [f'CREATE TRIGGER IF NOT EXISTS "{name}" BEFORE {deed} ON "{table}" BEGIN SELECT RAISE(ABORT, \'{text}\'); END']
    if vendor == "postgresql":
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{text}'; END $$",
            f'CREATE OR REPLACE TRIGGER "{name}" BEFORE {deed} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()',
        ]
    return []


def missing_triggers(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the triggers that should be there and are not."""
    connection = connections[using]
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }.get(connection.vendor)
    if query is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return [name for table in sorted(_tables) for deed in _DEEDS if (name := _name(table, deed)) not in present]


def drop(using: str = DEFAULT_DB_ALIAS) -> None:
    """Take the triggers away: only for a test whose database is flushed between tests."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in sorted(_tables & existing):
            for deed in _DEEDS:
                on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f'DROP TRIGGER IF EXISTS "{_name(table, deed)}"{on_table}')


def after_migrate(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Receiver of post_migrate."""
    ensure(using)
