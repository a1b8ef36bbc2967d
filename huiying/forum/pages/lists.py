"""Index, boards and the guide over all boards."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from huiying.forum import forms, queries
from huiying.forum.accounts import name_of
from huiying.forum.boards import ABOUT, BOARDS, KINDS
from huiying.forum.markup import crumb, page, pager
from huiying.forum.queries import Order
from huiying.forum.rows import ThreadRow
from huiying.forum.skins import skin_of
from huiying.forum.view import View


def index(view: View) -> str:
    known = queries.boards(view.store)
    rows = []
    for fid, name in BOARDS.items():
        board = known.get(fid)
        figures = f"{board.threads} 主题 / {board.posts} 帖" if board else "0 主题"
        last = (
            f'<a href="{view.thread_href(board.last_tid)}">{escape(board.last_title)}'
            f"</a><em>{view.minute(board.last_at)} {escape(name_of(board.last_uid))}</em>"
            if board
            else "从未"
        )
        rows.append(
            f'<li><h2><a href="{view.board_href(fid)}">{name}</a></h2><p>{ABOUT[fid]}'
            f'</p><span class="fig">{figures}</span><span class="last">{last}</span></li>'
        )
    links = (
        '<p class="xg1"><a href="forum.php?mod=guide&amp;view=newthread">最新发表</a> · '
        '<a href="forum.php?mod=guide&amp;view=new">最新回复</a> · <a href="forum.php?mod=rss">RSS</a></p>'
    )
    return page(view, "", f'<ul class="boards">{"".join(rows)}</ul>{links}')


def board(view: View, fid: int, asked: int, order: Order, kind: str = "") -> str:
    """A board's threads; a page past the end is page 1 again, with its next link."""
    size = queries.board_size(view.store, fid)
    pages = queries.page_count(size, queries.THREADS_PER_PAGE)
    current = asked if 1 <= asked <= pages else 1
    rows = queries.stickies(view.store, fid) if current == 1 or view.look.endless else []
    rows = [] if view.look.hollow else rows + queries.board_threads(view.store, fid, current, order, kind)
    filters = "&amp;filter=author&amp;orderby=dateline" if order is Order.NEWEST else ""

    def href(number: int) -> str:
        if view.look.rewrite and not filters:
            return view.board_href(fid, number)
        return f"forum.php?mod=forumdisplay&amp;fid={fid}{filters}&amp;page={number}"

    numbers = pager(view, asked if view.look.endless else current, pages, href)
    name = BOARDS[fid]
    switch = "" if view.look.robot else _filters(view, fid, order)
    content = (
        f'<h1 class="xs2"><a href="{view.board_href(fid)}">{name}</a>'
        f"</h1>{switch}{numbers}{_table(view, rows, False, current)}{numbers}{forms.new_thread(fid)}"
    )
    feed = f'<link rel="alternate" type="application/rss+xml" title="{name}" href="forum.php?mod=rss&amp;fid={fid}" />\n'
    return page(view, name if current == 1 else f"{name} - 第{current}页", content, trail=crumb(name, view.board_href(fid)), head=feed)


def _filters(view: View, fid: int, order: Order) -> str:
    base = f"forum.php?mod=forumdisplay&amp;fid={fid}"
    kinds = "".join(f'<a href="{base}&amp;filter=typeid&amp;typeid={typeid}">{name}</a>' for typeid, name in KINDS.items())
    newest = ' class="on"' if order is Order.NEWEST else ""
    last = ' class="on"' if order is Order.LAST_POST else ""
    return (
        f'<div class="tf"><a{last} href="{base}">最新回复</a><a{newest} href="{base}&amp;filter=author&amp;orderby=dateline">最新发表</a>'
        f'<details><summary>分类</summary>{kinds}</details><a class="post" href="#newthread">发表新帖</a></div>'
    )


def guide(view: View, which: str, asked: int) -> str:
    """Threads of all boards in one list, newest (`newthread`) or last answered (`new`) first."""
    order = Order.NEWEST if which == "newthread" else Order.LAST_POST
    pages = queries.page_count(queries.guide_size(view.store), queries.THREADS_PER_PAGE)
    current = asked if 1 <= asked <= pages else 1
    if view.look.guide_copy is None:
        rows = queries.guide_threads(view.store, current, order)
    else:
        start = (current - 1) * queries.THREADS_PER_PAGE
        rows = queries.threads_by_ids(view.store, view.look.guide_copy.get(which, ())[start : start + queries.THREADS_PER_PAGE])
    numbers = pager(
        view,
        asked if view.look.endless else current,
        pages,
        lambda number: f"forum.php?mod=guide&amp;view={quote(which)}&amp;page={number}",
    )
    name = "最新发表" if order is Order.NEWEST else "最新回复"
    content = f'<h1 class="xs2">{name}</h1>{numbers}{_table(view, rows, view.look.guide_board, current)}{numbers}'
    return page(view, f"导读 - {name}", content, trail=crumb("导读"))


def _table(view: View, rows: list[ThreadRow], with_board: bool, list_page: int) -> str:
    skin = skin_of(view)
    if not rows:
        return skin.thread_list(
            '<tbody class="bw0_all"><tr><th colspan="5"><p class="emp">本版块或指定的范围内尚无主题</p></th></tr></tbody>\n', with_board
        )
    return skin.thread_list("".join(skin.list_row(view, row, with_board, list_page) for row in rows), with_board)
