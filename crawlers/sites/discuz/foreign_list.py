"""Rows of a list whose template has none of the known names: what stands around each link to a thread."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crawlers.dom import Node, attr, find, squeeze, text_of
from crawlers.pages import ThreadRow
from crawlers.sites.damage import torn_in
from crawlers.sites.discuz.blocks import Marks, cut, place, too_deep
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.hints import Moment, Person, elements, moments, people
from crawlers.sites.discuz.rows import Shape, Usual, contradict, found_in, of_the_last, tells, title_text, usual_shape
from crawlers.sites.discuz.urls import target_of, thread_url
from store.records import Precision

_NOT_A_TITLE = re.compile(r"\d+|(?:查看|阅读)?全文|查看详情|(?:更多|最后|最新)?(?:回复|评论|发表)\s*\d*|\d+\s*(?:回复|评论|回)")
_REPLIES = re.compile(r"(?:回复|评论|跟帖|回帖)数?\s*[:：]?\s*(\d{1,9})|(\d{1,9})\s*(?:个|条)?(?:回复|评论|跟帖|回帖)")
_VIEWS = re.compile(r"(?:浏览|查看|阅读|点击|人气)数?\s*[:：]?\s*(\d{1,9})|(\d{1,9})\s*(?:次|人)?(?:浏览|查看|阅读|点击|人气)")
_BOTH = re.compile(r"(?<![\d:/-])(\d{1,9})\s*/\s*(\d{1,9})(?![\d:/-])")
_PINNED = re.compile(r"置顶|顶|top|sticky", re.IGNORECASE)
_PIN_CLASS = re.compile(r"(?:^|[\s_-])(?:sticky|stick|top|zd|pin)(?:$|[\s_-])|置顶|pin_\d", re.IGNORECASE)
_WORD = re.compile(r"\w")
#: share of a group's rows that must show a person and a time for it to be the list
_WHOLE = 0.6


@dataclass(frozen=True, slots=True)
class _Entry:
    tid: str
    block: Node
    people: list[Person]
    moments: list[Moment]

    @property
    def worth(self) -> int:
        return bool(self.people) + bool(self.moments)


@dataclass(frozen=True, slots=True)
class _Head:
    """What an entry tells beside people and times."""

    title: str
    replies: int | None
    views: int | None
    shape: Shape


def read_foreign_rows(frame: Frame, board: str, board_name: str) -> list[ThreadRow]:
    """Every thread of a whole page's list, once each, in the page's order; sidebars left out."""
    if not frame.whole:
        return []

    def enough(nodes: Sequence[Node]) -> bool:
        return bool(people(nodes) or moments(nodes, frame))

    marks = _marks(frame.root)
    rows_place = find(frame.root, "//*[@id='threadlisttableid' or @id='threadlist']")
    if rows_place is not None and not _marks(rows_place):
        return []  # the place of the rows has none: what is linked elsewhere are boxes of picked threads
    if not marks or any(too_deep(link) for _, link in marks):
        return []
    alone = len({tid for tid, _ in marks}) == 1
    blocks = [cut(frame.root, [mark], enough)[0] for mark in marks] if alone else cut(frame.root, marks, enough)
    groups: dict[tuple[str, ...], list[_Entry]] = defaultdict(list)
    for tid, block in blocks:
        above = block.getparent()
        groups[place(block if above is None else above, 2)].append(_Entry(tid, block, people([block]), moments([block], frame)))
    whole = [some for some in groups.values() if sum(one.worth == 2 for one in some) >= _WHOLE * len(some)]
    if not whole:
        whole = [max(groups.values(), key=lambda some: (sum(one.worth for one in some), len(some)))]
    rows: dict[str, ThreadRow] = {}
    heads = {id(one): _head(one) for some in whole for one in some}
    every = usual_shape([head.shape for head in heads.values()])
    broken = torn_in(frame.root, frame.text)
    for some in whole:
        # a row that was torn off stands alone, and is measured by the others
        usual = usual_shape([heads[id(one)].shape for one in some]) if len(some) > 1 else every
        for entry in sorted(some, key=lambda one: -one.worth if alone else 0):
            if entry.tid in rows or entry.block in broken:
                continue
            row = _row(entry, heads[id(entry)], usual, frame, board, board_name)
            if row is not None:
                rows[entry.tid] = row
    return list(rows.values())


def _marks(root: Node) -> Marks:
    marks: Marks = []
    for link in root.iter("a"):
        target = target_of(attr(link, "href"))
        if target.kind == "thread" and "authorid=" not in attr(link, "href"):
            marks.append((target.id, link))
    return marks


def _head(entry: _Entry) -> _Head:
    title = _title(entry)
    replies, views = _counts(entry.block, title)
    people = found_in(entry.block, [one.node for one in entry.people])
    times = found_in(entry.block, [one.node for one in entry.moments])
    return _Head(title_text(title) if title is not None else "", replies, views, Shape(0, people, times, replies))


def _row(entry: _Entry, head: _Head, usual: Usual, frame: Frame, board: str, board_name: str) -> ThreadRow | None:
    replies, shape = head.replies, head.shape
    if not head.title:
        return None
    for link in entry.block.iter("a"):
        target = target_of(attr(link, "href"))
        if target.kind == "board" and target.id.isdigit() and "typeid=" not in attr(link, "href") and text_of(link):
            board, board_name = target.id, text_of(link)
            break
    author = entry.people[0] if entry.people and tells(shape.people, usual.people, replies) else None
    shown = [moment.shown for moment in entry.moments]
    certain = bool(shown) and tells(shape.times, usual.times, replies)
    alone = len(shown) == 1 and (not entry.people or (replies != 0 and "最后" in text_of(entry.block)))
    posted = shown[0] if certain and not alone else None
    if entry.moments and replies != 0 and of_the_last(entry.moments[0].node):
        posted = None
    replied = shown[-1] if shown and (len(shown) > 1 or posted is None) else None
    if contradict(posted, replied):
        author, posted = None, None
    return ThreadRow(
        tid=entry.tid,
        title=head.title,
        url=thread_url(frame.base, entry.tid),
        board=board,
        board_name=board_name,
        uid=author.uid if author else "",
        author=author.name if author else "",
        posted_at=posted.at if posted else None,
        precision=posted.precision if posted else Precision.UNKNOWN,
        replies=replies,
        views=head.views,
        last_post_at=replied.at if replied else None,
        last_precision=replied.precision if replied else Precision.UNKNOWN,
        sticky=_pinned(entry.block),
        pages=max((target_of(attr(link, "href")).page for tid, link in _marks(entry.block) if tid == entry.tid), default=1),
    )


def _title(entry: _Entry) -> Node | None:
    """The link that carries the title: in a heading, else the first that says more than a number or "read on"."""
    links = [link for tid, link in _marks(entry.block) if tid == entry.tid and text_of(link)]
    headed = [link for link in links if any(near.tag in ("h1", "h2", "h3", "h4", "h5") for near in (*link.iter(), link.getparent()))]
    for link in headed:
        inner = next(link.iter("h1", "h2", "h3", "h4", "h5"), None)
        return _plain(inner) if inner is not None else link
    titles = [link for link in links if _WORD.search(told := squeeze(text_of(link))) and not _NOT_A_TITLE.fullmatch(told)]
    return titles[0] if titles else None


def _plain(heading: Node) -> Node:
    """A heading without the badges that some templates set before the words."""
    for badge in list(heading):
        if badge.tag in ("span", "i", "em", "b", "img") and len(text_of(badge)) <= 3 and badge.getprevious() is None and not heading.text:
            heading.text = badge.tail
            heading.remove(badge)
    return heading


def _counts(block: Node, title: Node | None) -> tuple[int | None, int | None]:
    """(replies, views): by the words beside the numbers, by what an element calls itself, or as "3 / 120"."""
    held = set(title.iter()) if title is not None else set()
    texts = [piece for node in elements([block]) if node not in held for piece in (node.text, *(child.tail for child in node)) if piece]
    told = squeeze(" ".join(texts))
    replies, views = _number(_REPLIES.search(told)), _number(_VIEWS.search(told))
    for node in elements([block]):
        digits = squeeze(node.text or "")
        if not digits.isdigit() or len(digits) > 9 or node in held:
            continue
        called = f"{attr(node, 'class')} {attr(node, 'title')}".lower()
        if replies is None and re.search(r"repl|comment|回复|评论", called):
            replies = int(digits)
        elif views is None and re.search(r"view|hit|read|查看|浏览|阅读", called):
            views = int(digits)
    if replies is None and (both := _BOTH.search(told)):
        replies, views = int(both[1]), int(both[2])
    return replies, views


def _number(hit: re.Match[str] | None) -> int | None:
    return int(hit[1] or hit[2]) if hit else None


def _pinned(block: Node) -> bool:
    for node in elements([block]):
        if _PIN_CLASS.search(attr(node, "class")) or _PIN_CLASS.search(attr(node, "src")) or _PINNED.fullmatch(squeeze(node.text or "")):
            return True
    return False
