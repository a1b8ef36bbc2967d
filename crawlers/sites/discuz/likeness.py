"""What the posts of a page have in common: where an unknown template puts author, time and text.

What a template does is the same for every post: of all links to members in the blocks, the author's is the one that stands in
the same place in (nearly) all of them, and so with time and text. What is otherwise in one block alone is an accident, and
taken for nothing. One block alone is read by what stands close together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree  # type: ignore[import-untyped]

from crawlers.dom import Node, attr, text_of
from crawlers.sites.damage import holds_more, spilled, torn_markup
from crawlers.sites.discuz.blocks import INLINE, distance, line_words, place
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.hints import EDIT, NAMELESS, Moment, Person, elements, floor_of, moments, people, says_else

T = TypeVar("T")
Place = tuple[str, ...]

_WORDS = re.compile(
    r"(?:^|[_\s-])(?:t_f|t_msgfont|postmessage|message|msg|content|words|text|body|article|neirong|con)(?:$|[_\s\d-])",
    re.IGNORECASE,
)
_FURNITURE = frozenset(("form", "button", "input", "select", "textarea", "script", "style", "img", "br", "hr"))
#: posts among which one can differ from the others
_MANY = 3
#: people and times of a block that are paired with each other
_MOST_PAIRED = 40
#: characters that a label beside an author's name may have; more is a sentence
_LABEL = 4
_FIGURES = re.compile(r"浏览|查看|阅读|人气|评论|\d+")
_unlinked = etree.XPath("descendant::text()[not(ancestor::a or parent::script or parent::style)]", smart_strings=False)
_WORD = re.compile(r"\w")
_SAYS = re.compile(r"[^\s,，、|·/-]")
_pictures = etree.XPath("boolean(.//img[@smilieid or @file or contains(@src,'/smiley/') or contains(@src,'/attachment/')])")
_ASIDE = re.compile(r"^\s*(?:相关(?:帖子|主题|阅读)|签名|标签|上一篇|下一篇|分享|点评|评分)")
#: characters that a line with the thread's title may have beside it
_TITLE_LABEL = 20
#: levels around the only post's block that may hold its author
_WIDEST = 4
#: share of the blocks in which the place of the texts must hold one (hidden posts have none)
_SHARED = 0.6
HIDDEN = re.compile(
    r"(?:提示[:：]?\s*)?(?:该帖被管理员或版主屏蔽|作者被禁止或删除[，,]?\s*内容自动屏蔽|内容自动屏蔽|该用户已被禁言|此帖仅作者可见)"
)


@dataclass(slots=True)
class Part:
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
    #: nobody is named, and the template says so
    nameless: bool = False
    #: something is missing that the other posts have
    torn: bool = False


def says_hidden(told: str) -> bool:
    """Whether a text is nothing but the forum's word that it hides one."""
    return bool(HIDDEN.search(told)) and not _WORD.search(HIDDEN.sub("", told))


def recognise(parts: list[Part], frame: Frame, title: str) -> None:
    """Find author, time and text of every block; what is not certain stays None."""
    persons = _common([[(place(one.node), one) for one in part.people] for part in parts])
    times = _common([[(place(one.node), one) for one in part.moments] for part in parts])
    for part, (certain, own), (repeated, shown) in zip(parts, persons, times, strict=True):
        part.who, part.when = _pair(own, shown, part.block, certain=certain)
        if part.when is None and repeated and shown:
            part.when = shown[0]
        part.nameless = part.who is None and part.when is not None and bool(NAMELESS.search(line_words(part.when.node)))
    _heading(parts, frame, title)
    if len(parts) == 1:
        _around(parts[0], frame)
    usual = Counter(len(part.handles) for part in parts[1:]).most_common(1)
    for part in parts[1:] if len(parts) > _MANY else []:
        part.torn = len(part.handles) < usual[0][0]
    candidates = [_texts(part, title) for part in parts]
    named = [[node for node in some if _WORDS.search(f"{attr(node, 'class')} {attr(node, 'id')}")] for some in candidates]
    everywhere = sum(bool(some) for some in named) >= _SHARED * len(parts)
    _words(parts, named if everywhere else candidates, frame)


def _common(found: list[list[tuple[Place, T]]]) -> list[tuple[bool, list[T]]]:
    """Of each block's finds, those at the place at which most blocks have one; all of them (False) where nothing is repeated."""
    places = Counter(place for some in found for place in {place for place, _ in some})
    most = max(places.values(), default=0)
    if most < 2 or most < _SHARED * len(found):
        return [(False, [one for _, one in some]) for some in found]
    order = [place for some in found for place, _ in some]
    best = min((place for place, count in places.items() if count == most), key=order.index)
    return [(True, [one for place, one in some if place == best]) for some in found]


def _pair(persons: Sequence[Person], times: Sequence[Moment], block: Node, *, certain: bool = False) -> tuple[Person | None, Moment | None]:
    """The member and the time that stand together, nearest to the block's surface; never in a sentence unless it is `certain`."""
    pairs = [
        (
            not person.pictured,
            distance(person.node, moment.node),
            distance(person.node, block),
            number,
            (person, moment),
        )
        for number, person in enumerate(persons[:_MOST_PAIRED])
        if certain or len(_FIGURES.sub("", says_else(line_words(person.node)))) <= _LABEL
        for moment in times[:_MOST_PAIRED]
    ]
    return min(pairs, key=lambda pair: pair[:4])[4] if pairs else (None, None)


def _heading(parts: list[Part], frame: Frame, title: str) -> None:
    """The first post's author and time, where the template shows them beside the title only."""
    first = parts[0]
    if frame.page > 1 or first.people:
        return
    region = _above(first.block)
    if region is None or title not in text_of(region) or len({one.uid for one in people([region])}) > 1:
        return
    who, when = _pair(people([region]), moments([region], frame), region)
    if who is not None:
        first.who, first.when = who, when


def _around(part: Part, frame: Frame) -> None:
    """Author and time of the only post, where they stand beside its block."""
    for steps, above in enumerate(part.block.iterancestors()):
        if part.who is not None or part.people or part.moments or above.tag in ("body", "html") or steps == _WIDEST:
            return
        part.who, part.when = _pair(people([above]), moments([above], frame), above)


def _above(block: Node) -> Node | None:
    """The part of the page with the thread's heading: the nearest before the first block that holds an h1 or h2."""
    node = block
    while node is not None:
        for before in node.itersiblings(preceding=True):
            if isinstance(before.tag, str) and (before.tag in ("h1", "h2") or next(before.iter("h1", "h2"), None) is not None):
                return before
        node = node.getparent()
    return None


def _texts(part: Part, title: str) -> list[Node]:
    """The largest elements of a block that hold neither its author nor its time nor anything to click."""
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
    beside = set(cell.iter()) if cell is not None else set()
    found = [node for node in found if node not in beside and _speaks(node)]
    if not found:
        return found
    # a line with the thread's title above author and time is the heading; below them somebody repeats it
    order = {node: number for number, node in enumerate(part.block.iter())}
    top = min((order.get(one.node, 0) for one in (part.who, part.when) if one is not None), default=0)
    return [node for node in found if not (order[node] < top and title in text_of(node) and len(text_of(node)) < len(title) + _TITLE_LABEL)]


def _cell(part: Part) -> Node | None:
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
    words = "".join(_unlinked(node))
    if EDIT.fullmatch(told):
        return False
    return (bool(_SAYS.search(words)) and floor_of(told) is None and not _ASIDE.match(told)) or _pictures(node)


def _torn(words: Node, part: Part) -> bool:
    """Whether a text holds what belongs to the post around it: its end was lost."""
    return holds_more(words) or spilled(words) or torn_markup(words) or any(words in handle.iterancestors() for handle in part.handles)


def _words(parts: list[Part], candidates: list[list[Node]], frame: Frame) -> None:
    """Each block's text: what stands at the place of most blocks' texts; alone, the first that is none of the extras."""
    for part, some in zip(parts, candidates, strict=True):
        part.words = next((node for node in some if says_hidden(text_of(node))), None)
    open_parts = [(part, some) for part, some in zip(parts, candidates, strict=True) if part.words is None]
    if len(open_parts) == 1:
        part, some = open_parts[0]
        # a text with times of others in it is more than the text
        part.words = some[0] if some and not moments([some[0]], frame, dates=False) and not _torn(some[0], part) else None
        return
    sizes: Counter[Place] = Counter()
    places: Counter[Place] = Counter()
    for _, some in open_parts:
        for node in some:
            sizes[place(node)] += len(text_of(node))
        places.update({place(node) for node in some})
    most = max(places.values(), default=0)
    shared = [where for where, count in places.items() if count >= max(2, _SHARED * most)]
    if not shared:
        return
    best = max(shared, key=lambda where: sizes[where])
    for part, _ in open_parts:
        there = [node for node in part.block.iter() if isinstance(node.tag, str) and node.tag not in INLINE and place(node) == best]
        part.words = there[0] if len(there) == 1 and not _torn(there[0], part) else None
