"""The forum's index as a summary: for each board its number of posts and the thread that was answered last.

One such page tells of news anywhere in the forum, for the price of a guide page, where the guide is a copy that the
program renews only every fifteen minutes (`cachetimelimit` in its forum_guide.php).
"""

from __future__ import annotations

import re
from datetime import datetime

from crawlers.dom import Node, attr, find, find_all, has_class, text_of
from crawlers.pages import BoardRow
from crawlers.sites.discuz.frame import Frame, read_frame
from crawlers.sites.discuz.urls import Target, target_of, tid_of
from store.records import Precision

_BOARD_LINKS = ".//a[contains(@href,'fid=') or contains(@href,'forum-')]"
_LAST_LINKS = ".//a[contains(@href,'goto=lastpost') or contains(@href,'viewthread') or contains(@href,'thread-')]"
_POSTS = (
    re.compile(r"(?:帖数|帖子|总帖)\s*[:：]?\s*(\d{1,10})"),
    re.compile(r"\d{1,9}\s*(?:主题)?\s*/\s*(\d{1,10})\s*(?:帖|$)"),
)
#: an index has a few hundred boards at most, and a row is not deep
_MOST, _DEEPEST = 1_000, 8


def read_boards(
    raw: bytes | str, url: str, fetched_at: datetime, *, header_charset: str = "", charset: str = ""
) -> tuple[BoardRow, ...]:
    """Every board that the index shows with its newest reply, in the page's order."""
    frame = read_frame(raw, url, fetched_at, header_charset, charset)
    rows: dict[str, BoardRow] = {}
    for link in find_all(frame.root, f"//body{_LAST_LINKS[1:]}")[:_MOST]:
        tid = tid_of(attr(link, "href"))
        found = _row_of(link) if tid else None
        if found is None:
            continue
        row = _read(frame, *found, link, tid)
        known = rows.get(row.board)
        if known is None or (known.posts is None and row.posts is not None):
            rows[row.board] = row  # a box of picked threads names boards too, but no numbers
    return tuple(rows.values())


def _row_of(link: Node) -> tuple[Node, Target, str] | None:
    """(row, board, its name) around a link to a newest reply: the least element that also links to a board, and to no other thread."""
    row = link
    for _ in range(_DEEPEST):
        row = row.getparent()
        if row is None or row.tag in ("body", "html"):
            return None
        tids = {tid for other in find_all(row, _LAST_LINKS) if (tid := tid_of(attr(other, "href")))}
        if len(tids) > 1:
            return None  # a list of threads, no board
        for named in find_all(row, f".//h2{_BOARD_LINKS[1:]}", f".//dt{_BOARD_LINKS[1:]}", _BOARD_LINKS):
            target = target_of(attr(named, "href"))
            if target.kind == "board" and target.id.isdigit() and text_of(named):
                return row, target, text_of(named)
    return None


def _read(frame: Frame, row: Node, board: Target, name: str, link: Node, tid: str) -> BoardRow:
    shown = None
    for holder in (link.getnext(), link, link.getparent()):
        shown = shown or frame.time(holder)
    return BoardRow(
        board=board.id,
        name=name,
        posts=_posts(row),
        last_tid=tid,
        last_title=text_of(link),
        last_post_at=shown.at if shown else None,
        last_precision=shown.precision if shown else Precision.UNKNOWN,
        subs=tuple(dict.fromkeys(other.id for other in _boards(row) if other.id != board.id)),
        told_at=frame.server_now,
    )


def _boards(row: Node) -> list[Target]:
    targets = [target_of(attr(link, "href")) for link in find_all(row, _BOARD_LINKS)]
    return [target for target in targets if target.kind == "board" and target.id.isdigit()]


def _posts(row: Node) -> int | None:
    """The number of posts. Above ten thousand the forum shows "12万", and the number in the title of its span."""
    cell = find(row, f".//*[{has_class('fl_i')}]")
    holder = cell if cell is not None and "/" in text_of(cell) else row
    told = text_of(holder)
    for short in find_all(holder, ".//*[@title][contains(.,'万')]"):
        if attr(short, "title").isdigit():
            told = told.replace(text_of(short), attr(short, "title"), 1)
    for pattern in _POSTS:
        if hit := pattern.search(told):
            return int(hit[1])
    return None
