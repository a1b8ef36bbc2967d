"""What the templates from elsewhere have in common: sidebars, breadcrumbs and page numbers of their own, all misleading to a reader.

Their shapes follow what is met in the wild: a logo in `h1`, links to members and threads beside the posts, the first post's
author and time in the heading only, classes without meaning, ids stripped to what the forum's scripts need.
"""

from __future__ import annotations

from html import escape

from huiying.forum import queries
from huiying.forum.accounts import RESIDENTS, name_of
from huiying.forum.boards import BOARDS
from huiying.forum.queries import Order
from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins.frame import Framed, Href
from huiying.forum.times import instant
from huiying.forum.view import View

HIDDEN = "提示: 该帖被管理员或版主屏蔽"


def padded(epoch: int, seconds: bool = False) -> str:
    """`2026-01-03 07:05`, as templates write it that format the time themselves."""
    return f"{instant(epoch):%Y-%m-%d %H:%M:%S}" if seconds else f"{instant(epoch):%Y-%m-%d %H:%M}"


def board_links(view: View, css: str) -> str:
    return "".join(f'<a class="{css}" href="{view.board_href(fid)}">{name}</a>' for fid, name in BOARDS.items())


def hot_threads(view: View, css: str) -> str:
    """Threads of any board, each with a time, as sidebars show them."""
    rows = queries.guide_threads(view.store, 1, Order.NEWEST)[:3]
    return "".join(
        f'<li class="{css}"><a href="{view.thread_href(row.tid)}">{escape(row.title)}</a> <em>{padded(row.last_at)}</em></li>'
        for row in rows
    )


def busy_members(css: str) -> str:
    """Members with links to their pages, who posted nothing on this page."""
    return "".join(f'<li class="{css}"><a href="space-uid-{one.uid}.html">{escape(one.name)}</a> 今日 3 帖</li>' for one in RESIDENTS[:3])


def reply_href(thread: ThreadRow, post: PostRow) -> str:
    return f"forum.php?mod=post&amp;action=reply&amp;fid={thread.fid}&amp;tid={thread.tid}&amp;repquote={post.pid}&amp;extra=&amp;page=1"


class Foreign(Framed):
    """Page numbers as a list of items, the last page linked as 末页, no total in words."""

    def pager(self, view: View, current: int, pages: int, href: Href) -> str:
        if pages < 2:
            return ""
        shown = range(max(1, current - 2), min(pages, current + 2) + 1)
        items = "".join(f'<li class="on"><span>{n}</span></li>' if n == current else f'<li><a href="{href(n)}">{n}</a></li>' for n in shown)
        before = f'<li><a href="{href(current - 1)}">上一页</a></li>' if current > 1 else ""
        after = f'<li><a href="{href(current + 1)}">下一页</a></li><li><a href="{href(pages)}">末页</a></li>' if current < pages else ""
        return f'<ul class="pn">{before}{items}{after}</ul>'

    @staticmethod
    def who(thread_uid: int, href: str, css: str) -> str:
        """A linked name, or the word for somebody without one."""
        if not thread_uid:
            return f'<span class="{css}">匿名</span>'
        return f'<a class="{css}" href="{href}">{escape(name_of(thread_uid))}</a>'
