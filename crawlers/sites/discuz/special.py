"""投票, 辩论, 活动, 悬赏, 商品: what the author of a special thread says beside the text, in the stock templates for desktop and touch.

Only what the author wrote, and only what stays: how many voted or joined, and whether a question was solved, changes by itself and
would look like an edit of the text. The best answer, the umpire's word and the applicants' messages are other people's. A part that
does not read as the template writes it was damaged: it is left out, and the post marked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from crawlers.dom import Node, attr, find, find_all, has_class, text_of
from crawlers.sites.damage import detached
from crawlers.sites.discuz.blocks import INLINE
from crawlers.sites.discuz.body import read_body

#: what the source of a page says where it holds a special thread, whatever became of its markup
_SIGNS = {
    "poll": re.compile(r"action=votepoll"),
    "debate": re.compile(r"action=debatevote"),
    "activity": re.compile(r"""class=["']?(?:spvimg|activity cl)\b"""),
    "reward": re.compile(r"""class=["']?(?:rusld|rsld|reward_txt)\b"""),
    "trade": re.compile(r"do=tradeinfo"),
}
#: words of the source without which no post of a page is a special thread's
_MARKS = (
    *("votepoll", "option_1", "polloption_", 'class="point"', "debate_box"),
    *("活动地点", "spvimg", "activity cl", 'class="rwd', "reward_txt", "tradeinfo", "trdb"),
)
_OPTION_ID = re.compile(r"option_\d+$")
_PICTURED = ".//*[starts-with(@id,'polloption_')]"
_CAPTION = f".//p[not(ancestor::*[{has_class('imgf')}][1])]"
_BARS = f".//*[{has_class('pbr')} or {has_class('voto_bg')} or {has_class('imgfc')}] | .//em[{has_class('y')}][contains(.,'%')]"
_NUMBER = re.compile(r"(\d{1,3})\s*[.．、]\s*")
_VOTES = re.compile(r"%\s*\(\d+票?\)\s*$")
_FEWEST_OPTIONS = 2
_SIDES = (f".//*[{has_class('point')}]", f".//*[{has_class('debate_box')}]")
_NAMES = ("正方观点", "反方观点")
_ACTIVITY = (f".//*[{has_class('act')}]//*[{has_class('spi')}]//dl", f".//*[{has_class('activity')}]/dl")
_BLOCKS = (f".//*[{has_class('act')}]", f".//*[{has_class('activity')}]")
_LABEL = f"./*[{has_class('mtit')}]"
#: what the author of an activity sets; how many have joined is left out
_SET_FIELD = re.compile(r"类型|時間|时间|地[点點]|花[销费]|费用|截止")
_NEEDED = (re.compile("类型"), re.compile("时间|時間"), re.compile("地[点點]"))
_REWARD = f".//*[{has_class('rusld')} or {has_class('rsld')} or {has_class('reward_txt')}]"
_REWARDED = f".//*[{has_class('rwd')} or {has_class('reward')}]"
_PRICE = re.compile(r"\d{1,9}")
_GOODS = f".//*[{has_class('trdb')} or {has_class('trade_box')}][.//h4]"
_TOUCH_GOODS = f".//*[{has_class('trade_box')}]"
_GOODS_ID = re.compile(r"trade\d+$")
_LONGEST_NAME = 80
#: what a line of words may hold
_FLOWING = INLINE | {"br", "img", "input", "label", "strong"}
#: parts of the page that are no words of a text, where a template sets them into it
_SET_IN = "self::form" + "".join(
    f" or {has_class(name)}" for name in ("poll", "debate", "ds", "dr", "activity", "act", "reward", "rwdbst", "trade_box", "trdb", "trdc")
)
#: no part of a text has neither a name nor a look
_BARE = "./div[not(@*)][normalize-space(.)]"
_LEFT_IN = ".//label[@for] | .//h4 | .//*[starts-with(@id,'trade')] | .//*[@name='pollanswers[]']"


@dataclass(frozen=True, slots=True)
class Special:
    """What stands beside a text, one line each; `doubtful` when a part of it was lost: then nothing of its kind."""

    lines: tuple[str, ...] = ()
    doubtful: bool = False
    kinds: frozenset[str] = frozenset()


PLAIN = Special()
_DOUBTFUL = Special(doubtful=True)


def may_be_special(source: str) -> bool:
    """Whether a page can hold a special thread's first post."""
    return any(mark in source for mark in _MARKS)


def not_found(source: str, found: Iterable[str]) -> bool:
    """Whether the source of a page says that it holds a kind of special thread that no post of it turned out to be."""
    kinds = set(found)
    return any(name not in kinds and sign.search(source) for name, sign in _SIGNS.items())


def read_special(node: Node, holder: Node | None) -> tuple[Node | None, Special]:
    """The element that holds a post's text, and what its node says beside it; parts that stand within the text are taken out of it.

    None where such a part was left in the text.
    """
    told = {name: found for name, read in _KINDS.items() if (found := read(node)) is not PLAIN}
    if not told:
        return holder, PLAIN
    # a thread is of one kind: what is of two runs into the next post
    doubtful = len(told) > 1 or any(one.doubtful for one in told.values())
    if holder is not None and find(node, _TOUCH_GOODS) is not None:  # its text has no element of its own
        message = next((above for above in holder.iterancestors() if "message" in attr(above, "class").split()), None)
        holder, doubtful = message, doubtful or message is None
    for block in find_all(holder, f".//*[{_SET_IN}]") if holder is not None else ():
        if holder in block.iterancestors():
            detached(block)
    if holder is not None and (find(holder, _LEFT_IN) is not None or ("trade" in told and find(holder, _BARE) is not None)):
        holder = None
    lines = () if doubtful else tuple(chain.from_iterable(one.lines for one in told.values()))
    return holder, Special(lines, doubtful, frozenset(told))


def _flows(node: Node) -> bool:
    """Whether an element holds words and no other part of the page."""
    return all(inner.tag in _FLOWING for inner in node.iterdescendants())


def _poll(node: Node) -> Special:
    cells = [one for one in node.iterdescendants("label") if _OPTION_ID.match(attr(one, "for"))]
    cells = find_all(node, f".//*[{has_class('pvt')}]") or cells or [find(cell, _CAPTION) for cell in find_all(node, _PICTURED)]
    if not cells or None in cells:
        return _DOUBTFUL if cells or find(node, ".//*[@id='poll']") is not None else PLAIN
    told = [text_of(cell) for cell in cells]
    hits = [_NUMBER.match(option) for option in told]
    if any(hits) and [int(hit[1]) if hit else 0 for hit in hits] != [*range(1, len(hits) + 1)]:
        return _DOUBTFUL
    options = [option[hit.end() :] if hit else option for option, hit in zip(told, hits, strict=True)]
    bars = len(find_all(node, _BARS))
    if (bars and bars != len(options)) or len(options) < _FEWEST_OPTIONS or not all(options) or not all(map(_flows, cells)):
        return _DOUBTFUL
    if any(_VOTES.search(option) for option in options):
        return _DOUBTFUL
    return Special(tuple(f"{place}. {option}" for place, option in enumerate(options, 1)))


def _debate(node: Node) -> Special:
    names = [name for side in find_all(node, *_SIDES) for name in side.iterchildren("strong") if "观点" in text_of(name)]
    if not names:
        return _DOUBTFUL if find(node, f".//*[{has_class('si_1')} or {has_class('si_2')}]") is not None else PLAIN
    points = [point if point is not None and point.tag == "p" and _flows(point) else None for point in (name.getnext() for name in names)]
    words = [read_body(point, "").text for point in points if point is not None]
    named = [text_of(name).startswith(wanted) for name, wanted in zip(names, _NAMES, strict=False)]
    if len(names) != len(_NAMES) or len(set(filter(None, words))) != len(_NAMES) or not all(named):
        return _DOUBTFUL
    return Special(tuple(f"{name}：{said}" for name, said in zip(_NAMES, words, strict=True)))


def _activity(node: Node) -> Special:
    lists = find_all(node, *_ACTIVITY)
    if not lists:
        return _DOUBTFUL if any(text_of(one).startswith("活动地点") for one in node.iterdescendants("dt")) else PLAIN
    names = [name for one in lists for name in one if name.tag == "dt"]
    labels = [find(name, _LABEL) for name in names]
    touch = any(label is not None for label in labels)
    every = {name for block in find_all(node, *_BLOCKS) for name in block.iter("dt") if not touch or find(name, _LABEL) is not None}
    if any(child.tag not in ("dt", "dd") for one in lists for child in one) or not every.issubset(names):
        return _DOUBTFUL
    fields: dict[str, str] = {}
    for name, label in zip(names, labels, strict=True):
        value = name if touch else name.getnext()
        told = text_of(label if touch else name)
        if not text_of(name):
            continue
        if value is None or not told.endswith((":", "：")) or (not touch and value.tag != "dd"):
            return _DOUBTFUL
        told = told.rstrip(":： ")
        if _SET_FIELD.search(told):
            if told in fields or not _flows(value):
                return _DOUBTFUL
            fields[told] = _after(label, value) if touch else text_of(value)
    sure = all(fields.values()) and all(any(wanted.search(told) for told in fields) for wanted in _NEEDED)
    return Special(tuple(f"{told}：{said}" for told, said in fields.items())) if sure else _DOUBTFUL


def _after(label: Node | None, holder: Node) -> str:
    """What an element says behind its label."""
    told = text_of(holder)
    return told.removeprefix(text_of(label)).strip()


def _reward(node: Node) -> Special:
    offer = find(node, _REWARD)
    if offer is None:
        return _DOUBTFUL if find(node, _REWARDED) is not None else PLAIN
    price = next(iter(offer.iter("cite", "strong")), None)
    hit = _PRICE.fullmatch(text_of(price))
    unit = (price.tail or "").strip() if price is not None else ""
    return Special((f"悬赏：{hit[0]} {unit}",)) if hit and unit and "解决" not in unit else _DOUBTFUL


def _trade(node: Node) -> Special:
    blocks = find_all(node, _GOODS)
    named = sum(bool(_GOODS_ID.match(attr(one, "id"))) for one in node.iterdescendants())
    if not blocks and not named:
        return PLAIN
    if named not in (0, len(blocks)):
        return _DOUBTFUL
    lines = [_goods(block) for block in blocks]
    own = attr(node, "id").rpartition("_")[2].removeprefix("pid")
    stand = [one for one in node.iterdescendants() if attr(one, "id") == f"postmessage_{own}"][1:]
    return _DOUBTFUL if not all(lines) or len(set(lines)) < len(lines) or len(stand) > 1 else Special((*lines, *_words(stand)))


def _words(stand: Sequence[Node]) -> list[str]:
    return [text for one in stand if (text := read_body(one, "").text)]


def _goods(block: Node) -> str:
    """One thing for sale and its price, "" where that cannot be read."""
    headings = [*block.iter("h4")]
    price = next((one for one in block.iter("strong") if next(one.iterancestors("h4"), None) is None), None)
    name, line = text_of(headings[0]), _line_of(price)
    whole = len(headings) == 1 and 0 < len(name) <= _LONGEST_NAME and _flows(headings[0]) and line.count("元") <= 1
    return f"商品：{name}：{line}" if whole and line and not line.endswith(("附加", *"0123456789")) else ""


def _line_of(price: Node | None) -> str:
    """A price with what follows it up to the next part: the unit, and what is asked for in the forum's own coin."""
    if price is None or price.getprevious() is not None or (price.getparent().text or "").strip():
        return ""
    pieces = [text_of(price), price.tail or ""]
    for after in price.itersiblings():
        if after.tag != "strong":
            break
        pieces += [text_of(after), after.tail or ""]
    return " ".join("".join(pieces).split())


_KINDS: dict[str, Callable[[Node], Special]] = {
    "poll": _poll,
    "debate": _debate,
    "activity": _activity,
    "reward": _reward,
    "trade": _trade,
}
