"""What a page reader returns, and the ways in which a page can be something else.

    PageError                what came is not what was asked for; `.advice` says what the operator can do
    ├── ParserFailure        a page of this forum program whose parts are not where they should be
    ├── Notice               the forum answers with a message (often with status 200)
    ├── Wall                 the site keeps programs or guests out: back off, never solve
    └── NotAForum            no page of this forum program at all
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from store.records import Post, Precision
from store.snapshots import PostDetail


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as served."""

    url: str
    body: bytes
    #: charset of the Content-Type header, "" when it names none
    header_charset: str
    #: seconds from request to the last byte
    seconds: float


class PageError(Exception):
    """A page that gave no records."""

    #: what the operator can do about it
    advice = ""


class ParserFailure(PageError):
    """A part that must be there is missing: the template changed, or the page is cut off."""

    advice = "模板可能已改版：用 huiying crawl 来源 --try 网址 查看每个字段取到了什么，并把 evidence/samples 中的样本交给开发者"

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(f"应有 {expected}，实得 {found}")
        self.expected = expected
        self.found = found


class NoticeKind(StrEnum):
    NO_PERMISSION = "no_permission"
    CLOSED = "closed"
    MISSING_BOARD = "missing_board"
    MISSING_THREAD = "missing_thread"
    PASSWORD = "password"  # noqa: S105 - a board that asks for one
    OTHER = "other"


_NOTICE_ADVICE = {
    NoticeKind.NO_PERMISSION: "游客看不到此页：请向论坛管理员申请开放，或从配置中去掉这个版块",
    NoticeKind.CLOSED: "站点暂时关闭：稍后会自动重试",
    NoticeKind.MISSING_BOARD: "版块不存在：核对 pipelines.yaml 中的版块编号",
    NoticeKind.MISSING_THREAD: "主题已删除或正在审核：第二次仍看不到才记为删除",
    NoticeKind.PASSWORD: "版块需要密码：从配置中去掉这个版块",
    NoticeKind.OTHER: "在浏览器（不登录）中打开此网址，看论坛的提示",
}


class Notice(PageError):
    """The forum's own message instead of a page."""

    def __init__(self, kind: NoticeKind, text: str) -> None:
        super().__init__(f"论坛提示：{text[:200]}")
        self.kind = kind
        self.text = text
        self.advice = _NOTICE_ADVICE[kind]


class WallKind(StrEnum):
    FLOOD = "flood"
    SCRIPT = "script"
    SUM = "sum"
    ANTITHEFT = "antitheft"
    LOGIN = "login"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"


_WALL_NAMES = {
    WallKind.FLOOD: "刷新过快限制",
    WallKind.SCRIPT: "脚本重载页",
    WallKind.SUM: "算术题验证",
    WallKind.ANTITHEFT: "防采集脚本",
    WallKind.LOGIN: "要求登录",
    WallKind.CAPTCHA: "验证码",
    WallKind.BLOCKED: "拒绝程序访问",
}


class Wall(PageError):
    """An access control: it is respected, the source rests and is tried rarely."""

    def __init__(self, kind: WallKind, text: str = "") -> None:
        super().__init__(f"{_WALL_NAMES[kind]}{'：' + text[:120] if text else ''}")
        self.kind = kind
        if kind is WallKind.FLOOD:
            self.advice = "请求过快：调小 requests_per_minute 或加大 min_delay；稍后自动重试"
        elif kind is WallKind.LOGIN:
            self.advice = "游客看不到：请向论坛管理员申请对游客开放"
        else:
            self.advice = "站点拦截了程序访问：不会绕过，请与站点管理员联系放行；来源转为低频试探"


class NotAForum(PageError):
    """A page came, of another kind: a wrong address, a parked domain, a proxy's own page."""

    advice = "核对 pipelines.yaml 中的 url 是否指向论坛首页所在的目录"

    def __init__(self, expected: str, title: str) -> None:
        super().__init__(f"不是 {expected} 的页面（标题“{title[:80]}”）")


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadRow:
    """A thread as a list shows it."""

    tid: str
    title: str
    url: str
    board: str = ""
    board_name: str = ""
    #: the board's address as the row links to it, "" = no link
    board_url: str = ""
    #: "" when anonymous
    uid: str = ""
    author: str = ""
    #: earliest instant of posting that the shown time allows; None when nothing was shown
    posted_at: datetime | None = None
    precision: Precision = Precision.UNKNOWN
    replies: int | None = None
    views: int | None = None
    last_post_at: datetime | None = None
    last_precision: Precision = Precision.UNKNOWN
    #: pinned on top: its place says nothing about its age
    sticky: bool = False
    #: the thread's label (分类信息) as shown
    kind: str = ""
    #: pages of the thread that the list links to
    pages: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow:
    """A board as the forum's index shows it."""

    board: str
    name: str = ""
    #: posts as the forum counts them, those of its sub-boards included; None when it shows no number
    posts: int | None = None
    #: the thread with the newest reply of the board itself, "" when it shows none
    last_tid: str = ""
    last_title: str = ""
    last_post_at: datetime | None = None
    last_precision: Precision = Precision.UNKNOWN
    #: other boards linked in its row: its sub-boards
    subs: tuple[str, ...] = ()
    #: the server's clock in the footer of the index, None when it prints none
    told_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadList:
    """One page of a board's list, or of the guide over all boards."""

    rows: tuple[ThreadRow, ...]
    #: as the page itself says, which past the end differs from what was asked
    page: int = 1
    pages: int = 1
    #: the server's clock in the footer, None when it prints none
    server_now: datetime | None = None
    board: str = ""
    board_name: str = ""
    #: what was odd about this page, one sentence each, for the operator
    findings: tuple[str, ...] = ()
    #: boards below this one that the page links to
    subs: tuple[str, ...] = ()
    #: threads that the list tells in full, so that they are stored without a request of their own (feeds)
    carried: tuple[ThreadPage, ...] = ()
    #: threads that the list shows as deleted, where a program leaves them standing in it
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadPage:
    """One page of a thread."""

    tid: str
    posts: tuple[Post, ...]
    details: tuple[PostDetail, ...] = ()
    board: str = ""
    board_name: str = ""
    title: str = ""
    page: int = 1
    pages: int = 1
    views: int | None = None
    replies: int | None = None
    server_now: datetime | None = None
    raw_sha256: str = ""
    #: False: the page was cut off, its last post is left out
    complete: bool = True
    #: ids of posts shown out of their place: pinned or recommended replies, remarks on a post
    lifted: frozenset[str] = frozenset()
    mobile: bool = False
    findings: tuple[str, ...] = ()
