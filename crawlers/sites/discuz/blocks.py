"""A page of an unknown template cut into its records, by what no template can leave out: the numbers that its links and ids carry.

A record's block is the largest part of the page that holds marks of no other record. Where marks and content are brothers
(`<a name="pid7">` before a table, `dt` before `dd`) the brothers up to the next record belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

from lxml import etree  # type: ignore[import-untyped]

from crawlers.dom import Node, attr

#: a record's number, and the element that carries it
Marks: TypeAlias = list[tuple[str, Node]]
#: whether these brothers hold what a record needs
Enough: TypeAlias = Callable[[Sequence[Node]], bool]
#: marks that are looked at; a page of a forum holds some hundreds
_MOST_MARKS = 4_000
_HIGHEST_CLIMB = 8
#: levels above a record
DEEPEST = 120
#: texts, and characters, of a line that are looked at
_MOST_PIECES, _LONGEST_LINE = 200, 2_000
INLINE = frozenset(("a", "abbr", "b", "big", "cite", "em", "font", "i", "label", "small", "span", "strong", "sub", "sup", "time", "u"))


@dataclass
class _Cut:
    """Brothers that belong to one record, and those around them that belong to none."""

    key: str
    nodes: list[Node]
    before: list[Node] = field(default_factory=list)
    after: list[Node] = field(default_factory=list)


def cut(root: Node, marks: Marks, enough: Enough) -> list[tuple[str, Node]]:
    """(number, block) of every record in the page's order; a number may come more than once. `enough` judges a block's content."""
    marks = marks[:_MOST_MARKS]
    keys = {key for key, _ in marks}
    if len(keys) == 1:
        return [(marks[0][0], _alone([node for _, node in marks], enough))]
    held: dict[Node, set[str]] = {}
    for key, node in marks:
        for above in (node, *node.iterancestors()):
            inside = held.setdefault(above, set())
            if key in inside:
                break
            inside.add(key)
    place = {node: number for number, node in enumerate(root.iter())}
    cuts = sorted(_cuts(root, held), key=lambda one: place[one.nodes[0]])
    return [(one.key, _block(one, enough)) for one in cuts]


def _alone(nodes: list[Node], enough: Enough) -> Node:
    """The block of the only record: where its marks meet; where that is a bare link, as much around it as a record needs."""
    block = nodes[0]
    wanted = set(nodes)
    while not wanted.issubset(set(block.iter())) and block.getparent() is not None:
        block = block.getparent()
    if block.tag not in INLINE and block.tag not in ("input", "button"):
        return block
    for climbed, above in enumerate(block.iterancestors()):
        if above.tag in ("body", "html") or climbed == _HIGHEST_CLIMB:
            break
        if enough([above]):
            return above
    return block


def _cuts(root: Node, held: dict[Node, set[str]]) -> list[_Cut]:
    """Walk down to where the records part, without recursion (a hostile page nests thousands deep)."""
    cuts: list[_Cut] = []
    waiting = [root]
    for above in waiting:
        last: _Cut | None = None
        loose: list[Node] = []
        for child in above:
            inside = held.get(child)
            if inside is None:
                loose.append(child)
                continue
            if len(inside) > 1:
                waiting.append(child)
                if last is not None:
                    last.after, last = loose, None
                loose = []
                continue
            key = next(iter(inside))
            if last is not None and last.key == key:
                last.nodes += [*loose, child]
            else:
                if last is not None:
                    last.after = loose
                last = _Cut(key, [child], before=loose)
                cuts.append(last)
            loose = []
        if last is not None:
            last.after = loose
    return cuts


def _block(one: _Cut, enough: Enough) -> Node:
    parent = one.nodes[0].getparent()
    for more in ([], one.after, [*one.before, *one.after]):
        # what lies between two records is offered to both; the first may have taken it
        nodes = [*one.nodes, *(node for node in more if node.getparent() is parent)]
        if enough(nodes):
            return _wrapped(sorted(nodes, key=parent.index))
    return _wrapped(one.nodes)


def _wrapped(nodes: list[Node]) -> Node:
    """Brothers as one element, in their place."""
    if len(nodes) == 1:
        return nodes[0]
    holder = etree.Element("div")
    nodes[0].addprevious(holder)
    for node in nodes:
        holder.append(node)
    return holder


def too_deep(node: Node) -> bool:
    """No template sets a record so deep, and to look at all that is around it would take long."""
    return next(islice(node.iterancestors(), DEEPEST, None), None) is not None


def holder(node: Node) -> Node:
    """The element that a line of text belongs to: the nearest that is not set within a line."""
    for _ in range(DEEPEST):
        if node.tag not in INLINE or node.getparent() is None:
            break
        node = node.getparent()
    return node


def place(node: Node, levels: int = 3) -> tuple[str, ...]:
    """Where the template puts an element: tags and classes of its line's element and of those around it.

    A recent time is a span in a line, an old one the line's own text; an author is a link, or a word without one.
    """
    found: list[str] = []
    line = holder(node)
    for above in (line, *islice(line.iterancestors(), levels)):
        found.append(f"{above.tag}.{attr(above, 'class')}")
        if len(found) == levels:
            break
    return tuple(found)


def line_words(node: Node) -> str:
    """What an element's line says itself, links and elements that are no part of the line left out; of a long one the beginning."""
    pieces: list[str] = []
    waiting = [holder(node)]
    while waiting and len(pieces) < _MOST_PIECES:
        one = waiting.pop()
        pieces.append(one.text or "")
        for child in islice(one, _MOST_PIECES):
            if child.tag in INLINE and child.tag != "a":
                waiting.append(child)
            pieces.append(child.tail or "")
    return " ".join(pieces)[:_LONGEST_LINE]


def distance(first: Node, second: Node) -> int:
    """Steps from one element to the other through the tree."""
    up = {node: steps for steps, node in enumerate((first, *first.iterancestors()))}
    for steps, node in enumerate((second, *second.iterancestors())):
        if node in up:
            return up[node] + steps
    return 10_000
