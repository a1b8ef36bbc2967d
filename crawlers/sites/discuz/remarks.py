"""点评: remarks that people, and units too, set below a post instead of replying. Stored as replies that quote the post.

A remark has no id of its own that a guest sees: its id is made of the post's and of who said what. One that is only the copy of
a reply (its "详情" leads there) is left to that reply.
"""

from __future__ import annotations

import hashlib
import re

from crawlers.dom import Node, attr, find, find_all, has_class, outer_html, text_of
from crawlers.sites.discuz.body import read_body
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.posts import ReadPost
from crawlers.sites.discuz.urls import uid_of
from crawlers.sites.own_text import emptied
from store.snapshots import PostDetail

_REMARKS = f".//*[{has_class('pstl')}][.//*[{has_class('psti')}]]"
_COPY = re.compile(r"goto=findpost")
#: a forum shows ten below a post, and the rest on demand
_MOST = 50


def read_remarks(pid: str, node: Node, frame: Frame) -> list[ReadPost]:
    """The remarks below one post that tell text and time."""
    box = find(node, f".//*[@id='comment_{pid}']")
    found = [_read(pid, remark, frame) for remark in find_all(box, _REMARKS)[:_MOST]] if box is not None else []
    return list({remark.pid: remark for remark in found if remark is not None}.values())


def _read(pid: str, remark: Node, frame: Frame) -> ReadPost | None:
    words = find(remark, f".//*[{has_class('psti')}]")
    if words is None or any(_COPY.search(attr(link, "href")) for link in find_all(words, ".//a[@href]")):
        return None
    told = find(words, f"./*[{has_class('xg1')}][contains(.,'发表于')]", "./*[contains(.,'发表于')]")
    shown = frame.time(told)
    markup = outer_html(words)
    for around in [told, *find_all(words, "./a")]:
        if around is not None:
            emptied(around)
    text = read_body(words, frame.url).text
    author = find(remark, f".//*[{has_class('psta')}]//a[contains(@href,'uid')][string-length(normalize-space(.))>0]")
    uid = uid_of(attr(author, "href"))
    name = text_of(author) if author is not None else text_of(find(remark, f".//*[{has_class('psta')}]"))
    if not text or shown is None:
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
