"""Rows of one table written by one prepared statement: what the ORM does for each value of each row is done once for each column.

For tables without automatic values (no `auto_now`, no defaults of the database); nothing here opens a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)
Values = Callable[[Sequence[models.Model]], list[list[Any]]]
#: values of one question
_CHUNK = 500


def made(model: type[M], **values: Any) -> M:
    """A new row with its defaults, without what the ORM's own constructor checks: the names must be columns of the model."""
    row = model.__new__(model)
    row._state = ModelState()
    plain, made_each = _defaults(model)
    row.__dict__.update(plain)
    for name, default in made_each:
        row.__dict__[name] = default()
    row.__dict__.update(values)
    return row


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model; their keys stay unknown (see `learn_keys`)."""
    if not rows:
        return
    columns, values = _columns(type(rows[0]))
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    marks = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(type(rows[0])._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values(rows))  # noqa: S608
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
        told = [[*each, row.pk] for row, each in zip(rows, values(rows), strict=True)]
        cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s", told)  # noqa: S608


def learn_keys(rows: Sequence[M], name: str, **limits: Any) -> None:
    """Tell rows that `insert` wrote their keys, found again by the unique value `name` within `limits`."""
    for start in range(0, len(rows), _CHUNK):
        some = {getattr(row, name): row for row in rows[start : start + _CHUNK]}
        found = type(rows[0])._default_manager.filter(**limits, **{f"{name}__in": list(some)})
        for value, pk in found.values_list(name, "pk"):
            some[value].pk = pk


@lru_cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Defaults by column: values that all rows may share, and those that each row needs of its own (lists)."""
    plain: dict[str, Any] = {}
    each: list[tuple[str, Callable[[], Any]]] = []
    for field in model._meta.concrete_fields:
        if callable(field.default) and field.has_default():
            each.append((field.attname, field.default))
        else:
            plain[field.attname] = field.get_default()
    return plain, each


@lru_cache
def _columns(model: type[models.Model]) -> tuple[list[str], Values]:
    """The columns of a model, and what takes their values from rows and makes them the database's."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    take = attrgetter(*(field.attname for field in fields))
    moments = [place for place, field in enumerate(fields) if isinstance(field, models.DateTimeField)]
    trees = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    keys = [(place, field.name) for place, field in enumerate(fields) if isinstance(field, models.ForeignKey)]
    # of a page's posts most instants are the same
    adapt_moment = lru_cache(4_096)(connection.ops.adapt_datetimefield_value)
    adapt_tree = connection.ops.adapt_json_value

    def values(rows: Sequence[models.Model]) -> list[list[Any]]:
        told = []
        for row in rows:
            each = list(take(row))
            for place in moments:
                each[place] = adapt_moment(each[place])
            for place in trees:
                each[place] = adapt_tree(each[place], None)
            for place, name in keys:
                if each[place] is None and getattr(row, name) is not None:  # set before the row it points at had its key
                    each[place] = getattr(row, name).pk
            told.append(each)
        return told

    return [str(field.column) for field in fields], values
