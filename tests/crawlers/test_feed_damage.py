"""Feeds that are no XML: an item with an error in it is left out, the others are read as they were written."""

from __future__ import annotations

import pytest

from crawlers.pages import Fetched, ParserFailure, ThreadList
from crawlers.sites.feed.page import read_feed
from store.clock import parse_instant
from store.records import Precision

AT = parse_instant("2026-11-22T14:05:20+08:00")
_ITEM = "<item><title>{title}</title><link>http://site.example/t/{number}</link><guid>{number}</guid>{extra}{date}</item>"
DATE = "<pubDate>Sun, 22 Nov 2026 05:00:05 +0000</pubDate>"


def item(number: int, title: str = "路灯", extra: str = "", date: str = DATE) -> str:
    return _ITEM.format(number=number, title=title, extra=extra, date=date)


def read(*items: str, end: str = "</channel></rss>") -> ThreadList:
    source = f"<rss version='2.0'><channel><title>街坊</title>{''.join(items)}{end}"
    return read_feed(Fetched("http://site.example/rss", source.encode(), "utf-8", 0.0), "site", "", AT)


def test_an_item_with_an_error_is_left_out_alone() -> None:
    found = read(item(1), item(2, extra="<br>"), item(3, "灯 &amp; 电", "<description>甲 &lt;b&gt;乙&lt;/b&gt;</description>"))
    assert [(row.tid, row.title) for row in found.rows] == [("1", "路灯"), ("3", "灯 & 电")]
    assert found.carried[1].posts[0].body == "甲 乙"
    assert found.findings == ("订阅源不合 XML：有错误的条目未采用",)


def test_signs_that_old_programs_leave_as_they_are() -> None:
    found = read(item(1, "A & B &nbsp; C &copy; &unknown;"))
    assert [row.title for row in found.rows] == ["A & B C © &unknown;"]
    assert not found.findings


def test_a_feed_that_was_cut_off_keeps_its_whole_items() -> None:
    found = read(item(1), item(2)[:-20], end="")
    assert [row.tid for row in found.rows] == ["1"]
    assert found.findings == ("订阅源不完整：最后一条未采用",)


def test_nothing_whole_is_a_failure() -> None:
    with pytest.raises(ParserFailure, match="XML"):
        read(item(1)[:-20], end="")


def test_a_link_that_leads_nowhere_names_no_thread() -> None:
    found = read(item(1), item(2).replace("http://site.example/t/2", ""))
    assert [row.tid for row in found.rows] == ["1"]


def test_a_time_of_change_is_no_time_of_posting() -> None:
    found = read(item(1, date="<updated>2026-11-22T05:30:00Z</updated>"))
    assert found.rows[0].posted_at is None
    assert found.carried[0].posts[0].precision is Precision.UNKNOWN
    assert found.findings == ("1 条只有更新时间：发表不晚于此",)
