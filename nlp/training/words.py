"""Document frequencies of words, for the weights by which events are compared (counts only, no texts)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from nlp.matter import words_of


def word_table(texts: Iterable[str], least: int = 8, most: int = 14_000) -> dict[str, object]:
    """{"texts": n, "words": {word: texts it stands in}} of words in at least `least` texts."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(set(words_of(text[:600])))
        total += 1
    ranked = sorted(counts.items(), key=lambda found: (-found[1], found[0]))  # ties by spelling, so that two runs write the same bytes
    return {"texts": total, "words": {word: count for word, count in ranked[:most] if count >= least}}


def write_words(texts: Iterable[str], path: Path) -> None:
    """Writes the table as JSON."""
    path.write_text(json.dumps(word_table(texts), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
