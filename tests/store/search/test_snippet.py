"""Snippets: around what was found, all of it marked, nothing else changed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from store.search.parser import parse
from store.search.query import Term
from store.search.snippet import highlight, plain, snippet
from store.search.tokens import compose, fold


def show(text: str, query: str, width: int = 80) -> str:
    return plain(snippet(text, parse(query), width))


def test_marks_every_place_of_every_term_but_not_what_is_left_out() -> None:
    assert show("东塍镇夜里又有刺鼻气味，东塍的厂", "东塍 气味 −路") == "【东塍】镇夜里又有刺鼻【气味】，【东塍】的厂"
    assert show("东塍没有厂", "东塍 −路|厂") == "【东塍】没有厂"


def test_begins_near_the_most_terms_and_says_what_is_cut() -> None:
    text = "气味" + "，" * 100 + "住在东塍镇上，夜里又有气味" + "。" * 100
    shown = show(text, "东塍 气味", 40)
    assert shown.startswith("……")
    assert shown.endswith("……")
    assert "【东塍】镇上，夜里又有【气味】" in shown


def test_overlapping_places_are_one_mark() -> None:
    assert show("哈哈哈哈", "哈哈") == "【哈哈哈哈】"
    assert show("停水三天", "停水|水三") == "【停水三】天"


def test_marks_what_was_written_not_how_it_was_folded() -> None:
    assert show("２１７路，Ｂ３县", "217路 b3") == "【２１７路】，【Ｂ３】县"
    assert show("面积40㎡左右", "m2") == "面积40【㎡】左右"
    assert show("我❤\ufe0f你👨\u200d👩", "❤ 👨👩") == "我【❤\ufe0f】你【👨\u200d👩】"
    assert show("晚上\n\n 九点", "「晚上 九点」") == "【晚上 九点】"


def test_without_a_hit_it_is_the_beginning() -> None:
    assert show("今天天气不错" * 30, "停水", 6) == "今天天气不错……"
    assert show("", "停水") == ""


def test_a_hit_far_down_a_text_is_found() -> None:
    shown = show("天" * 200_000 + "停水了", "停水", 20)
    assert shown.endswith("【停水】了")
    assert shown.startswith("……")
    assert show("天" * 19_999 + "停水了" + "地" * 9, "停水").count("【停水】") == 1


def test_a_title_is_shown_whole() -> None:
    assert plain(highlight("东塍晚上什么味道？", parse("味道|东塍"))) == "【东塍】晚上什么【味道】？"


@given(st.text(max_size=200), st.text(min_size=1, max_size=3), st.integers(5, 60))
@settings(max_examples=80, deadline=None)
def test_every_mark_is_the_term_and_the_rest_is_the_text(text: str, word: str, width: int) -> None:
    term = fold(word)
    if not term:
        return
    runs = snippet(text, Term(term), width)
    assert any(hit for _, hit in runs) == (term in fold(text))
    shown = "".join(run for run, _ in runs).removeprefix("……").removesuffix("……")
    assert len(shown) <= width + len(compose(word)) * 18 + 60
    assert "".join(shown.split()) in "".join(compose(text).split()) or "…" in text
