"""A template for telephones as bought ones are: items of a list, relative times only, no clock in the footer."""

from __future__ import annotations

from html import escape

from huiying.forum import bodytext
from huiying.forum.boards import BOARDS
from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins import foreign, parts
from huiying.forum.skins.foreign import Foreign
from huiying.forum.skins.frame import page_title
from huiying.forum.times import TimeStyle, minute, shown
from huiying.forum.view import SITE_NAME, View, space_href


def _when(view: View, epoch: int) -> str:
    return shown(epoch, view.now, minute(epoch), TimeStyle.BARE)


def _profile(uid: int) -> str:
    return f"{space_href(uid)}&amp;do=profile"


class Touch(Foreign):
    """`li#pidPID`, members as …&do=profile, the whole list entry one link, `.note_quiet` for what is hidden."""

    def page(self, view: View, title: str, content: str, trail: str = "", head: str = "") -> str:
        return (
            f'<!DOCTYPE html>\n<html><head><meta charset="{view.charset}" /><meta name="viewport" content="width=device-width" />'
            f"<title>{page_title(title)}</title>\n{head}</head>\n"
            f'<body class="bg_e"><div class="xs_head"><a href="javascript:history.back();">返回</a><h2>{SITE_NAME}</h2></div>\n'
            f'<div class="xs_path">{trail}</div>\n{content}\n'
            f'<div class="xs_more"><ul>{foreign.hot_threads(view, "f14")}</ul></div>'
            f'<div class="xs_foot">示例论坛，不是真实论坛 · Discuz! Team <a href="forum.php?mobile=no">电脑版</a></div></body></html>\n'
        )

    def thread_list(self, rows: str, with_board: bool) -> str:
        return f'<ul class="xs_feed">\n{rows}</ul>'

    def list_row(self, view: View, thread: ThreadRow, with_board: bool, list_page: int) -> str:
        top = '<span class="xs_top">顶</span>' if thread.sticky else ""
        board = f'<a class="xs_forum" href="{view.board_href(thread.fid)}">{BOARDS.get(thread.fid, "")}</a>' if with_board else ""
        first = f'<a href="{_profile(thread.uid)}"><img src="avatar/{thread.uid}.jpg" /></a>' if thread.uid else ""
        return (
            f'<li class="xs_item">{first}<h2>{self.who(thread.uid, _profile(thread.uid), "xs_user")}'
            f"<span>{_when(view, thread.created)}</span></h2>"
            f'<a class="xs_words" href="{view.thread_href(thread.tid, 1, list_page)}"><h3>{top}{escape(thread.title)}</h3></a>'
            f'<ul class="xs_tools"><li>{thread.views} 阅读</li><li>{thread.replies} 评论</li><li>{board}</li></ul></li>\n'
        )

    def thread(self, view: View, row: ThreadRow, views: int, listed: str, numbers: str, other: str) -> str:
        return (
            f'<div class="xs_title"><h1>{escape(row.title)}</h1><p>{views} 阅读 · {row.replies} 评论 {other}</p></div>\n'
            f'<ol class="xs_posts">{listed}</ol>{numbers}'
        )

    def post(self, view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str:
        words = f'<div class="note_quiet">{foreign.HIDDEN}</div>' if post.shielded else parts.body(view, thread, post, quoted)
        face = f'<a href="{_profile(post.uid)}"><img class="xs_face" src="avatar/{post.uid}.jpg" /></a>' if post.uid else ""
        floor = "楼主" if post.first else f"{post.floor} 楼"
        likers = f'<a href="{_profile(128)}">老照片</a> 等 {post.pid % 9 + 1} 人觉得很赞'
        liked = f'<div class="xs_like">{likers}</div>' if post.pid % 6 == 0 else ""
        length = len(bodytext.plain(post.body))
        return (
            f'<li class="xs_post" id="pid{post.pid}"><div class="xs_by">{face}<h2><span class="y">{floor}</span>'
            f'{self.who(post.uid, _profile(post.uid), "top_user")}</h2><p class="f_d">{_when(view, post.posted_at)} 来自手机</p></div>'
            f'<div class="xs_box" data-length="{length}"><div class="xs_in">{words}</div></div>{liked}'
            f'<div class="xs_do"><a href="javascript:;">赞</a><a href="{foreign.reply_href(thread, post)}">回复</a></div></li>\n'
        )
