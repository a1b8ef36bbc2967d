"""Signs that a thread page was damaged on its way: posts that its source names and nobody read, posts within posts, broken characters.

Such a page is read for what is certain, and marked incomplete: what it does not show was not deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from crawlers.dom import Node, attr, find_all, has_class

_OWN = r"(?:post_|pid|postmessage_|authorposton|postnum)"
_NAMED = re.compile(rf"""\b(?:id|name)\s*=\s*["']?(?:{_OWN}|message)(\d{{1,12}})\b|\bdata-pid\s*=\s*["']?(\d{{1,12}})\b""", re.IGNORECASE)
_FOOT = re.compile(r"Powered by|GMT\s*[+-]?\s*\d|Processed in|Discuz! (?:X|Team)")
_TEXTS = f"//td[{has_class('t_f')}] | //div[{has_class('message')}]"
_ID = re.compile(rf"{_OWN}(\d{{1,12}})$")


def unread(source: str, found: Collection[str]) -> list[str]:
    """Numbers of posts that the page's source names, wherever a comment, a script or a torn tag swallowed them."""
    named = {hit[1] or hit[2] for hit in _NAMED.finditer(source)}
    return sorted(named - set(found))


def stray(root: Node, nodes: Sequence[Node]) -> bool:
    """Whether a text stands outside of every post that was found: one of them lost its name."""
    every = set(nodes)
    return any(every.isdisjoint((text, *text.iterancestors())) for text in find_all(root, _TEXTS))


def foreign_marks(node: Node, pid: str) -> bool:
    """Whether an element of one post holds what is marked as another's."""
    for inner in find_all(node, ".//*[@id]"):
        hit = _ID.match(attr(inner, "id"))
        if hit and hit[1] != pid:
            return True
    return False


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
