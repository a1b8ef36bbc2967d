"""Level by rules: the words that a county lists decide, the milder level in doubt (see docs on levels)."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.lexicon import Hit
from store.records import Level

#: lexicon group → level
LEVEL_GROUPS = {f"level{level}": Level(level) for level in (1, 2, 3)}


def level_groups(words: dict[int, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Lexicon groups of the level words."""
    return {f"level{level}": listed for level, listed in words.items() if listed}


def level_by_rules(hits: Sequence[Hit], positive: bool) -> tuple[Level, float, Hit | None]:
    """Level, how sure the rule is, and the word that decided; always Ⅳ for a post that needs no response."""
    if not positive:
        return Level.IV, 1.0, None
    deciding: Hit | None = None
    level = Level.IV
    for hit in hits:
        found = LEVEL_GROUPS.get(hit.group)
        if found is not None and found < level:
            level, deciding = found, hit
    return level, 0.8 if level == Level.IV else 0.7, deciding
