"""Posts as an engine read them → the thread page: what is missing is said, what is impossible is marked, nothing is guessed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from crawlers.pages import ParserFailure, ThreadPage
from crawlers.sites.times import ShownTime
from store.records import Post, PostKind, Precision
from store.snapshots import PostDetail

#: forums and crawlers disagree by this much without anybody's clock being wrong
_SKEW = timedelta(seconds=90)


class Unlinked(Enum):
    """Whether a post's author should have a number, and has none."""

    NO = 0
    #: a link without an address: odd where other authors have one
    BARE = 1
    #: an address in which no number can be read
    TORN = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class RawPost:
    """A post as its own part of the page tells it."""

    pid: str
    #: None = neither a text nor a sign that it is hidden
    body: str | None
    shown: ShownTime | None
    uid: str = ""
    author: str = ""
    floor: int | None = None
    first: bool = False
    quotes: str = ""
    shielded: bool = False
    url: str = ""
    images: tuple[str, ...] = ()
    edited_at: datetime | None = None
    #: markup of the body, kept as evidence when the author is an official account
    node: str = ""
    #: the link that should lead to its author's page leads nowhere
    unlinked: Unlinked = Unlinked.NO
    #: stands out of its place: pinned on top
    lifted: bool = False
    #: its text holds, or is followed by, what belongs beside it
    odd: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What the page tells about its thread."""

    site: str
    tid: str
    title: str = ""
    board: str = ""
    board_name: str = ""
    page: int = 1
    pages: int = 1
    views: int | None = None
    replies: int | None = None
    server_now: datetime | None = None
    raw: bytes = b""
    #: the end of the page came
    whole: bool = True
    #: posts of the page could not be told apart: that one is not among the others proves nothing
    partial: bool = False
    #: what the page shows of posts that were not read
    lost: Sequence[str] = ()
    findings: tuple[str, ...] = field(default=())


def thread_page(heading: Heading, read: Sequence[RawPost], fetched_at: datetime) -> ThreadPage:
    """The thread page with every post that has id, text and time. Raises ParserFailure when none has."""
    digest = hashlib.sha256(heading.raw).hexdigest()
    findings, complete = list(heading.findings), heading.whole and not heading.partial and not heading.lost
    posts: dict[str, Post] = {}
    details: list[PostDetail] = []
    latest = max(fetched_at, heading.server_now or fetched_at) + _SKEW
    before: ShownTime | None = None
    linked = any(raw.uid for raw in read)
    if not heading.whole:
        findings.append("页面不完整：最后一帖未采用")
        read = [raw for raw in read if raw.pid != read[-1].pid]
    if heading.lost and heading.whole:
        findings.append(f"{len(heading.lost)} 帖没有读到（{'、'.join(heading.lost[:5])}）：页面不完整")
    for raw in read:
        where = f"帖 {raw.pid}"
        shown = raw.shown or (ShownTime(before.at, Precision.UNKNOWN) if before else None)
        before = shown or before
        if raw.pid in posts:
            findings.append(f"{where}出现两次，只采用第一次")
            continue
        if shown is None or (raw.body is None and not raw.shielded):
            findings.append(f"{where}没有{'发表时间' if shown is None else '正文'}，未采用")
            complete = False
            continue
        at, precision = shown.at, shown.precision
        if raw.shown is None:
            findings.append(f"{where}读不出发表时间，按前一帖的时间记")
        if at > latest:
            findings.append(f"{where}发表时间在未来，按抓取时间记")
            at, precision = fetched_at, Precision.UNKNOWN
        if not raw.author:
            findings.append(f"{where}没有作者")
        elif not raw.uid and (raw.unlinked is Unlinked.TORN or (raw.unlinked is Unlinked.BARE and linked)):
            findings.append(f"{where}的作者没有编号")
        if not raw.body and not raw.shielded and not raw.images:
            findings.append(f"{where}正文是空的")
        if "\ufffd" in (raw.body or "") + raw.author:
            findings.append(f"{where}有读不出的字符")
            complete = False
        posts[raw.pid] = Post(
            site=heading.site,
            pid=raw.pid,
            tid=heading.tid,
            kind=PostKind.TOPIC if raw.first else PostKind.REPLY,
            board=heading.board,
            board_name=heading.board_name,
            title=heading.title if raw.first else "",
            thread_title=heading.title,
            body="" if raw.shielded else raw.body or "",
            uid=raw.uid,
            author=raw.author,
            floor=raw.floor,
            quotes=raw.quotes,
            posted_at=min(at, fetched_at),
            precision=precision,
            url=raw.url,
            raw_sha256=digest,
            shielded=raw.shielded,
        )
        details.append(PostDetail(pid=raw.pid, edited_at=raw.edited_at, images=raw.images, node=raw.node))
    if not posts:
        raise ParserFailure("至少一个有编号、正文与时间的帖子", "；".join(findings[:3]) or "没有帖子")
    return ThreadPage(
        tid=heading.tid,
        posts=tuple(posts.values()),
        details=tuple(details),
        board=heading.board,
        board_name=heading.board_name,
        title=heading.title,
        page=heading.page,
        pages=max(heading.page, heading.pages),
        views=heading.views,
        replies=heading.replies,
        server_now=heading.server_now,
        raw_sha256=digest,
        complete=complete,
        lifted=frozenset(raw.pid for raw in read if raw.lifted),
        findings=tuple(findings),
    )
