"""Posts of a thread page whose template has none of the known names.

The page is cut into blocks by the numbers of its posts (`blocks`), and each is read by what it has in common with the others
(`likeness`). A block that is not understood is left out, and the page marked incomplete.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from crawlers.dom import Node, attr, outer_html, short_text, squeeze, text_of
from crawlers.sites.damage import swallows, torn_markup
from crawlers.sites.discuz.blocks import Marks, cut, too_deep
from crawlers.sites.discuz.body import Body, read_body
from crawlers.sites.discuz.damage import foot, shut_in
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.hints import elements, floor_of, moments, people, quoted
from crawlers.sites.discuz.likeness import HIDDEN, Part, recognise, says_hidden
from crawlers.sites.discuz.posts import MOST_POSTS, ReadPost
from crawlers.sites.discuz.urls import target_of
from store.snapshots import PostDetail

T = TypeVar("T")
_NAMED = re.compile(r"^[a-z_-]{0,40}?(?:post|pid|reply|message|msg|floor|comment)[a-z]{0,20}[_-]?(\d{1,12})$", re.IGNORECASE)
_DATA = re.compile(r"^data-(?:pid|p-id|post-?id|post|reply-?id|floor-?id|comment-?id)$", re.IGNORECASE)
_LINKED = re.compile(r"(?:[?&;]|\b)(?:pid|repquote|reppost)=(\d{1,12})|#pid(\d{1,12})$")
_ELSEWHERE = re.compile(r"[?&;]p?tid=(\d+)")
_TITLE_END = re.compile(r"\s+[-–—_|»]\s|$")


def unknown_template(read: Sequence[ReadPost], source: str) -> bool:
    """Whether the names that the reader knows gave no post, or gave none of them a text, or a time, or an author."""
    if _wordless(read):
        # else the texts have their names, and were lost on the way
        return not any(name in source for name in ("postmessage_", "authorposton", 'class="t_f"'))
    return all(post.shown is None for post in read) or not any(post.author for post in read)


def _wordless(read: Sequence[ReadPost]) -> bool:
    """No text of any post was found, and not because all are hidden."""
    return all(post.bodiless or post.shielded for post in read) and (not read or any(post.bodiless for post in read))


def completed(read: list[ReadPost], foreign: Sequence[ReadPost]) -> list[ReadPost]:
    """What the known names gave, and only what they did not give as the unknown template was read: a text that is known stays."""
    if _wordless(read):
        return list(foreign) or [post for post in read if post.bodiless]
    others = {post.pid: post for post in foreign}
    whole = []
    for post in read:
        other = others.get(post.pid, post)
        uid, author = (post.uid, post.author) if post.author else (post.uid or other.uid, other.author)
        whole.append(replace(post, uid=uid, author=author, shown=post.shown or other.shown))
    return whole


def post_marks(root: Node, tid: str) -> Marks:
    """Elements that name a post: ids, anchors, data attributes, links to quote, report or find it."""
    marks: Marks = []
    for node in root.iter():
        if not isinstance(node.tag, str):
            continue
        for name, value in node.attrib.items():
            hit = _NAMED.match(value) if name in ("id", "name") else None
            pid = hit[1] if hit else value if _DATA.match(name) and value.isdigit() else ""
            if not pid and name in ("href", "onclick", "data-href", "data-url"):
                link = _LINKED.search(value)
                there = _ELSEWHERE.search(value)
                pid = (link[1] or link[2]) if link and (there is None or not tid or there[1] == tid) else ""
            if pid and not quoted(node):
                marks.append((pid, node))
                break
    return marks


def read_foreign(frame: Frame, tid: str, smilies: Mapping[str, str] | None = None) -> list[ReadPost]:
    """Every post of a whole page in its order; [] where the page carries no numbers of posts."""
    marks = post_marks(frame.root, tid) if frame.whole else []
    if not marks or any(too_deep(node) or shut_in(node) for _, node in marks):
        return []

    def enough(nodes: Sequence[Node]) -> bool:
        return bool(people(nodes)) and bool(moments(nodes, frame))

    parts: dict[str, Part] = {}
    for pid, block in cut(frame.root, marks, enough):
        inside = set(block.iter())
        handles = [node for key, node in marks if key == pid and node in inside and node.tag in ("a", "input", "button")]
        part = Part(pid, block, people([block]), moments([block], frame, dates=False), handles)
        known = parts.get(pid)
        if known is None or len(part.people) + len(part.moments) > len(known.people) + len(known.moments):
            parts[pid] = part
        if len(parts) > MOST_POSTS:
            break
    found = list(parts.values())
    end = foot(frame.root)
    if end is not None and any(part.block in end.iterancestors() for part in found):
        return []  # a block that goes on to the page's end was not closed
    recognise(found, frame, _TITLE_END.split(_own_title(frame.root), maxsplit=1)[0])
    return [_post(part, index, frame, smilies) for index, part in enumerate(found)]


def _post(part: Part, index: int, frame: Frame, smilies: Mapping[str, str] | None) -> ReadPost:
    words = part.words
    hidden = says_hidden(text_of(words)) if words is not None else bool(HIDDEN.search(text_of(part.block)))
    body = read_body(words, frame.url, smilies) if words is not None and not hidden else Body("")
    part.torn = part.torn or body.torn or torn_markup(part.block)
    own = set(words.iter()) if words is not None else set()
    labels = (node for node in elements([part.block]) if len(node) < 3 and node not in own)
    floor = next((number for node in labels if (number := _label(node)) is not None), None)
    return ReadPost(
        pid=part.pid,
        body=body.text,
        uid=part.who.uid if part.who else "",
        author=part.who.name if part.who else "匿名" if part.nameless else "",
        floor=floor,
        first=floor == 1 or (floor is None and index == 0 and frame.page == 1 and target_of(frame.url).page == 1),
        quotes=body.quotes,
        shown=part.when.shown if part.when else None,
        shielded=hidden,
        # without an author or a word for one the block is not understood
        bodiless=(words is None and not hidden) or (part.who is None and not part.nameless) or part.torn or swallows(part.block),
        detail=PostDetail(pid=part.pid, images=body.images, node=outer_html(words) if words is not None and not hidden else ""),
    )


def _label(node: Node) -> int | None:
    told = short_text(node)
    return floor_of(told) if 0 < len(told) < 9 else None


def foreign_title(root: Node, tid: str) -> str:
    """The thread's title: what the page's own title begins with, as a heading or a link to the thread repeats it."""
    page = _own_title(root)
    best = ""
    for node in root.iter("h1", "h2", "h3", "h4", "a"):
        if node.tag == "a" and target_of(attr(node, "href")).id != tid:
            continue
        told = text_of(node)
        if told and len(told) > len(best) and page.startswith(told) and _TITLE_END.match(page[len(told) :]):
            best = told
    return best


def _own_title(root: Node) -> str:
    return squeeze(text_of(next(root.iter("title"), None)))
