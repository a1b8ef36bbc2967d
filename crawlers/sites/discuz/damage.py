"""Signs that a thread page was damaged on its way: posts that its source names and nobody read, posts within posts, broken characters.

Such a page is read for what is certain, and marked incomplete: what it does not show was not deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from crawlers.dom import Node, attr, find_all, has_class

_OWN = r"(?:post_|pid|postmessage_|authorposton|postnum)"
#: in lower case: a value that names a post, the attributes that hold one, and one that holds a number alone
_VALUE = re.compile(rb"""=\s*["']?(?:%b|message)(\d{1,12})\b""" % _OWN.encode())
_NAMING = re.compile(rb"(?<!\w)(?:id|name)$")
_LONGEST_NAME = 5
_NUMBER = re.compile(rb"""data-pid\s*=\s*["']?(\d{1,12})\b""")
_FOOT = re.compile(r"Powered by|GMT\s*[+-]?\s*\d|Processed in|Discuz! (?:X|Team)")
TEXTS = f"//td[{has_class('t_f')}] | //div[{has_class('message')}]"
_ID = re.compile(rf"{_OWN}(\d{{1,12}})$")


def unread_posts(source: str, found: Collection[str]) -> list[str]:
    """Numbers of posts that the page's source names, wherever a comment, a script or a torn tag swallowed them."""
    raw = source.encode("utf-8", "ignore").lower()
    named = {hit[1].decode() for hit in _NUMBER.finditer(raw)}
    for hit in _VALUE.finditer(raw):  # bytes, and a sign to begin with: several times as fast as to look for the names
        end = hit.start()
        while raw[end - 1 : end].isspace():
            end -= 1
        if _NAMING.search(raw, max(0, end - _LONGEST_NAME), end):
            named.add(hit[1].decode())
    return sorted(named - set(found))


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
