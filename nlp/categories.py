"""Category of a post: the likeliest kind among those that its flag allows."""

from __future__ import annotations

from collections.abc import Sequence

from store.records import Category


class Categories:
    """Reads the category scores of the model."""

    def __init__(self, names: Sequence[str]) -> None:
        kinds = [Category(name) for name in names]
        self._positive = [(column, kind) for column, kind in enumerate(kinds) if kind.positive]
        self._negative = [(column, kind) for column, kind in enumerate(kinds) if not kind.positive and kind != Category.ELSEWHERE]

    def of(self, scores: Sequence[float], flag: bool, elsewhere: bool) -> Category:
        """The best-scored kind; only the gazetteer, never the wording, says that a matter is 外地的事."""
        if not flag and elsewhere:
            return Category.ELSEWHERE
        return max(self._positive if flag else self._negative, key=lambda pair: scores[pair[0]])[1]
