"""Rows of a list that lost a part on the way: the row has no author and no time of posting rather than the last reply's."""

from __future__ import annotations

from datetime import datetime

import pytest

from crawlers.pages import ThreadRow
from crawlers.sites.discuz.page import read_list
from store.clock import parse_instant

AT = parse_instant("2026-11-22T14:05:20+08:00")
POSTED = parse_instant("2026-11-22T09:00:00+08:00")
BOARD = "http://bbs.example/forum.php?mod=forumdisplay&fid=2"
_ROW = (
    '<tbody id="normalthread_{tid}"><tr>{icon}<th>{title}</th>{author}'
    '<td class="num"><a class="xi2" href="#">3</a><em>9</em></td>{last}</tr></tbody>'
)
ICON = '<td class="icn"><a href="forum.php?mod=viewthread&amp;tid={tid}">·</a></td>'
TITLE = '<a class="s xst" href="forum.php?mod=viewthread&amp;tid={tid}">路灯坏了</a>'
AUTHOR = '<td class="by"><cite><a href="home.php?mod=space&amp;uid=7">住户</a></cite><em><span>2026-11-22 09:00</span></em></td>'
LAST = (
    '<td class="by"><cite><a href="home.php?mod=space&amp;uid=8">路人</a></cite>'
    '<em><a href="forum.php?mod=redirect&amp;tid={tid}&amp;goto=lastpost#lastpost">2026-11-22 13:00</a></em></td>'
)
CARD = (
    '<li><h3><a href="thread-{tid}-1-1.html">路灯坏了</a></h3><p>{author}<b class="replies">{replies}</b>'
    '最后 <a href="space-uid-8.html">路人</a> <i>2026-11-22 13:00</i></p></li>'
)
CARD_AUTHOR = '<a href="space-uid-7.html">住户</a> <i>2026-11-22 09:00</i> '


def stock(tid: int, **parts: str) -> str:
    whole = {"icon": ICON, "title": TITLE, "author": AUTHOR, "last": LAST} | parts
    return _ROW.format(tid=tid, **{name: part.format(tid=tid) for name, part in whole.items()})


def rows(*shown: str) -> list[ThreadRow]:
    body = f'<div id="threadlist"><table>{"".join(shown)}</table></div>' if "<tbody" in shown[0] else f"<ul>{''.join(shown)}</ul>"
    page = f"<!DOCTYPE html><html><head><title>民生求助</title></head><body>{body}<div id='ft'>Powered by Discuz!</div></body></html>"
    return list(read_list(page, BOARD, AT).rows)


def told(row: ThreadRow) -> tuple[str, datetime | None]:
    return row.uid, row.posted_at


def test_whole_rows_tell_author_and_time() -> None:
    assert [told(row) for row in rows(stock(1), stock(2))] == [("7", POSTED)] * 2
    assert [told(row) for row in rows(*(CARD.format(tid=tid, author=CARD_AUTHOR, replies=3) for tid in (1, 2)))] == [("7", POSTED)] * 2


@pytest.mark.parametrize("alone", [True, False])
def test_without_its_column_the_last_poster_is_not_the_author(alone: bool) -> None:
    found = rows(*([] if alone else [stock(1), stock(2)]), stock(3, author=""))
    assert told(found[-1]) == ("", None)
    assert found[-1].title == "路灯坏了"
    assert found[-1].last_post_at == parse_instant("2026-11-22T13:00:00+08:00")


def test_a_custom_row_that_names_fewer_than_the_others_has_no_author() -> None:
    found = rows(*(CARD.format(tid=tid, author="" if tid == 2 else CARD_AUTHOR, replies=3) for tid in (1, 2, 3)))
    assert [told(row) for row in found] == [("7", POSTED), ("", None), ("7", POSTED)]


def test_where_nobody_replied_the_last_post_is_the_first() -> None:
    found = rows(*(CARD.format(tid=tid, author="" if tid == 2 else CARD_AUTHOR, replies=0 if tid == 2 else 3) for tid in (1, 2, 3)))
    assert told(found[1]) == ("8", parse_instant("2026-11-22T13:00:00+08:00"))


def test_an_icon_is_no_title() -> None:
    assert [row.tid for row in rows(stock(1), stock(2, title=""))] == ["1"]


def test_a_title_that_was_not_closed_ends_where_the_row_goes_on() -> None:
    torn = CARD.format(tid=2, author=CARD_AUTHOR, replies=3).replace("路灯坏了</a>", "路灯坏了<div></a>")
    assert {row.title for row in rows(CARD.format(tid=1, author=CARD_AUTHOR, replies=3), torn)} == {"路灯坏了"}


def test_an_address_that_markup_ran_into_leads_nowhere() -> None:
    torn = stock(2).replace('tid=2">路灯', "tid=2>路灯")
    assert [row.tid for row in rows(stock(1), torn, stock(3))] == ["1", "3"]
