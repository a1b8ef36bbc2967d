"""A batch as it was judged: columns, of which one row is an assessment or a line of `huiying assess`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from nlp.second_reader import Spoken
from store.records import Assessment, Category, Level, PlaceMention, Reason

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Readable(Protocol):
    """What the judge reads of a post; a `Text` is one."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def board(self) -> str: ...
    @property
    def thread_title(self) -> str: ...


class Because(NamedTuple):
    """A `Reason` on its way."""

    text: str
    weight: float
    about: str = "needs_response"
    start: int = -1
    end: int = -1


class Told(NamedTuple):
    """What people read who look at a post."""

    department: str = ""
    level: Level = Level.IV
    level_probability: float = 1.0
    places: tuple[PlaceMention, ...] = ()
    reasons: tuple[Because, ...] = ()


UNTOLD = Told()


class Judged(NamedTuple):
    """Columns of a batch; the texts they belong to stand in the same order."""

    probabilities: Floats
    thresholds: list[float]
    flags: Bools
    #: in the band around the threshold
    unsure: Bools
    categories: list[Category]
    #: the likeliest topic, "" for none
    topics: list[str]
    #: probabilities of the topics, to four decimals
    shares: list[list[float]]
    #: row → what is told of it; of the others nothing is
    told: dict[int, Told]
    #: row → what a second reader made of it; of most it says nothing
    spoken: dict[int, Spoken]

    def model_of(self, row: int, model: str) -> str:
        """Who judged this row: `model`, and the second reader behind a stroke where one spoke."""
        return f"{model}/{self.spoken[row].version}" if row in self.spoken else model

    def assessments(self, texts: Sequence[Readable], topics: Sequence[str], model: str) -> Iterator[Assessment]:
        """The rows as records; `topics` are the names of the shares, `model` is the version that judged."""
        columns = (self.probabilities.tolist(), self.thresholds, self.flags.tolist(), self.unsure.tolist(), self.categories)
        rows = zip(texts, *columns, self.topics, self.shares, strict=True)
        for row, (text, probability, threshold, flag, unsure, category, topic, shares) in enumerate(rows):
            told = self.told.get(row, UNTOLD)
            yield Assessment(
                id=text.id,
                needs_response=probability,
                threshold=threshold,
                flag=flag,
                unsure=unsure,
                category=category,
                topic=topic,
                topics=dict(zip(topics, shares, strict=True)),
                department=told.department,
                level=told.level,
                level_probability=told.level_probability,
                places=told.places,
                reasons=tuple(
                    Reason(text=one.text, weight=one.weight, about=one.about, start=one.start, end=one.end) for one in told.reasons
                ),
                model=self.model_of(row, model),
            )
