"""Folding and pairs: substrings stay substrings, and offsets lead back to what people wrote."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.search.tokens import TOKENIZER, compose, fold, fold_with_offsets, pairs, single, tokens


def test_tokens_of_this_version_are_these() -> None:
    # Other tokens under the same number would leave wrong entries in every index: raise TOKENIZER with them.
    assert TOKENIZER == 1
    assert tokens(fold("东塍 B3\n㎡😀a-b")) == "东塍 塍␣ ␣b b3 3␣ ␣m m2 2😀 😀a a－ －b b"
    assert tokens("") == ""


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("２１７路（末班）", "217路(末班)"),
        ("Ａ３ B3", "a3 b3"),
        ("停\u3000水\u00a0 到\u2028家", "停 水 到 家"),
        ("停\u200b水\ufeff了❤\ufe0f", "停水了❤"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("cafe\u0301", "café"),
        ("臺州 积水", "臺州 积水"),
        ("𠮷\U000e0100野", "𠮷野"),
        ("停\x00水\ud800", "停 水\ufffd"),
        (" \n ", ""),
    ],
)
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text(max_size=40), st.text(max_size=3))
@settings(max_examples=80, deadline=None)
def test_a_run_of_pairs_is_in_the_tokens_exactly_where_the_term_is_in_the_text(text: str, word: str) -> None:
    folded, term = fold(text), fold(word)
    held = tokens(folded).split(" ") if folded else []
    if len(term) == 1:
        assert any(token.startswith(single(term)) for token in held) == (term in folded)
    elif term:
        run = pairs(term)
        assert any(held[at : at + len(run)] == run for at in range(len(held))) == (term in folded)


@given(st.text(max_size=40))
@settings(max_examples=80, deadline=None)
def test_no_token_holds_what_an_engine_would_split_or_read_as_a_sign(text: str) -> None:
    held = tokens(fold(text))
    assert all(len(token) in {1, 2} for token in held.split(" ") if held)
    assert not any((char.isascii() and not char.isalnum()) or char.isspace() for token in held.split(" ") for char in token)
    held.encode()


@given(st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_offsets_lead_back_into_the_text(text: str) -> None:
    composed = compose(text)
    folded, offsets = fold_with_offsets(composed)
    assert folded == fold(text)
    assert len(offsets) == len(folded) + 1
    assert offsets == sorted(offsets)
    assert all(char in fold(composed[at]) or char == " " for char, at in zip(folded, offsets, strict=False))
