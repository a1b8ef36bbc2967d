"""Rows of one table written by one prepared statement: what the ORM does for each value of each row is done once for each column.

For tables without automatic values (no `auto_now`, no defaults of the database); nothing here opens a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
Value = Callable[[Any], Any]
#: values of one question
_CHUNK = 500


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model; their keys stay unknown (see `learn_keys`)."""
    if not rows:
        return
    columns, values = _columns(type(rows[0]))
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    marks = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(type(rows[0])._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", [[value(row) for value in values] for row in rows])  # noqa: S608
    for row in rows:
        row._state.adding = False


def update(rows: Sequence[models.Model]) -> None:
    """Write every column of stored rows of one model."""
    if not rows:
        return
    columns, values = _columns(type(rows[0]))
    sets = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in columns)
    table = connection.ops.quote_name(type(rows[0])._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s", [[*(value(row) for value in values), row.pk] for row in rows])  # noqa: S608


def learn_keys(rows: Sequence[M], name: str, **limits: Any) -> None:
    """Tell rows that `insert` wrote their keys, found again by the unique value `name` within `limits`."""
    for start in range(0, len(rows), _CHUNK):
        some = {getattr(row, name): row for row in rows[start : start + _CHUNK]}
        found = type(rows[0])._default_manager.filter(**limits, **{f"{name}__in": list(some)})
        for value, pk in found.values_list(name, "pk"):
            some[value].pk = pk


@lru_cache
def _columns(model: type[models.Model]) -> tuple[list[str], list[Value]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    return [str(field.column) for field in fields], [_value(field) for field in fields]


def _value(field: models.Field[Any, Any]) -> Value:
    """How a field's value is taken from a row and handed to the database."""
    name = field.attname
    if isinstance(field, models.DateTimeField):
        adapt = connection.ops.adapt_datetimefield_value
        return lambda row: adapt(getattr(row, name))
    if isinstance(field, models.JSONField):
        encode = connection.ops.adapt_json_value
        return lambda row: encode(getattr(row, name), None)
    if isinstance(field, models.ForeignKey):
        # set before the row it points at had its key
        return lambda row: getattr(row, name) or getattr(row, field.name).pk
    return lambda row: getattr(row, name)
