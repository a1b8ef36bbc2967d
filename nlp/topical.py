"""Shipped statistics of words and letter pairs: how rare they are, and of which subject (counts and directions, no texts)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

SHIPPED = Path(__file__).parent / "weights" / "events.npz"
BITS = 18
BUCKETS = 1 << BITS
#: -log share of texts is stored in steps of 1/STEPS
STEPS = 16.0

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Topical:
    """Word numbers run from 1; number 0 is no word, numbers past the vocabulary are hashed words of unknown subject."""

    vocabulary: Mapping[str, int]
    #: -log share of texts that hold a pair (by bucket) or a word (by number)
    pair_rarity: Floats
    word_rarity: Floats
    #: float32[words + 1, dimensions]: directions of subject
    vectors: Floats
    #: the machine that compares two posts: means, scales and weights of its features, intercept last
    machine: Floats
    #: an event takes a post in from this score on
    threshold: float

    @classmethod
    def load(cls, path: Path | None = None) -> Topical:
        """Reads the arrays (no pickle). Raises OSError, KeyError or ValueError when the file is not such a file."""
        return _loaded(path or SHIPPED)


@cache
def _loaded(path: Path) -> Topical:
    with np.load(path, allow_pickle=False) as arrays:
        words = bytes(arrays["words"]).decode("utf-8").split("\n")
        pair_rarity = arrays["pair_rarity"].astype(np.float32) / np.float32(STEPS)
        rarity = arrays["word_rarity"].astype(np.float32) / np.float32(STEPS)
        vectors = arrays["vectors"].astype(np.float32) * arrays["scale"].astype(np.float32)
        machine, threshold = arrays["machine"].astype(np.float32), float(arrays["threshold"])
    word_rarity = np.full(BUCKETS, rarity.max(initial=1.0), np.float32)
    word_rarity[0] = 0
    word_rarity[1 : len(rarity) + 1] = rarity
    return Topical(
        vocabulary={word: number for number, word in enumerate(words, start=1)},
        pair_rarity=pair_rarity,
        word_rarity=word_rarity,
        vectors=np.vstack([np.zeros((1, vectors.shape[1]), np.float32), vectors]),
        machine=machine,
        threshold=threshold,
    )
