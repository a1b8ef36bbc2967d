"""Pages of a Discuz! site that are no list and no thread: messages, walls, other people's pages."""

from __future__ import annotations

import re

from crawlers.dom import Node, find, has_class, text_of
from crawlers.pages import NotAForum, Notice, NoticeKind, PageError, Wall, WallKind

_MARKS = ("discuz", "mod=viewthread", "mod=forumdisplay", "forum.php?", "normalthread_", "postmessage_", "id=\"messagetext\"", "archiver/")

_NOTICES: tuple[tuple[NoticeKind, re.Pattern[str]], ...] = (
    (NoticeKind.MISSING_THREAD, re.compile(r"(?:主题|帖子?)[^。]{0,12}(?:不存在|已删除|被[^。]{0,6}删除|正在被?审核|回收站)")),
    (NoticeKind.MISSING_BOARD, re.compile(r"版块[^。]{0,8}不存在|(?:板块|论坛)不存在")),
    (
        NoticeKind.CLOSED,
        # shut for good reasons, for some hours of each night, or for a moment
        re.compile(
            r"(?:站点|论坛|网站|服务器)[^。]{0,10}(?:关闭|维护)|正在(?:维护|升级)|系统(?:维护|繁忙)"
            r"|禁止[^。]{0,4}访问[^。]{0,2}时(?:间?段|间)|期间内[^。]{0,6}(?:无法|不能)|时间段内[^。]{0,10}(?:无法|不能|没有权限)"
        ),
    ),
    (NoticeKind.PASSWORD, re.compile(r"(?:版块|论坛)[^。]{0,10}密码|请输入密码")),
    (
        NoticeKind.NO_PERMISSION,
        re.compile(r"没有[^。]{0,10}权限|无权|不允许|只有特定用户|阅读权限|所在的?用户组|[权限积分帖数]{2,3}不足|付费|实名认证|绑定手机"),
    ),
)
_LOGIN = re.compile(r"(?:需要|请|必须|尚未)先?登录|登录后")
_CAPTCHA = re.compile(
    r"验证码|(?:安全|人机|访问|滑动)验证|滑块|安全检[测查]|网站防火墙|Just a moment|Attention Required|captcha|cf-chl", re.IGNORECASE
)
#: scripts of protective services that stand before a site
_SERVICES = ("cf-chl", "acw_sc__v2", "__jsl_clearance", "/_guard/", "yunsuo_session")
#: the forum bars the address of who asks
_BARRED = re.compile(r"IP\s*地址不在允许|IP\s*[^。]{0,12}(?:禁止|被禁|封锁)|禁止[^。]{0,6}访问本站", re.IGNORECASE)
_SUM = re.compile(r"\d+\s*[+\-×xX*]\s*\d+\s*[=＝]|算术题|答题验证|计算结果")
_SCRIPT_ACTS = re.compile(r"location|eval\(|document\.cookie|_0x|\.submit\(|unescape\(|fromCharCode", re.IGNORECASE)
#: a wall is small; a thread in which people discuss 验证码 is not
_SMALL = 16_000


def looks_like_discuz(text: str) -> bool:
    """Whether the page was written by Discuz! at all."""
    lowered = text.lower()
    return any(mark in lowered for mark in _MARKS)


def refusal(root: Node, text: str, url: str) -> PageError:
    """Why a page without rows or posts is none: never returns "an empty board" by itself."""
    title = text_of(find(root, "//title"))
    wall = wall_of(root, text, title, url)
    if wall is not None:
        return wall
    for action, kind in (("pwverify", NoticeKind.PASSWORD), ("paysubmit", NoticeKind.NO_PERMISSION)):
        if find(root, f"//form[contains(@action,'{action}')]") is not None:
            return Notice(kind, title)
    message = find(
        root,
        "//*[@id='messagetext']",
        f"//*[{has_class('alert_error')} or {has_class('alert_info')}]",
        f"//*[{has_class('jump_c')}]",
    )
    if message is not None:
        return notice_of(text_of(find(message, ".//p")) or text_of(message))
    return NotAForum("Discuz!", title) if not looks_like_discuz(text) else PageError("")


def notice_of(told: str) -> PageError:
    """What a forum's own message says; `NoticeKind.OTHER` when it is none of the known ones."""
    if _BARRED.search(told):
        return Wall(WallKind.BLOCKED, told)
    for kind, pattern in _NOTICES:
        if pattern.search(told):
            if kind is NoticeKind.NO_PERMISSION and _LOGIN.search(told):
                return Wall(WallKind.LOGIN, told)
            return Notice(kind, told)
    if _LOGIN.search(told):
        return Wall(WallKind.LOGIN, told)
    return Notice(NoticeKind.OTHER, told)


def wall_of(root: Node, text: str, title: str, url: str) -> Wall | None:
    """The wall that a page without records is, if it is one."""
    if "频繁刷新限制" in title or ("刷新" in title and "限制" in title):
        return Wall(WallKind.FLOOD, title)
    if "页面重载" in title or "代理服务器访问限制" in title:
        return Wall(WallKind.SCRIPT, title)
    if "mod=logging" in url or find(root, "//form[contains(@action,'mod=logging') and contains(@id,'loginform')]") is not None:
        return Wall(WallKind.LOGIN, title)
    if len(text) > _SMALL:
        return None
    shown = text_of(find(root, "//body"))
    if _SUM.search(shown) and find(root, "//input") is not None:
        return Wall(WallKind.SUM, title)
    if _CAPTCHA.search(title) or (_CAPTCHA.search(shown) and len(shown) < 400) or any(mark in text for mark in _SERVICES):
        return Wall(WallKind.CAPTCHA, title)
    if len(shown) < 80 and "<script" in text.lower() and _SCRIPT_ACTS.search(text):
        reload = "reload" in text.lower()
        return Wall(WallKind.SCRIPT if reload else WallKind.ANTITHEFT, title)
    return None
