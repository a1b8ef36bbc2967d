"""Every input gives a tree that both engines can ask, or a reason in Chinese."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.search.elastic_query import query_of
from store.search.parser import parse
from store.search.query import Node, QueryError, describe, matches, positive, wanted
from store.search.sqlite import match_of
from store.search.tokens import fold


@pytest.mark.parametrize(
    ("typed", "reading"),
    [
        ("东塍", "含「东塍」"),
        ("东塍 气味", "同时含「东塍」「气味」"),
        ("东塍　气味", "同时含「东塍」「气味」"),
        ("东塍 −厂", "含「东塍」，不含「厂」"),
        ("东塍 -厂 -店", "含「东塍」，不含「厂」「店」"),
        ("东塍 －厂", "含「东塍」，不含「厂」"),
        ("气味|味道", "含「气味」或「味道」"),
        ("气味 或 味道", "含「气味」或「味道」"),
        ("气味 OR 味道", "含「气味」或「味道」"),
        ("东塍 气味|味道", "含「东塍」，并且含「气味」或「味道」"),
        ("（东塍 −厂）|噪声", "（含「东塍」，不含「厂」），或者含「噪声」"),
        ("东塍 -气味|味道", "含「东塍」，不要（含「气味」或「味道」）"),
        ("东塍 -(厂 北)", "含「东塍」，不要（同时含「厂」「北」）"),
        ("「晚上 九点」", "含「晚上 九点」"),
        ("“晚上 九点” 停水", "同时含「晚上 九点」「停水」"),
        ('"晚上 九点', "含「晚上 九点」"),
        ("或者", "含「或者」"),
        ("a-b", "含「a-b」"),
        ("Ｂ３县", "含「b3县」"),
        ("停水 停水", "含「停水」"),
        ("--厂 东塍", "含「东塍」，不含「厂」"),
        ("东塍 - 厂", "同时含「东塍」「厂」"),
        ("停水(二期", "同时含「停水」「二期」"),
        ("a)b", "同时含「a」「b」"),
        ("|停水|", "含「停水」"),
        ("东塍 (-厂)", "含「东塍」，不含「厂」"),
        ("-(-东塍)", "含「东塍」"),
        ("𠮷😀", "含「𠮷😀」"),
    ],
)
def test_reading(typed: str, reading: str) -> None:
    assert describe(parse(typed)) == reading


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        *((typed, "没有要找的词") for typed in ("", "   ", '"', "「」", "|", "或", "- -", "()", "(|-", "\u200b", "❤"[:0])),
        ("-厂", "再写一个要找的词"),
        ("东塍|-厂", "每一边"),
        ("-(东塍 -厂)", "再写一个要找的词"),
        ("水" * 10_000, "10000 字，至多 500 字"),
        ("水 " * 50, "50 个，至多 40 个"),
        ("(" * 3_000 + "水", "至多 8 层"),
    ],
)
def test_refusals_say_what_to_change(typed: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        parse(typed)


@given(st.text(alphabet=st.one_of(st.sampled_from("水停东()（）|｜-−\"「」“ 　a或"), st.characters()), max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_gives_a_tree_both_engines_take_or_a_reason(typed: str) -> None:
    node, why = _read(typed)
    if node is None:
        assert re.search("[\u4e00-\u9fff]", why)
        return
    assert positive(node)
    assert all(term and term == fold(term) for term in wanted(node))
    assert describe(node)
    query_of(node)
    assert match_of(node).count('"') % 2 == 0
    assert not matches(node, ""), "a text of nothing is never a hit"


def _read(typed: str) -> tuple[Node | None, str]:
    try:
        return parse(typed), ""
    except QueryError as error:
        return None, str(error)
