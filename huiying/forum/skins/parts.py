"""Pieces that both templates share: the body cell's content, floors, kinds."""

from __future__ import annotations

from html import escape

from huiying.forum import bodytext
from huiying.forum.accounts import OFFICIAL, name_of
from huiying.forum.boards import KIND_IDS
from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.times import minute
from huiying.forum.view import View, space_href

_FLOORS = {1: "楼主", 2: "沙发", 3: "板凳", 4: "地板"}
_JAMMER = ("s8 v2 k&nbsp;q", "z0 u*7 l$", "p%3 y! r6", "g4 w^ e~1")


def floor_html(floor: int) -> str:
    return _FLOORS.get(floor) or f"<em>{floor}</em><sup>#</sup>"


def author_link(uid: int, css: str) -> str:
    """The author's name, linked; without a link when anonymous, coloured when official."""
    if not uid:
        return "匿名"
    colour = ' style="color:#1E6B52"' if uid in OFFICIAL else ""
    return f'<a href="{space_href(uid)}" class="{css}"{colour}>{escape(name_of(uid))}</a>'


def group_link(uid: int) -> str:
    gid, name = (31, "官方账号") if uid in OFFICIAL else (10, "新手上路")
    return f'<em><a href="home.php?mod=spacecp&amp;ac=usergroup&amp;gid={gid}" target="_blank">{name}</a></em>'


def kind_link(thread: ThreadRow) -> str:
    if not thread.kind:
        return ""
    typeid = KIND_IDS.get(thread.kind, 9)
    return (
        f'<em>[<a href="forum.php?mod=forumdisplay&amp;fid={thread.fid}&amp;filter=typeid&amp;typeid={typeid}">{escape(thread.kind)}'
        "</a>]</em> "
    )


def quote(view: View, thread: ThreadRow, quoted: PostRow) -> str:
    return (
        '<div class="quote"><blockquote><font size="2">'
        f'<a href="forum.php?mod=redirect&amp;goto=findpost&amp;pid={quoted.pid}&amp;ptid={thread.tid}">'
        f'<font color="#999999">{escape(name_of(quoted.uid))} 发表于 {minute(quoted.posted_at)}</font></a></font><br />\n'
        f"{escape(bodytext.excerpt(quoted.body))}</blockquote></div><br />\n"
    )


def body(view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str:
    """Inside of `#postmessage_PID`: edit note, quotation, words, and noise when the look asks for it."""
    parts = []
    if post.edited_at:
        parts.append(
            f'<i class="pstatus"> 本帖最后由 {escape(name_of(post.uid))} 于 {view.minute(post.edited_at)} 编辑 </i><br />\n<br />\n'
        )
    if quoted is not None:
        parts.append(quote(view, thread, quoted))
    words = bodytext.html(post.body, post.pid)
    if view.look.jammer:
        noise = _JAMMER[post.pid % len(_JAMMER)]
        words = words.replace("<br />\n", f'<font class="jammer">{noise}</font><br />\n<span style="display:none">{noise}</span>')
        words += f'<span style="display:none">{noise}</span><script type="text/javascript">var p{post.pid} = "{noise}";</script>'
    parts.append(words)
    return "".join(parts)


def locked_note() -> str:
    """Shown in place of a body that is hidden."""
    return '<div class="locked">提示: <em>作者被禁止或删除 内容自动屏蔽</em></div>'
