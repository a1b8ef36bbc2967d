"""A small sentence encoder in numpy, trained to say whether a text asks for an answer: four layers of a Chinese BERT, 512 numbers wide.

The arithmetic is that of BERT (Devlin et al. 2019) with the tanh form of GELU; the start of the training is bge-small-zh-v1.5 (BAAI, MIT).
Weights are stored as whole numbers of seven bits with a scale for each column. A text of 40 characters costs some ten milliseconds of one
core, hundreds of times the judge.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from nlp.wordpieces import WordPieces

Singles = npt.NDArray[np.float32]
Levels = npt.NDArray[np.int8]

ARRAYS = "encoder.npz"
#: attention heads, and numbers of each
HEADS, EACH = 8, 64
WIDTH = HEADS * EACH
#: pieces read of a text with what stands before it: places the table of positions has
MOST = 320
#: levels of a stored weight on either side of zero: seven bits, of what single pieces bring six
LEVELS, LEVELS_OF_WORDS = 63, 31
_TINY = np.float32(1e-12)
#: arrays that are stored as levels with a scale for each of their last axis; the rest are float16
STEPPED = ("words", "positions", "query_key_value", "out", "up", "down")


class NoEncoder(RuntimeError):
    """The weights are not there or do not fit together; the text says where and what to do."""


@dataclass(frozen=True, kw_only=True)
class EncoderWeights:
    """The trained arrays, float32; L layers, V pieces."""

    #: [V, WIDTH], [MOST, WIDTH], [2, WIDTH]: what a piece, a place, and standing before or in the text bring
    words: Singles
    positions: Singles
    parts: Singles
    #: [2, WIDTH]: gain and bias of the first norm
    norm: Singles
    #: [L, WIDTH, 3 * WIDTH], [L, 3 * WIDTH]: attention's inputs, heads within each third
    query_key_value: Singles
    query_key_value_bias: Singles
    #: [L, WIDTH, WIDTH], [L, WIDTH]: attention's output, then [L, 2, WIDTH] gain and bias of its norm
    out: Singles
    out_bias: Singles
    out_norm: Singles
    #: [L, WIDTH, 4 * WIDTH], [L, 4 * WIDTH], [L, 4 * WIDTH, WIDTH], [L, WIDTH], [L, 2, WIDTH]: the two steps and their norm
    up: Singles
    up_bias: Singles
    down: Singles
    down_bias: Singles
    down_norm: Singles
    #: [WIDTH + 1]: weights of the logit over what stands at the start, bias last
    head: Singles

    def check(self, pieces: int) -> None:
        """Raises ValueError where the shapes do not fit each other or the vocabulary."""
        deep = len(self.out)
        wanted = {
            "words": (pieces, WIDTH),
            "positions": (MOST, WIDTH),
            "parts": (2, WIDTH),
            "norm": (2, WIDTH),
            "query_key_value": (deep, WIDTH, 3 * WIDTH),
            "query_key_value_bias": (deep, 3 * WIDTH),
            "out": (deep, WIDTH, WIDTH),
            "out_bias": (deep, WIDTH),
            "out_norm": (deep, 2, WIDTH),
            "up": (deep, WIDTH, 4 * WIDTH),
            "up_bias": (deep, 4 * WIDTH),
            "down": (deep, 4 * WIDTH, WIDTH),
            "down_bias": (deep, WIDTH),
            "down_norm": (deep, 2, WIDTH),
            "head": (WIDTH + 1,),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} is {getattr(self, name).shape}, not {shape}")


def stepped(values: Singles, levels: int = LEVELS) -> tuple[Levels, Singles]:
    """Whole numbers of −levels to levels and their scale, shape [..., 1, columns]: of some scales a column, the one that loses least."""
    most = np.abs(values).max(axis=-2, keepdims=True) + _TINY
    best_loss, best = np.full(most.shape, np.inf), most / levels
    for share in np.arange(0.5, 1.01, 0.05, dtype=np.float32):
        scale = most * share / levels
        back = np.clip(np.rint(values / scale), -levels, levels) * scale
        loss = ((back - values) ** 2).sum(axis=-2, keepdims=True)
        best, best_loss = np.where(loss < best_loss, scale, best), np.minimum(loss, best_loss)
    scale = best.astype(np.float16).astype(np.float32) + _TINY
    return np.clip(np.rint(values / scale), -levels, levels).astype(np.int8), scale


class SentenceEncoder:
    """Reads single texts; the same text gives the same bits on one machine. Safe to share between threads."""

    def __init__(self, weights: EncoderWeights, pieces: WordPieces, version: str) -> None:
        self.version = version
        self.pieces = pieces
        self._of = weights

    @classmethod
    def load(cls, folder: Path) -> SentenceEncoder:
        """The weights of a folder. Raises NoEncoder."""
        path = folder / ARRAYS
        try:
            raw = path.read_bytes()
            with np.load(path, allow_pickle=False) as arrays:
                pieces = WordPieces.read(arrays["pieces"].tobytes())
                found = {field.name: _dense(arrays, field.name) for field in fields(EncoderWeights)}
            weights = EncoderWeights(**found)
            weights.check(len(pieces.pieces))
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise NoEncoder(f"{path}: {error}; reinstall, or train with `python -m nlp.training.second`") from error
        return cls(weights, pieces, hashlib.sha256(raw).hexdigest()[:8])

    def logit(self, text: str, before: str = "") -> float:
        """What speaks for a response in a text, `before` being its thread's title; below zero against it. Read as far as MOST pieces."""
        rows, own = self.pieces.rows(text, before)
        with np.errstate(over="ignore", under="ignore"):
            return float(self._read(rows[:MOST], own) @ self._of.head[:-1] + self._of.head[-1])

    def _read(self, rows: list[int], own: int) -> Singles:
        """float32[WIDTH] of what stands at the start, after all layers."""
        of = self._of
        parts = np.zeros(len(rows), dtype=np.intp)
        if own:
            parts[own:] = 1
        state = _normed(of.words[rows] + of.positions[: len(rows)] + of.parts[parts], of.norm)
        last = len(of.out) - 1
        for layer in range(len(of.out)):
            mixed = (state @ of.query_key_value[layer] + of.query_key_value_bias[layer]).reshape(len(rows), 3, HEADS, EACH)
            query, key, value = mixed.transpose(1, 2, 0, 3)
            if layer == last:  # only the start is asked for
                query, state = query[:, :1], state[:1]
            near = query @ key.transpose(0, 2, 1) * np.float32(EACH**-0.5)
            near = np.exp(near - near.max(axis=-1, keepdims=True))
            near /= near.sum(axis=-1, keepdims=True)
            seen = (near @ value).transpose(1, 0, 2).reshape(len(state), WIDTH)
            state = _normed(state + seen @ of.out[layer] + of.out_bias[layer], of.out_norm[layer])
            wide = _gelu(state @ of.up[layer] + of.up_bias[layer])
            state = _normed(state + wide @ of.down[layer] + of.down_bias[layer], of.down_norm[layer])
        return np.asarray(state[0], dtype=np.float32)


def save(folder: Path, weights: EncoderWeights, pieces: WordPieces) -> None:
    """Writes encoder.npz into the folder, without pickle."""
    weights.check(len(pieces.pieces))
    held: dict[str, npt.NDArray[np.generic]] = {"pieces": np.frombuffer(pieces.stored(), dtype=np.uint8)}
    for field in fields(EncoderWeights):
        values = getattr(weights, field.name)
        if field.name in STEPPED:
            held[field.name], scale = stepped(values, LEVELS_OF_WORDS if field.name == "words" else LEVELS)
            held[f"{field.name}_scale"] = scale.astype(np.float16)
        else:
            held[field.name] = values.astype(np.float16)
    np.savez_compressed(folder / ARRAYS, **held)  # type: ignore[arg-type]


def _dense(arrays: np.lib.npyio.NpzFile, name: str) -> Singles:
    values: Singles = arrays[name].astype(np.float32)
    return values * arrays[f"{name}_scale"].astype(np.float32) if name in STEPPED else values


def _normed(values: Singles, norm: Singles) -> Singles:
    values = values - values.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", values, values)[:, None] / np.float32(values.shape[1])
    return np.asarray(values / np.sqrt(spread + _TINY) * norm[0] + norm[1], dtype=np.float32)


def _gelu(values: Singles) -> Singles:
    inner = np.float32(0.7978845608) * (values + np.float32(0.044715) * values * values * values)
    return np.asarray(np.float32(0.5) * values * (1 + np.tanh(inner)), dtype=np.float32)
