"""Which addresses are the forum's, and which are nobody's business."""

from __future__ import annotations

import pytest

from crawlers.middlewares.address import is_public, same_site
from crawlers.sites.discuz.urls import absolute, root_of, target_of, thread_url, uid_of


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1"),
        *("::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "not an address"),
    ],
)
def test_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "203.0.114.7", "2606:4700::1111"])
def test_public(address: str) -> None:
    assert is_public(address)


def test_www_is_the_same_site() -> None:
    assert same_site("www.bbs.example", "bbs.example")
    assert not same_site("bbs.example.evil.example", "bbs.example")


@pytest.mark.parametrize(
    ("url", "kind", "ident", "page"),
    [
        ("forum.php?mod=viewthread&tid=7&extra=page%3D1", "thread", "7", 1),
        ("http://b.example/forum.php?mod=viewthread&tid=7&page=3", "thread", "7", 3),
        ("http://b.example/bbs/thread-7-3-2.html", "thread", "7", 3),
        ("viewthread.php?tid=7", "thread", "7", 1),
        ("forum-12-4.html", "board", "12", 4),
        ("forum.php?mod=forumdisplay&fid=12&filter=typeid&typeid=3", "board", "12", 1),
        ("forum.php?mod=guide&view=newthread", "guide", "newthread", 1),
        ("forum.php?mod=viewthread&tid=abc", "other", "", 1),
        ("forum.php?mod=viewthread&tid=7&page=99999999999999999999", "thread", "7", 1),
        ("http://[broken", "other", "", 1),
    ],
)
def test_target(url: str, kind: str, ident: str, page: int) -> None:
    target = target_of(url)
    assert (target.kind, target.id, target.page) == (kind, ident, page)


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("http://b.example/forum.php?mod=guide", "http://b.example/"),
        ("http://b.example/bbs/", "http://b.example/bbs/"),
        ("http://b.example/bbs", "http://b.example/bbs/"),
        ("http://b.example", "http://b.example/"),
    ],
)
def test_root(url: str, root: str) -> None:
    assert root_of(url) == root


def test_canonical() -> None:
    assert thread_url("http://b.example/", "7") == "http://b.example/forum.php?mod=viewthread&tid=7"
    assert thread_url("http://b.example/", "7", 2).endswith("&page=2")


@pytest.mark.parametrize(("href", "uid"), [("space-uid-77.html", "77"), ("home.php?mod=space&uid=5", "5"), ("home.php?username=x", "")])
def test_uid(href: str, uid: str) -> None:
    assert uid_of(href) == uid


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "http://[broken"])
def test_no_address(href: str) -> None:
    assert absolute("http://b.example/", href) == ""
