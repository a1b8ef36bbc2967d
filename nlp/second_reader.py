"""A second reader of posts that the judge flags or doubts: a small sentence encoder, which reads meaning where the judge counts characters.

A post costs it some ten milliseconds, hundreds of times the judge, so only posts that are flagged or nearly are read, and only where
somebody asks for it (the engine, `evaluate`, or `assess --second-reader`). What it says is weighed with the judge's own logit; rules,
threshold and all else stay the judge's. Figures: weights/SECOND_READER.md.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nlp.encoder import NoEncoder, SentenceEncoder
from nlp.model import SHIPPED

Floats = npt.NDArray[np.float64]

BLEND = "second.json"
#: so much of a cleaned post is read, and of its thread's title: what it wants stands at its head, and the cost grows with the length
READ, READ_BEFORE = 220, 60
#: the encoder's logits beyond this tell nothing more
_MOST = 12.0


class NoSecondReader(RuntimeError):
    """The weights are not there or spoilt; the text says what to do."""


@dataclass(frozen=True, kw_only=True)
class Blend:
    """How the two logits become one, calibrated."""

    #: weight of the judge's logit, of the encoder's, constant; of threads and of replies
    threads: tuple[float, float, float]
    replies: tuple[float, float, float]
    #: distances in logits from the threshold between which a post is read again
    band: tuple[float, float]
    #: version of the encoder that it was fitted to
    encoder: str

    def blended(self, first: float, second: float, *, reply: bool) -> float:
        """The judge's and the encoder's logits as one."""
        own, others, constant = self.replies if reply else self.threads
        return own * first + others * second + constant

    @property
    def version(self) -> str:
        """Name of this reader: of the encoder's arrays and of the numbers here."""
        return f"second-2.{hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]}"

    def save(self, folder: Path) -> None:
        """Writes second.json into the folder."""
        (folder / BLEND).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, folder: Path) -> Blend:
        """The numbers of a folder. Raises NoSecondReader."""
        path = folder / BLEND
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            threads, replies = ((float(a), float(b), float(c)) for a, b, c in (row["threads"], row["replies"]))
            low, high = map(float, row["band"])
            return cls(threads=threads, replies=replies, band=(low, high), encoder=str(row["encoder"]))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise NoSecondReader(f"{path}: {error!r}; reinstall, or train with `python -m nlp.training.second`") from error


class Spoken(NamedTuple):
    """What the second reader made of one post: logits before and after, and its version."""

    before: float
    after: float
    version: str


def read_logit(encoder: SentenceEncoder, cleaned: str, title: str = "") -> float:
    """The encoder's logit of the head of a cleaned text, a reply after its thread's title."""
    return max(-_MOST, min(_MOST, encoder.logit(cleaned[:READ], title[:READ_BEFORE])))


class SecondReader:
    """Reads single texts, each by itself: a post among others gets the same bits. Safe to share between threads."""

    def __init__(self, blend: Blend, encoder: SentenceEncoder) -> None:
        self.blend = blend
        self.version = blend.version
        self._encoder = encoder

    @classmethod
    def load(cls, folder: Path | None = None) -> SecondReader:
        """Encoder and blend of a folder (default: the shipped ones). Raises NoSecondReader."""
        folder = folder or SHIPPED
        blend = Blend.load(folder)
        try:
            encoder = SentenceEncoder.load(folder)
        except NoEncoder as error:
            raise NoSecondReader(str(error)) from error
        if encoder.version != blend.encoder:
            raise NoSecondReader(f"{folder / BLEND}: made for the encoder {blend.encoder}, beside it lies {encoder.version}; reinstall")
        return cls(blend, encoder)

    def score(self, cleaned: str, title: str = "") -> float:
        """The encoder's logit of a cleaned text."""
        return read_logit(self._encoder, cleaned, title)

    def turn(self, seconds: float | None = None) -> Turn:
        """A turn at reading: as many posts as the seconds allow, None for all."""
        return Turn(self, seconds)


class Turn:
    """One turn of the second reader, which ends when its time is up: posts it did not reach stay as the judge left them."""

    def __init__(self, reader: SecondReader, seconds: float | None) -> None:
        self._reader = reader
        self.version = reader.version
        self._until = None if seconds is None else time.monotonic() + seconds
        #: posts read, and posts in the band that were not
        self.read_count = 0
        self.left = 0

    def read(
        self, cleaned: Sequence[str], logits: Floats, limits: Floats, titles: Mapping[int, str], barred: Iterable[int]
    ) -> dict[int, Spoken]:
        """Row → what was made of it, of the rows whose logit lies in the band around their threshold (`limits`, in logits), the nearest
        first; `titles` has the cleaned title of the thread for each row that is a reply, `barred` rows that are not to be read."""
        low, high = self._reader.blend.band
        distances = logits - limits
        rows = np.flatnonzero((distances >= low) & (distances <= high))
        rows = rows[np.argsort(np.abs(distances[rows]), kind="stable")]
        out = set(barred)
        found: dict[int, Spoken] = {}
        for row in rows.tolist():
            if row in out:
                continue
            if self._until is not None and time.monotonic() >= self._until:
                self.left += 1
                continue
            before = float(logits[row])
            second = self._reader.score(cleaned[row], titles.get(row, ""))
            after = self._reader.blend.blended(before, second, reply=row in titles)
            found[row] = Spoken(before, after, self.version)
        self.read_count += len(found)
        return found
