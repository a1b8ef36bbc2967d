"""What every page is set into, as the template in use draws it: frame, page numbers, messages."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from huiying.forum.skins import skin_of
from huiying.forum.view import View


def page(view: View, title: str, content: str, *, trail: str = "", head: str = "") -> str:
    """A whole page."""
    return skin_of(view).page(view, title, content, trail, head)


def pager(view: View, current: int, pages: int, href: Callable[[int], str]) -> str:
    """Links to the other pages, "" when there are none."""
    return skin_of(view).pager(view, current, pages, href)


def crumb(text: str, href: str = "") -> str:
    inner = f'<a href="{href}">{escape(text)}</a>' if href else escape(text)
    return f" <em>&rsaquo;</em> {inner}"


def notice(view: View, text: str, title: str = "提示信息") -> str:
    """The page on which Discuz! says no, with status 200 or 404."""
    content = (
        '<div id="ct" class="wp cl w"><div class="nfl" id="main_succeed"><div class="f_c altw">'
        f'<div id="messagetext" class="alert_error"><p>{escape(text)}</p>'
        '<p class="alert_btnleft"><a href="./">[ 点击这里返回首页 ]</a></p></div>'
        "</div></div></div>"
    )
    return page(view, title, content, trail=crumb(title))
