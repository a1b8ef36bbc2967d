"""Signs that a thread page was damaged on its way: posts that its source names and nobody read, posts within posts, broken characters.

Such a page is read for what is certain, and marked incomplete: what it does not show was not deleted.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Collection, Iterable, Sequence

from lxml import etree  # type: ignore[import-untyped]

from crawlers.dom import Node, attr, find_all

_OWN = r"(?:post_|pid|postmessage_|authorposton|postnum)"
_NAMED = re.compile(rf"""\b(?:id|name)\s*=\s*["']?(?:{_OWN}|message)(\d{{1,12}})\b|\bdata-pid\s*=\s*["']?(\d{{1,12}})\b""", re.IGNORECASE)
#: characters of the source that hold its end
_TAIL = 6_000
#: what may stand at the end and is no part of the document
_ASIDE = re.compile(r"<!--.*?-->|<(script|style|textarea|noscript)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ATTRIBUTE = re.compile(r"""<[a-z][^<>]*?\s(?:href|id|class|src|name)\s*=\s*["']?([^"'<>\s]{2,200})["'\s>]""", re.IGNORECASE)
_has_value = etree.XPath("boolean(//@*[contains(.,$value)])")
_has_more = etree.XPath(
    "boolean(.//form | .//textarea | .//select | .//title | .//noscript[.//*[not(self::img)]] | .//*[@id='ft' or @id='footer'])"
)
_has_opened = etree.XPath("boolean(.//textarea | .//select | .//title | .//noscript[.//*[not(self::img)]])")
_TAG = re.compile(r"[\w:@.-]+", re.ASCII)
#: attributes that hold no markup
_PLAIN = frozenset(("class", "id", "href", "src", "style", "name", "color", "size", "face", "align"))
_FOOT = re.compile(r"Powered by|GMT\s*[+-]?\s*\d|Processed in|Discuz! (?:X|Team)")
_ID = re.compile(rf"{_OWN}(\d{{1,12}})$")


def unread(source: str, found: Collection[str]) -> list[str]:
    """Numbers of posts that the page's source names, wherever a comment, a script or a torn tag swallowed them."""
    named = {hit[1] or hit[2] for hit in _NAMED.finditer(source)}
    return sorted(named - set(found))


def swallowed(root: Node, source: str) -> bool:
    """Whether the end of the source is not in the document: a comment, a script or a title that was never closed holds it."""
    tail = _ASIDE.sub("", source[-_TAIL:])
    told = [value for hit in _ATTRIBUTE.finditer(tail) if (value := entities.unescape(hit[1])).isprintable()]
    return bool(told) and not _has_value(root, value=told[-1])


def foreign_marks(node: Node, pid: str) -> bool:
    """Whether an element of one post holds what is marked as another's."""
    for inner in find_all(node, ".//*[@id]"):
        hit = _ID.match(attr(inner, "id"))
        if hit and hit[1] != pid:
            return True
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
            if not _TAG.fullmatch(name) or (name in _PLAIN and ("<" in value or ">" in value)):
                return True
    return False


def spilled(holder: Node) -> bool:
    """Whether words follow a text's element that belong to it: it was closed too early."""
    node: Node | None = holder
    while node is not None:
        if (node.tail or "").strip():
            return True
        node = node.getnext()
        if node is None or node.tag not in ("br", "font", "b", "i", "u", "img", "strong"):
            return False
    return False


def swallows(block: Node) -> bool:
    """Whether a block holds an element that was opened and not closed before the next post."""
    return bool(_has_opened(block))


def foot(root: Node) -> Node | None:
    """The last element that says what the foot of a page says; no post holds it."""
    last = None
    for node in root.iter():
        if isinstance(node.tag, str) and ((node.text and _FOOT.search(node.text)) or (node.tail and _FOOT.search(node.tail))):
            last = node
    return last


def shut_in(node: Node) -> bool:
    """Whether an element stands in one that shows none: an end was lost above it."""
    return next(node.iterancestors("select", "textarea", "noscript", "title", "button", "option"), None) is not None


def torn_text(source: str, pid: str) -> bool:
    """Whether a post's text begins with a bracket that is no tag's: the parser took the words behind it for one."""
    return re.search(rf"postmessage_{pid}[\"'][^<>]*>[^<]*<[^a-zA-Z/!?]", source) is not None


def own(pid: str, nodes: Iterable[Node]) -> list[Node]:
    """Of elements that name posts, those that name this one or none."""
    return [node for node in nodes if (hit := re.search(r"\d+$", attr(node, "id"))) is None or hit[0] == pid]


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
