"""Pages that set thousands of elements into each other, or beside each other, in any template: reading them costs what their size does."""

from __future__ import annotations

import functools
from contextlib import suppress

import pytest

from benchmarks._bases import Base, bases
from benchmarks._mutation import tokens_of
from crawlers.pages import PageError
from tests.costs import growth

pytestmark = pytest.mark.slow

#: as deep as the parser goes
LEVELS = 1_990
#: times as much for four times as many elements: 4 is their number, 16 its square; measured are 8 at the most. Without the bounds a page
#: took 1 to 80 seconds
MOST = 12.0
TIME = '<span title="2026-11-22 11:30:05" class="t_f">3 分钟前'
MEMBER = '<a href="home.php?mod=space&amp;uid={}">x'


@functools.cache
def pages() -> dict[str, Base]:
    return {base.name: base for base in bases()}


@pytest.mark.parametrize(
    ("page", "opened", "place"),
    [
        ("phpwind/thread", "<div>", 46),
        ("phpwind/thread-87", "<b>字", 310),
        ("tieba/thread", "<div>", 31),
        ("selectors/thread", "<span>", 60),
        ("discuz/thread-mobile", '<div><em id="authorposton{}">2026-11-22', 27),
        ("discuz/thread-touch", "<blockquote>发表于 2026-11-22 11:30", 195),
        ("discuz/thread-touch", '<div class="message">', 110),
        ("discuz/thread-poll", '<td class="pvt">1. 楼', 60),
        ("article: mod=forumdisplay&fid=1", TIME, 433),
        ("classic: mod=guide&view=newthread", TIME, 168),
        ("cards: mod=viewthread&tid=1001", "<dl><dt>活动地点", 172),
        ("cards: mod=guide&view=newthread", "<blockquote>发表于 2026-11-22 11:30", 94),
        ("article: mod=viewthread&tid=1003", MEMBER, 146),
        # beside each other
        ("discuz/thread-gbk", '<div class="quote">本帖隐藏</div>', 119),
        ("cards: mod=viewthread&tid=1001", f"{MEMBER}</a>{TIME}</span>", 172),
    ],
)
def test_a_page_of_thousands_of_elements_costs_what_their_number_does(page: str, opened: str, place: int) -> None:
    base = pages()[page]
    tokens = tokens_of(base.page)

    def read(elements: int) -> None:
        with suppress(PageError):
            base.read(base.encode("".join([*tokens[:place], *(opened.format(number) for number in range(elements)), *tokens[place:]])))

    assert growth(read, LEVELS // 4, MOST) < MOST
