"""Times as forums write them, against the server's clock: the earliest instant they allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawlers.sites.times import ShownTime, earlier_bound, footer_clock, read_machine_time, read_time
from store.clock import parse_instant
from store.records import Precision

NOW = parse_instant("2026-11-22T14:05:00+08:00")


@pytest.mark.parametrize(
    ("text", "instant", "precision"),
    [
        ("发表于 2026-11-22 11:30:05", "2026-11-22T11:30:05", "second"),
        ("2026-1-3 7:05", "2026-01-03T07:05", "minute"),
        ("2026-1-3", "2026-01-03T00:00", "day"),
        ("2026年1月3日 18:22", "2026-01-03T18:22", "minute"),
        ("2026/1/3 下午 3:04", "2026-01-03T15:04", "minute"),
        ("2026-1-3 12:04 AM", "2026-01-03T00:04", "minute"),
        ("刚刚", "2026-11-22T14:05", "minute"),
        ("30\xa0秒前", "2026-11-22T14:04:30", "minute"),
        ("3&nbsp;分钟前", "2026-11-22T14:01", "minute"),
        ("十二分钟前", "2026-11-22T13:52", "minute"),
        ("半小时前", "2026-11-22T13:05", "hour"),
        ("两小时前", "2026-11-22T11:05", "hour"),
        ("14 小时前", "2026-11-22T00:00", "hour"),  # hours are of today only
        ("昨天 12:30", "2026-11-21T12:30", "minute"),
        ("前天\xa008:15", "2026-11-20T08:15", "minute"),
        ("昨天", "2026-11-21T00:00", "day"),
        ("5 天前", "2026-11-17T00:00", "day"),
        ("两天前", "2026-11-20T00:00", "day"),
        ("11月20日 18:22", "2026-11-20T18:22", "minute"),
        ("12-30 08:00", "2025-12-30T08:00", "minute"),  # no year: not in the future
        ("09:15", "2026-11-22T09:15", "minute"),
        ("2026-1-3 3:04 下午", "2026-01-03T15:04", "minute"),
        ("19-1-3 08:00", "2019-01-03T08:00", "minute"),  # forums may write the year in two digits, or last
        ("22-11-2019 08:00:09", "2019-11-22T08:00:09", "second"),
        ("11/22/2019 08:00", "2019-11-22T08:00", "minute"),
        ("03/04/2019 08:00", "2019-03-04T08:00", "minute"),
        ("25/12/2018", "2018-12-25T00:00", "day"),
        ("22 Nov 2019 14:05", "2019-11-22T14:05", "minute"),
        ("Nov. 22, 2019, 2:05 p.m.", "2019-11-22T14:05", "minute"),
        ("Fri November 22nd, 2019 2:05:09 AM", "2019-11-22T02:05:09", "second"),
        ("星期一, 16 十一月 2026 19:54:17", "2026-11-16T19:54:17", "second"),
        ("去年 12-30", "2025-12-30T00:00", "day"),
        ("2\xa0小时，3\xa0分钟前", "2026-11-22T12:01", "minute"),
        ("1 天，3 小时前", "2026-11-21T10:05", "hour"),
        ("1 周，2 天前", "2026-11-12T14:05", "day"),
        ("3 minutes ago", "2026-11-22T14:01", "minute"),
        ("an hour ago", "2026-11-22T12:05", "hour"),
        ("2 hours, 3 minutes ago", "2026-11-22T12:01", "minute"),
        ("yesterday 12:30", "2026-11-21T12:30", "minute"),
        ("5 days ago", "2026-11-17T00:00", "day"),
        ("just now", "2026-11-22T14:05", "minute"),
        ("3 个月前", "2026-07-21T00:00", "day"),
        ("一年前", "2024-11-20T00:00", "day"),
    ],
)
def test_read(text: str, instant: str, precision: str) -> None:
    assert read_time(text, NOW) == ShownTime(parse_instant(instant + "+08:00"), Precision(precision))


@pytest.mark.parametrize("text", ["", "楼主", "2026-13-40", "25:99", "x" * 500, "2026-02-30 10:00"])
def test_no_time(text: str) -> None:
    assert read_time(text, NOW) is None


def test_days_are_calendar_days_just_after_midnight() -> None:
    midnight = parse_instant("2026-11-22T00:03:00+08:00")
    shown = read_time("昨天 23:59", midnight)
    assert shown is not None
    assert shown.at == parse_instant("2026-11-21T23:59:00+08:00")


def test_date_in_the_title_is_sharpened_by_the_text() -> None:
    titled, told = read_time("2026-11-22", NOW), read_time("2 小时前", NOW)
    assert earlier_bound(titled, told) == told


def test_contradicting_text_does_not_move_the_title() -> None:
    titled, told = read_time("2026-11-20", NOW), read_time("3 分钟前", NOW)
    assert earlier_bound(titled, told) == titled


def test_footer_clock_in_its_own_zone() -> None:
    at, zone = footer_clock("Powered by X GMT+8, 2026-11-22 14:05 , Processed in 0.01 second(s)")
    assert (at, zone) == (NOW, timezone(timedelta(hours=8)))
    for form in ("2026/11/22 02:05 PM", "26-11-22 14:05", "11/22/2026 14:05", "22.11.2026 2:05 下午"):
        assert footer_clock(f"GMT+8, {form}, Processed in 0.01 second(s)")[0] == NOW
    at, _ = footer_clock("GMT, 2026-11-22 06:05")
    assert at == datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


def test_no_footer_clock() -> None:
    assert footer_clock("Processed in 0.01 second(s)")[0] is None


@pytest.mark.parametrize("text", ["2026-11-22 03:00:19+00:00 +0800", "提问于 2026-11-22T03:00:19Z", "2026-11-22T11:00:19.500+0800（昨天）"])
def test_an_offset_among_words_is_kept(text: str) -> None:
    shown = read_machine_time(text)
    assert shown is not None
    assert shown.at.replace(microsecond=0) == datetime(2026, 11, 22, 3, 0, 19, tzinfo=UTC)


@pytest.mark.parametrize("text", ["11-22 14:00-16:00", "x 2026-11-22 03:00:19-99:99", "发表于 2026-11-22 14:05"])
def test_what_is_no_machine_time(text: str) -> None:
    assert read_machine_time(text) is None
