"""Where else a board's threads are listed: the archiver (plain text, no template of the site's own) and the feed.

Both tell ids and titles and little more; that is enough to read the threads themselves while the board's own list cannot be read.
"""

from __future__ import annotations

import re
from datetime import datetime

from crawlers.dom import attr, find, find_all, text_of
from crawlers.pages import Fetched, Notice, NoticeKind, ParserFailure, ThreadList, ThreadRow
from crawlers.sites.discuz.frame import read_frame
from crawlers.sites.discuz.notices import refusal
from crawlers.sites.discuz.urls import root_of, thread_url
from crawlers.sites.feed.page import read_feed

_TID = re.compile(r"(?:\?|/)tid-(\d+)(?:-\d+)?\.html")
_REPLIES = re.compile(r"\((\d{1,7})\s*(?:篇|个)?\s*(?:回复|replies)", re.IGNORECASE)
_MOST = 500


def other_lists(root: str, board: str) -> tuple[str, ...]:
    """Addresses that list a board's threads otherwise, the one that tells more first."""
    return (f"{root}archiver/?fid-{board}.html", f"{root}forum.php?mod=rss&fid={board}") if board else ()


def read_other_list(page: Fetched, board: str, site: str, fetched_at: datetime, charset: str) -> ThreadList:
    """The threads of an archiver's page, newest reply first, or of a feed, newest thread first. Raises PageError."""
    if b"<rss" in page.body[:2000]:
        listing = read_feed(page, site, board, fetched_at, charset)
        return ThreadList(rows=listing.rows, board=board, findings=listing.findings)  # the threads themselves are read
    frame = read_frame(page.body, page.url, fetched_at, page.header_charset, charset)
    root = root_of(page.url).removesuffix("archiver/")
    rows: dict[str, ThreadRow] = {}
    for link in find_all(frame.root, "//li[.//a[contains(@href,'tid-')]]//a[contains(@href,'tid-')]")[:_MOST]:
        hit = _TID.search(attr(link, "href"))
        if hit is None or not text_of(link):
            continue
        counted = _REPLIES.search(text_of(link.getparent()))
        rows.setdefault(
            hit[1],
            ThreadRow(
                tid=hit[1],
                title=text_of(link),
                url=thread_url(root, hit[1]),
                board=board,
                replies=int(counted[1]) if counted else None,
            ),
        )
    if not rows:
        reason = refusal(frame.root, frame.text, page.url)
        if isinstance(reason, Notice) and reason.kind is not NoticeKind.OTHER:
            raise reason
        raise ParserFailure("存档页的主题（?tid-N.html）", f"标题“{text_of(find(frame.root, '//title'))[:60]}”，{len(frame.text)} 字")
    return ThreadList(rows=tuple(rows.values()), board=board)
