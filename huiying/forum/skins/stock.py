"""The markup outline of Discuz! X3.x, in minimal HTML of our own."""

from __future__ import annotations

from html import escape

from huiying.forum.accounts import name_of
from huiying.forum.boards import BOARDS
from huiying.forum.queries import POSTS_PER_PAGE, page_count
from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins import parts
from huiying.forum.skins.frame import Framed
from huiying.forum.view import View, space_href


class Stock(Framed):
    """`tbody#normalthread_TID`, `a.xst`, `td.by`, `div#post_PID`, `td.t_f#postmessage_PID`."""

    def thread_list(self, rows: str, with_board: bool) -> str:
        board = '<td class="by">版块</td>' if with_board else ""
        return (
            '<div id="threadlist" class="tl bm"><div class="th"><table cellspacing="0" cellpadding="0"><tr><th class="common">标题</th>'
            f'{board}<td class="by">作者</td><td class="num">回复/查看</td><td class="by">最后发表</td></tr></table></div>'
            f'<div class="bm_c"><table summary="threads" cellspacing="0" cellpadding="0" id="threadlisttableid">\n{rows}'
            "</table></div></div>"
        )

    def list_row(self, view: View, thread: ThreadRow, with_board: bool, list_page: int) -> str:
        sticky = "stickthread" if thread.sticky else "normalthread"
        state = "lock" if thread.locked else ("new" if view.now - thread.last_at < 86_400 else "common")
        href = view.thread_href(thread.tid, 1, list_page)
        board = (
            f'<td class="by"><a href="{view.board_href(thread.fid)}" target="_blank">{BOARDS.get(thread.fid, "")}</a></td>'
            if with_board
            else ""
        )
        author = f'<a href="{space_href(thread.uid)}" c="1">{escape(name_of(thread.uid))}</a>' if thread.uid else "匿名"
        last = f'<a href="{space_href(thread.last_uid)}" c="1">{escape(name_of(thread.last_uid))}</a>' if thread.last_uid else "匿名"
        return (
            f'<tbody id="{sticky}_{thread.tid}"><tr><td class="icn">'
            f'<a href="{href}" title="{"置顶主题" if thread.sticky else "有新回复"}">·</a></td>'
            f'<th class="{state}">{parts.kind_link(thread)}'
            f'<a href="{href}" onclick="atarget(this)" class="s xst">{escape(thread.title)}</a>'
            f"{self._further_pages(view, thread)}</th>{board}"
            f'<td class="by"><cite>{author}</cite><em>{view.day(thread.created)}</em></td>'
            f'<td class="num"><a href="{href}" class="xi2">{thread.replies}</a><em>{thread.views}</em></td>'
            f'<td class="by"><cite>{last}</cite><em><a href="forum.php?mod=redirect&amp;tid={thread.tid}&amp;goto=lastpost#lastpost">'
            f"{view.minute(thread.last_at)}</a></em></td></tr></tbody>\n"
        )

    @staticmethod
    def _further_pages(view: View, thread: ThreadRow) -> str:
        pages = page_count(thread.replies + 1, POSTS_PER_PAGE)
        if pages < 2:
            return ""
        numbers = [*range(2, min(pages, 6) + 1)] + ([pages] if pages > 6 else [])
        links = "".join(f'<a href="{view.thread_href(thread.tid, n)}">{n}</a>' for n in numbers)
        return f'<span class="tps">&nbsp;...{links}</span>'

    def post(self, view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str:
        pid = post.pid
        profile = (
            f'{parts.group_link(post.uid)}<dl class="pil cl"><dt>主题</dt>'
            f"<dd>{post.uid % 37}</dd><dt>积分</dt><dd>{post.uid * 7 % 1009}</dd></dl>"
            if post.uid
            else ""
        )
        found = f"forum.php?mod=redirect&amp;goto=findpost&amp;ptid={thread.tid}&amp;pid={pid}"
        floor = f'<strong><a href="{found}" id="postnum{pid}">{parts.floor_html(post.floor)}</a></strong>'
        if view.look.robot:
            floor = ""
        if post.shielded:
            inner = f'<div class="pcb">{parts.locked_note()}</div>'
        else:
            inner = (
                f'<div class="pcb"><div class="t_fsz"><table cellspacing="0" cellpadding="0"><tr><td class="t_f" id="postmessage_{pid}">\n'
                f"{parts.body(view, thread, post, quoted)}</td></tr></table></div></div>"
            )
        return (
            f'<div id="post_{pid}"><table id="pid{pid}" class="plhin" summary="pid{pid}" cellspacing="0" cellpadding="0"><tr>'
            f'<td class="pls" rowspan="2"><div class="pi"><div class="authi">{parts.author_link(post.uid, "xw1")}</div></div>{profile}</td>'
            f'<td class="plc"><div class="pi">{floor}<div class="pti"><div class="authi">'
            f'<em id="authorposton{pid}">发表于 {view.second(post.posted_at)}</em></div></div></div>'
            f'<div class="pct">{inner}<div id="comment_{pid}" class="cm"></div><div id="post_rate_div_{pid}"></div></div></td></tr>'
            f'<tr><td class="plc plm"><a class="fastre" href="{view.thread_href(thread.tid)}#reply" data-quote="{pid}">回复'
            "</a></td></tr></table></div>\n"
        )
