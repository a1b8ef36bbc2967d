"""Groups of near-duplicates, so that a test never holds a copy of a training text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rensa import RMinHash

_BANDS, _ROWS = 20, 3


def near_duplicates(texts: Sequence[str], least: float = 0.5) -> list[int]:
    """Group number of each text: character-3-gram Jaccard ≥ least (MinHash bands, then exact), closed under neighbours."""
    parents = list(range(len(texts)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    grams = [frozenset(text[i : i + 3] for i in range(max(1, len(text) - 2))) for text in texts]
    bands: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, own in enumerate(grams):
        signature = RMinHash(num_perm=_BANDS * _ROWS, seed=7)
        signature.update(list(own))
        digest = signature.digest()
        for start in range(0, _BANDS * _ROWS, _ROWS):
            band = bands[(start, *digest[start : start + _ROWS])]
            for other in band[:20]:
                if root(other) != root(number) and len(own & grams[other]) >= least * len(own | grams[other]):
                    parents[root(number)] = root(other)
            band.append(number)
    return [root(number) for number in range(len(texts))]
