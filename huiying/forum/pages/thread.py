"""A thread's posts, its printable form and its archiver form."""

from __future__ import annotations

from html import escape

from huiying.forum import bodytext, forms, queries
from huiying.forum.accounts import name_of
from huiying.forum.boards import BOARDS
from huiying.forum.markup import crumb, page, pager
from huiying.forum.rows import ThreadRow
from huiying.forum.skins import skin_of
from huiying.forum.times import minute, second
from huiying.forum.view import SITE_NAME, View


def thread(view: View, row: ThreadRow, asked: int, newest_first: bool, uid: int = 0) -> str:
    """One page of ten posts; a page past the end is the last one."""
    views = row.views + view.store.count_view(row.tid)
    pages = queries.page_count(row.replies + 1, queries.POSTS_PER_PAGE)
    current = max(1, min(asked, pages))
    posts, _ = queries.thread_posts(view.store, row.tid, current, newest_first=newest_first)
    quoted = queries.posts_by_ids(view.store, [post.quotes for post in posts if post.quotes])
    skin = skin_of(view)
    listed = "".join(skin.post(view, row, post, quoted.get(post.quotes)) for post in posts)

    def href(number: int) -> str:
        if newest_first:
            return f"forum.php?mod=viewthread&amp;tid={row.tid}&amp;ordertype=1&amp;page={number}"
        return view.thread_href(row.tid, number)

    numbers = pager(view, current, pages, href)
    board = BOARDS.get(row.fid, "")
    other = (
        f'<a href="forum.php?mod=viewthread&amp;tid={row.tid}">正序浏览</a>'
        if newest_first
        else f'<a href="forum.php?mod=viewthread&amp;tid={row.tid}&amp;ordertype=1">倒序浏览</a>'
    )
    content = skin.thread(view, row, views, listed, numbers, other)
    content += '<p class="closed">本主题已关闭，不再接受回复</p>' if row.locked else forms.reply(row.tid)
    return page(view, f"{row.title} - {board}", content, trail=crumb(board, view.board_href(row.fid)) + crumb(row.title))


def printable(view: View, row: ThreadRow) -> str:
    """The first 100 posts, minute times, no pids."""
    posts, _ = queries.thread_posts(view.store, row.tid, 1, per_page=100)
    listed = "".join(
        f"<hr />\n<b>作者: </b>{escape(name_of(post.uid))}&nbsp;&nbsp;&nbsp;<b>时间: </b>{minute(post.posted_at)}<br />\n"
        + (f"<b>标题: </b>{escape(row.title)}<br />\n" if post.first else "")
        + f"<br />\n{bodytext.html(post.body, post.pid)}<br />\n"
        for post in posts
        if not post.shielded
    )
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{view.charset}" />'
        f"<title>{escape(row.title)} - {SITE_NAME}</title></head>"
        f"<body><b>标题: </b>{escape(row.title)} [打印本页]\n{listed}</body></html>\n"
    )


def archiver(view: View, row: ThreadRow, asked: int) -> str:
    """Plain text for robots: times to the second, no pid, no uid, quotations unmarked."""
    pages = queries.page_count(row.replies + 1, queries.POSTS_PER_PAGE)
    posts, _ = queries.thread_posts(view.store, row.tid, max(1, min(asked, pages)))
    listed = "".join(
        f'<p class="author"><strong>{escape(name_of(post.uid))}</strong> 发表于 {second(post.posted_at)}</p>\n'
        + (f"<h3>{escape(row.title)}</h3>\n" if post.first else "")
        + f"{bodytext.html(post.body, post.pid)}\n"
        for post in posts
        if not post.shielded
    )
    numbers = "".join(f'<a href="?tid-{row.tid}.html&amp;page={n}">{n}</a> ' for n in range(1, pages + 1)) if pages > 1 else ""
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{view.charset}" />'
        f"<title>{escape(row.title)} - {SITE_NAME} - Archiver</title></head>"
        f'<body><div id="nav"><a href="./">{SITE_NAME}</a> &rsaquo; {escape(row.title)}</div><div id="content">{listed}</div>'
        f'<div class="page">{numbers}</div><div id="end">查看完整版本: '
        f'<a href="../forum.php?mod=viewthread&amp;tid={row.tid}">{escape(row.title)}</a></div></body></html>\n'
    )


def archived_board(view: View, fid: int, asked: int) -> str:
    """A board for robots: ids, titles, replies counted."""
    pages = queries.page_count(queries.board_size(view.store, fid), queries.THREADS_PER_PAGE)
    rows = queries.board_threads(view.store, fid, max(1, min(asked, pages)), queries.Order.LAST_POST)
    listed = "".join(f'<li><a href="?tid-{row.tid}.html">{escape(row.title)}</a> ({row.replies} 篇回复)\n' for row in rows)
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{view.charset}" /><title>{BOARDS[fid]} - {SITE_NAME} - Archiver</title>'
        f'</head><body><div id="nav"><a href="./">{SITE_NAME}</a> &rsaquo; {BOARDS[fid]}</div><div id="content"><ul>{listed}</ul></div>'
        f'<div id="end">查看完整版本: <a href="../forum.php?mod=forumdisplay&amp;fid={fid}">{BOARDS[fid]}</a></div></body></html>\n'
    )
