"""The trained arrays: read from and written to .npz files without pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.grams import BUCKETS, FINE, FINE_SHIFT, UNITS, Batch, shown_units
from nlp.sums import Adder
from nlp.topics import TopicMix

SHIPPED = Path(__file__).parent / "weights"
ARRAYS = "judge.npz"
FACTS = "judge.json"


_FACTS = (
    *("version", "topics", "categories", "cue_weights", "bias", "slope", "offset", "topic_mix"),
    *("category_cues", "category_bias", "threshold", "band", "reply_weights", "reply_bias", "reply_threshold"),
    *("level_cues", "level_slope", "level_offset"),
)


class WeightsError(RuntimeError):
    """The weights are missing or do not fit this version; reinstall or retrain with `python -m nlp.training`."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """Integer weights of all heads over the hashed n-grams, and the small numbers beside them."""

    version: str
    normaliser: npt.NDArray[np.uint16]
    #: int8[FINE]: needs_response, in fine buckets
    response: npt.NDArray[np.int8]
    #: int16[BUCKETS, heads]; column 0 is how like a letter, then the topics as letters know them, then the topics and "none of
    #: them" as a forum does, then the categories, then how serious a matter is (Ⅲ or worse)
    weights: npt.NDArray[np.signedinteger[Any]]
    #: float64[1 + heads]: value of one unit of needs_response and of each column
    scales: npt.NDArray[np.float64]
    topics: tuple[str, ...]
    #: categories in the order of their columns, and what each cue and a constant add to their scores
    categories: tuple[str, ...]
    category_cues: Mapping[str, tuple[float, ...]]
    category_bias: tuple[float, ...]
    #: cue group → weight in the needs-response score
    cue_weights: Mapping[str, float]
    bias: float
    #: calibration of needs_response: p = 1 / (1 + exp(-(slope · score + offset)))
    slope: float
    offset: float
    #: how the columns of topics become probabilities
    topic_mix: TopicMix
    threshold: float
    band: float
    #: feature of a reply (nlp.replies) → weight in calibrated logits, a constant, and the logit from which a reply is flagged
    reply_weights: Mapping[str, float]
    reply_bias: float
    reply_threshold: float
    #: cue group → weight in the score of a serious matter; p = 1 / (1 + exp(-(slope · score + offset)))
    level_cues: Mapping[str, float]
    level_slope: float
    level_offset: float

    def sums(self, batch: Batch) -> npt.NDArray[np.int32]:
        """int32[posts, heads]: sums of the integer weights over the n-grams of each post."""
        return self._adder(batch)

    def response_sums(self, batch: Batch) -> npt.NDArray[np.int32]:
        """int32[posts]: sums of the integer weights of needs_response."""
        units, pairs = self._response
        weights = units.take(batch.units[:-1])
        weights += pairs.take((batch.pairs >> FINE_SHIFT).view(np.int32))
        return np.add.reduceat(weights, batch.starts[:-1], dtype=np.int32)

    @cached_property
    def _response(self) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int8]]:
        """The weight of each unit as it is read, in 16 bits, so that another can be added, and of each bucket of bigrams."""
        return self.response.take(shown_units(self.normaliser)).astype(np.int16), self.response[UNITS:]

    @cached_property
    def _adder(self) -> Adder:
        return Adder(self.weights)

    def digest(self) -> str:
        """Eight hexadecimal digits of the weights, the name of this training."""
        numbers = repr((self.bias, self.slope, self.cue_weights, self.reply_weights, self.reply_bias, self.reply_threshold)).encode()
        return hashlib.sha256(self.response.tobytes() + self.weights.astype("<i2").tobytes() + numbers).hexdigest()[:8]

    def save(self, folder: Path) -> None:
        """Writes judge.npz (arrays) and judge.json (numbers and names) into the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        # a byte each where they fit, which they do as trained: a fifth less on the disk
        small = np.abs(self.weights).max() <= np.iinfo(np.int8).max
        weights = self.weights.astype(np.int8 if small else np.int16)
        np.savez_compressed(folder / ARRAYS, normaliser=self.normaliser, response=self.response, weights=weights, scales=self.scales)
        facts = {name: getattr(self, name) for name in _FACTS} | {"topic_mix": self.topic_mix.facts()}
        (folder / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path | None = None) -> Model:
        """The model of a folder (default: the shipped one). Raises WeightsError."""
        folder = folder or SHIPPED
        try:
            facts: dict[str, Any] = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
                response = arrays["response"]
                weights = arrays["weights"].astype(np.int16, copy=False)
                normaliser = arrays["normaliser"]
                scales = arrays["scales"]
        except (OSError, ValueError, KeyError) as error:
            raise WeightsError(f"{folder}: {error}; retrain with `python -m nlp.training --out {folder}` or reinstall") from error
        if missing := set(_FACTS) - facts.keys():
            raise WeightsError(f"{folder / FACTS} lacks {', '.join(sorted(missing))}; retrain with `python -m nlp.training --out {folder}`")
        topics = tuple(facts["topics"])
        try:
            topic_mix = TopicMix.from_facts(facts["topic_mix"])
        except (KeyError, TypeError) as error:
            wish = f"retrain with `python -m nlp.training --out {folder}`"
            raise WeightsError(f"{folder / FACTS}: topic_mix lacks {error}; {wish}") from error
        heads = 3 + 2 * len(topics) + len(facts["categories"])
        if response.shape != (FINE,) or weights.shape != (BUCKETS, heads) or normaliser.shape != (65_536,):
            raise WeightsError(f"{folder / ARRAYS}: shape {weights.shape} does not fit {heads} heads of {BUCKETS} buckets")
        return cls(
            version=facts["version"],
            normaliser=normaliser,
            response=response,
            weights=weights,
            scales=scales,
            topics=topics,
            categories=tuple(facts["categories"]),
            category_cues={group: tuple(row) for group, row in facts["category_cues"].items()},
            category_bias=tuple(facts["category_bias"]),
            cue_weights=facts["cue_weights"],
            bias=facts["bias"],
            slope=facts["slope"],
            offset=facts["offset"],
            topic_mix=topic_mix,
            reply_weights=facts["reply_weights"],
            reply_bias=facts["reply_bias"],
            reply_threshold=facts["reply_threshold"],
            level_cues=facts["level_cues"],
            level_slope=facts["level_slope"],
            level_offset=facts["level_offset"],
            threshold=facts["threshold"],
            band=facts["band"],
        )
