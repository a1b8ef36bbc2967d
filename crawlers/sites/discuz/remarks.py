"""点评: remarks that people, and units too, set below a post instead of replying. Stored as replies that quote the post.

A remark has no id of its own that a guest sees: its id is made of the post's and of who said what. One that is only the copy of
a reply (its "详情" leads there) is left to that reply.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from crawlers.dom import Node, attr, find, find_all, has_class, outer_html, text_of
from crawlers.sites.damage import strays, torn_in
from crawlers.sites.discuz.body import read_body
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.posts import NO_MEMBER, ReadPost
from crawlers.sites.discuz.urls import uid_of
from crawlers.sites.own_text import emptied
from store.snapshots import PostDetail

_REMARKS = f".//*[{has_class('pstl')}][.//*[{has_class('psti')}]]"
#: the touch template tells author, time and words in three lines
_TOUCH_REMARKS = f".//*[starts-with(@id,'commentdetail_')][.//*[{has_class('mtxt')}]]"
#: a remark whose words lost their name (a rating has no author either); what only remarks have
_WORDLESS = f".//*[{has_class('pstl')}][.//*[{has_class('psta')}]][not(.//*[{has_class('psti')}])]"
_PARTS = f"//*[({has_class('psti')} and contains(.,'发表于')) or ({has_class('mtxt')} and not(ancestor::*[{has_class('rwdbst')}][1]))]"
_COPY = re.compile(r"goto=findpost")
#: a forum shows ten below a post, and the rest on demand
_MOST = 50


def read_remarks(nodes: Sequence[tuple[str, Node]], frame: Frame) -> tuple[list[ReadPost], int]:
    """The remarks below the posts of a page, and how many of them do not tell who said what and when."""
    read: dict[str, ReadPost] = {}
    every: list[Node] = []
    unread = 0
    broken: set[Node] | None = None
    for pid, node in nodes:
        box = find(node, f".//*[@id='comment_{pid}']")
        if box is None:
            continue
        shown = find_all(box, _REMARKS, _TOUCH_REMARKS)[:_MOST]
        every += shown
        if len(box) and broken is None:
            broken = torn_in(frame.root, frame.text)
        unread += bool(len(box)) and box in (broken or ())
        unread += len(find_all(box, _WORDLESS))
        unread += not shown and find(box, f".//*[{has_class('pstl')}]") is None and "发表于" in text_of(box)
        for remark in shown:
            words = find(remark, f".//*[{has_class('psti')}]", f".//*[{has_class('mtxt')}]")
            if words is None or any(_COPY.search(attr(link, "href")) or text_of(link) == "详情" for link in find_all(words, ".//a")):
                continue
            found = _read(pid, remark, words, frame)
            unread += found is None
            if found is not None:
                read[found.pid] = found
    return list(read.values()), unread + len(strays(frame.root, _PARTS, every))


def _read(pid: str, remark: Node, words: Node, frame: Frame) -> ReadPost | None:
    told = find(words, f"./*[{has_class('xg1')}][contains(.,'发表于')]", "./*[contains(.,'发表于')]")
    if told is None:
        told = find(remark, f".//*[{has_class('mtime')}]")
    shown = frame.time(told)
    markup = outer_html(words)
    for around in [told, *find_all(words, "./a")]:
        if around is not None:
            emptied(around)
    text = read_body(words, frame.url).text
    links = find_all(remark, f".//*[{has_class('psta')} or {has_class('mtit')}]//a[contains(@href,'uid')]")
    author = next((link for link in links if text_of(link)), None)
    uids = {uid_of(attr(link, "href")) for link in links}
    uid = uids.pop() if len(uids) == 1 else ""
    name = text_of(author) if author is not None else text_of(find(remark, f".//*[{has_class('psta')} or {has_class('mtit')}]"))
    if not uid and (nameless := NO_MEMBER.search(name)):
        name = nameless[0]
    # a remark's number is made of these: without one of them, or with one that is broken, it would be another remark
    if not text or shown is None or not name or "\ufffd" in text + name or not (uid or NO_MEMBER.search(name)):
        return None
    digest = hashlib.sha256("\n".join((uid or name, text)).encode("utf-8", "replace")).hexdigest()
    made = f"{pid}-{digest[:10]}"
    return ReadPost(
        pid=made,
        body=text,
        uid=uid,
        author=name,
        floor=None,
        first=False,
        quotes=pid,
        shown=shown,
        shielded=False,
        detail=PostDetail(pid=made, node=markup),
        lifted=True,
    )
