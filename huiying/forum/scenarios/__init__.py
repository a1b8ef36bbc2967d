"""The registry of scenarios: `--scenario NAME`, `NAME:ARGUMENT`, several joined by commas."""

from __future__ import annotations

from huiying.forum.scenarios import agents, contents, failures, looks, walls
from huiying.forum.scenarios.base import Scenario


class UnknownScenario(ValueError):
    """No scenario has this name."""


def _declared() -> dict[str, type[Scenario]]:
    found: dict[str, type[Scenario]] = {}
    for module in (looks, agents, walls, failures, contents):
        for thing in vars(module).values():
            if isinstance(thing, type) and issubclass(thing, Scenario) and thing.__module__ == module.__name__:
                found[thing.name] = thing
    return found


#: name → scenario, in the order of the modules; a new scenario is a class in one of them
SCENARIOS: dict[str, type[Scenario]] = _declared()


def scenarios_named(text: str) -> tuple[Scenario, ...]:
    """`sticky,slow:2` → the scenarios, in that order. Raises UnknownScenario, or ValueError for an argument."""
    chosen = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, argument = part.partition(":")
        if name not in SCENARIOS:
            raise UnknownScenario(f"没有场景“{name}”；可用：{'、'.join(SCENARIOS)}")
        scenario = SCENARIOS[name](argument)
        if argument and name != "notice":
            scenario.number(0)
        chosen.append(scenario)
    return tuple(chosen)
