"""What phpwind's lists and threads share: the parsed page, its pager, links to members, and what a page without records is."""

from __future__ import annotations

import re
from datetime import datetime

from crawlers.dom import Node, attr, find, find_all, has_class, text_of
from crawlers.pages import Fetched, NotAForum, Notice, NoticeKind, PageError, ParserFailure, Wall, WallKind
from crawlers.sites.discuz.frame import Frame, read_frame
from crawlers.sites.discuz.notices import notice_of, wall_of
from crawlers.sites.phpwind.address import ids_of
from crawlers.sites.times import ShownTime, read_time

_MARKS = ("phpwind", "read.php?tid=", "thread.php?fid=", "J_posts_list", "J_read_floor", "readfloor_")
#: a member's page; a guest has the number 0
MEMBER = "[@data-uid or contains(@href,'uid=') or contains(@href,'uid-')][string-length(normalize-space(.))>0]"
OUTSIDE = f"[not(ancestor::*[{has_class('editor_content')} or {has_class('tpc_content')}][1])]"
_MESSAGES = (
    "//*[@id='J_html_error']",
    f"//*[{has_class('reg_message')} or {has_class('error_wrap')} or {has_class('not_content')} or {has_class('tips')} or @id='J_error']",
    f"//*[{has_class('regTitle')}]/..",
)
#: sentences of the program itself, in pages whose message has no name that is known
_TOLD: tuple[tuple[NoticeKind | WallKind, re.Pattern[str]], ...] = (
    (NoticeKind.MISSING_THREAD, re.compile(r"帖子ID非法|主题内容已被删除|该帖子(?:不存在|已被删除)")),
    (NoticeKind.MISSING_BOARD, re.compile(r"您访问的版块不存在|读取数据错误[,，]原因")),
    (WallKind.FLOOD, re.compile(r"刷新不要快于|服务器繁忙[,，]?请稍")),
    (WallKind.BLOCKED, re.compile(r"您的IP被禁止|暂时无法访问本站点")),
    (WallKind.LOGIN, re.compile(r"只允许内部会员才能访问|您还没有登录")),
    (NoticeKind.PASSWORD, re.compile(r"加密版块")),
    (
        NoticeKind.NO_PERMISSION,
        re.compile(r"没有浏览帖子的权限|只有特定会员才能浏览|认证版块|隐藏版块|出售版块|只允许注册会员|只有注册会员才能|被管理员关闭"),
    ),
    (NoticeKind.NO_PERMISSION, re.compile(r"没有通过审核|还没通过管理员验证|该帖子已被关闭|(?:积分|访问).{0,6}最低积分要求")),
    (NoticeKind.CLOSED, re.compile(r"论坛(?:暂时)?关闭|站点(?:暂时)?关闭")),
)
_LOGIN_PAGE = re.compile(r"[?&]c=login\b|/login\.php")
#: a message's page is small; a list of threads that quote such a sentence is not
_SHORT = 4_000


def frame_of(page: Fetched, fetched_at: datetime, charset: str) -> Frame:
    return read_frame(page.body, page.url, fetched_at, page.header_charset, charset)


def time_in(frame: Frame, text: str) -> ShownTime | None:
    return read_time(text, frame.now, frame.zone)


def uid_in(link: Node | None) -> str:
    """The number of a member, "" for a guest and for somebody whose link has only a name."""
    hit = re.search(r"[?&-]uid[=-](\d{1,10})", attr(link, "href"))
    told = attr(link, "data-uid")
    uid = told if told.isascii() and told.isdigit() else hit[1] if hit else ""
    return "" if uid == "0" else uid


def pages_of(frame: Frame) -> tuple[int, int]:
    """(this page, number of pages) as the pager tells; what lies behind its last link is told by that link or by its words."""
    here = f"[.//strong or ./b]{OUTSIDE}[not(ancestor::*[{has_class('title')} or {has_class('subject')}][1])]"
    pager = find(frame.root, f"//*[{has_class('pages')}]{here}")
    if pager is None:
        return 1, 1
    current = text_of(find(pager, ".//strong", "./b"))
    page = int(current) if current.isdigit() and len(current) < 8 else ids_of(frame.url)[2]
    links = find_all(pager, ".//a[@href]")
    shown = [int(told) for link in links if (told := text_of(link).strip(". ")).isdigit() and len(told) < 8]
    of = re.search(rf"\b{page}\s*/\s*(\d{{1,7}})", text_of(pager))
    return page, max([page, *shown, *(ids_of(attr(link, "href"))[2] for link in links), int(of[1]) if of else 1])


def refusal(frame: Frame, expected: str, *, of_thread: bool = False) -> PageError:
    """What a page without records is: a wall, the forum's message (status 200), another site, or a changed template."""
    title, body = text_of(find(frame.root, "//title")), text_of(find(frame.root, "//body"))
    if _LOGIN_PAGE.search(frame.url):  # a board with a password sends guests there
        return Notice(NoticeKind.NO_PERMISSION, "打开时被转到登录页：游客看不到")
    wall = wall_of(frame.root, frame.text, title, frame.url)
    if wall is not None:
        return wall
    told = text_of(find(frame.root, *_MESSAGES)) or (body if len(body) < _SHORT else "")
    for kind, pattern in _TOLD:
        if hit := pattern.search(told):
            said = told if len(told) < 200 else hit[0]
            return Wall(kind, said) if isinstance(kind, WallKind) else Notice(kind, said)
    notice = notice_of(told) if told and len(told) < 400 else None
    if notice is not None and (not isinstance(notice, Notice) or notice.kind is not NoticeKind.OTHER):
        return notice
    if of_thread and len(told) < 400 and re.search(r"不存在|已被?删除", told):
        return Notice(NoticeKind.MISSING_THREAD, told)
    if not any(mark in frame.text for mark in _MARKS):
        return NotAForum("phpwind", title)
    return ParserFailure(expected, f"标题“{title[:60]}”，{len(frame.text)} 字{'' if frame.whole else '，页面不完整'}")
