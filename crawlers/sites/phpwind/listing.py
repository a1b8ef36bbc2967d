"""phpwind's lists → records: the index of boards, a board's threads, the threads of the whole site. Pure.

A list's last reply has no year; version 9 gives it in `p.info`, 8.x in a column of its own with the whole time in a title.
"""

from __future__ import annotations

import re
from datetime import datetime

from crawlers.dom import Node, attr, find, find_all, has_class, text_of
from crawlers.pages import BoardRow, Fetched, Notice, NoticeKind, ParserFailure, ThreadList, ThreadRow
from crawlers.sites.damage import nested
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.rows import Shape, Usual, contradict, found_in, of_the_last, tells, title_text, usual_shape
from crawlers.sites.phpwind.address import board_in, ids_of
from crawlers.sites.phpwind.frame import MEMBER, frame_of, pages_of, refusal, time_in, uid_in
from crawlers.sites.times import ShownTime
from store.records import Precision

_MOST = 500
_BOARD_LINKS = "//a[contains(@href,'fid=') or contains(@href,'fid-')]"
_THREAD_LINKS = ".//a[contains(@href,'tid=') or contains(@href,'tid-')]"
_NAMED = f"[self::h2 or self::h3 or {has_class('fname')}]//a[contains(@href,'fid=') or contains(@href,'fid-')]"
_ROWS = (
    f"//tr[.//*[{has_class('title')}]//a[contains(@href,'tid')]]",
    "//*[@id='threadlist']//tr[.//a[contains(@href,'tid')]]",
    "//tr[.//a[starts-with(@id,'a_ajax_')]]",
    "//*[self::tr or self::li or self::dl][.//a[contains(@href,'read.php?tid=') or contains(@href,'read-htm-tid-')]]",
)
_TITLES = f".//a[{has_class('st')} or {has_class('subject_t')} or starts-with(@id,'a_ajax_')][contains(@href,'tid')]"
_EMPTY = re.compile(r"(?:暂无|暂没有|没有|还没有)(?:任何)?(?:帖子|主题|内容)")
_LAST = re.compile(r"[?&-]page[=-]e\b")


def read_index(page: Fetched, fetched_at: datetime, charset: str) -> dict[str, str]:
    """Board ids with their names, as the list of boards links to them."""
    frame = frame_of(page, fetched_at, charset)
    boards: dict[str, str] = {}
    for link in find_all(frame.root, _BOARD_LINKS):
        fid = board_in(attr(link, "href"))
        if fid and text_of(link):
            boards.setdefault(fid, text_of(link))
    if not boards:
        raise refusal(frame, "版块链接（thread.php?fid=…）")
    return boards


def read_boards(page: Fetched, fetched_at: datetime, charset: str) -> tuple[BoardRow, ...]:
    """Every board of the index with its number of posts and the thread that was answered last."""
    frame = frame_of(page, fetched_at, charset)
    rows: dict[str, BoardRow] = {}
    for link in find_all(frame.root, f"//*{_NAMED}", "//a[starts-with(@id,'fn_')]")[:_MOST]:
        board = board_in(attr(link, "href"))
        row = _row_around(link)
        if board and row is not None and board not in rows:
            rows[board] = _board_row(frame, row, board, text_of(link))
    return tuple(rows.values())


def _row_around(link: Node) -> Node | None:
    """The table's row of a board, or its cell where a row holds several boards side by side."""
    cell = next((above for above in link.iterancestors() if above.tag in ("tr", "th", "td", "li", "dl")), None)
    row = cell.getparent() if cell is not None else None
    return row if row is not None and len({board_in(attr(one, "href")) for one in _boards(row)}) == 1 else cell


def _boards(node: Node) -> list[Node]:
    return find_all(node, f".//*{_NAMED}", ".//a[starts-with(@id,'fn_')]")


def _board_row(frame: Frame, row: Node, board: str, name: str) -> BoardRow:
    links = find_all(row, _THREAD_LINKS)
    tid = next((ids_of(attr(link, "href"))[0] for link in links), "")
    shown = next((told for link in links if (told := time_in(frame, attr(link, "title")) or time_in(frame, text_of(link)))), None)
    last = find(row, f".//*[{has_class('last')} or {has_class('re')}]")
    for holder in find_all(last, ".//p | .//span") if shown is None and last is not None else ():
        shown = shown or time_in(frame, text_of(holder))
    others = [fid for link in find_all(row, f".{_BOARD_LINKS}") if (fid := board_in(attr(link, "href"))) and fid != board]
    return BoardRow(
        board=board,
        name=name,
        posts=_posts(row),
        last_tid=tid,
        last_title=next((text_of(link) for link in links if time_in(frame, text_of(link)) is None), ""),
        last_post_at=shown.at if shown else None,
        last_precision=shown.precision if shown else Precision.UNKNOWN,
        subs=tuple(dict.fromkeys(others)),
        told_at=frame.server_now,
    )


def _posts(row: Node) -> int | None:
    """`3 / 120` in version 9, `<em>3</em>120` or `帖子:120` in 8.x: threads, and all posts."""
    told = text_of(row)
    if hit := re.search(r"帖子\s*[:：]\s*(\d{1,10})", told) or re.search(r"\d{1,9}\s*/\s*(\d{1,10})", told):
        return int(hit[1])
    counted = find(row, f".//*[{has_class('num')}]//em")
    after = str(counted.tail or "").strip() if counted is not None else ""
    return int(after) if after.isascii() and after.isdigit() and len(after) < 11 else None


def read_list(page: Fetched, fetched_at: datetime, charset: str) -> ThreadList:
    """The threads of a board's list, or of the list over the whole site."""
    frame = frame_of(page, fetched_at, charset)
    fid = ids_of(page.url)[1]
    number, pages = pages_of(frame)
    nodes = find_all(frame.root, *(_ROWS if fid else _ROWS[:-1]))[:_MOST]
    holding = {above for node in nested(nodes) for above in node.iterancestors()}
    nodes = [node for node in nodes if node not in holding]  # a row that holds another was not closed
    shapes = [_shape(frame, node) for node in nodes]
    usual = usual_shape(shapes)
    rows: dict[str, ThreadRow] = {}
    for node, shape in zip(nodes, shapes, strict=True):
        row = _row(frame, node, fid, shape, usual)
        if row is not None:
            rows.setdefault(row.tid, row)
    # what tells no time at all is a link beside the list
    found = tuple(row for row in rows.values() if row.posted_at or row.last_post_at) or tuple(rows.values())
    if not found:
        if _EMPTY.search(text_of(find(frame.root, f"//*[{has_class('not_content')}]", "//body"))):
            return ThreadList(rows=(), page=number, pages=pages, board=fid, server_now=frame.server_now)
        threads = find(frame.root, f"//*[@id='J_posts_list'] | /{_THREAD_LINKS[1:]}")
        if not fid and threads is None and find(frame.root, _BOARD_LINKS) is not None:
            raise Notice(NoticeKind.OTHER, "此站没有全站新帖列表（phpwind 8.x 只有版块列表）")
        raise refusal(frame, "主题列表（p.title a[href*=tid=]）")
    if all(row.posted_at is None and row.last_post_at is None for row in found):
        raise ParserFailure("列表行的时间（p.info span）", f"{len(found)} 行都没有")
    findings = () if frame.whole else ("页面不完整：最后一行未采用",)
    subs = [board for link in _boards(frame.root) if fid and (board := board_in(attr(link, "href"))) and board != fid]
    return ThreadList(
        rows=found if frame.whole else found[:-1],
        page=number,
        pages=pages,
        board=fid,
        server_now=frame.server_now,
        findings=findings,
        subs=tuple(dict.fromkeys(subs)),
    )


def _shape(frame: Frame, node: Node) -> Shape:
    info = find(node, f".//*[{has_class('info')}]", ".")
    replies, _ = _counts(node)
    return Shape(0, found_in(info, find_all(info, f".//a{MEMBER}")), found_in(info, [holder for holder, _ in _dated(frame, info)]), replies)


def _row(frame: Frame, node: Node, fid: str, shape: Shape, usual: Usual) -> ThreadRow | None:
    named_titles = find_all(node, _TITLES)
    links = named_titles or find_all(node, f".//*[{has_class('title')}]//a[contains(@href,'tid')]", _THREAD_LINKS)
    # "12345" is a title where the template says so; elsewhere a number is a page of the thread or its replies
    link = next((link for link in links if _entitled(link) and (named_titles or not text_of(link).isdigit())), None)
    if link is None:
        return None
    title, whole = title_text(link), attr(link, "title")
    if not title:
        return None
    tid, board, _ = ids_of(attr(link, "href"))
    named = find(node, f".//a[{has_class('st')}]{_BOARD_LINKS[3:]}") if not fid else None
    info = find(node, f".//*[{has_class('info')}]", ".")
    replies, views = _counts(node)
    author = find(info, f".//a{MEMBER}") if tells(shape.people, usual.people, None) else None
    pictured = uid_in(find(node, f".//*[{has_class('author')}]//a[@data-uid][.//img]"))
    if of_the_last(author) or (pictured and author is not None and uid_in(author) != pictured):
        author = None
    posted, last = _times(frame, node, tells(shape.times, usual.times, None))
    if contradict(posted, last):
        author, posted = None, None
    return ThreadRow(
        tid=tid,
        title=whole if whole.startswith(title.rstrip(".…")) else title,
        url=f"{frame.base}read.php?tid={tid}",
        board=fid or board or (board_in(attr(named, "href")) if named is not None else ""),
        board_name=text_of(named).strip("[]") if named is not None else "",
        uid=uid_in(author),
        author=text_of(author),
        posted_at=posted.at if posted else None,
        precision=posted.precision if posted else Precision.UNKNOWN,
        replies=replies,
        views=views,
        last_post_at=last.at if last else None,
        last_precision=last.precision if last else Precision.UNKNOWN,
        sticky=find(node, ".//*[contains(@title,'置顶') or contains(@alt,'置顶')]") is not None,
    )


def _entitled(link: Node) -> bool:
    """Whether a link carries the title: not a page's number nor the way to the last reply, and nothing that ran into it."""
    told, href, whole = text_of(link), attr(link, "href"), attr(link, "title")
    if not re.search(r"\w", told) or "<" in href or _LAST.search(href) or not ids_of(href)[0]:
        return False
    return "<" not in whole or whole.startswith(told.rstrip(".…"))


def _dated(frame: Frame, info: Node) -> list[tuple[Node, ShownTime]]:
    """The times of a row, that of the last reply left out where it leads there."""
    return [
        (holder, told)
        for holder in find_all(info, ".//span[not(.//span)] | .//p[not(.//a)]")
        if not any(_LAST.search(attr(link, "href")) for link in holder.iter("a"))
        if (told := time_in(frame, text_of(holder)))
    ]


def _times(frame: Frame, node: Node, certain: bool) -> tuple[ShownTime | None, ShownTime | None]:
    """(posted, last reply): the second is the one that leads to the last page, or stands behind 最后回复."""
    info = find(node, f".//*[{has_class('info')}]", ".")
    to_end = next((link for link in find_all(node, _THREAD_LINKS) if _LAST.search(attr(link, "href"))), None)
    last = time_in(frame, attr(to_end, "title")) or time_in(frame, text_of(to_end)) if to_end is not None else None
    shown = [told for _, told in _dated(frame, info)]
    replied = "最后回复" in text_of(info)
    if last is not None or not certain:
        return (shown[0] if shown and certain else None), last
    posted = shown[0] if shown and not (replied and len(shown) == 1) else None
    return posted, (shown[-1] if shown and replied else None)


def _counts(node: Node) -> tuple[int | None, int | None]:
    """(replies, views): named in version 9, `<em>replies</em>views` in 8.x."""
    cell = find(node, f".//*[{has_class('num')}]", ".")
    told = text_of(cell)
    replies, views = (re.search(rf"{word}\s*[:：]?\s*(\d{{1,9}})", told) for word in ("回复", "(?:浏览|阅读)"))
    if replies or views:
        return (int(replies[1]) if replies else None), (int(views[1]) if views else None)
    if cell is None or cell is node:
        return None, None
    bare = re.fullmatch(r"(\d{1,9})\s*/?\s*(\d{1,9})", " ".join(" ".join(cell.itertext()).split()))
    return (int(bare[1]), int(bare[2])) if bare else (None, None)
