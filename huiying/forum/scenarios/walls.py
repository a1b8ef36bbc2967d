"""Walls that answer 200 (or 302) in place of a page: a spider must notice, back off and say so, never solve them."""

from __future__ import annotations

import base64
import random

from huiying.forum.markup import notice
from huiying.forum.pages import small
from huiying.forum.scenarios.base import Scenario
from huiying.forum.site import Site
from huiying.forum.web import Request, Response


def _bare(site: Site, title: str, inner: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="{site.charset}" /><title>{title}</title></head>'
        f'<body bgcolor="#ffffff"><p>示例论坛</p>{inner}</body></html>\n'
    )


def _is_page(request: Request) -> bool:
    return request.path != "/robots.txt"


class Flood(Scenario):
    name = "flood"
    promise = "防御 1：同一 Cookie 1 秒内再访问，200“频繁刷新限制”（flood:秒 可改间隔）"

    def before(self, request: Request, site: Site) -> Response | None:
        if not _is_page(request):
            return None
        seen = request.cookies.get("sample_lastrequest", "")
        now = site.clock.now().timestamp()
        if seen.replace(".", "", 1).isdigit() and now - float(seen) < self.number(1.0):
            inner = (
                "<script>setTimeout('location.reload()', 2000);</script>"
                "<p>您访问本站速度过快或者刷新间隔时间小于两秒！请等待页面自动跳转 ...</p>"
            )
            return Response.html(_bare(site, "频繁刷新限制", inner), site.charset, 200, (self._cookie(now),))
        return None

    def after(self, request: Request, response: Response, site: Site) -> Response:
        if not _is_page(request):
            return response
        headers = (*response.headers, self._cookie(site.clock.now().timestamp()))
        return Response(response.status, response.body, response.content_type, headers, response.claimed_length)

    @staticmethod
    def _cookie(now: float) -> tuple[str, str]:
        return ("Set-Cookie", f"sample_lastrequest={now:.3f}; path=/")


class Defence4(Scenario):
    name = "defence4"
    promise = "防御 4：200，一段脚本写 Cookie 后重载；浏览器能过，爬虫应停下"

    def before(self, request: Request, site: Site) -> Response | None:
        if not _is_page(request) or "sample_reload" in request.cookies:
            return None
        script = "<script>document.cookie='sample_reload=1;path=/';window.location.reload();</script>"
        return Response.html(_bare(site, "页面重载开启", f"<p>页面重载开启</p>{script}<noscript>请打开脚本</noscript>"), site.charset)


class Captcha(Scenario):
    name = "captcha"
    promise = "防御 8：200，一道算术题，不答就没有内容"

    def before(self, request: Request, site: Site) -> Response | None:
        if not _is_page(request):
            return None
        inner = (
            '<form method="post" action=""><p>为了确认您不是机器，请回答：</p>'
            f"<p><strong>{random.randrange(2, 30)} + {random.randrange(2, 30)} = ?</strong> "
            '<input type="text" name="answer" size="4" /> <input type="submit" name="secqsubmit" value="提交" /></p></form>'
        )
        return Response.html(_bare(site, "验证问答", inner), site.charset)


class Sum(Captcha):
    name = "sum"
    promise = "同 captcha"


class Antitheft(Scenario):
    name = "antitheft"
    promise = "防采集：200，约 2 KB 混淆脚本，没有页面"

    def before(self, request: Request, site: Site) -> Response | None:
        if not _is_page(request):
            return None
        letters = random.Random(request.query_string)
        names = ["_" + base64.b32encode(letters.randbytes(5)).decode().strip("=") for _ in range(30)]
        code = "".join(f"var {name}=function(){{return '{letters.randbytes(14).hex()}';}};" for name in names)
        text = f"<html><body><script language=\"javascript\">{code}eval('/*{letters.randbytes(40).hex()}*/');</script></body></html>"
        return Response.html(text, site.charset)


class Notice(Scenario):
    name = "notice"
    promise = "站点关闭：每页 200，只有 #messagetext"

    def before(self, request: Request, site: Site) -> Response | None:
        if not _is_page(request):
            return None
        return Response.html(notice(site.view(), self.argument or "抱歉，示例论坛正在维护，暂时关闭"), site.charset)


class Login(Scenario):
    name = "login"
    promise = "游客不可看：302 到登录页"

    def before(self, request: Request, site: Site) -> Response | None:
        if not _is_page(request):
            return None
        if request.path == "/member.php":
            return Response.html(small.login(site.view()), site.charset)
        return Response.redirect(f"{site.url}member.php?mod=logging&action=login")


class BoardNotice(Scenario):
    name = "boardnotice"
    promise = "版块 3 没有权限：200，只有 #messagetext（boardnotice:fid），其余照常"

    def before(self, request: Request, site: Site) -> Response | None:
        if not _asks_for(request, int(self.number(3))):
            return None
        return Response.html(notice(site.view(), "抱歉，您没有权限访问该版块"), site.charset)


class BoardLogin(Scenario):
    name = "boardlogin"
    promise = "版块 3 游客不可看：302 到登录页（boardlogin:fid），其余照常"

    def before(self, request: Request, site: Site) -> Response | None:
        if not _asks_for(request, int(self.number(3))):
            return None
        return Response.redirect(f"{site.url}member.php?mod=logging&action=login")


def _asks_for(request: Request, fid: int) -> bool:
    return (request.query.get("mod") == "forumdisplay" and request.number("fid") == fid) or request.path.startswith(f"/forum-{fid}-")
