"""phpwind 9 pages → records. Pure; raises `crawlers.pages.PageError`.

Times are to the minute, a list's last reply has no year, and a missing thread answers 200. A thread's first post is `#read_0` in
every thread, so its id is made of the thread's: 0TID (no reply's id begins with 0).
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from crawlers.dom import Node, attr, find, find_all, has_class, outer_html, text_of
from crawlers.pages import Fetched, NotAForum, Notice, NoticeKind, PageError, ParserFailure, ThreadList, ThreadPage, ThreadRow
from crawlers.sites.assemble import Heading, RawPost, thread_page
from crawlers.sites.discuz.frame import Frame, read_frame
from crawlers.sites.discuz.notices import notice_of, wall_of
from crawlers.sites.own_text import emptied, own_words, quotes_in
from crawlers.sites.times import ShownTime, read_time
from store.records import Precision

_FLOORS = {"楼主": 1, "沙发": 2, "板凳": 3, "地板": 4}
_POSTED = re.compile(r"(?:发布|发表|回复)于\s*[:：]?\s*(.{5,30})")
_EDITED = re.compile(r"\n?\[[^\[\]\n]{0,60}于\s*([\d-]{8,10} [\d:]{4,8})\s*(?:重新)?编辑[^\[\]\n]{0,10}\]\s*$")
_POST_ID = re.compile(r"read_(\d{1,12})$")
_HIDDEN = re.compile(r"屏蔽|禁言|已被删除|等待审核")
_MARKS = ("phpwind", "read.php?tid=", "J_posts_list", "J_read_floor")
_OUTSIDE = f"[not(ancestor::*[{has_class('editor_content')}])]"
_MOST = 500


def ids_of(href: str) -> tuple[str, str, int]:
    """(tid, fid, page) of an address, "" and 1 where it names none."""
    try:
        query = {key: values[-1] for key, values in parse_qs(urlsplit(href).query).items()}
    except ValueError:
        return "", "", 1
    tid, fid, page = query.get("tid", ""), query.get("fid", ""), query.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    return tid if tid.isdigit() else "", fid if fid.isdigit() else "", max(1, number)


def read_index(page: Fetched, fetched_at: datetime, charset: str) -> dict[str, str]:
    """Board ids with their names, as the list of boards links to them."""
    frame = _frame(page, fetched_at, charset)
    boards: dict[str, str] = {}
    for link in find_all(frame.root, "//a[contains(@href,'fid=')]"):
        tid, fid, _ = ids_of(attr(link, "href"))
        if fid and not tid and text_of(link):
            boards.setdefault(fid, text_of(link))
    if not boards:
        raise _refusal(frame, "版块链接（thread.php?fid=…）")
    return boards


def read_list(page: Fetched, fetched_at: datetime, charset: str) -> ThreadList:
    """The threads of a board's list."""
    frame = _frame(page, fetched_at, charset)
    fid = ids_of(page.url)[1]
    number, pages = _pages(frame)
    rows: dict[str, ThreadRow] = {}
    for node in find_all(
        frame.root,
        f"//tr[.//*[{has_class('title')}]//a[contains(@href,'tid=')]]",
        "//*[self::tr or self::li or self::dl][.//a[contains(@href,'read.php?tid=')]]",
    )[:_MOST]:
        row = _row(frame, node, fid)
        if row is not None:
            rows.setdefault(row.tid, row)
    found = tuple(rows.values())
    if not found:
        if re.search(r"(?:暂无|没有|还没有)(?:任何)?(?:帖子|主题|内容)", text_of(find(frame.root, "//body"))):
            return ThreadList(rows=(), page=number, pages=pages, board=fid, server_now=frame.server_now)
        raise _refusal(frame, "主题列表（p.title a[href*=tid=]）")
    if all(row.posted_at is None and row.last_post_at is None for row in found):
        raise ParserFailure("列表行的时间（p.info span）", f"{len(found)} 行都没有")
    findings = () if frame.whole else ("页面不完整：最后一行未采用",)
    return ThreadList(
        rows=found if frame.whole else found[:-1], page=number, pages=pages, board=fid, server_now=frame.server_now, findings=findings
    )


def _row(frame: Frame, node: Node, fid: str) -> ThreadRow | None:
    links = find_all(
        node,
        f".//a[{has_class('st')}][contains(@href,'tid=')]",
        f".//*[{has_class('title')}]//a[contains(@href,'tid=')]",
        ".//a[contains(@href,'tid=')]",
    )
    link = next((link for link in links if ids_of(attr(link, "href"))[0] and text_of(link) and not text_of(link).isdigit()), None)
    if link is None:
        return None
    tid, board, _ = ids_of(attr(link, "href"))
    info = find(node, f".//*[{has_class('info')}]", ".")
    shown = [told for holder in find_all(info, ".//span[not(.//span)]") if (told := _time(frame, text_of(holder)))]
    replied = "最后回复" in text_of(info)
    author = find(info, ".//a[@data-uid or contains(@href,'uid=')][string-length(normalize-space(.))>0]")
    counts = text_of(find(node, f".//*[{has_class('num')}]", "."))
    replies, views = (re.search(rf"{word}\s*[:：]?\s*(\d{{1,9}})", counts) for word in ("回复", "浏览"))
    posted = shown[0] if shown and not (replied and len(shown) == 1) else None
    last = shown[-1] if shown and replied else None
    return ThreadRow(
        tid=tid,
        title=text_of(link),
        url=f"{frame.base}read.php?tid={tid}",
        board=fid or board,
        uid=_uid(author),
        author=text_of(author),
        posted_at=posted.at if posted else None,
        precision=posted.precision if posted else Precision.UNKNOWN,
        replies=int(replies[1]) if replies else None,
        views=int(views[1]) if views else None,
        last_post_at=last.at if last else None,
        last_precision=last.precision if last else Precision.UNKNOWN,
        sticky=find(node, ".//*[contains(@title,'置顶') or contains(@alt,'置顶')]") is not None,
    )


def read_thread(page: Fetched, site: str, fetched_at: datetime, charset: str) -> ThreadPage:
    """The posts of a thread's page."""
    frame = _frame(page, fetched_at, charset)
    tid = ids_of(page.url)[0] or ids_of(attr(find(frame.root, "//*[@id='J_post_title']//a", "//link[@rel='canonical']"), "href"))[0]
    found = find_all(frame.root, f"//*[starts-with(@id,'read_')]{_OUTSIDE}")
    nodes = [(hit[1], node) for node in found if (hit := _POST_ID.match(attr(node, "id")))]
    if not nodes:
        raise _refusal(frame, "帖子（#read_…）", of_thread=True)
    if not tid or len(nodes) > _MOST:
        raise ParserFailure("主题编号（read.php?tid=）" if not tid else f"一页不超过 {_MOST} 帖", frame.url[:200])
    number, pages = _pages(frame)
    crumb = find_all(frame.root, f"//*[{has_class('bread_crumb')} or {has_class('crumb')}]//a[contains(@href,'fid=')]")
    title = text_of(find(frame.root, "//*[@id='J_post_title']", f"//*[{has_class('read_h1')}]", "//h1"))
    heading = Heading(
        site=site,
        tid=tid,
        title=title,
        board=ids_of(attr(crumb[-1], "href"))[1] if crumb else ids_of(page.url)[1],
        board_name=text_of(crumb[-1]) if crumb else "",
        page=number,
        pages=pages,
        server_now=frame.server_now,
        raw=page.body,
        whole=frame.whole,
    )
    read = [_post(frame, number_, node, tid, number) for number_, node in nodes]
    if all(post.body is None and not post.shielded for post in read):
        raise ParserFailure("帖子正文（.editor_content）", f"{len(read)} 帖都没有")
    if all(post.shown is None for post in read):
        raise ParserFailure("发表时间（发布于：…）", f"{len(read)} 帖都没有")
    if not any(post.author for post in read):
        raise ParserFailure("作者（.name a）", f"{len(read)} 帖都没有")
    return thread_page(heading, read, fetched_at)


def _post(frame: Frame, number: str, node: Node, tid: str, page: int) -> RawPost:
    first = number == "0"
    holder = find(node, f".//*[{has_class('editor_content')}]", ".//*[@id='J_read_main']")
    own, markup, edited = None, "", None
    if holder is not None:
        markup = outer_html(holder)
        own = own_words(holder, frame.url, quotes_in(holder))
        emptied(holder)  # from here on nothing the author wrote can pass for a name, a time or a floor
    text = own.text if own else None
    if text and (note := _EDITED.search(text)):
        edited, text = _time(frame, note[1]), text[: note.start()].rstrip()
    author = find(
        node,
        f".//*[{has_class('name')}]//a[string-length(normalize-space(.))>0]",
        ".//a[@data-uid or contains(@href,'uid=')][string-length(normalize-space(.))>0]",
    )
    label = text_of(find(node, f".//a[{has_class('floor')} or {has_class('J_floor_copy')}]")).replace(" ", "")
    counted = re.search(r"(\d{1,7})(?:#|楼|$)", label)
    hit = _POSTED.search(text_of(node))
    return RawPost(
        pid=f"0{tid}" if first else number,
        body=text,
        shown=_time(frame, hit[1]) if hit else None,
        uid=_uid(author),
        author=text_of(author),
        floor=_FLOORS.get(label) or (int(counted[1]) if counted else None),
        first=first,
        shielded=own is None and bool(_HIDDEN.search(text_of(node))),
        url=f"{frame.base}read.php?tid={tid}" + (f"&page={page}" if page > 1 else "") + f"#read_{number}",
        images=own.images if own else (),
        edited_at=edited.at if edited else None,
        node=markup,
    )


def _frame(page: Fetched, fetched_at: datetime, charset: str) -> Frame:
    return read_frame(page.body, page.url, fetched_at, page.header_charset, charset)


def _time(frame: Frame, text: str) -> ShownTime | None:
    return read_time(text, frame.now, frame.zone)


def _uid(link: Node | None) -> str:
    told = attr(link, "data-uid")
    hit = re.search(r"[?&]uid=(\d+)", attr(link, "href"))
    return told if told.isdigit() and told != "0" else hit[1] if hit else ""


def _pages(frame: Frame) -> tuple[int, int]:
    pager = find(frame.root, f"//*[{has_class('pages')}][.//strong]{_OUTSIDE}[not(ancestor::*[{has_class('title')}])]")
    if pager is None:
        return 1, 1
    current = text_of(find(pager, ".//strong"))
    page = int(current) if current.isdigit() and len(current) < 8 else ids_of(frame.url)[2]
    return page, max([page, *(ids_of(attr(link, "href"))[2] for link in find_all(pager, ".//a[@href]"))])


def _refusal(frame: Frame, expected: str, *, of_thread: bool = False) -> PageError:
    """What a page without records is: a wall, the forum's message (status 200), another site, or a changed template."""
    title, body = text_of(find(frame.root, "//title")), text_of(find(frame.root, "//body"))
    wall = wall_of(frame.root, frame.text, title, frame.url)
    if wall is not None:
        return wall
    message = find(frame.root, f"//*[{has_class('error_wrap')} or {has_class('not_content')} or {has_class('tips')} or @id='J_error']")
    told = text_of(message) or (body if len(body) < 400 else "")
    notice = notice_of(told) if told else None
    if notice is not None and (not isinstance(notice, Notice) or notice.kind is not NoticeKind.OTHER):
        return notice
    if of_thread and re.search(r"不存在|已被?删除", told):
        return Notice(NoticeKind.MISSING_THREAD, told)
    if not any(mark in frame.text for mark in _MARKS):
        return NotAForum("phpwind", title)
    return ParserFailure(expected, f"标题“{title[:60]}”，{len(frame.text)} 字{'' if frame.whole else '，页面不完整'}")
