"""Signs that a page was damaged on its way, in any forum program: what was never closed, tags that ran into words."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Collection, Sequence

from lxml import etree  # type: ignore[import-untyped]

from crawlers.dom import Node, attr, find_all

#: characters of the source that hold its end
_TAIL = 6_000
#: what may stand at the end and is no part of the document
_ASIDE = re.compile(r"<!--.*?-->|<(script|style|textarea|noscript)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
#: of a tag, behind its bracket
_ATTRIBUTE = re.compile(r"""[a-z][^<>]*?\s(?:href|id|class|src|name)\s*=\s*["']?([^"'<>\s]{2,200})["'\s>]""", re.IGNORECASE)
_has_more = etree.XPath(
    "boolean(.//form | .//textarea | .//select | .//title | .//noscript[.//*[not(self::img)] or normalize-space(.)]"
    " | .//*[@id='ft' or @id='footer'] | .//a[contains(@href,'mobile=no')])"
)
_has_opened = etree.XPath("boolean(.//textarea | .//select | .//title | .//noscript[.//*[not(self::img)]])")
#: a value that is not closed before the next tag; the attributes in which a bracket can be nothing else
_OPEN_VALUE = re.compile(r"""="[^"<]*<|='[^'<]*<""")
_NAMES = frozenset(("class", "href", "id"))
_bracketed = etree.XPath("//@*[contains(.,'<')]")
_TAG = re.compile(r"[\w:@.-]+", re.ASCII)
#: attributes whose values are names
_NAMING = frozenset(("class", "id"))
#: attributes that hold no markup
_PLAIN = frozenset(("class", "id", "href", "src", "style", "name", "color", "size", "face", "align"))


def swallowed(root: Node, source: str) -> bool:
    """Whether the end of the source is not in the document: a comment, a script or a title that was never closed holds it."""
    tags = _ASIDE.sub("", source[-_TAIL:]).split("<")[1:]
    for tag in reversed(tags):
        hit = _ATTRIBUTE.match(tag)
        if hit and (told := entities.unescape(hit[1])).isprintable():
            return not _holds(root, told)
    return False


def _holds(root: Node, told: str) -> bool:
    """Whether an attribute of the document holds these characters; its end is looked at first."""
    waiting = [root, *root.itersiblings(preceding=True), *root.itersiblings()]  # of a torn page
    while waiting:
        node = waiting.pop()
        if any(told in value for value in node.values()):
            return True
        waiting.extend(node)
    return False


def holds_more(node: Node) -> bool:
    """Whether what should be a post's text holds parts of the page around it: a form, its footer, what was never closed."""
    return bool(_has_more(node))


def torn_markup(node: Node) -> bool:
    """Whether tags ran into words or into each other: a bracket or a quotation mark was lost."""
    for one in node.iter():
        if not isinstance(one.tag, str):
            continue
        if not _TAG.fullmatch(one.tag):
            return True
        for name, value in one.attrib.items():
            if not _TAG.fullmatch(name) or (name in _PLAIN and ("<" in value or ">" in value)) or (name in _NAMING and '"' in value):
                return True
    return False


#: attributes that hold markup on purpose: who rated a post of Discuz!, and why; one that lost its end runs to the next one's "="
_OF_MARKUP = frozenset(("tip", "data-tip", "data-content", "data-original-title"))


def torn_in(root: Node, source: str) -> set[Node]:
    """Elements around and at a tag that markup ran into: a quotation mark was lost, and what follows belongs to something else."""
    if not _OPEN_VALUE.search(source):
        return set()
    torn = [
        value.getparent()
        for value in _bracketed(root)
        if value.attrname in _NAMES or ("</" in value and (value.attrname not in _OF_MARKUP or value.rstrip().endswith("=")))
    ]
    return {above for one in torn for above in (one, *one.iterancestors())}


def spilled(holder: Node) -> bool:
    """Whether words follow a text's element that belong to it: it was closed too early, with the table around it or the whole document."""
    node = holder
    while not _words_follow(node):
        while node.getnext() is None and not (node.tail or "").strip() and (above := node.getparent()) is not None:
            node = above
            if node.tag in ("table", "body"):
                break
        else:
            return False
    return True


def _words_follow(node: Node | None) -> bool:
    while node is not None:
        if (node.tail or "").strip():
            return True
        outside = node.tag == "body"
        node = node.getnext()
        if outside and node is not None and node.tag in ("a", "em", "span"):
            return True
        if node is None or node.tag not in ("br", "font", "b", "i", "u", "img", "strong"):
            return False
    return False


def swallows(block: Node) -> bool:
    """Whether a block holds an element that was opened and not closed before the next post."""
    return bool(_has_opened(block))


def unread(source: str, named: re.Pattern[str], found: Collection[str]) -> list[str]:
    """Numbers of posts that the page's source names, wherever a comment, a script or a torn tag swallowed them."""
    return sorted({next(filter(None, hit.groups())) for hit in named.finditer(source)} - set(found))


def strays(root: Node, path: str, nodes: Sequence[Node]) -> list[str]:
    """Names of elements that only posts have, outside of every post that was found: one of them lost its own."""
    every = set(nodes)
    lost = [one for one in find_all(root, path) if every.isdisjoint((one, *one.iterancestors()))]
    return [f"{one.tag}.{attr(one, 'class') or attr(one, 'id')}"[:40] for one in lost]


def nested(nodes: Sequence[Node]) -> list[Node]:
    """Posts that stand within another: an end was lost."""
    every = set(nodes)
    return [node for node in nodes if any(above in every for above in node.iterancestors())]


def detached(node: Node) -> None:
    """Take an element out of its page; what follows it stays."""
    above = node.getparent()
    if above is None:
        return
    before, tail = node.getprevious(), node.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        above.text = (above.text or "") + tail
    node.tail = None
    above.remove(node)
