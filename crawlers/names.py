"""The classes and the beginnings of ids that a page has, so that nothing else is looked for in it.

The readers know many names of many templates, and a page has few of them. Every path is narrowed to what the page can hold
before it is asked; a path of which nothing is left is not asked at all. Readers take elements away from a page and never add
a class or an id to one, so what was true of the page as it came stays true.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

_CLASS = re.compile(r"contains\(concat\(' ',normalize-space\(@class\),' '\),' ([^' ]+) '\)")
_PREFIX = re.compile(r"starts-with\(@id,'([^']+)'\)")
_DIGITS = re.compile(r"\d+")
_PART = re.compile(r"contains\(@class,'([^']+)'\)")
_ALL_FALSE = re.compile(r"false\(\)(?: or false\(\))+")
#: what is false beside something else that may be true
_FALSE_BESIDE = re.compile(r" or false\(\)(?! and )|(?<=[\[(])false\(\) or ")
#: an exception that never applies
_NEVER = re.compile(r"\[not\((?:ancestor|ancestor-or-self|descendant)::\*\[false\(\)\](?:\[1\])?\)\]")
#: the first step, or the step under it, cannot be
_NOTHING = re.compile(r"\.?//[\w*]+\[false\(\)\]|\.?//[\w*]+(?:\[[^\[\]]*\])?//?[\w*]+\[false\(\)\]")
_classes, _with_id = (etree.XPath(path, smart_strings=False) for path in ("//@class", "//*[@id]"))
_MOST_NARROWED = 2_000
_FEW = 3
#: characters of a page that is held on to
_LARGEST = 256_000
#: looks that are kept, and names that a page may have to be kept: a hostile one makes up as many as it likes
_MOST_LOOKS = 64
_MOST_NAMES = 1_000


class _Names:
    """What the pages of one look have, and the paths that were narrowed to it."""

    def __init__(self, values: frozenset[str], stems: frozenset[str]) -> None:
        self.stems = stems
        self.known: dict[str, str] = {}
        self.values = sorted(values)
        self.classes: dict[str, list[str]] = {}
        for value in values:
            for name in value.split():
                self.classes.setdefault(name, []).append(value)

    def narrow(self, xpath: str) -> str:
        narrowed = _PREFIX.sub(self._prefix, _PART.sub(self._part, _CLASS.sub(self._class, xpath)))
        narrowed = _FALSE_BESIDE.sub("", _NEVER.sub("", _ALL_FALSE.sub("false()", narrowed)))
        return " | ".join(part for part in narrowed.split(" | ") if not _NOTHING.match(part.strip()))

    def _prefix(self, hit: re.Match[str]) -> str:
        return hit[0] if any(stem.startswith(hit[1]) for stem in self.stems) or _DIGITS.search(hit[1]) else "false()"

    def _class(self, hit: re.Match[str]) -> str:
        """An element's class as the page writes it, where it writes it in few ways: one comparison instead of three functions."""
        return self._among(self.classes.get(hit[1], []), hit)

    def _part(self, hit: re.Match[str]) -> str:
        return self._among([value for value in self.values if hit[1] in value], hit)

    @staticmethod
    def _among(values: list[str], hit: re.Match[str]) -> str:
        if not values:
            return "false()"
        if len(values) > _FEW or any("'" in value for value in values):
            return hit[0]
        return "(" + " or ".join(f"@class='{value}'" for value in values) + ")"


_now = threading.local()
#: by what a page has; the pages of one template have few kinds
_looks: OrderedDict[tuple[frozenset[str], frozenset[str]], _Names] = OrderedDict()


def remember(root: Any, size: int) -> None:
    """This is the page that the thread reads now, and holds until the next; a very large one is not held."""
    _now.root = None
    if size > _LARGEST:
        return
    named = _with_id(root)
    ids = [node.get("id") for node in named]
    values, stems = frozenset(_classes(root)), frozenset(name.rstrip("0123456789") for name in ids)
    look = _looks.get((values, stems))
    if look is None:
        look = _Names(values, stems)
        if len(values) + len(stems) < _MOST_NAMES:
            _looks[values, stems] = look
        while len(_looks) > _MOST_LOOKS:
            with contextlib.suppress(KeyError):  # another thread was faster
                _looks.popitem(last=False)
    _now.root, _now.look, _now.ids, _now.named = root, look, ids, dict(zip(reversed(ids), reversed(named), strict=True))


def ids(node: Any) -> list[str]:
    """The ids of a whole page in its order, those that stand there twice twice."""
    found: list[str] = _now.ids if getattr(_now, "root", None) is node else [named.get("id") for named in _with_id(node)]
    return found


def page_of(node: Any) -> Mapping[str, Any] | None:
    """The elements of a node's page by id, of those with one id the first, as the page came; None for any other page."""
    root = getattr(_now, "root", None)
    if root is None or (node is not root and node.getroottree().getroot() is not root):
        return None
    named: dict[str, Any] = _now.named
    return named


def stands(node: Any) -> bool:
    """Whether an element is still in the page that the thread reads."""
    return node is _now.root or _now.root in node.iterancestors()


def narrowed(node: Any, xpath: str) -> str:
    """The path without what the page cannot hold; "" when nothing is left; the path itself for any other page."""
    root = getattr(_now, "root", None)
    if root is None:
        return xpath
    known: dict[str, str] = _now.look.known
    found = known.get(xpath)
    if found == xpath or (node is not root and node.getroottree().getroot() is not root):
        return xpath
    if found is None:
        found = known[xpath] = _now.look.narrow(xpath) if len(known) < _MOST_NARROWED else xpath
    return found
