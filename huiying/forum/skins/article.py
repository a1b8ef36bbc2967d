"""A thread as an article: author and time of the first post stand in the heading alone; classes say nothing."""

from __future__ import annotations

from html import escape

from huiying.forum.boards import BOARDS
from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins import foreign, parts
from huiying.forum.skins.foreign import Foreign
from huiying.forum.skins.frame import page_title, processed
from huiying.forum.view import SITE_NAME, View, space_href


class Article(Foreign):
    """`#pidPID` stays; times are bare text between tags; no `#postmessage_`, no `#authorposton`."""

    def page(self, view: View, title: str, content: str, trail: str = "", head: str = "") -> str:
        return (
            f'<!DOCTYPE html>\n<html><head><meta charset="{view.charset}" /><title>{page_title(title)}</title>\n{head}</head>\n'
            f'<body><div class="aQ3x"><h1><a href="./">{SITE_NAME}</a></h1>'
            f'<div class="k0Lm">{foreign.board_links(view, "vB7q")}</div></div>\n'
            f'<div class="zz8T"><a href="./">首页</a>{trail}</div>\n<div class="Jw2c">{content}</div>\n'
            f'<div class="side9"><h3>热帖</h3><ul>{foreign.hot_threads(view, "p4")}</ul>'
            f"<h3>活跃</h3><ul>{foreign.busy_members('p5')}</ul></div>\n"
            f'<div class="f00t"><p>Powered by Discuz! · 示例论坛，不是真实论坛</p><p>{processed(view)}</p></div></body></html>\n'
        )

    def thread_list(self, rows: str, with_board: bool) -> str:
        return f'<div class="Lx1"><dl>\n{rows}</dl></div>'

    def list_row(self, view: View, thread: ThreadRow, with_board: bool, list_page: int) -> str:
        pinned = '<b class="red">置顶</b>' if thread.sticky else ""
        board = f'<a href="{view.board_href(thread.fid)}">{BOARDS.get(thread.fid, "")}</a> · ' if with_board else ""
        return (
            f'<dt class="r7K">{pinned}<a href="{view.thread_href(thread.tid, 1, list_page)}">{escape(thread.title)}</a></dt>'
            f'<dd class="r8K">{board}{self.who(thread.uid, space_href(thread.uid), "m1")} {foreign.padded(thread.created)}'
            f" · 回复 {thread.replies} · 浏览 {thread.views} · 最后 {self.who(thread.last_uid, space_href(thread.last_uid), 'm1')} "
            f"{foreign.padded(thread.last_at)}</dd>\n"
        )

    def thread(self, view: View, row: ThreadRow, views: int, listed: str, numbers: str, other: str) -> str:
        who = self.who(row.uid, space_href(row.uid), "oQq1")
        return (
            f'<div class="KvDw"><h2><a href="{view.thread_href(row.tid)}">{escape(row.title)}</a></h2>'
            f'<p class="E1kl">{who} <em class="0GJV">{foreign.padded(row.created)}</em> 浏览 {views} '
            f'<a href="forum.php?mod=viewthread&amp;tid={row.tid}&amp;page=1&amp;authorid={row.uid}">只看楼主</a> {other}</p></div>\n'
            f'<div class="alist">{listed}</div>{numbers}'
        )

    def post(self, view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str:
        inner = f'<div class="0Yn1">{foreign.HIDDEN}</div>' if post.shielded else parts.body(view, thread, post, quoted)
        head = ""
        if not post.first:
            head = (
                f'<li class="oLDy"><em>{post.floor}楼</em><b>{self.who(post.uid, space_href(post.uid), "cqA")}</b>'
                f" {view.second(post.posted_at)} </li>"
            )
        tags = '<div class="3cy8"><a href="misc.php?mod=tag&amp;id=3">城市</a>, <a href="misc.php?mod=tag&amp;id=4">生活</a></div>'
        related = f'<div class="w0lW"><h3>相关帖子:</h3><ul>{foreign.hot_threads(view, "rl")}</ul></div>'
        return (
            f'<div class="w0Ig" id="pid{post.pid}"><span class="iV70"><img src="avatar.php?uid={post.uid}&amp;size=small" /></span>'
            f'<div class="nt2h"><ul class="au3A">{head}</ul><div class="qT66">{inner}</div>'
            f'<div class="p2CH" id="replybtn_{post.pid}">'
            f'<input type="button" href="{foreign.reply_href(thread, post)}" value="回复" /></div>'
            f"{tags + related if post.first else ''}</div></div>\n"
        )
