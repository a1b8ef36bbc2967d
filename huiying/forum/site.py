"""The running forum as its pages and scenarios see it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huiying.forum.store import ForumStore
from huiying.forum.view import Look, View
from store.clock import Clock

if TYPE_CHECKING:
    from huiying.forum.scenarios.base import Scenario


@dataclass
class Site:
    """State that outlives a request; `scenarios` may be exchanged while it runs (POST /sample/scenario)."""

    store: ForumStore
    clock: Clock
    base_charset: str
    stop: threading.Event
    base_scenarios: tuple[Scenario, ...]
    url: str = ""
    _other: tuple[Scenario, ...] | None = field(default=None)
    _other_until: float | None = field(default=None)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        if self._other is not None and self._other_until is not None and self.clock.monotonic() >= self._other_until:
            self._other = self._other_until = None
        return self.base_scenarios if self._other is None else self._other

    def play(self, scenarios: tuple[Scenario, ...], seconds: float | None) -> None:
        """Other scenarios from now on, for some seconds or until told otherwise."""
        for scenario in scenarios:
            scenario.begin(self.clock.monotonic())
        self._other_until = None if seconds is None else self.clock.monotonic() + seconds
        self._other = scenarios

    @property
    def charset(self) -> str:
        for scenario in self.scenarios:
            if scenario.charset:
                return scenario.charset
        return self.base_charset

    @property
    def refusing(self) -> bool:
        """Whether connections are closed as soon as they are made."""
        return any(scenario.refuses(self.clock.monotonic()) for scenario in self.scenarios)

    def look(self) -> Look:
        look = Look()
        for scenario in self.scenarios:
            look = scenario.look(look)
        return look

    def view(self, look: Look | None = None) -> View:
        return View.of(self.store, self.charset, look or self.look())
