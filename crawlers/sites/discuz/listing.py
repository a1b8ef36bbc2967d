"""Rows of a board's list or of the guide, in the stock markup or in a customised one."""

from __future__ import annotations

import re

from crawlers.dom import Node, attr, find, find_all, has_class, text_of
from crawlers.pages import ThreadRow
from crawlers.sites.discuz.foreign_list import read_foreign_rows
from crawlers.sites.discuz.frame import Frame, number_of
from crawlers.sites.discuz.hints import moments
from crawlers.sites.discuz.urls import target_of, thread_url, uid_of
from crawlers.sites.times import ShownTime
from store.records import Precision

#: lists show 20 to 100 threads
_MOST_ROWS = 1_000
_ROW_ID = re.compile(r"^(normal|stick)thread_(\d+)$")
_STICKY = re.compile(r"置顶|pin_\d|(?:^|[\s_-])(?:sticky|top|zd)(?:$|[\s_-])", re.IGNORECASE)
_TITLE_LINKS = (
    f".//a[{has_class('xst')}]",
    ".//th//a[contains(@href,'viewthread') or contains(@href,'thread-')][not(ancestor::*[contains(@class,'tps')])]",
    ".//a[contains(@href,'viewthread') or contains(@href,'thread-')][string-length(normalize-space(.))>0]",
)
_ROWS = (
    "//*[starts-with(@id,'normalthread_') or starts-with(@id,'stickthread_')]",
    f"//a[{has_class('xst')}]/ancestor::*[self::tr or self::li or self::div][1]",
    "//a[contains(@href,'viewthread') or contains(@href,'thread-')][string-length(normalize-space(.))>1]"
    "/ancestor::*[self::tr or self::li][1]"
    "[.//a[contains(@href,'uid') or contains(@href,'username=')] or .//*[@title]]",
    # the mobile list: title and one time
    "//a[contains(@href,'viewthread') or contains(@href,'thread-')]/ancestor::li[1]",
)
_EMPTY = re.compile(r"尚无主题|暂无(?:主题|帖子|内容)|没有(?:任何)?(?:主题|帖子)|暂时没有|还没有(?:主题|帖子)")


def says_empty(root: Node) -> bool:
    """The list says in words that it holds no thread."""
    told = find(root, f"//*[{has_class('emp')}]", "//*[@id='threadlist']", "//*[@id='ct']", "//body")
    return bool(_EMPTY.search(text_of(told)))


def read_rows(frame: Frame, board: str, board_name: str) -> tuple[tuple[ThreadRow, ...], int]:
    """Every thread of the page, once each, in the page's order; and how many rows could not be read."""
    rows: dict[str, ThreadRow] = {}
    unread = 0
    nodes = find_all(frame.root, *_ROWS[:2])
    if not nodes and (foreign := read_foreign_rows(frame, board, board_name)):
        return (tuple(foreign) if frame.whole else tuple(foreign[:-1])), 0
    for node in (nodes or find_all(frame.root, *_ROWS[2:]))[:_MOST_ROWS]:
        row = _row(node, frame, board, board_name)
        if row is None:
            unread += 1
        elif row.tid not in rows:
            rows[row.tid] = row
    found = tuple(rows.values())
    cut = bool(found) and not frame.whole
    return (found[:-1] if cut else found), unread  # of a page that was cut off the last row is half a row


def _title_link(node: Node) -> tuple[Node, str] | None:
    """The link that carries the title, and its thread id."""
    for path in _TITLE_LINKS:
        for link in find_all(node, path):
            target = target_of(attr(link, "href"))
            if target.kind == "thread" and text_of(link) and not text_of(link).isdigit():
                return link, target.id
    return None


def _row(node: Node, frame: Frame, board: str, board_name: str) -> ThreadRow | None:
    named = _ROW_ID.match(attr(node, "id"))
    found = _title_link(node)
    if found is None:
        return None
    link, tid = found
    sticky = named[1] == "stick" if named else bool(_STICKY.search(attr(node, "class"))) or _pinned(node)
    first, last, in_board = _columns(node)
    if in_board is not None:
        board, board_name = target_of(attr(in_board, "href")).id, text_of(in_board)
    author = _author(first if first is not None else node)
    posted, replied = _times(node, first, last, frame)
    replies, views = _counts(node)
    label = find(node, ".//a[contains(@href,'typeid=')]", ".//th/em[1]/a", ".//a[contains(@href,'sortid=')]")
    return ThreadRow(
        tid=tid,
        title=text_of(link),
        url=thread_url(frame.base, tid),
        board=board,
        board_name=board_name,
        uid=uid_of(attr(author, "href")),
        author=text_of(author) if author is not None else _anonymous(first),
        posted_at=posted.at if posted else None,
        precision=posted.precision if posted else Precision.UNKNOWN,
        replies=replies,
        views=views,
        last_post_at=replied.at if replied else None,
        last_precision=replied.precision if replied else Precision.UNKNOWN,
        sticky=sticky,
        kind=text_of(label).strip("[]【】"),
        pages=_pages(node),
    )


def _pinned(node: Node) -> bool:
    marks = find_all(node, ".//img[contains(@src,'pin_')] | .//*[contains(@title,'置顶')] | .//*[contains(@alt,'置顶')]")
    return bool(marks)


def _columns(node: Node) -> tuple[Node | None, Node | None, Node | None]:
    """(author's column, last poster's column, board link). The guide has one more column, for the board, before them."""
    cells = find_all(node, f".//td[{has_class('by')}]", f".//*[{has_class('by')}]")
    board_link = None
    if cells:
        link = find(cells[0], ".//a[contains(@href,'fid=') or contains(@href,'forum-')]")
        if link is not None and target_of(attr(link, "href")).kind == "board":
            board_link = link
            cells = cells[1:]
    else:
        for link in find_all(node, ".//a[contains(@href,'fid=') or contains(@href,'forum-')][not(contains(@href,'typeid'))]"):
            if target_of(attr(link, "href")).kind == "board":
                board_link = link
                break
    first = cells[0] if cells else None
    last = cells[1] if len(cells) > 1 else None
    return first, last, board_link


def _author(node: Node) -> Node | None:
    return find(
        node,
        ".//cite/a[contains(@href,'uid')]",
        ".//a[contains(@href,'uid=') or contains(@href,'space-uid-')][string-length(normalize-space(.))>0]",
        ".//cite/a",
    )


def _anonymous(column: Node | None) -> str:
    return text_of(find(column, ".//cite")) if column is not None else ""


def _times(node: Node, first: Node | None, last: Node | None, frame: Frame) -> tuple[ShownTime | None, ShownTime | None]:
    posted = frame.time(find(first, ".//em")) if first is not None else None
    replied = frame.time(find(last, ".//em")) if last is not None else None
    if first is not None:
        return posted, replied
    # a customised row: the times in the order in which a reader meets them
    shown = [moment.shown for moment in moments([node], frame)]
    if len(shown) == 1 and _author(node) is None and target_of(frame.url).id != "newthread":
        return None, shown[0]
    return (shown[0] if shown else None), (shown[-1] if len(shown) > 1 else None)


def _counts(node: Node) -> tuple[int | None, int | None]:
    cell = find(node, f".//td[{has_class('num')}]", f".//*[{has_class('num')}]")
    if cell is None:
        replies = find(node, f".//*[{has_class('replies')} or {has_class('reply')} or contains(@title,'回复')]")
        views = find(node, f".//*[{has_class('views')} or {has_class('view')} or contains(@title,'查看') or contains(@title,'浏览')]")
        return number_of(replies), number_of(views)
    return number_of(find(cell, f".//a[{has_class('xi2')}]", ".//a")), number_of(find(cell, ".//em"))


def _pages(node: Node) -> int:
    """The largest page that the row links to; 1 when it links to none."""
    links = find_all(node, f".//*[{has_class('tps')}]//a[@href]")
    return max((target_of(attr(link, "href")).page for link in links), default=1)
