"""Discuz! addresses: what a link points at, and the one canonical form of each page.

The forum's root is the folder that holds forum.php; rewrite forms (thread-TID-PAGE-x.html) mean the same pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qs, urljoin, urlsplit

_THREAD = re.compile(r"(?:^|/)thread-(\d+)-(\d+)-\d+\.html$")
_FORUM = re.compile(r"(?:^|/)forum-(\w+)-(\d+)\.html$")
_SPACE = re.compile(r"(?:^|/)space-uid-(\d+)\.html$")

PageKind = Literal["thread", "board", "guide", "other"]


@dataclass(frozen=True, slots=True)
class Target:
    """What an address of the forum asks for."""

    kind: PageKind
    #: tid, fid or the guide's view
    id: str = ""
    page: int = 1


def _query(url: str) -> dict[str, str]:
    return {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}


def _page(text: str) -> int:
    return max(1, int(text)) if text.isdigit() and len(text) < 9 else 1


@lru_cache(maxsize=4_096)
def target_of(url: str) -> Target:
    """Thread, board or guide with its id and page; "other" for the rest, and for an address that markup ran into."""
    if "<" in url:
        return Target("other")
    try:
        path = urlsplit(url).path
        query = _query(url)
    except ValueError:
        return Target("other")
    if hit := _THREAD.search(path):
        return Target("thread", hit[1], _page(hit[2]))
    if hit := _FORUM.search(path):
        return Target("board", hit[1], _page(hit[2]))
    page = _page(query.get("page", ""))
    mod = query.get("mod", "")
    if (mod == "viewthread" or path.endswith("viewthread.php")) and query.get("tid", "").isdigit():
        return Target("thread", query["tid"], page)
    if (mod == "forumdisplay" or path.endswith("forumdisplay.php")) and query.get("fid"):
        return Target("board", query["fid"], page)
    if mod == "guide":
        return Target("guide", query.get("view", "hot"), page)
    return Target("other")


def is_front(url: str) -> bool:
    """The forum's front door, to which it sends who may not see what was asked for."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.path.rsplit("/", 1)[-1] in ("", "forum.php", "index.php", "portal.php") and "mod" not in _query(url)


def tid_of(url: str) -> str:
    """The thread that a link leads to, also by way of "its newest reply" (mod=redirect); "" when it leads to none."""
    target = target_of(url)
    if target.kind == "thread":
        return target.id
    try:
        query = _query(url)
    except ValueError:
        return ""
    tid = query.get("tid", "") or query.get("ptid", "")
    return tid if query.get("mod") == "redirect" and tid.isdigit() else ""


def root_of(url: str) -> str:
    """The folder of the forum, with a slash at its end: `http://bbs.example/forum.php?x` → `http://bbs.example/`."""
    parts = urlsplit(url)
    path = parts.path if parts.path.endswith("/") else parts.path.rsplit("/", 1)[0] + "/"
    if "." not in parts.path.rsplit("/", 1)[-1] and not parts.path.endswith("/"):
        path = parts.path + "/"  # https://bbs.example/forum, without its slash
    return f"{parts.scheme}://{parts.netloc}{path}"


def thread_url(root: str, tid: str, page: int = 1) -> str:
    """`forum.php?mod=viewthread&tid=7&page=2`: a browser opens it, whatever the site rewrites."""
    return f"{root}forum.php?mod=viewthread&tid={tid}" + (f"&page={page}" if page > 1 else "")


def reading_url(root: str, tid: str, page: int = 1) -> str:
    """A thread's page as the crawler asks for it: oldest post first, whatever its author chose, and a post in several parts whole.

    The first of a thread's own orders puts its newest replies on page 1 and turns the page numbers round; `ordertype=2` is the
    other order by name. Named, it also passes by the copy for guests that a forum may keep of page 1.
    """
    return thread_url(root, tid, page) + "&ordertype=2" + ("&cp=all" if page == 1 else "")


def board_url(root: str, fid: str, page: int = 1, *, newest_threads: bool = False) -> str:
    """A board's list, by last reply, or by date of posting when `newest_threads`.

    A board may have another order, may show only one kind of its threads, or only pictures, unless it is asked by name.
    """
    order = "&filter=author&orderby=dateline" if newest_threads else "&orderby=lastpost"
    return f"{root}forum.php?mod=forumdisplay&fid={fid}{order}&sortall=1&forumdefstyle=yes" + (f"&page={page}" if page > 1 else "")


def guide_url(root: str, view: Literal["newthread", "new"], page: int = 1) -> str:
    """The list over all boards: newest threads, or newest replies."""
    return f"{root}forum.php?mod=guide&view={view}" + (f"&page={page}" if page > 1 else "")


def post_url(root: str, tid: str, pid: str, page: int) -> str:
    """A post within its page. (`goto=findpost` would find it wherever it moved, but robots.txt bars mod=redirect.)"""
    return f"{thread_url(root, tid, page)}#pid{pid}"


@lru_cache(maxsize=4_096)
def uid_of(href: str) -> str:
    """The user id in a link to a person's page, "" when it holds none, or markup that ran into it."""
    if "<" in href:
        return ""
    if hit := _SPACE.search(href.split("?", 1)[0]):
        return hit[1]
    try:
        query = _query(href)
    except ValueError:
        return ""
    for key in ("uid", "authorid"):
        if query.get(key, "").isdigit() and query[key].strip("0"):
            return query[key]  # 0 is nobody: a guest's picture leads there
    return ""


def absolute(base: str, href: str) -> str:
    """An address made absolute; "" when it is none that can be fetched."""
    try:
        url = urljoin(base, href.strip())
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""
