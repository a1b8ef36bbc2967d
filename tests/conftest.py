"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

#: fixtures that start a server on loopback
SERVERS = {"served", "serve", "site", "smtp", "mail_server", "sink"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens the database or a port, so that the plain unit tests can be run alone (`make unit`)."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if "db" in names or "transactional_db" in names or item.get_closest_marker("django_db"):
            item.add_marker("db")
        if names & SERVERS or "tests/forum/" in str(item.path):
            item.add_marker("served")


@pytest.fixture(autouse=True)
def _law_yields_to_flush(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits is followed by a flush of its tables, which the append-only triggers would refuse.

    They are taken away just before it; post_migrate, which follows the flush, makes them again.
    """
    marker = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction"))
    if not commits:
        yield
        return
    # Set up after the database, therefore torn down before its flush.
    request.getfixturevalue("_django_db_helper")
    yield
    from store import triggers

    triggers.drop()
