"""Cards without any id: the text first, its author and a machine-readable time below it."""

from __future__ import annotations

from html import escape

from huiying.forum.accounts import OFFICIAL
from huiying.forum.boards import BOARDS
from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins import foreign, parts
from huiying.forum.skins.foreign import Foreign
from huiying.forum.skins.frame import page_title, processed
from huiying.forum.times import instant
from huiying.forum.view import SITE_NAME, View


def _when(view: View, epoch: int) -> str:
    words = view.minute(epoch).replace("&nbsp;", " ")
    shown = words.partition(">")[2].partition("<")[0] if words.startswith("<") else words
    return f'<time datetime="{instant(epoch).isoformat()}">{shown}</time>'


class Cards(Foreign):
    """`article[data-pid]`, members as space-uid-UID.html, `time[datetime]`; a comment below a card carries a name and a time too."""

    def page(self, view: View, title: str, content: str, trail: str = "", head: str = "") -> str:
        return (
            f'<!DOCTYPE html>\n<html><head><meta charset="{view.charset}" /><title>{page_title(title)}</title>\n{head}</head>\n'
            f'<body><header class="top"><h1 class="logo"><a href="./">{SITE_NAME}</a></h1>{foreign.board_links(view, "tab")}</header>\n'
            f'<aside class="left"><ul>{foreign.busy_members("star")}</ul></aside>\n'
            f'<section class="middle"><p class="crumbs"><a href="./">首页</a>{trail}</p>{content}</section>\n'
            f'<aside class="right"><ol>{foreign.hot_threads(view, "hot")}</ol></aside>\n'
            f'<footer class="bottom">示例论坛，不是真实论坛 Powered by Discuz! {processed(view)}</footer></body></html>\n'
        )

    def thread_list(self, rows: str, with_board: bool) -> str:
        return f'<div class="feed">\n{rows}</div>'

    def list_row(self, view: View, thread: ThreadRow, with_board: bool, list_page: int) -> str:
        href = view.thread_href(thread.tid, 1, list_page)
        board = f'<a class="feed-card__board" href="{view.board_href(thread.fid)}">{BOARDS.get(thread.fid, "")}</a>' if with_board else ""
        return (
            f'<article class="feed-card{" feed-card--top" if thread.sticky else ""}"><a class="feed-card__title" href="{href}">'
            f'<h3>{escape(thread.title)}</h3></a><p><a href="{href}">查看全文</a></p>'
            f"<footer>{board}{self.who(thread.uid, f'space-uid-{thread.uid}.html', 'user')}{_when(view, thread.created)}"
            f'<span class="n-replies" title="回复">{thread.replies}</span><span class="n-views" title="查看">{thread.views}</span>'
            f"{_when(view, thread.last_at)}</footer></article>\n"
        )

    def thread(self, view: View, row: ThreadRow, views: int, listed: str, numbers: str, other: str) -> str:
        return (
            f'<div class="headline"><span class="label">{escape(row.kind) or "帖子"}</span><h2>{escape(row.title)}</h2>'
            f'<span>浏览 {views}</span><span>回复 {row.replies}</span>{other}</div>\n<div class="cards">{listed}</div>{numbers}'
        )

    def post(self, view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str:
        text = f"<p>{foreign.HIDDEN}</p>" if post.shielded else parts.body(view, thread, post, quoted)
        href = f"space-uid-{post.uid}.html"
        face = f'<a class="reply-card__face" href="{href}"><img src="face/{post.uid}.jpg" alt="" /></a>' if post.uid else ""
        badge = '<i class="reply-card__badge">官方</i>' if post.uid in OFFICIAL else ""
        comment = (
            '<ul class="reply-card__notes"><li><a href="space-uid-142.html">江南人家</a>：点评一句，同感 '
            f'<time datetime="{instant(post.posted_at + 40).isoformat()}">{foreign.padded(post.posted_at + 40)}</time></li></ul>'
            if post.pid % 7 == 0
            else ""
        )
        return (
            f'<article class="reply-card" data-pid="{post.pid}"><div class="reply-card__text">{text}</div>'
            f'<footer class="reply-card__foot">{face}{self.who(post.uid, href, "reply-card__name")}{badge}'
            f'{_when(view, post.posted_at)}<span class="reply-card__no">#{post.floor}</span>'
            f'<a href="{foreign.reply_href(thread, post)}">回复</a> <a href="javascript:;">举报</a></footer>{comment}</article>\n'
        )
