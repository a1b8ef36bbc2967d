"""Pages that set thousands of elements into each other, or beside each other, in any template: reading them stays short."""

from __future__ import annotations

import functools
from contextlib import suppress

import pytest

from benchmarks._bases import Base, bases
from benchmarks._mutation import tokens_of
from crawlers.pages import PageError
from tests.costs import seconds

pytestmark = pytest.mark.slow

#: as deep as the parser goes
LEVELS = 1_990
#: seconds of the processor; without the bounds 1 to 80
MOST = 0.5
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
def test_a_page_of_thousands_of_elements_is_read_soon(page: str, opened: str, place: int) -> None:
    base = pages()[page]
    tokens = tokens_of(base.page)
    raw = base.encode("".join([*tokens[:place], *(opened.format(number) for number in range(LEVELS)), *tokens[place:]]))

    def tried() -> None:
        with suppress(PageError):
            base.read(raw)

    assert seconds(tried, MOST) < MOST
