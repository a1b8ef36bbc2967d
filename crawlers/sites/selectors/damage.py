"""What a page of a configured site shows of posts that its rules did not find, and texts that hold more than a text.

The rules are the operator's, so nothing is known but what other posts of the page have.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crawlers.dom import Node
from crawlers.sites.damage import spilled
from crawlers.sites.selectors.reading import Reading

_ID = re.compile(r"([A-Za-z]+[A-Za-z_-]*)\d{1,19}")


@dataclass(frozen=True, slots=True)
class Lost:
    """Posts that were not found, as the page names them, and whether one of them stood before all that were."""

    names: tuple[str, ...] = ()
    before: bool = False


def lost_posts(reading: Reading, source: str, nodes: Sequence[Node], named: Collection[str]) -> Lost:
    """Ids of the form of the posts' own in the source; else texts, authors and times that stand outside of every post."""
    shapes = {hit[1] for name in named if (hit := _ID.fullmatch(name))}
    if shapes:
        shape = re.compile(rf"""\bid\s*=\s*["']?((?:{"|".join(map(re.escape, sorted(shapes)))})\d{{1,19}})(?=["'\s>])""")
        found = {hit[1]: hit.start() for hit in reversed(list(shape.finditer(source)))}
        unknown = [name for name in found if name not in named]
        if unknown:
            first = min((at for name, at in found.items() if name in named), default=0)
            return Lost(tuple(sorted(unknown)), min(found[name] for name in unknown) < first)
    outside = _outside(reading, "body", nodes) or _outside(reading, "shielded", nodes)
    if not outside or not _outside(reading, "author", nodes) or not _outside(reading, "time", nodes):
        return Lost()
    order = {node: number for number, node in enumerate(reading.root.iter())}
    return Lost(tuple(f"{node.tag}" for node in outside), min(order[node] for node in outside) < order[nodes[0]])


def _outside(reading: Reading, name: str, nodes: Sequence[Node]) -> list[Node]:
    every = set(nodes)
    found = [hit.node for hit in reading.hits(name) if hit.node is not None]
    return [node for node in found if every.isdisjoint((node, *node.iterancestors()))]


def holds_others(reading: Reading, holder: Node) -> bool:
    """Whether a text holds what stands beside it in other posts, or words behind it belong to it."""
    return spilled(holder) or any(reading.hits(name, holder) for name in ("floor", "quoted", "next", "last", "post"))
