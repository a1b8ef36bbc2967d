"""What a forum says in place of words that a guest may not see: to be answered, bought, unlocked or looked at by an editor first.

Such a sentence is the forum's, not the author's: it is no part of the text, and a text that has one is not whole.
"""

from __future__ import annotations

import re
from itertools import islice

from crawlers.dom import Node, find_all, has_class, short_text, text_of

_ASKED = r"(?:[^，。,]{1,30}[，,]\s*)?"
_IN_PLACE = (
    rf"{_ASKED}如果[您你]要查看本帖隐藏内容请\s*(?:先?\s*(?:回复|评论)[!！。]?)?",
    rf"{_ASKED}本帖隐藏的内容需要积分高于\s*\d+.{{0,40}}",
    r".{0,40}?本主题需向作者支付.{1,40}?才能浏览.{0,80}",
    r"本帖为密码帖\s*[，,]?\s*请输入密码.{0,12}",
)
#: said above words that are shown
_ABOVE = (r"本帖隐藏的内容[:：]?", r"以下内容需要积分高于\s*\d+\s*才可浏览")
_WITHIN = re.compile("|".join(_IN_PLACE[:2]))
_WITHHELD = re.compile("|".join(_IN_PLACE))
_SAYS_SO = re.compile("|".join((*_IN_PLACE, *_ABOVE)))
_LONGEST = 160
#: elements within such a sentence
_MOST_WITHIN = 30
#: of pictures and files
_FILES = re.compile(r"更多(?:图片或附件)?资源|附件\s*[:：].{0,20}(?:登录|登錄|权限|用户组)")
_PLACES = f".//*[{has_class('locked')} or {has_class('attach_nopermission')} or {has_class('quote')} or {has_class('showhide')}]"
_UNCHECKED = re.compile(r"\W*(?:[^，。,]{0,8}(?:需要|正在|等待|尚未通过)\s*[^，。,]{0,4})?审核中?\W*")
#: words of the source without which a page withholds nothing
_MARKS = ("本帖隐藏", "需向作者支付", "密码帖", "附件资源", "更多资源", "附件:", "附件：", "审核")
_WORDS = re.compile(r"本帖隐藏|需向作者支付|密码帖")
#: levels around such words that may belong to the same sentence
_AROUND = 3


def may_withhold(source: str) -> bool:
    """Whether a page can hold such a sentence."""
    return any(mark in source for mark in _MARKS)


def forum_says(told: str) -> bool:
    """Whether the whole of an element's text is the forum's own word on what it hides."""
    return len(told) <= _LONGEST and _SAYS_SO.fullmatch(told) is not None


def withholds(node: Node, holder: Node | None) -> bool:
    """Whether a post says that a part of it is not shown to a guest: beside its text, or within."""
    for place in find_all(node, _PLACES):
        told = short_text(place, _MOST_WITHIN)
        if _WITHHELD.fullmatch(told) or _FILES.search(told[:_LONGEST]):
            return True
    return holder is not None and bool(_WORDS.search(text_of(holder))) and any(map(_sentence, holder.iterdescendants()))


def _sentence(node: Node) -> bool:
    """Whether an element says the words that matter itself, and it or one around it says nothing else."""
    if not isinstance(node.tag, str) or not _WORDS.search("".join((node.text or "", *(child.tail or "" for child in node)))):
        return False
    return any(_WITHHELD.fullmatch(short_text(above, _MOST_WITHIN)) for above in (node, *islice(node.iterancestors(), _AROUND)))


def of_a_part(told: str) -> bool:
    """Whether a sentence stands within a text, and not in its place."""
    return _WITHIN.fullmatch(told) is not None


def unchecked(holder: Node) -> bool:
    """Whether the forum says in a text's place that an editor has to look at it first."""
    inner = [one for one in holder if one.tag != "br"]
    if len(inner) != 1 or inner[0].tag not in ("span", "em"):
        return False
    told = text_of(inner[0])
    return told == text_of(holder) and _UNCHECKED.fullmatch(told) is not None
