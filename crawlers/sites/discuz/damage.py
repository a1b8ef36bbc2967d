"""Signs that a thread page was damaged on its way: posts that its source names and nobody read, posts within posts, broken characters.

Such a page is read for what is certain, and marked incomplete: what it does not show was not deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from crawlers.dom import Node, attr, find_all

_OWN = r"(?:post_|pid|postmessage_|authorposton|postnum)"
_NAMED = re.compile(rf"""\b(?:id|name)\s*=\s*["']?(?:{_OWN}|message)(\d{{1,12}})\b|\bdata-pid\s*=\s*["']?(\d{{1,12}})\b""", re.IGNORECASE)
_ID = re.compile(rf"{_OWN}(\d{{1,12}})$")


def unread(source: str, found: Collection[str]) -> list[str]:
    """Numbers of posts that the page's source names, wherever a comment, a script or a torn tag swallowed them."""
    named = {hit[1] or hit[2] for hit in _NAMED.finditer(source)}
    return sorted(named - set(found))


def foreign_marks(node: Node, pid: str) -> bool:
    """Whether an element of one post holds what is marked as another's."""
    for inner in find_all(node, ".//*[@id]"):
        hit = _ID.match(attr(inner, "id"))
        if hit and hit[1] != pid:
            return True
    return False


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
