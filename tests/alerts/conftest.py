"""The town with its people, and its policy in force."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alerts import policy
from tests.alerts.town import POLICY, Town


@pytest.fixture
def town_policy() -> Iterator[None]:
    before = policy._current
    policy.use(POLICY)
    yield
    policy._current = before


@pytest.fixture
def town(db: None, town_policy: None) -> Town:
    return Town()
