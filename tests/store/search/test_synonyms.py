"""Synonyms come along, are named, and leave alone what stands in quotation marks."""

from __future__ import annotations

from store.search.parser import parse
from store.search.query import describe
from store.search.synonyms import GROUPS, expand


def test_a_word_brings_its_synonyms_and_they_are_named() -> None:
    node, added = expand(parse("东塍 气味"), [("气味", "异味", "味道")])
    assert describe(node) == "含「东塍」，并且含「气味」或「异味」或「味道」"
    assert added == ("异味", "味道")


def test_quotation_marks_mean_word_for_word() -> None:
    node = parse("东塍 「气味」")
    assert expand(node) == (node, ())


def test_what_is_left_out_is_left_out_with_its_synonyms() -> None:
    node, _ = expand(parse("东塍 -停水"), [("停水", "断水")])
    assert describe(node) == "含「东塍」，不要（含「停水」或「断水」）"


def test_no_word_is_in_two_groups() -> None:
    words = [word for group in GROUPS for word in group]
    assert len(words) == len(set(words))
