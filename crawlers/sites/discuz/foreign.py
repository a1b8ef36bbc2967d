"""Posts of a thread page whose template has none of the known names.

What a template does is the same for every post: of all links to members in the blocks, the author's is the one that stands in
the same place in (nearly) all of them, and so with time and text. One block alone is read by what stands close together.
Nothing is taken where two readings would be as good: such a post is left out, and the page marked incomplete.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from crawlers.dom import Node, attr, outer_html, squeeze, text_of
from crawlers.sites.discuz.blocks import Marks, cut, distance, line_words, place, too_deep, within
from crawlers.sites.discuz.body import Body, read_body
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.hints import Moment, Person, elements, floor_of, moments, people, quoted, says_else
from crawlers.sites.discuz.posts import MOST_POSTS, ReadPost
from crawlers.sites.discuz.urls import target_of
from store.snapshots import PostDetail

T = TypeVar("T")
_NAMED = re.compile(r"^(?:[a-z]+[_-]?)*(?:post|pid|reply|message|msg|floor|comment)[a-z]*[_-]?(\d{1,12})$", re.IGNORECASE)
_DATA = re.compile(r"^data-(?:pid|p-id|post-?id|post|reply-?id|floor-?id|comment-?id)$", re.IGNORECASE)
_LINKED = re.compile(r"(?:[?&;]|\b)(?:pid|repquote|reppost)=(\d{1,12})|#pid(\d{1,12})$")
_ELSEWHERE = re.compile(r"[?&;]p?tid=(\d+)")
_WORDS = re.compile(
    r"(?:^|[_\s-])(?:t_f|t_msgfont|postmessage|message|msg|content|words|text|body|article|neirong|con)(?:$|[_\s\d-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"(?:提示[:：]?\s*)?(?:该帖被管理员或版主屏蔽|作者被禁止或删除[，,]?\s*内容自动屏蔽|内容自动屏蔽|该用户已被禁言)")
_TITLE_END = re.compile(r"\s+[-–—_|»]\s|$")
_FURNITURE = frozenset(("form", "button", "input", "select", "textarea", "script", "style", "img", "br", "hr"))
#: characters that a line with the thread's title may have beside it
_TITLE_LABEL = 20
#: levels around the only post's block that may hold its author
_WIDEST = 4
#: share of the blocks in which the place of the texts must hold one (hidden posts have none)
_SHARED = 0.6
#: characters that a label beside an author's name may have; more is a sentence
_LABEL = 4
_FIGURES = re.compile(r"浏览|查看|阅读|人气|评论|\d+")
_ASIDE = re.compile(r"^\s*(?:相关(?:帖子|主题|阅读)|签名|标签|上一篇|下一篇|分享|点评|评分)")


@dataclass(slots=True)
class _Part:
    """A post's block and what was recognised in it."""

    pid: str
    block: Node
    people: list[Person]
    moments: list[Moment]
    #: links and buttons that name the post
    handles: list[Node]
    who: Person | None = None
    when: Moment | None = None
    words: Node | None = None


def unknown_template(read: Sequence[ReadPost]) -> bool:
    """Whether the names that the reader knows gave no post, or gave none of them a text, or a time, or an author."""
    return _wordless(read) or all(post.shown is None for post in read) or not any(post.author for post in read)


def _wordless(read: Sequence[ReadPost]) -> bool:
    """No text of any post was found, and not because all are hidden."""
    return all(post.bodiless or post.shielded for post in read) and (not read or any(post.bodiless for post in read))


def completed(read: list[ReadPost], foreign: Sequence[ReadPost]) -> list[ReadPost]:
    """What the known names gave, and only what they did not give as the unknown template was read: a text that is known stays."""
    if _wordless(read):
        return list(foreign) or read
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
    """Every post of the page in its order; [] where the page carries no numbers of posts."""
    marks = post_marks(frame.root, tid)
    if not marks or any(too_deep(node) for _, node in marks):
        return []

    def enough(nodes: Sequence[Node]) -> bool:
        return bool(people(nodes)) and bool(moments(nodes, frame))

    parts: dict[str, _Part] = {}
    for pid, block in cut(frame.root, marks, enough):
        inside = set(block.iter())
        handles = [node for key, node in marks if key == pid and node in inside and node.tag in ("a", "input", "button")]
        part = _Part(pid, block, people([block]), moments([block], frame), handles)
        known = parts.get(pid)
        if known is None or len(part.people) + len(part.moments) > len(known.people) + len(known.moments):
            parts[pid] = part
        if len(parts) > MOST_POSTS:
            break
    found = list(parts.values())
    _recognise(found, frame)
    return [_post(part, index, frame, smilies) for index, part in enumerate(found)]


def _recognise(parts: list[_Part], frame: Frame) -> None:
    """Find author, time and text of every block by what the blocks have in common."""
    persons = _common([[(place(one.node), one) for one in part.people] for part in parts])
    times = _common([[(place(one.node), one) for one in part.moments] for part in parts])
    for part, own, shown in zip(parts, persons, times, strict=True):
        part.who, part.when = _pair(own, shown, part.block)
        if part.when is None and shown and len(parts) > 1:
            part.when = shown[0]
    _heading(parts, frame)
    if len(parts) == 1:
        _around(parts[0], frame)
    title = _TITLE_END.split(_own_title(frame.root), maxsplit=1)[0]
    candidates = [_texts(part, title) for part in parts]
    named = [[node for node in some if _WORDS.search(f"{attr(node, 'class')} {attr(node, 'id')}")] for some in candidates]
    for part, some, by_name in zip(parts, candidates, named, strict=True):
        part.words = _chosen(by_name or some, candidates if not by_name else named, len(parts))


def _common(found: list[list[tuple[tuple[str, ...], T]]]) -> list[list[T]]:
    """Of each block's finds, those at the place at which most blocks have one; all of them where nothing is repeated."""
    places = Counter(place for some in found for place in {place for place, _ in some})
    most = max(places.values(), default=0)
    if most < 2:
        return [[one for _, one in some] for some in found]
    order = [place for some in found for place, _ in some]
    best = min((place for place, count in places.items() if count == most), key=order.index)
    return [[one for place, one in some if place == best] for some in found]


def _pair(persons: Sequence[Person], times: Sequence[Moment], block: Node) -> tuple[Person | None, Moment | None]:
    """The member and the time that stand together, outside of any sentence, nearest to the block's surface."""
    pairs = [
        (
            len(_FIGURES.sub("", says_else(line_words(person.node)))) > _LABEL,
            not person.pictured,
            distance(person.node, moment.node),
            distance(person.node, block),
            number,
            (person, moment),
        )
        for number, person in enumerate(persons)
        for moment in times
    ]
    return min(pairs, key=lambda pair: pair[:5])[5] if pairs else (None, None)


def _heading(parts: list[_Part], frame: Frame) -> None:
    """The first post's author and time, where the template shows them beside the title only."""
    first = parts[0]
    if frame.page > 1 or (first.who is not None and first.when is not None):
        return
    region = _above(first.block, [part.block for part in parts])
    if region is None:
        return
    who, when = _pair(people([region]), moments([region], frame), region)
    if who is not None:
        first.who, first.when = who, when


def _around(part: _Part, frame: Frame) -> None:
    """Author and time of the only post, where they stand beside its block."""
    for steps, above in enumerate(part.block.iterancestors()):
        if part.who is not None or above.tag in ("body", "html") or steps == _WIDEST:
            return
        part.who, part.when = _pair(people([above]), moments([above], frame), above)


def _above(block: Node, blocks: list[Node]) -> Node | None:
    """The part of the page with the thread's heading: the nearest before the first block that holds an h1 or h2."""
    node = block
    while node is not None:
        for before in node.itersiblings(preceding=True):
            if isinstance(before.tag, str) and (before.tag in ("h1", "h2") or next(before.iter("h1", "h2"), None) is not None):
                return before
        node = node.getparent()
    return None


def _texts(part: _Part, title: str) -> list[Node]:
    """The largest elements of a block that hold neither its author nor its time nor anything to click; a repeated title last."""
    furniture = [one.node for one in (part.who, part.when) if one is not None and one.node in set(part.block.iter())]
    furniture += part.handles
    furniture += [one.node for one in part.people if part.who is not None and one.uid == part.who.uid and one.pictured]
    held = {above for node in furniture for above in node.iterancestors()} | set(furniture)
    held.add(part.block)
    found = []
    for above in [node for node in elements([part.block]) if node in held]:
        for child in above:
            if isinstance(child.tag, str) and child not in held and child.tag not in _FURNITURE and child.tag != "a":
                found.append(child)
    cell = _cell(part)
    found = [node for node in found if _speaks(node) and not (cell is not None and within(node, [cell]))]
    return sorted(found, key=lambda node: bool(title) and title in text_of(node) and len(text_of(node)) < len(title) + _TITLE_LABEL)


def _cell(part: _Part) -> Node | None:
    """The author's column, when the time stands outside of it: nothing in it is the text."""
    if part.who is None or part.when is None:
        return None
    cell = None
    for above in part.who.node.iterancestors():
        if above is part.block or above in set(part.when.node.iterancestors()):
            break
        cell = above
    return cell


def _speaks(node: Node) -> bool:
    """Whether an element says something of its own: more than links, a floor or a heading of extras."""
    told = text_of(node)
    links = sum(len(text_of(link)) for link in node.iter("a"))
    return bool(told) and len(told) > links and floor_of(told) is None and not _ASIDE.match(told)


def _chosen(own: list[Node], all_blocks: list[list[Node]], blocks: int) -> Node | None:
    if not own:
        return None
    if blocks == 1:
        return next((node for node in own if _HIDDEN.fullmatch(squeeze(text_of(node)))), own[0])
    sizes: Counter[tuple[str, ...]] = Counter()
    places: Counter[tuple[str, ...]] = Counter()
    for some in all_blocks:
        for node in some:
            sizes[place(node)] += len(text_of(node))
        places.update({place(node) for node in some})
    most = max(places.values())
    return min(own, key=lambda node: (places[place(node)] < _SHARED * most, -sizes[place(node)]))


def _post(part: _Part, index: int, frame: Frame, smilies: Mapping[str, str] | None) -> ReadPost:
    words = part.words
    hidden = _HIDDEN.fullmatch(squeeze(text_of(words))) if words is not None else None
    if words is None:
        hidden = _HIDDEN.search(text_of(part.block))
    body = read_body(words, frame.url, smilies) if words is not None and not hidden else Body("")
    floor = next((number for node in elements([part.block]) if len(node) < 3 and (number := _label(node, words)) is not None), None)
    return ReadPost(
        pid=part.pid,
        body=body.text,
        uid=part.who.uid if part.who else "",
        author=part.who.name if part.who else "",
        floor=floor,
        first=index == 0 and frame.page == 1,
        quotes=body.quotes,
        shown=part.when.shown if part.when else None,
        shielded=bool(hidden),
        bodiless=words is None and not hidden,
        detail=PostDetail(pid=part.pid, images=body.images, node=outer_html(words) if words is not None and not hidden else ""),
    )


def _label(node: Node, words: Node | None) -> int | None:
    told = text_of(node)
    return floor_of(told) if 0 < len(told) < 9 and (words is None or not within(node, [words])) else None


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
