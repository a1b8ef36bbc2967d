"""A typed door to lxml: forgiving parsing, ordered fallbacks, text as a reader sees it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from lxml import etree  # type: ignore[import-untyped]

from crawlers import names

#: an lxml HtmlElement; lxml ships no types
Node: TypeAlias = Any

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CONTROL_BYTES = bytes((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20)))
#: a tag longer than this with more attributes than any template writes: libxml2 compares each attribute with all others
_LONG = 4_000
_LONG_TAG = re.compile(rf"<[^<>]{{{_LONG},}}>?")
_MOST_ATTRIBUTES = 200
_BY_ID = (".//*[@id='", "//*[@id='")
_BY_TAG = re.compile(r"\.?//([a-z]\w*)")
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u3000\u200b\ufeff]+")


def parse(text: str) -> tuple[Node, bool]:
    """The document of any text, however broken, and whether all of it is in there.

    libxml2 stops at 2,048 levels, which only a hostile page has. An empty text gives an empty document.
    """
    # not lxml.html's: its elements are made by a Python function each
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(_cleaned(text), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return etree.fromstring(b"<html><body></body></html>", parser=etree.HTMLParser()), True
    names.remember(root, len(text))
    return root, not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def _cleaned(text: str) -> bytes:
    """The text in UTF-8 without what no document may hold, and without what would hold the parser up."""
    # a long tag covers at least one of these stretches, and hardly any stretch is without a bracket
    if any(text.find("<", begin, begin + _LONG // 2) < 0 for begin in range(0, len(text) - _LONG // 2, _LONG // 2)):
        text = _LONG_TAG.sub(_short_tag, _CONTROL.sub("", text))
    raw = text.encode("utf-8", "ignore").translate(None, _CONTROL_BYTES)  # ignored: lone surrogates
    return raw.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"") if b"\xef\xbf" in raw else raw


def _short_tag(hit: re.Match[str]) -> str:
    tag = hit[0]
    return "<span>" if tag.count("=") + tag.count(" ") > _MOST_ATTRIBUTES and tag.count("=") > _MOST_ATTRIBUTES else tag


@lru_cache(maxsize=512)
def _compiled(xpath: str) -> Any:
    return etree.XPath(xpath, smart_strings=False)


def _asked(node: Node, xpath: str) -> list[Node]:
    hits: list[Node] = _compiled(xpath)(node)
    return hits


_SILENT = frozenset(("script", "style"))
_texts = etree.XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
_by_id = etree.XPath("id($name)", smart_strings=False)


@lru_cache(maxsize=512)
def _tag_alone(xpath: str) -> str:
    """The name that a path asks for and nothing else: lxml finds it several times as fast as XPath does."""
    hit = _BY_TAG.fullmatch(xpath)
    return hit[1] if hit else ""


def _hits(node: Node, xpath: str) -> list[Node]:
    """What a path hits; an id is looked up, and classes that the page does not have are not looked for."""
    if not xpath.startswith(_BY_ID):
        tag = _tag_alone(xpath)
        if tag and xpath[0] == ".":
            return list(node.iterdescendants(tag))
        if tag and node.getparent() is node.getnext() is node.getprevious() is None:  # a torn page may have roots side by side
            return list(node.iter(tag))
        narrowed = names.narrowed(node, xpath)
        return _asked(node, narrowed) if narrowed else []
    below = xpath[0] == "."
    begin = len(_BY_ID[0] if below else _BY_ID[1])
    end = xpath.index("'", begin)
    rest = xpath[end + 2 :]
    if (rest and rest[0] != "/") or "|" in rest:
        return _asked(node, xpath)
    named = _named(node, xpath[begin:end])
    if named is None:
        return []
    if below and node not in named.iterancestors():
        return _asked(node, xpath)  # the id is there twice, or its element was taken away
    return _asked(named, f".{rest}") if rest else [named]


def _named(node: Node, name: str) -> Node | None:
    """The first element of the node's page that has this id."""
    page = names.page_of(node)
    found = page.get(name) if page is not None else None
    if page is not None and (found is None or names.stands(found)):
        return found
    hits: list[Node] = _by_id(node, name=name)
    return hits[0] if hits else None


def find_all(node: Node, *xpaths: str) -> list[Node]:
    """The hits of the first path that hits at all."""
    for xpath in xpaths:
        hits = _hits(node, xpath)
        if hits:
            return hits
    return []


def find(node: Node, *xpaths: str) -> Node | None:
    """The first hit of the first path that hits at all."""
    for xpath in xpaths:
        hits = _hits(node, xpath)
        if hits:
            return hits[0]
    return None


def attr(node: Node | None, name: str) -> str:
    """An attribute's value, "" when node or attribute is missing."""
    if node is None:
        return ""
    found = node.get(name)
    return found if isinstance(found, str) else ""


def squeeze(text: str) -> str:
    """One line, single spaces, no no-break or ideographic spaces."""
    return _SPACES.sub(" ", text).strip()


def text_of(node: Node | None) -> str:
    """All text below a node on one line, without scripts and styles."""
    if node is None:
        return ""
    if not len(node):
        return "" if node.tag in _SILENT else squeeze(node.text or "")
    return squeeze("".join(_texts(node)))


def short_text(node: Node | None, elements: int = 12) -> str:
    """The text of a node that holds few elements; "" for any other, which is not looked through.

    Who asks many nodes whether they say something short asks by this: within each other, all their texts would be read over and over.
    """
    if node is None or (len(node) and next(islice(node.iterdescendants(), elements, None), None) is not None):
        return ""
    return text_of(node)


def outer_html(node: Node) -> str:
    """A node's markup without the text that follows it."""
    return str(etree.tostring(node, encoding="unicode", method="html", with_tail=False))


def has_class(name: str) -> str:
    """An XPath condition: the element has this class."""
    return f"contains(concat(' ',normalize-space(@class),' '),' {name} ')"
