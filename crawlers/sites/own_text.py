"""The author's own words of a body's markup: other people's, quoted in it, and pictures of emoji are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crawlers.dom import Node, attr, find_all, has_class, parse
from crawlers.sites.damage import holds_more, torn_markup
from crawlers.sites.discuz.body import Body, read_body

_QUOTES = f".//blockquote | .//*[{has_class('quote')}]"


def fragment(markup: str) -> Node:
    """The element that holds a piece of markup."""
    root, _ = parse(f"<html><body><div>{markup}</div></body></html>")
    return (find_all(root, "//body/div") or [root])[0]


def quotes_in(node: Node) -> list[Node]:
    """The elements in which a body quotes others."""
    return find_all(node, _QUOTES)


def torn(node: Node) -> bool:
    """Whether a page's body holds what is no author's: parts of the page around it, tags that ran into words."""
    return holds_more(node) or torn_markup(node)


def own_words(node: Node, url: str, others: Iterable[Node], smilies: Mapping[str, str] | None = None) -> Body:
    """A body without `others` (quotes, signatures), unless nothing would be left: then it is the post."""
    for image in find_all(node, f".//img[{has_class('emoji')}]"):
        emptied(image)
        image.tag, image.text = "span", attr(image, "alt") or attr(image, "title")
    whole = read_body(node, url, smilies)
    for other in others:
        if other is not node and other.getparent() is not None:
            emptied(other)
            other.attrib.clear()
    own = read_body(node, url, smilies)
    return own if own.text or own.images else whole


def emptied(node: Node) -> None:
    """Take away what an element holds, not what follows it nor its attributes: nothing in it can pass for a name or a time."""
    del node[:]
    node.text = None
