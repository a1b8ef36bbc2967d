"""Tables as before Discuz! X: capitals, attributes without quotes, viewthread.php and space.php, anchors by name."""

from __future__ import annotations

from html import escape

from huiying.forum.accounts import OFFICIAL
from huiying.forum.boards import BOARDS
from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins import foreign, parts
from huiying.forum.skins.foreign import Foreign
from huiying.forum.skins.frame import Href, page_title
from huiying.forum.times import day, minute
from huiying.forum.view import SITE_NAME, View


def _space(uid: int) -> str:
    return f"space.php?uid={uid}"


class Classic(Foreign):
    """`td.postauthor`, `a[name=pidPID]`, `div.t_msgfont#messagePID`; times to the minute; a signature with a date of its own."""

    def page(self, view: View, title: str, content: str, trail: str = "", head: str = "") -> str:
        return (
            f'<HTML><HEAD><META HTTP-EQUIV=Content-Type CONTENT="text/html; charset={view.charset}"><TITLE>{page_title(title)}</TITLE>'
            f"\n{head}</HEAD>\n<BODY><TABLE width=98%><TR><TD class=logo><A HREF=index.php>{SITE_NAME}</A><TD>"
            f"{foreign.board_links(view, 'menu')}</TABLE>\n<DIV class=nav><A HREF=index.php>{SITE_NAME}</A>{trail}</DIV>\n{content}\n"
            f"<TABLE class=hot><TR><TD><UL>{foreign.hot_threads(view, 'x')}</UL><TD><UL>{foreign.busy_members('y')}</UL></TABLE>\n"
            f"<DIV class=copyright>Powered by Discuz! 示例论坛，不是真实论坛<BR>"
            f"当前时区 GMT+8, 现在时间是 {minute(view.now)}</DIV></BODY></HTML>\n"
        )

    def pager(self, view: View, current: int, pages: int, href: Href) -> str:
        if pages < 2:
            return ""
        shown = range(max(1, current - 2), min(pages, current + 4) + 1)
        links = "".join(f"<A class=p_curpage>{n}</A>" if n == current else f'<A HREF="{href(n)}" class=p_num>{n}</A>' for n in shown)
        last = f'<A HREF="{href(pages)}" class=p_redirect>&rsaquo;|</A>' if current < pages else ""
        total = f"<A class=p_total>&nbsp;{pages * 10}&nbsp;</A>"
        return f"<DIV class=p_bar>{total}<A class=p_pages>&nbsp;{current}/{pages}&nbsp;</A>{links}{last}</DIV>"

    def thread_list(self, rows: str, with_board: bool) -> str:
        return f"<TABLE class=datatable WIDTH=100%><TR class=header><TD>标题<TD>作者<TD>回复/查看<TD>最后发表\n{rows}</TABLE>"

    def list_row(self, view: View, thread: ThreadRow, with_board: bool, list_page: int) -> str:
        href = f"viewthread.php?tid={thread.tid}&amp;extra=page%3D{list_page}"
        board = f'<TD><A HREF="{view.board_href(thread.fid)}">{BOARDS.get(thread.fid, "")}</A>' if with_board else ""
        mark = "pin_3.gif" if thread.sticky else "folder_new.gif"
        return (
            f'<TR class=row><TD class=f_folder><A HREF="{href}"><IMG SRC="images/{mark}"></A>'
            f'<TD class=f_title><A HREF="{href}">{escape(thread.title)}</A>{board}'
            f"<TD class=f_author>{self.who(thread.uid, _space(thread.uid), 'n')}<BR><SPAN class=smalltxt>{day(thread.created)}</SPAN>"
            f"<TD class=f_views>{thread.replies} / {thread.views}"
            f"<TD class=f_last><SPAN class=smalltxt>{minute(thread.last_at)}</SPAN>"
            f"<BR>by {self.who(thread.last_uid, _space(thread.last_uid), 'n')}\n"
        )

    def thread(self, view: View, row: ThreadRow, views: int, listed: str, numbers: str, other: str) -> str:
        return f"{numbers}<DIV class=maintable><DIV class=subject>标题: {escape(row.title)} {other}</DIV>\n{listed}</DIV>{numbers}"

    def post(self, view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str:
        text = (
            f"<DIV class=notice>{foreign.HIDDEN}</DIV>"
            if post.shielded
            else f"<DIV class=t_msgfont ID=message{post.pid}>{parts.body(view, thread, post, quoted)}</DIV>"
        )
        title = "<P class=customstatus>官方账号" if post.uid in OFFICIAL else "<P>新手上路"
        profile = f"{title}<P>帖子 {post.uid % 40}<P>积分 {post.uid * 3}<P>注册 2019-3-{post.uid % 27 + 1}" if post.uid else ""
        sign = '<DIV class=signatures>签名：2018-8-8 12:00 <A HREF="space.php?uid=103">小周</A> 到此一游</DIV>' if post.pid % 5 == 0 else ""
        number = f'<STRONG TITLE="复制帖子链接">{post.floor} #</STRONG> 大 中 小'
        return (
            f"<A NAME=pid{post.pid}></A><TABLE class=spaceborder WIDTH=100%><TR><TD class=postauthor ROWSPAN=2 WIDTH=21%>"
            f"{self.who(post.uid, _space(post.uid), 'bold')}{profile}"
            f"<TD class=postcontent><DIV class=postinfo>{number}&nbsp;发表于 {minute(post.posted_at)}"
            f'&nbsp;<A HREF="viewthread.php?tid={thread.tid}&amp;page=1&amp;authorid={post.uid}">只看该作者</A></DIV>{text}{sign}'
            f'<TR><TD class=postfoot><A HREF="{foreign.reply_href(thread, post)}">引用</A> <A HREF="#top">TOP</A></TABLE>\n'
        )
