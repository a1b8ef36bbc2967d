"""Topic of a post: two machines, one taught by letters to the government, one by a forum, weighed by how much like a letter it reads.

The two kinds of text draw the lines elsewhere: in the national petition classes a jam or a bus belongs to 城乡建设, in the
labelling guide of our corpus to 交通运输. One machine for both is worse on both (see MODEL_CARD.md). All steps are sums, products,
quotients and square roots, which give the same bits for one post and for a batch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
#: a post of so many n-grams has the length factor 1
USUAL_GRAMS = 60.0


@dataclass(frozen=True, kw_only=True)
class TopicMix:
    """How the two machines are weighed; fitted on held-out scores (nlp.training.topic_mix)."""

    #: letter-likeness = ½ + ½ x / (1 + |x|), x = slope · (gate + offset)
    gate_slope: float
    gate_offset: float
    #: weight of the letters' machine among letters, of the forum's among forum posts, of the letters' among forum posts
    letters: float
    forum: float
    both: float
    #: what (n / USUAL_GRAMS)^¼ adds to "none of them"
    none_length: float
    #: constants of each topic and none among letters and among forum posts
    letters_offsets: tuple[float, ...]
    forum_offsets: tuple[float, ...]

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> TopicMix:
        """From what `facts` wrote. Raises KeyError, TypeError."""
        offsets = {name: tuple(facts[name]) for name in ("letters_offsets", "forum_offsets")}
        return cls(**{**facts, **offsets})

    def facts(self) -> dict[str, Any]:
        """Plain numbers for JSON."""
        return asdict(self)

    @cached_property
    def _offsets(self) -> tuple[Floats, Floats]:
        """Constants among forum posts, and what those among letters are above them."""
        forum = np.asarray(self.forum_offsets)
        return forum, np.asarray(self.letters_offsets) - forum

    def logits(self, gate: Floats, letters: Floats, forum: Floats, sizes: npt.NDArray[Any]) -> Floats:
        """float64[posts, topics + 1], none last.

        `gate` [posts], `letters` [posts, topics] and `forum` [posts, topics + 1] are sums over n-grams divided by √n; `sizes` [posts] = n.
        """
        topics = letters.shape[1]
        length: Any
        if len(sizes) == 1:
            # plain numbers give the very bits of arrays of one, and are faster
            length, like = math.sqrt(math.sqrt(float(sizes[0]) / USUAL_GRAMS)), self._like(float(gate[0]))
        else:
            length, like = np.sqrt(np.sqrt(sizes / USUAL_GRAMS))[:, None], self._like(gate)[:, None]
        other = 1.0 - like
        logits: Floats = forum * (other * self.forum)
        # a long letter adds up more evidence than its certainty grows
        named, none = logits[:, :topics], logits[:, topics:]
        named += letters * ((like * self.letters + other * self.both) / length)
        none += self.none_length * length
        offsets, above = self._offsets
        logits += above * like + offsets
        return logits

    def _like(self, gate: Any) -> Any:
        """How like a letter: a number, or an array of them."""
        x = self.gate_slope * (gate + self.gate_offset)
        return 0.5 + 0.5 * x / (1.0 + abs(x))
