"""Both engines, and posts to search, for the tests of search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.db import transaction

from store.clock import FixedClock
from store.search.elastic import ElasticIndex
from store.search.port import States
from store.search.sqlite import SqliteIndex
from tests.store.search.cast import NOON


@dataclass(frozen=True, kw_only=True)
class Elastic:
    """`stores.elasticsearch` of a test."""

    url: str
    index: str
    user: str = ""
    password: str = ""
    ca: str = ""


def sqlite(states: States | None = None) -> SqliteIndex:
    return SqliteIndex(states=states, clock=FixedClock(NOON))


@contextmanager
def elastic(url: str, states: States | None = None) -> Iterator[ElasticIndex]:
    """An index of its own name on a running server, removed at the end."""
    index = ElasticIndex(Elastic(url=url, index=f"test-{uuid4().hex[:8]}"), states=states, clock=FixedClock(NOON))
    try:
        yield index
    finally:
        for copy in index.copies.all():
            index.client.indices.delete(index=copy.name)
        index.client.close()


@contextmanager
def rolled_back(blocker: pytest.DjangoDbBlocker) -> Iterator[None]:
    """The test database for a whole module, left as it was found."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
