"""Level: the words that a county lists speak first, a machine decides between Ⅲ and Ⅳ; the milder level in doubt."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.lexicon import Hit
from store.records import Level

#: lexicon group → level
LEVEL_GROUPS = {f"level{level}": Level(level) for level in (1, 2, 3)}


def level_groups(words: dict[int, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Lexicon groups of the level words."""
    return {f"level{level}": listed for level, listed in words.items() if listed}


def level_of(hits: Sequence[Hit], positive: bool, serious: float) -> tuple[Level, float, Hit | None]:
    """Level, how sure it is, and the word that decided (None = the machine); always Ⅳ for a post that needs no response.

    `serious` is the machine's probability of Ⅲ or worse. Words of Ⅰ and Ⅱ hold where it agrees; where it does not
    (爆炸 in a question about fireworks) they make Ⅲ.
    """
    if not positive:
        return Level.IV, 1.0, None
    deciding: Hit | None = None
    level = Level.IV
    for hit in hits:
        found = LEVEL_GROUPS.get(hit.group)
        if found is not None and found < level:
            level, deciding = found, hit
    if level <= Level.II and serious < 0.5:
        level = Level.III
    if deciding is not None:
        return level, 0.7, deciding
    return (Level.III, serious, None) if serious >= 0.5 else (Level.IV, 1.0 - serious, None)
