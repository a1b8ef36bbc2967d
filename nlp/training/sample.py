"""One labelled text of the training set, and how texts are cut so that length does not give the label away."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: as a sample's cut: labelled by an encoder, not by its source
OPINION = "opinion"
#: upper bounds of the length classes of GUIDE.md
LENGTH_CLASSES = (8, 20, 60, 140, 100_000)
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")


@dataclass(frozen=True, slots=True)
class Sample:
    """A text as the judge would read it; `label` 1 = needs a response."""

    text: str
    label: int
    source: str
    family: str
    weight: float = 1.0
    topic: str = ""
    #: texts of one group (an event) are never on both sides of a fold
    group: str = ""
    #: of a reply: the title of its thread
    thread: str = ""
    #: what was cut out of the source: title, sentences, whole; "" where its texts are taken as they are
    cut: str = ""


def length_class(text: str) -> int:
    """0 … 4 by LENGTH_CLASSES."""
    return next(number for number, bound in enumerate(LENGTH_CLASSES) if len(text) <= bound)


def sentences(text: str) -> list[str]:
    """Sentences with their closing mark, without outer spaces."""
    return [found for match in _SENTENCE.finditer(text) if len(found := match.group().strip()) > 1]


def windows(text: str, rng: random.Random, many: int = 2) -> list[str]:
    """Up to `many` runs of one to four neighbouring sentences."""
    parts = sentences(text)
    chosen = []
    for _ in range(min(many, len(parts))):
        start = rng.randrange(len(parts))
        chosen.append("".join(parts[start : start + rng.choice((1, 1, 1, 2, 3, 4))]))
    return chosen


def balanced(samples: Iterable[Sample], shares: Sequence[float], total: int, rng: random.Random) -> list[Sample]:
    """At most `total` samples with the given share of each length class."""
    by_class: list[list[Sample]] = [[] for _ in LENGTH_CLASSES]
    for sample in samples:
        by_class[length_class(sample.text)].append(sample)
    chosen: list[Sample] = []
    for group, share in zip(by_class, shares, strict=True):
        rng.shuffle(group)
        chosen.extend(group[: round(total * share)])
    return chosen
