"""Which unit a post belongs to: key words first, the topic's unit otherwise. The map is configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlp.lexicon import Hit

_PREFIX = "unit:"


def unit_groups(keyword_units: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Lexicon groups of the units' key words."""
    groups: dict[str, tuple[str, ...]] = {}
    for unit, words in keyword_units:
        groups[_PREFIX + unit] = groups.get(_PREFIX + unit, ()) + words
    return groups


def department(hits: Sequence[Hit], topic: str, topic_units: Mapping[str, str], order: Mapping[str, int]) -> str:
    """The unit with most distinct key words (+ 1 for the topic's own unit); "" when nothing speaks for any."""
    votes: dict[str, int] = {}
    for group, _word in {(hit.group, hit.word) for hit in hits if hit.group.startswith(_PREFIX)}:
        unit = group.removeprefix(_PREFIX)
        votes[unit] = votes.get(unit, 0) + 1
    default = topic_units.get(topic, "")
    if not votes:
        return default
    if default:
        votes[default] = votes.get(default, 0) + 1
    return min(votes, key=lambda unit: (-votes[unit], order.get(unit, len(order))))
