"""The frame that templates share unless they bring their own: head, navigation, page numbers, heading of a thread, footer."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from html import escape

from huiying.forum.boards import BOARDS
from huiying.forum.rows import ThreadRow
from huiying.forum.times import minute
from huiying.forum.view import SITE_NAME, View

Href = Callable[[int], str]


def page_title(title: str) -> str:
    return f"{escape(title)} - {SITE_NAME}" if title else f"{SITE_NAME} - 首页"


def processed(view: View) -> str:
    """The line with the server's clock."""
    spent = secrets.randbelow(40_000) / 1_000_000 + 0.01
    return f"GMT+8, {minute(view.now)} <span>, Processed in {spent:.6f} second(s), 8 queries .</span>"


class Framed:
    """The frame of Discuz! X in outline; `#pt`, `div.pg`, `#thread_subject`, `#ft`."""

    def page(self, view: View, title: str, content: str, trail: str = "", head: str = "") -> str:
        """A whole page. It differs at each fetch (formhash, processing time), as forums do, and carries no validators."""
        crumbs = f'<nav class="z" id="pt"><a href="./" class="nvhm">{SITE_NAME}</a>{trail}</nav>'
        return (
            f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n'
            f'<meta http-equiv="Content-Type" content="text/html; charset={view.charset}" />\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1" />\n'
            f"<title>{page_title(title)}</title>\n"
            f'<meta name="generator" content="{SITE_NAME} (Discuz! X shaped sample)" />\n'
            f'<link rel="stylesheet" href="static/sample/forum.css" /><link rel="icon" href="data:," />\n{head}</head>\n'
            f'<body id="nv_forum"><header id="hd"><a class="name" href="./">{SITE_NAME}</a>'
            '<span class="note">只供试用：内容全部虚构，只在本机可见</span>'
            f"<nav>{_navigation()}</nav></header>\n"
            f'<main id="wp" class="wp">{crumbs}\n{content}\n</main>\n{_footer(view)}'
            '<script src="static/sample/forum.js"></script></body>\n</html>\n'
        )

    def pager(self, view: View, current: int, pages: int, href: Href) -> str:
        """`div.pg`: this page in `strong`, others in `a`, the total in `span[title="共 N 页"]`, the next page in `a.nxt`."""
        if view.look.endless:
            return f'<div class="pg"><strong>{current}</strong><a href="{href(current + 1)}" class="nxt">下一页</a></div>'
        if pages < 2:
            return ""
        first = max(1, min(current - 4, pages - 9))
        shown = range(first, min(pages, first + 9) + 1)
        parts = [f'<a href="{href(current - 1)}" class="prev">&nbsp;&nbsp;</a>'] if current > 1 else []
        if first > 1:
            parts.append(f'<a href="{href(1)}" class="first">1 ...</a>')
        parts += [f"<strong>{n}</strong>" if n == current else f'<a href="{href(n)}">{n}</a>' for n in shown]
        if shown[-1] < pages:
            parts.append(f'<a href="{href(pages)}" class="last">... {pages}</a>')
        parts.append(
            f'<label><input type="text" name="custompage" class="px" size="2" value="{current}" title="输入页码，按回车快速跳转" />'
            f'<span title="共 {pages} 页"> / {pages} 页</span></label>'
        )
        if current < pages:
            parts.append(f'<a href="{href(current + 1)}" class="nxt">下一页</a>')
        return f'<div class="pg">{"".join(parts)}</div>'

    def thread(self, view: View, row: ThreadRow, views: int, listed: str, numbers: str, other: str) -> str:
        """Heading, page numbers and posts of a thread's page; `other` links to the other reading order."""
        return (
            f'<div id="postlist" class="pl bm"><div class="subject">'
            f'<h1 class="ts"><span id="thread_subject">{escape(row.title)}</span></h1>'
            f'<div class="hm"><span class="xg1">查看:</span> <span class="xi1">{views}</span> '
            f'<span class="xg1">回复:</span> <span class="xi1">{row.replies}</span> {other}</div></div>\n'
            f'{numbers}{listed}<div id="postlistreply" class="pl">'
            f'<div id="post_new" class="viewthread_table" style="display: none"></div></div></div>{numbers}'
        )


def _navigation() -> str:
    boards = "".join(f'<a href="forum.php?mod=forumdisplay&amp;fid={fid}">{name}</a>' for fid, name in BOARDS.items())
    return f'<a href="forum.php?mod=guide&amp;view=newthread">最新发表</a><a href="forum.php?mod=guide&amp;view=new">最新回复</a>{boards}'


def _footer(view: View) -> str:
    return (
        f'<footer id="ft"><p><strong>{SITE_NAME}</strong> · Discuz! X 样式的示例站点，不是真实论坛</p>'
        f"<p>{processed(view)}</p>"
        f'<input type="hidden" name="formhash" value="{secrets.token_hex(4)}" /></footer>'
    )
