"""What tests of the engine share: a home as shipped, its policy in force, at 20:12 of the evening."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import policy
from huiying.app import App
from huiying.config import load
from huiying.wire import policy_of
from store.clock import FixedClock
from tests.alerts.town import at


@pytest.fixture
def app(db: None, tmp_path: Path) -> Iterator[App]:
    path = tmp_path / "home" / "pipelines.yaml"
    path.parent.mkdir()
    path.write_text("extends: shipped\n", encoding="utf-8")
    before = policy._current
    loaded = load(path)
    policy.use(policy_of(loaded.pipelines))
    yield App(home=path.parent, loaded=loaded, clock=FixedClock(at("20:12")), simulated=False)
    policy._current = before
