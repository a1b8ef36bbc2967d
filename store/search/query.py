"""What a query means, once for all engines: a small tree that is read by people too.

`东塍 气味|味道 −厂` → ``All(Term(东塍), Either(Term(气味), Term(味道)), Without(Term(厂)))``. Every tree that leaves
`store.search.parser.parse` holds something to find: `Without` stands only inside an `All` beside a positive part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


class QueryError(ValueError):
    """A query that cannot be read; its text says why, in Chinese, for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Term:
    """Texts that hold these characters in a row; `text` is folded and not empty."""

    text: str
    #: stood in quotation marks: no synonym may take its place
    exact: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Texts for which every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Texts for which at least one part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Texts for which the part does not hold."""

    part: Node


Node = Term | All | Either | Without


def positive(node: Node) -> bool:
    """Whether the node names something to find, rather than only something to leave out."""
    match node:
        case Term():
            return True
        case All(parts):
            return any(positive(part) for part in parts)
        case Either(parts):
            return all(positive(part) for part in parts)
        case Without():
            return False


def matches(node: Node, folded: str) -> bool:
    """Whether a folded text (`tokens.text_of`) is a hit."""
    match node:
        case Term(text):
            return text in folded
        case All(parts):
            return all(matches(part, folded) for part in parts)
        case Either(parts):
            return any(matches(part, folded) for part in parts)
        case Without(part):
            return not matches(part, folded)


def wanted(node: Node) -> Iterator[str]:
    """The folded terms that a hit may hold, for marking and ranking; what is left out is not among them."""
    match node:
        case Term(text):
            yield text
        case All(parts) | Either(parts):
            for part in parts:
                yield from wanted(part)
        case Without():
            return


def split(node: All) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """The parts to hold, and the insides of the parts to leave out."""
    held = tuple(part for part in node.parts if not isinstance(part, Without))
    left_out = tuple(part.part for part in node.parts if isinstance(part, Without))
    return held, left_out


def describe(node: Node) -> str:
    """The query as it was read, in Chinese: 同时含「东塍」「气味」，不含「厂」."""
    match node:
        case Term(text):
            return f"含「{text}」"
        case Either(parts):
            if all(isinstance(part, Term) for part in parts):
                return "含" + "或".join(_quoted(part) for part in parts)
            return "，或者".join(_grouped(part) for part in parts)
        case Without(part):
            return f"不{describe(part)}" if isinstance(part, Term) else f"不要（{describe(part)}）"
        case All():
            return _describe_all(node)


def _describe_all(node: All) -> str:
    held, left_out = split(node)
    terms = [part for part in held if isinstance(part, Term)]
    others = [part for part in held if not isinstance(part, Term)]
    clauses: list[str] = []
    if terms:
        clauses.append(("同时含" if len(terms) > 1 else "含") + "".join(_quoted(part) for part in terms))
    clauses += [_grouped(part) for part in others]
    text = "，并且".join(clauses)
    plain = [part for part in left_out if isinstance(part, Term)]
    if plain:
        text += "，不含" + "".join(_quoted(part) for part in plain)
    return text + "".join(f"，不要（{describe(part)}）" for part in left_out if not isinstance(part, Term))


def _quoted(node: Node) -> str:
    return f"「{node.text}」" if isinstance(node, Term) else _grouped(node)


def _grouped(node: Node) -> str:
    simple = isinstance(node, Term) or (isinstance(node, Either) and all(isinstance(part, Term) for part in node.parts))
    return describe(node) if simple else f"（{describe(node)}）"


def rewrite(node: Node, change: Callable[[Term], Node]) -> Node:
    """The tree with every term replaced by what `change` makes of it."""
    match node:
        case Term():
            return change(node)
        case All(parts):
            return All(tuple(rewrite(part, change) for part in parts))
        case Either(parts):
            return Either(tuple(rewrite(part, change) for part in parts))
        case Without(part):
            return Without(rewrite(part, change))
