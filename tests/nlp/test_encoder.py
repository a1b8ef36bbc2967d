from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlp.encoder import MOST, EncoderWeights, NoEncoder, SentenceEncoder, save, stepped
from nlp.wordpieces import WordPieces

PIECES = WordPieces(["[UNK]", "[CLS]", "[SEP]", "停", "水", "了", "ab", "##c", "12", "##3", "!"])


def small(layers: int = 2, seed: int = 0) -> EncoderWeights:
    """Random weights of a shallow encoder."""
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return (0.05 * rng.normal(size=shape)).astype(np.float32)

    def norms(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.stack([1 + some(*shape, 512), some(*shape, 512)], axis=-2)

    return EncoderWeights(
        words=some(len(PIECES.pieces), 512),
        positions=some(MOST, 512),
        parts=some(2, 512),
        norm=norms(),
        query_key_value=some(layers, 512, 1536),
        query_key_value_bias=some(layers, 1536),
        out=some(layers, 512, 512),
        out_bias=some(layers, 512),
        out_norm=norms(layers),
        up=some(layers, 512, 2048),
        up_bias=some(layers, 2048),
        down=some(layers, 2048, 512),
        down_bias=some(layers, 512),
        down_norm=norms(layers),
        head=some(513),
    )


@pytest.mark.parametrize(
    ("text", "before", "pieces"),
    [
        ("停水了", "", "[CLS] 停 水 了 [SEP]"),
        ("了", "停水", "[CLS] 停 水 [SEP] 了 [SEP]"),
        ("ABC 123!", "", "[CLS] ab ##c 12 ##3 ! [SEP]"),
        ("abd 断\ud800", "", "[CLS] [UNK] [UNK] [UNK] [SEP]"),
        ("a" * 41, "", "[CLS] [UNK] [SEP]"),
        ("", "", "[CLS] [SEP]"),
    ],
)
def test_pieces(text: str, before: str, pieces: str) -> None:
    rows, own = PIECES.rows(text, before)
    assert [PIECES.pieces[row] for row in rows] == pieces.split()
    assert own == (len(before) + 2 if before else 0)


def test_a_vocabulary_is_stored_and_read_as_it_was_and_one_without_marks_is_refused() -> None:
    assert WordPieces.read(PIECES.stored()).pieces == PIECES.pieces
    with pytest.raises(ValueError, match="CLS"):
        WordPieces(["[UNK]", "停"])


def plain(weights: EncoderWeights, rows: list[int], own: int) -> float:
    """The same arithmetic written out place by place and head by head in double precision, all places kept to the end."""
    of = {name: np.asarray(values, dtype=np.float64) for name, values in vars(weights).items()}

    def norm(values: np.ndarray, both: np.ndarray) -> np.ndarray:
        return np.asarray((values - values.mean()) / np.sqrt(values.var() + 1e-12) * both[0] + both[1])

    parts = [of["parts"][int(own > 0 and place >= own)] for place in range(len(rows))]
    states = [norm(of["words"][row] + of["positions"][place] + parts[place], of["norm"]) for place, row in enumerate(rows)]
    for layer in range(len(of["out"])):
        mixed = [state @ of["query_key_value"][layer] + of["query_key_value_bias"][layer] for state in states]
        new = []
        for place, state in enumerate(states):
            seen = np.zeros(512)
            for head in range(8):
                part = slice(64 * head, 64 * head + 64)
                query = mixed[place][:512][part]
                near = np.exp([query @ one[512:1024][part] / 8.0 for one in mixed])
                seen[part] = sum(weight * one[1024:][part] for weight, one in zip(near / near.sum(), mixed, strict=True))
            state = norm(state + seen @ of["out"][layer] + of["out_bias"][layer], of["out_norm"][layer])
            wide = state @ of["up"][layer] + of["up_bias"][layer]
            wide = 0.5 * wide * (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3)))
            new.append(norm(state + wide @ of["down"][layer] + of["down_bias"][layer], of["down_norm"][layer]))
        states = new
    return float(states[0] @ of["head"][:-1] + of["head"][-1])


@pytest.mark.parametrize(("text", "before"), [("停水了", ""), ("水 abc", "停水了!"), ("", "")])
def test_the_arithmetic_is_that_of_the_paper(text: str, before: str) -> None:
    weights = small()
    assert SentenceEncoder(weights, PIECES, "").logit(text, before) == pytest.approx(plain(weights, *PIECES.rows(text, before)), abs=1e-4)


def test_a_long_text_is_read_as_far_as_there_are_places() -> None:
    encoder = SentenceEncoder(small(), PIECES, "")
    assert encoder.logit("停水" * 5_000) == encoder.logit("停水" * 300)


def test_levels_lose_little() -> None:
    values = np.random.default_rng(0).normal(size=(300, 40)).astype(np.float32)
    levels, scale = stepped(values)
    assert levels.dtype == np.int8
    assert np.abs(levels).max() == 63
    assert np.abs(levels * scale - values).mean() < 0.02


def test_saved_and_loaded_it_says_nearly_the_same_and_always_that(tmp_path: Path) -> None:
    weights = small()
    save(tmp_path, weights, PIECES)
    first, second = SentenceEncoder.load(tmp_path), SentenceEncoder.load(tmp_path)
    assert first.version == second.version
    assert first.logit("停水了") == second.logit("停水了") == pytest.approx(SentenceEncoder(weights, PIECES, "").logit("停水了"), abs=0.2)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoEncoder, match=r"encoder\.npz"):
        SentenceEncoder.load(tmp_path)
    with pytest.raises(ValueError, match="words"):
        save(tmp_path, small(), WordPieces([*PIECES.pieces, "多"]))
