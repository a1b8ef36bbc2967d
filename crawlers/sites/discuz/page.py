"""Discuz! X pages → records. Pure: bytes and the time of fetching in, records or a `PageError` out.

    PageError
    ├── ParserFailure(expected, found)   a page of this forum whose parts are not where they should be
    ├── Notice(kind, text)               no permission, closed, missing board or thread (status 200!)
    ├── Wall(kind)                       flood, script, sum, antitheft, login, captcha: back off
    └── NotAForum                        some other page

A page that yields nothing where it should yield something raises; it is never "an empty board".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain

from crawlers.dom import Node, attr, find, find_all, has_class, text_of
from crawlers.pages import NotAForum, Notice, NoticeKind, PageError, ParserFailure, ThreadList, ThreadPage, ThreadRow, Wall, WallKind
from crawlers.sites.damage import detached, nested, strays, torn_in
from crawlers.sites.discuz.damage import TEXTS, torn_text, unread_posts
from crawlers.sites.discuz.foreign import completed, foreign_title, read_foreign, unknown_template
from crawlers.sites.discuz.frame import Frame, board_of, number_of, read_frame
from crawlers.sites.discuz.listing import read_rows, says_empty
from crawlers.sites.discuz.notices import refusal, wall_of
from crawlers.sites.discuz.posts import MOST_POSTS, ReadPost, kind_of, post_nodes, read_post, settle_times
from crawlers.sites.discuz.remarks import read_remarks
from crawlers.sites.discuz.special import may_be_special, not_found
from crawlers.sites.discuz.urls import is_front, post_url, target_of
from crawlers.sites.discuz.withheld import may_withhold
from store.records import Post, PostKind, Precision

__all__ = ["NotAForum", "Notice", "NoticeKind", "PageError", "ParserFailure", "Wall", "WallKind", "read_index", "read_list", "read_thread"]

#: forums and crawlers disagree by this much without anybody's clock being wrong
_SKEW = timedelta(seconds=90)


def read_list(
    raw: bytes | str,
    url: str,
    fetched_at: datetime,
    *,
    header_charset: str = "",
    charset: str = "",
) -> ThreadList:
    """The threads of a board's list or of the guide. Raises PageError when the page is none or yields none."""
    frame = read_frame(raw, url, fetched_at, header_charset, charset)
    _explain_message(frame)
    if is_front(url):
        raise Notice(NoticeKind.NO_PERMISSION, "打开列表时被转到首页：版块需要密码，或已不在此处")
    target = target_of(url)
    board, board_name = ("", "") if target.kind == "guide" else board_of(frame.root)
    if target.kind == "board" and target.id.isdigit():
        board = target.id
    rows, unread = read_rows(frame, board, board_name)
    if not rows:
        _explain(frame)
        if says_empty(frame.root):
            return ThreadList(rows=(), page=frame.page, pages=frame.pages, server_now=frame.server_now, board=board, board_name=board_name)
        raise ParserFailure("主题列表（tbody#normalthread_… 或 a.xst）", _outline(frame))
    findings = _list_findings(rows, unread, frame)
    return ThreadList(
        rows=rows,
        page=frame.page,
        pages=frame.pages,
        server_now=frame.server_now,
        board=board,
        board_name=board_name,
        findings=findings,
        subs=_sub_boards(frame, board),
    )


def _sub_boards(frame: Frame, board: str) -> tuple[str, ...]:
    """Boards below this one, which the forum's index may not show."""
    links = find_all(frame.root, "//*[starts-with(@id,'subforum')]//a[contains(@href,'fid=') or contains(@href,'forum-')]")
    targets = [target_of(attr(link, "href")) for link in links]
    return tuple(dict.fromkeys(target.id for target in targets if target.kind == "board" and target.id.isdigit() and target.id != board))


def read_index(
    raw: bytes | str,
    url: str,
    fetched_at: datetime,
    *,
    header_charset: str = "",
    charset: str = "",
) -> dict[str, str]:
    """Board ids with their names, in the order of the forum's index. Raises PageError when it links to none."""
    frame = read_frame(raw, url, fetched_at, header_charset, charset)
    _explain_message(frame)
    boards: dict[str, str] = {}
    for link in find_all(frame.root, "//a[contains(@href,'fid=') or contains(@href,'forum-')]"):
        target = target_of(attr(link, "href"))
        if target.kind == "board" and target.id.isdigit() and text_of(link):
            boards.setdefault(target.id, text_of(link))
    if not boards:
        _explain(frame)
        raise ParserFailure("版块链接（forumdisplay&fid=…）", _outline(frame))
    return boards


def _explain(frame: Frame) -> None:
    """Raise what the page is, when it is something else."""
    reason = refusal(frame.root, frame.text, frame.url)
    if type(reason) is not PageError:
        raise reason


def _explain_message(frame: Frame) -> None:
    """Raise the forum's own message, whatever links its header and sidebars hold."""
    if find(frame.root, "//*[@id='messagetext']") is not None:
        _explain(frame)


def _outline(frame: Frame) -> str:
    """What came, for the operator: the title and the size, never a text of somebody."""
    cut = "" if frame.whole else "，页面不完整（没有 </html>）"
    return f"标题“{text_of(find(frame.root, '//title'))[:60]}”，{len(frame.text)} 字{cut}"


def _list_findings(rows: Sequence[ThreadRow], unread: int, frame: Frame) -> tuple[str, ...]:
    findings = []
    if not frame.whole:
        findings.append("页面不完整：最后一行未采用")
    if unread:
        findings.append(f"{unread} 行没有标题链接")
    timeless = sum(row.posted_at is None for row in rows)
    if timeless:
        findings.append(f"{timeless} 行没有发表日期")
    return tuple(findings)


def read_thread(
    raw: bytes | str,
    url: str,
    fetched_at: datetime,
    site: str,
    *,
    header_charset: str = "",
    charset: str = "",
    smilies: Mapping[str, str] | None = None,
) -> ThreadPage:
    """One page of a thread with all its visible posts. Raises PageError when there are none to read."""
    frame = read_frame(raw, url, fetched_at, header_charset, charset)
    tid = _thread_id(frame)
    nodes = post_nodes(frame.root)
    if len(nodes) > MOST_POSTS:
        raise ParserFailure(f"一页不超过 {MOST_POSTS} 帖", "更多")
    torn = nested([node for _, node in nodes])
    strayed = strays(frame.root, TEXTS, [node for _, node in nodes])
    read, deleted = _read_posts(nodes, torn, frame, smilies)
    if unknown_template(read, frame.text):
        _explain(frame)
        # the reading above took the texts out of the tree
        read = completed(read, read_foreign(read_frame(raw, url, fetched_at, header_charset, charset), tid, smilies))
    if not read and (target_of(frame.url).kind == "board" or is_front(frame.url)):
        raise Notice(NoticeKind.NO_PERMISSION, "打开主题时被转到版块页或首页：版块需要密码或付费")
    if not read:
        raise ParserFailure("帖子（div#post_… 或 #postmessage_…）", _outline(frame))
    lost = unread_posts(frame.text, [post.pid for post in read] + deleted)
    # a page without any class or link is no template's: what stands above and beside a text cannot be told
    classless = find(frame.root, "//*[@class]") is None or find(frame.root, "//*[@href]") is None
    broken = not torn_in(frame.root, frame.text).isdisjoint(node for _, node in nodes)
    parted = not_found(frame.text, chain.from_iterable(post.kinds for post in read)) if may_be_special(frame.text) else False
    complete = frame.whole and not (lost or torn or strayed or classless or broken or parted)
    if not frame.whole:
        read = read[:-1]  # the last post before the cut may be half a post
        if not read:
            raise ParserFailure("完整的页面", _outline(frame))
    if not tid:
        raise ParserFailure("主题编号（网址或页面中的 tid）", _outline(frame))
    if all(post.bodiless for post in read):
        wall = wall_of(frame.root, frame.text, text_of(find(frame.root, "//title")), frame.url)
        raise wall or ParserFailure("帖子正文（#postmessage_…）", f"{len(read)} 帖都没有正文")
    if all(post.shown is None for post in read):
        raise ParserFailure("发表时间（em#authorposton…）", f"{len(read)} 帖都没有时间")
    remarks, unread_remarks = read_remarks(nodes, frame)
    complete = complete and not unread_remarks
    page = _page(frame, tid, settle_times(read) + remarks, fetched_at, site, complete)
    if unread_remarks:
        page = replace(page, findings=(*page.findings, f"{unread_remarks} 条点评没有读到：页面不完整"))
    if lost and frame.whole:
        return replace(page, findings=(*page.findings, f"{len(lost)} 帖没有读到（{'、'.join(lost[:5])}）：页面不完整"))
    return page


def _read_posts(
    nodes: Sequence[tuple[str, Node]], torn: Collection[Node], frame: Frame, smilies: Mapping[str, str] | None
) -> tuple[list[ReadPost], list[str]]:
    """The posts of a page, and the ids of those that it says were deleted. The inner of two torn into each other comes first."""
    read: list[ReadPost] = []
    deleted: list[str] = []
    odd = may_withhold(frame.text) or may_be_special(frame.text)
    for pid, node in reversed(nodes):
        post = read_post(pid, node, frame, smilies, odd=odd)
        if node in torn:
            detached(node)
        if post.deleted:
            deleted.append(pid)
        else:
            read.insert(0, post)
    return read, deleted


def _page(frame: Frame, tid: str, read: list[ReadPost], fetched_at: datetime, site: str, complete: bool) -> ThreadPage:
    board, board_name = board_of(frame.root, tid)
    title = _thread_title(frame, tid, board_name)
    views, replies = _thread_counts(frame.root)
    findings: list[str] = []
    posts: list[Post] = []
    details = []
    latest = max(fetched_at, frame.server_now or fetched_at) + _SKEW
    for index, post in enumerate(read):
        where = f"帖 {post.pid}（{post.floor or '?'} 楼）"
        if post.bodiless:
            findings.append(f"{where}没有正文，未采用")
            complete = False
            continue
        if post.shown is None:
            findings.append(f"{where}没有发表时间，未采用")
            complete = False
            continue
        posted_at, precision = post.shown.at, post.shown.precision
        if precision is Precision.UNKNOWN:
            findings.append(f"{where}读不出发表时间，按前一帖的时间记")
        if posted_at > latest:
            findings.append(f"{where}发表时间 {posted_at.astimezone(frame.zone):%Y-%m-%d %H:%M} 在未来，按抓取时间记")
            posted_at, precision = fetched_at, Precision.UNKNOWN
        if post.unlinked:
            findings.append(f"{where}的作者没有编号")
        elif not post.author:
            findings.append(f"{where}没有作者")
        if not post.body and not post.shielded and torn_text(frame.text, post.pid):
            findings.append(f"{where}的正文读不出")
            complete = False
            continue
        if post.loose:
            findings.append(f"{where}正文之外有未归属或读不全的文字")
            complete = False
        if "\ufffd" in post.body or "\ufffd" in post.author:
            findings.append(f"{where}有读不出的字符")
            complete = False
        kind = kind_of(post, index=index, page=frame.page)
        if not post.body and not post.shielded and not post.detail.images:
            findings.append(f"{where}正文是空的")
        details.append(post.detail)
        posts.append(
            Post(
                site=site,
                pid=post.pid,
                tid=tid,
                kind=kind,
                board=board,
                board_name=board_name,
                title=title if kind is PostKind.TOPIC else "",
                thread_title=title,
                body=post.body,
                uid=post.uid,
                author=post.author,
                floor=post.floor,
                quotes=post.quotes,
                posted_at=min(posted_at, fetched_at),
                precision=precision,
                url=post_url(frame.base, tid, post.pid, frame.page),
                raw_sha256=frame.raw_sha256,
                shielded=post.shielded,
                withheld=post.withheld,
            )
        )
    if not posts:
        raise ParserFailure("至少一个可读的帖子", "；".join(findings[:3]))
    mobile = find(frame.root, "//*[@id='postlist']") is None and _mobile(frame)
    if mobile:
        findings.append("收到手机版页面（只有相对时间）：检查 user_agent 是否含 sed、nec、mot 等字样")
    if not complete and not frame.whole:
        findings.append("页面不完整：最后一帖未采用")
    return ThreadPage(
        tid=tid,
        posts=tuple(posts),
        details=tuple(details),
        board=board,
        board_name=board_name,
        title=title,
        page=frame.page,
        pages=frame.pages,
        views=views,
        replies=replies,
        server_now=frame.server_now,
        raw_sha256=frame.raw_sha256,
        complete=complete,
        lifted=frozenset(post.pid for post in read if post.lifted),
        mobile=mobile,
        findings=tuple(findings),
    )


def _thread_id(frame: Frame) -> str:
    """The real id: of the address fetched (a moved thread was redirected), else as the page links to itself."""
    target = target_of(frame.url)
    if target.kind == "thread":
        return target.id
    own = find(frame.root, "//link[@rel='canonical']", "//a[@id='thread_subject'] | //*[@id='thread_subject']/ancestor-or-self::a")
    target = target_of(attr(own, "href"))
    if target.kind == "thread":
        return target.id
    for script in find_all(frame.root, "//script[contains(.,'tid')]"):
        if hit := re.search(r"\btid\s*=\s*(?:parseInt\()?['\"]?(\d+)", str(script.text or "")):
            return hit[1]
    return ""


def _thread_title(frame: Frame, tid: str, board_name: str) -> str:
    told = find(frame.root, "//*[@id='thread_subject']", "//h1[contains(@class,'ts')]//a[contains(@href,'viewthread')]")
    found = text_of(told) or foreign_title(frame.root, tid)
    title = text_of(find(frame.root, "//title"))
    if found or not title:
        return found or text_of(find(frame.root, "//h1", "//h2"))
    for mark in (f" - {board_name}" if board_name else "", " - "):
        if mark and mark in title:
            return title.rsplit(mark, 1)[0] if mark != " - " else title.split(mark, 1)[0]
    return title


def _thread_counts(root: Node) -> tuple[int | None, int | None]:
    """(views, replies) beside the title: 查看: 12 | 回复: 3."""
    for holder in _beside_title(root):
        told = text_of(holder)
        views = re.search(r"(?:查看|浏览|阅读)\s*[:：]?\s*(\d{1,9})", told)
        replies = re.search(r"回[复帖]\s*[:：]?\s*(\d{1,9})", told)
        if views or replies:
            return (int(views[1]) if views else None), (int(replies[1]) if replies else None)
    touch = [number_of(find(root, f"//i[{has_class(name)}]/following-sibling::em[1]")) for name in ("dm-eye", "dm-chat-s")]
    if touch[0] is not None:
        return touch[0], touch[1]
    return number_of(find(root, "//*[@id='views' or @class='views']")), number_of(find(root, "//*[@id='replies' or @class='replies']"))


def _beside_title(root: Node) -> Iterator[Node]:
    """Elements that may tell a thread's counts: in the stock template the first, near the top, so that the rest is not looked through."""
    told = False
    tops = (*reversed([*root.itersiblings(preceding=True)]), root, *root.itersiblings())  # a torn page has roots side by side
    for node in chain.from_iterable(top.iter() for top in tops):
        if "hm" in attr(node, "class") and "查看" in "".join(node.itertext()):
            told = True
            yield node
    if not told:
        yield from find_all(root, "//*[@id='pgt' or contains(@class,'thread-info')]")


def _mobile(frame: Frame) -> bool:
    """The touch template: post nodes are `div.plc#pidN`, and no stock frame stands around them."""
    return find(frame.root, "//div[starts-with(@id,'pid') and contains(@class,'plc')]", "//a[contains(@href,'mobile=no')]") is not None
