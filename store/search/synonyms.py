"""Words that mean the same to the people who write: taken along when a word is searched, and named beside the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from store.search.query import Either, Node, Term, rewrite, wanted
from store.search.tokens import fold

#: What residents call the same trouble. A word in quotation marks is searched as it stands.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("气味", "味道", "异味", "臭味"),
    ("停水", "断水", "没水"),
    ("停电", "断电", "没电"),
    ("噪声", "噪音", "扰民"),
    ("欠薪", "拖欠工资", "讨薪"),
    ("积水", "内涝", "淹水"),
    ("路灯不亮", "路灯坏", "没路灯"),
    ("垃圾", "脏乱"),
    ("油烟", "烧烤烟"),
    ("烂尾", "停工", "延期交房"),
)


def expand(node: Node, groups: Iterable[Sequence[str]] = GROUPS) -> tuple[Node, tuple[str, ...]]:
    """The tree with synonyms beside the words they stand for, and the synonyms that were added, in order."""
    known = {fold(word): tuple(fold(other) for other in group) for group in groups for word in group}

    def change(term: Term) -> Node:
        others = tuple(word for word in known.get(term.text, ()) if word != term.text)
        return term if term.exact or not others else Either((term, *map(Term, others)))

    typed = set(wanted(node))
    wider = rewrite(node, change)
    return wider, tuple(dict.fromkeys(word for word in wanted(wider) if word not in typed))
