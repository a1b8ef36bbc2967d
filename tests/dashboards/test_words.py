"""Times, time left, marked texts: what the pages say and how."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import words
from dashboards.due import running, section_of
from dashboards.spans import HIDDEN, marked
from store.masking import MASK
from tests.alerts.town import at

NOW = at("21:38")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (at("19:36"), "19:36"),
        (at("7:05".rjust(5, "0")), "7:05"),
        (at("21 22:06"), "昨天 22:06"),
        (at("23 00:38"), "明天 0:38"),
        (at("17 08:12"), "11 月 17 日 8:12"),
        (at("22 19:36") - timedelta(days=365), "2025 年 11 月 22 日 19:36"),
    ],
)
def test_an_instant_carries_its_day_when_it_is_not_today(moment: object, said: str) -> None:
    assert words.instant(moment, NOW) == said  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left", "said", "css", "section"),
    [
        (timedelta(hours=1, minutes=12), "剩 1 小时 12 分", "", "1 小时以上"),
        (timedelta(minutes=58), "剩 58 分", "due-soon", "1 小时内"),
        (timedelta(minutes=9), "剩 9 分", "due-near", "半小时内"),
        (timedelta(seconds=30), "剩不到 1 分", "due-near", "半小时内"),
        (timedelta(minutes=-8), "超时 8 分", "due-late", "超时"),
        (timedelta(hours=-27), "超时 1 天 3 小时", "due-late", "超时"),
    ],
)
def test_time_left_in_words_and_hue(left: timedelta, said: str, css: str, section: str) -> None:
    due = running(NOW + left, 10800, NOW)
    assert (due.words, due.css, section_of(left)) == (said, css, section)
    assert 0 <= due.used <= 100


def test_the_tick_alone_says_seconds() -> None:
    assert [words.ago(timedelta(seconds=seconds)) for seconds in (4, 72, 120, 7200)] == ["4 秒前", "1 分 12 秒前", "2 分前", "2 小时前"]


def reason(start: int, end: int, weight: float = 0.3, about: str = "needs_response") -> dict[str, object]:
    return {"text": "", "weight": weight, "about": about, "start": start, "end": end}


def test_reasons_are_marked_by_their_offsets_in_title_and_body() -> None:
    title, body = "夜里有气味", "刺鼻气味\n咳了两晚"
    heading, paragraphs = marked(title, body, [reason(0, 2), reason(6, 10), reason(11, 12), reason(-1, -1), reason(3, 5, -0.2)])
    assert heading == "<mark>夜里</mark>有气味"
    assert paragraphs == ["<mark>刺鼻气味</mark>", "<mark>咳</mark>了两晚"]


def test_hidden_numbers_and_hostile_words() -> None:
    _, paragraphs = marked("", f"电话 {MASK}。<script>", [])
    assert paragraphs == [f"电话 {HIDDEN}。&lt;script&gt;"]


@given(
    title=st.text(max_size=12),
    body=st.text(alphabet=st.sampled_from("气味<>&\"'\n 夜里"), max_size=40),
    spans=st.lists(st.tuples(st.integers(-3, 60), st.integers(-3, 60)), max_size=6),
)
def test_marking_changes_no_word(title: str, body: str, spans: list[tuple[int, int]]) -> None:
    heading, paragraphs = marked(title, body, [reason(start, end) for start, end in spans])
    bare = [html.unescape(re.sub(r"</?mark>", "", piece)) for piece in (heading, *paragraphs)]
    assert bare[0] == title
    assert bare[1:] == [line for line in body.split("\n") if line.strip()]
