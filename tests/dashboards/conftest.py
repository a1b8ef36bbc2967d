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
from tests.dashboards.month import Month

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


@pytest.fixture
def month(town: Town) -> Month:
    return Month(town)


@pytest.fixture
def wired() -> Iterator[None]:
    """The embedded index and one configured source, as `huiying.pages.hand_over` gives them."""
    from types import SimpleNamespace

    from dashboards import wiring
    from huiying.searching import state_labels
    from store.health import Configured
    from store.search import open_index

    settings = SimpleNamespace(search="sqlite", elasticsearch=None)
    boards = [Configured(source="bbs", board=board, name=name, enabled=True) for board, name in (("", "临海论坛"), ("2", "百姓呼声"))]
    wiring.use(index=lambda: open_index(settings, states=state_labels, clock=FixedClock(clock.now())), configured_boards=boards)
    yield
    wiring.use()
