"""What visitors get by the name of their program: less for robots, another markup for telephones."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from huiying.forum import bodytext, queries
from huiying.forum.accounts import name_of
from huiying.forum.boards import BOARDS
from huiying.forum.queries import Order
from huiying.forum.scenarios.base import Scenario
from huiying.forum.site import Site
from huiying.forum.times import TimeStyle
from huiying.forum.view import SITE_NAME, Look, View, space_href
from huiying.forum.web import Request, Response

_ROBOT = re.compile("bot|crawl|spider", re.IGNORECASE)
_PHONE = re.compile("sed|nec|mot|mobile|android|iphone", re.IGNORECASE)


class Agents(Scenario):
    name = "agents"
    promise = "UA 含 bot、crawl、spider：楼层与筛选消失；含 sed、nec、mot：手机页"

    def look_for(self, request: Request, look: Look) -> Look:
        return replace(look, robot=True) if _ROBOT.search(request.header("User-Agent")) else look

    def before(self, request: Request, site: Site) -> Response | None:
        agent = request.header("User-Agent")
        return mobile_page(request, site) if _PHONE.search(agent) and not _ROBOT.search(agent) else None


class Mobile(Scenario):
    name = "mobile"
    promise = "一律送手机页：另一种标记，只有相对时间"

    def before(self, request: Request, site: Site) -> Response | None:
        return mobile_page(request, site)


def mobile_page(request: Request, site: Site) -> Response | None:
    """The touch page of a list or thread: relative times only, without `title`; None for other addresses."""
    if request.path != "/forum.php":
        return None
    view = site.view(replace(site.look(), times=TimeStyle.BARE))
    if request.query.get("mod") == "viewthread":
        row = queries.thread(site.store, request.number("tid"))
        if row is None or row.moved_to:
            return None
        posts, _ = queries.thread_posts(site.store, row.tid, request.number("page", 1))
        inner = f"<h2>{escape(row.title)}</h2>" + "".join(
            f'<div class="plc cl" id="pid{post.pid}"><ul class="authi"><li class="mtit">'
            f'<a href="{space_href(post.uid)}&amp;mobile=2">{escape(name_of(post.uid))}</a></li>'
            f'<li class="mtime">{view.second(post.posted_at)}</li></ul>'
            f'<div class="message">{bodytext.html(post.body, post.pid)}</div></div>\n'
            for post in posts
            if not post.shielded
        )
        return Response.html(_phone(view, row.title, inner), view.charset)
    if request.query.get("mod") in {"forumdisplay", "guide"}:
        fid = request.number("fid")
        page = request.number("page", 1)
        rows = (
            queries.board_threads(site.store, fid, page, Order.LAST_POST) if fid else queries.guide_threads(site.store, page, Order.NEWEST)
        )
        inner = "<ul class='threadlist'>" + "".join(
            f'<li><a href="forum.php?mod=viewthread&amp;tid={row.tid}&amp;mobile=2">{escape(row.title)}'
            f"</a><span>{view.minute(row.last_at)}</span></li>\n"
            for row in rows
        )
        return Response.html(_phone(view, BOARDS.get(fid, "导读"), inner + "</ul>"), view.charset)
    return None


def _phone(view: View, title: str, inner: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="{view.charset}" /><meta name="viewport" content="width=device-width" />'
        f'<title>{escape(title)} - 手机版 - {SITE_NAME}</title></head><body class="bg">'
        f'<div class="header">{SITE_NAME} 触屏版</div>{inner}</body></html>\n'
    )
