"""Signs that any template of Discuz! shows, whatever its markup: links to members, times, floors, words for the nameless."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from crawlers.dom import Node, attr, short_text, squeeze, text_of
from crawlers.sites.discuz.blocks import DEEPEST
from crawlers.sites.discuz.frame import Frame
from crawlers.sites.discuz.urls import uid_of
from crawlers.sites.times import ShownTime, read_machine_time, read_time
from store.records import Precision

_SPACE = re.compile(r"space|profile|user|member|(?:^|/)u[-/]?\d", re.IGNORECASE)
_NOT_A_PERSON = re.compile(r"viewthread|authorid=|spacecp|mod=post|do=(?!profile)", re.IGNORECASE)
NAMELESS = re.compile(r"(?:匿名(?:用户|者|网友|会员)?|游客|访客|guest|anonymous)", re.IGNORECASE)
#: forms that `read_time` understands, to see what else an element says
_TIME = re.compile(
    r"(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\d{1,2}\s*[-/月]\s*\d{1,2}\s*日?(?=\s*\d{1,2}:)"
    r"|\d{1,2}:\d{2}(?::\d{2})?|刚刚|刚才|(?:今天|昨天|前天|今日|昨日)|(?:半|[\d一二两三四五六七八九十]+)\s*个?半?(?:秒|分|小时|钟头|天|周|星期)钟?\s*[之以]?前"
    r"|上午|下午|[AP]M",
    re.IGNORECASE,
)
EDIT = re.compile(r"本帖最后由\s.{1,60}\s于\s.{1,40}\s编辑")
_AGO = re.compile(r"前|昨|星期|周")
_LETTER = re.compile(r"\w")
_LONGEST_NAME = 40
#: people, and times, that one block can show; what follows is no template's
_MOST = 200
_AROUND_TIME = re.compile(r"发表|发布|发帖|回复|时间|于|来自\S{0,8}|最后|更新|[\s\W_]+")
#: times of something else
_OTHER_TIME = re.compile(r"注册|登录|访问|生日|签名|编辑|上传|截止|在线|活动")
_FLOOR = re.compile(r"(?:第\s*)?(\d{1,7})\s*(?:#|楼|F|层|st|nd|rd|th)|#\s*(\d{1,7})", re.IGNORECASE)
_FLOOR_WORD = re.compile(r"第?\s*\d{1,7}\s*(?:#|楼|层)|#\s*\d{1,7}|楼主|沙发|板凳|地板")
_FLOOR_NAMES = {"楼主": 1, "沙发": 2, "板凳": 3, "地板": 4}
_BETWEEN = re.compile(r"\s[·•|｜/]\s")
_DATED = ("datetime", "data-time", "data-timestamp", "data-date", "title")


@dataclass(frozen=True, slots=True)
class Person:
    """A link to a member's page, or the word that stands where a nameless author's link would."""

    node: Node
    uid: str
    name: str
    #: the same member's picture is linked in the block too
    pictured: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """An element that says a time and nothing else."""

    node: Node
    shown: ShownTime


def quoted(node: Node) -> bool:
    """Whether an element stands in somebody else's words, or ratings, which the forum program itself marks."""
    return _others(node) or any(map(_others, islice(node.iterancestors(), DEEPEST)))


def _others(node: Node) -> bool:
    return node.tag == "blockquote" or "quote" in attr(node, "class").split() or attr(node, "id").startswith(("ratelog_", "comment_"))


def elements(nodes: Sequence[Node]) -> Iterator[Node]:
    """Every element of a block that can be seen."""
    for node in nodes:
        for one in node.iter():
            if isinstance(one.tag, str) and one.tag not in ("script", "style", "option", "textarea"):
                yield one


def people(nodes: Sequence[Node]) -> list[Person]:
    """Members and nameless authors that a block shows, quotations left out."""
    pictured: set[str] = set()
    found: list[Person] = []
    for node in elements(nodes):
        if node.tag == "a":
            href = attr(node, "href")
            uid = uid_of(href) if _SPACE.search(href) and not _NOT_A_PERSON.search(href) else ""
            if uid and not quoted(node):
                if (name := text_of(node)) and (len(name) > _LONGEST_NAME or _TIME.search(name) or not _LETTER.search(name)):
                    continue  # a link that was not closed
                if name:
                    found.append(Person(node, uid, name))
                elif next(node.iter("img"), None) is not None:
                    pictured.add(uid)
        elif len(node) == 0 and node.text and NAMELESS.fullmatch(squeeze(node.text)) and not quoted(node):
            found.append(Person(node, "", squeeze(node.text)))
        if len(found) >= _MOST:
            break
    return [Person(one.node, one.uid, one.name, one.uid in pictured) for one in found]


def moments(nodes: Sequence[Node], frame: Frame, *, dates: bool = True) -> list[Moment]:
    """Elements that say a time, by an attribute or by their own text, and nothing but a time; bare dates only with `dates`."""
    found: list[Moment] = []
    for node in elements(nodes):
        dated = _dated(node, frame)
        shown = [dated] if dated is not None else [told for text in own_texts(node) if (told := _bare(text, frame)) is not None]
        if not dates:
            shown = [one for one in shown if one.precision is not Precision.DAY or _AGO.search(text_of(node))]
        if shown and not quoted(node) and not _of_an_edit(node):
            found += [Moment(node, one) for one in shown]
        if len(found) >= _MOST:
            break
    return found


def _of_an_edit(node: Node) -> bool:
    """Whether a time stands in the forum's own note above a text that was edited."""
    return any(EDIT.fullmatch(short_text(above)) for above in (node, *islice(node.iterancestors(), 3)))


def own_texts(node: Node) -> Iterator[str]:
    """The pieces of text that stand directly in an element, cut at signs that templates set between two figures."""
    for text in (node.text, *(child.tail for child in node)):
        if text:
            yield from _BETWEEN.split(text)


def _dated(node: Node, frame: Frame) -> ShownTime | None:
    for name in _DATED:
        told = attr(node, name)
        if told and len(told) <= 40:
            shown = read_machine_time(told, frame.zone) or (_bare(told, frame) if name == "title" or node.tag == "time" else None)
            if shown is not None and (name != "title" or any(char in told for char in "-:/年")):
                return shown
    return None


def _bare(text: str, frame: Frame) -> ShownTime | None:
    """The time in a text that tells little else; None in any other text."""
    if len(text) > 80 or not _TIME.search(text) or _OTHER_TIME.search(text):
        return None
    if len(says_else(text)) > 4:
        return None
    return read_time(text, frame.now, frame.zone)


def says_else(text: str) -> str:
    """What a text says beside a time, floors and the words that go with them."""
    return _AROUND_TIME.sub("", _FLOOR_WORD.sub("", _TIME.sub("", text)))


def floor_of(text: str) -> int | None:
    """`#12`, `12 楼`, 沙发 … as a number; None for any other text."""
    compact = text.replace(" ", "")
    if compact in _FLOOR_NAMES:
        return _FLOOR_NAMES[compact]
    hit = _FLOOR.fullmatch(compact)
    return int(hit[1] or hit[2]) if hit else None
