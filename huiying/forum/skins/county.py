"""A custom template as local sites have: other elements and class names; only ids, hrefs and times as in stock."""

from __future__ import annotations

from html import escape

from huiying.forum.accounts import name_of
from huiying.forum.boards import BOARDS
from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins import parts
from huiying.forum.skins.frame import Framed
from huiying.forum.view import View, space_href


class County(Framed):
    """No `a.xst`, `td.by`, `a.xw1`, `td.t_f`; `tbody#normalthread_TID`, `#post_PID`, `#authorpostonPID`, `#postmessage_PID` stay."""

    def thread_list(self, rows: str, with_board: bool) -> str:
        return f'<section class="county-list"><table class="lh-threads">\n{rows}</table></section>'

    def list_row(self, view: View, thread: ThreadRow, with_board: bool, list_page: int) -> str:
        sticky = "stickthread" if thread.sticky else "normalthread"
        href = view.thread_href(thread.tid, 1, list_page)
        author = (
            f'<a class="lh-user" href="{space_href(thread.uid)}">{escape(name_of(thread.uid))}</a>'
            if thread.uid
            else '<span class="lh-user">匿名</span>'
        )
        last = (
            f'<a class="lh-user" href="{space_href(thread.last_uid)}">{escape(name_of(thread.last_uid))}</a>' if thread.last_uid else "匿名"
        )
        board = f'<a class="lh-board" href="{view.board_href(thread.fid)}">{BOARDS.get(thread.fid, "")}</a>' if with_board else ""
        return (
            f'<tbody id="{sticky}_{thread.tid}"><tr><td class="lh-cell"><h3 class="lh-subject">'
            f'<a href="{href}" title="{escape(thread.title)}">{escape(thread.title)}</a></h3>'
            f'<div class="lh-meta">{board}{author}<span class="lh-when">{view.day(thread.created)}</span>'
            f'<span class="lh-last">{last} '
            f'<a href="forum.php?mod=redirect&amp;tid={thread.tid}&amp;goto=lastpost#lastpost">{view.minute(thread.last_at)}'
            "</a></span></div></td>"
            f'<td class="lh-figures"><b title="回复">{thread.replies}</b><i title="查看">{thread.views}</i></td></tr></tbody>\n'
        )

    def post(self, view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str:
        pid = post.pid
        if post.shielded:
            inner = parts.locked_note()
        else:
            inner = f'<div class="lh-words" id="postmessage_{pid}">{parts.body(view, thread, post, quoted)}</div>'
        floor = "" if view.look.robot else f'<a class="lh-floor" id="postnum{pid}" href="#pid{pid}">{parts.floor_html(post.floor)}</a>'
        group = parts.group_link(post.uid) if post.uid else ""
        return (
            f'<div id="post_{pid}" class="lh-post"><article id="pid{pid}"><header class="lh-head">'
            f'<span class="lh-author">{parts.author_link(post.uid, "lh-user")}</span>{group}{floor}'
            f'<em id="authorposton{pid}">发表于 {view.second(post.posted_at)}</em></header>'
            f'<div class="lh-body">{inner}</div><div id="comment_{pid}"></div></article></div>\n'
        )
