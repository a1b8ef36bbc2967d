"""What a forum's own message means: who is kept out, what is gone, what is only shut for now."""

from __future__ import annotations

import pytest

from crawlers.pages import Notice, NoticeKind, Wall, WallKind
from crawlers.sites.discuz.notices import notice_of


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("抱歉，目前站点处于禁止访问时段，请稍后", NoticeKind.CLOSED),
        ("您目前正处于本站禁止访问时间段 [22:00 - 6:00]，请在规定时间以外访问", NoticeKind.CLOSED),
        ("抱歉，在 22:00-06:00 期间内您无法进行此操作", NoticeKind.CLOSED),
        ("系统繁忙，请稍后再试", NoticeKind.CLOSED),
        ("服务器维护升级中", NoticeKind.CLOSED),
        ("本站点暂时关闭，请稍后访问", NoticeKind.CLOSED),
        ("抱歉，该主题正在审核中", NoticeKind.MISSING_THREAD),
        ("主题已被移动到回收站", NoticeKind.MISSING_THREAD),
        ("该帖已经被作者删除", NoticeKind.MISSING_THREAD),
        ("抱歉，指定的版块不存在", NoticeKind.MISSING_BOARD),
        ("抱歉，您没有阅读此主题的权限", NoticeKind.NO_PERMISSION),
        ("抱歉，您需要付费 5 金钱 才能访问该版块", NoticeKind.NO_PERMISSION),
        ("由于您的帖数不足，不能访问该版块", NoticeKind.NO_PERMISSION),
        ("请完成实名认证后继续浏览", NoticeKind.NO_PERMISSION),
        ("抱歉，管理员关闭了导读功能", NoticeKind.OTHER),
    ],
)
def test_a_notice(told: str, kind: NoticeKind) -> None:
    found = notice_of(told)
    assert isinstance(found, Notice)
    assert found.kind is kind


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("本论坛采用邀请制，请登录后浏览", WallKind.LOGIN),
        ("抱歉，您尚未登录，没有权限访问该版块", WallKind.LOGIN),
        ("您的 IP 地址不在允许的范围内，或您的账号被禁用，无法访问本站", WallKind.BLOCKED),
    ],
)
def test_a_wall(told: str, kind: WallKind) -> None:
    found = notice_of(told)
    assert isinstance(found, Wall)
    assert found.kind is kind
