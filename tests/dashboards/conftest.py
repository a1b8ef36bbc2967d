"""One evening, 21:38, at which the pages stand still; people log in by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from pytest_django.fixtures import Settings as SettingsWrapper

from alerts import policy
from alerts.models import Person
from dashboards import clock
from store.clock import FixedClock, SystemClock
from tests.alerts.town import POLICY, Town, at

Login = Callable[[str], Client]


@pytest.fixture
def evening() -> Iterator[FixedClock]:
    """The pages' clock, standing at 21:38."""
    standing = FixedClock(at("21:38"))
    clock.use(standing)
    yield standing
    clock.use(SystemClock())


@pytest.fixture
def town(db: None, evening: FixedClock, settings: SettingsWrapper) -> Iterator[Town]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    before = policy._current
    policy.use(POLICY)
    yield Town()
    policy._current = before


@pytest.fixture
def login(town: Town) -> Login:
    def enter(username: str) -> Client:
        client = Client()
        client.force_login(Person.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter
