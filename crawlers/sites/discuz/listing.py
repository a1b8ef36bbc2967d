"""Rows of a board's list or of the guide, in the stock markup or in a customised one."""

from __future__ import annotations

import re
from dataclasses import replace

from crawlers.dom import Node, attr, find, find_all, has_class, text_of
from crawlers.pages import ThreadRow
from crawlers.sites.damage import nested, torn_in
from crawlers.sites.discuz.foreign_list import read_foreign_rows
from crawlers.sites.discuz.frame import Frame, number_of
from crawlers.sites.discuz.hints import Moment, moments, says_else
from crawlers.sites.discuz.rows import Shape, Usual, contradict, found_in, of_the_last, tells, title_text, usual_shape
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
_MEMBERS = ".//a[contains(@href,'uid=') or contains(@href,'space-uid-')][string-length(normalize-space(.))>0]"
#: a link of the last reply's column
_TO_LAST = ".//a[contains(@href,'goto=lastpost')]"
#: a title of signs alone is an icon's, unless the link is the title's by its name
_WORD = re.compile(r"\w")
_PLACE = re.compile(r"""\bid\s*=\s*["']?threadlist""")
_EMPTY = re.compile(r"尚无主题|暂无(?:主题|帖子|内容)|没有(?:任何)?(?:主题|帖子)|暂时没有|还没有(?:主题|帖子)")


def empty_in_place(root: Node) -> bool:
    """The very place of the rows says so; links to threads around it are boxes of picked threads."""
    named = " or ".join(f"ancestor::*[@id='{name}']" for name in ("threadlisttableid", "threadlist"))
    told = find(root, f"//*[{has_class('emp')}][{named} or parent::th]")
    return told is not None and bool(_EMPTY.search(text_of(told)))


def says_empty(root: Node) -> bool:
    """The list says in words that it holds no thread."""
    told = find(root, f"//*[{has_class('emp')}]", "//*[@id='threadlist']", "//*[@id='ct']", "//body")
    return bool(_EMPTY.search(text_of(told)))


def read_rows(frame: Frame, board: str, board_name: str) -> tuple[tuple[ThreadRow, ...], int]:
    """Every thread of the page, once each, in the page's order; and how many rows could not be read."""
    rows: dict[str, ThreadRow] = {}
    unread = 0
    nodes = find_all(frame.root, *_ROWS[:2])
    if not nodes and empty_in_place(frame.root):
        return (), 0
    if not nodes:
        # where the page names the place of its list, links elsewhere are boxes of picked threads
        place = find(frame.root, "//*[@id='threadlist']", "//*[@id='threadlisttableid']") if _PLACE.search(frame.text) else frame.root
        if place is None:
            return (), 0
        listed = replace(frame, root=place)
        if foreign := read_foreign_rows(listed, board, board_name):
            return tuple(foreign), 0
        # a box beside a list that was cut off looks like the mobile list
        nodes = find_all(place, *(f".{path}" for path in (_ROWS[2:] if frame.whole else _ROWS[2:3])))
    broken = torn_in(frame.root, frame.text) | {above for node in nested(nodes) for above in node.iterancestors()}
    columns = [_Columns(node, frame) for node in nodes[:_MOST_ROWS]]
    usual = usual_shape([one.shape for one in columns])
    for one in columns:
        row = _row(one, usual, frame, board, board_name) if one.node not in broken else None
        if row is None:
            unread += 1
        elif row.tid not in rows:
            rows[row.tid] = row
    found = tuple(rows.values())
    cut = bool(found) and not frame.whole
    return (found[:-1] if cut else found), unread  # of a page that was cut off the last row is half a row


def _title_link(node: Node) -> tuple[Node, str] | None:
    """The link that carries the title, and its thread id."""
    for place, path in enumerate(_TITLE_LINKS):
        number: tuple[Node, str] | None = None
        for link in find_all(node, path):
            target, told = target_of(attr(link, "href")), text_of(link)
            if target.kind != "thread" or not told or "<" in attr(link, "href"):
                continue
            if place > 0 and "xi2" in attr(link, "class").split():
                continue  # the number of replies
            if place == 0 or (not told.isdigit() and _WORD.search(says_else(told))):
                return link, target.id
            if place == 1 and target.page == 1 and number is None:
                number = link, target.id  # "12345" as a title; a further page of the thread has its number in the address
        if number is not None:
            return number
    named = _ROW_ID.match(attr(node, "id"))
    titled = [link for link in find_all(node, _TITLE_LINKS[0]) if text_of(link)]
    # the site writes its addresses in a form of its own
    return (titled[0], named[2]) if named and titled and target_of(attr(titled[0], "href")).kind == "other" else None


class _Columns:
    """A row with its author's and its last poster's columns, or with its people and times where it has no such columns."""

    def __init__(self, node: Node, frame: Frame) -> None:
        self.node = node
        self.first, self.last, self.board = _columns(node)
        self.moments: list[Moment] = [] if self.first is not None else moments([node], frame)
        people = [] if self.first is not None else find_all(node, _MEMBERS)
        self.replies, self.views = _counts(node)
        times = found_in(node, [moment.node for moment in self.moments])
        self.shape = Shape((self.first is not None) + (self.last is not None), found_in(node, people), times, self.replies)


def _row(shown: _Columns, usual: Usual, frame: Frame, board: str, board_name: str) -> ThreadRow | None:
    node, first = shown.node, shown.first
    named = _ROW_ID.match(attr(node, "id"))
    found = _title_link(node)
    if found is None:
        return None
    link, tid = found
    title = title_text(link)
    if not title:
        return None
    sticky = named[1] == "stick" if named else bool(_STICKY.search(attr(node, "class"))) or _pinned(node)
    if shown.board is not None:
        board, board_name = target_of(attr(shown.board, "href")).id, text_of(shown.board)
    replies = shown.replies
    # without one of its columns nobody knows whose the other is
    whole = shown.shape.columns >= usual.columns and (first is None or find(first, _TO_LAST) is None)
    author = _author(first if first is not None else node) if whole and tells(shown.shape.people, usual.people, replies) else None
    posted, replied = _times(shown, frame, whole and tells(shown.shape.times, usual.times, replies))
    if contradict(posted, replied):
        author, posted = None, None
    label = find(node, ".//a[contains(@href,'typeid=')]", ".//th/em[1]/a", ".//a[contains(@href,'sortid=')]")
    return ThreadRow(
        tid=tid,
        title=title,
        url=thread_url(frame.base, tid),
        board=board,
        board_name=board_name,
        uid=uid_of(attr(author, "href")),
        author=text_of(author) if author is not None else _anonymous(first) if whole else "",
        posted_at=posted.at if posted else None,
        precision=posted.precision if posted else Precision.UNKNOWN,
        replies=replies,
        views=shown.views,
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
        elif len(cells) == 3 and find(cells[0], ".//cite") is None:
            cells = cells[1:]  # a board whose address is of a form of the site's own
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
        _MEMBERS,
        ".//cite/a",
    )


def _anonymous(column: Node | None) -> str:
    return text_of(find(column, ".//cite")) if column is not None else ""


def _times(shown: _Columns, frame: Frame, certain: bool) -> tuple[ShownTime | None, ShownTime | None]:
    """(posted, last reply); a row that lost a part tells the last time that is left in it."""
    first, last = shown.first, shown.last
    if first is not None:
        posted = frame.time(find(first, ".//em")) if certain else None
        told = last if last is not None or certain else first
        return posted, frame.time(find(told, ".//em")) if told is not None else None
    # a customised row: the times in the order in which a reader meets them
    times = [moment.shown for moment in shown.moments]
    last_alone = len(times) == 1 and shown.replies != 0 and "最后" in text_of(shown.node)
    last_alone = last_alone or (bool(times) and shown.replies != 0 and of_the_last(shown.moments[0].node))
    if not certain or last_alone or (len(times) == 1 and _author(shown.node) is None):
        return None, (times[-1] if times else None)
    return (times[0] if times else None), (times[-1] if len(times) > 1 else None)


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
