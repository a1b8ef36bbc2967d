"""Pages damaged on the way, by pieces of their markup: what a reader makes of one must be true, marked, or a refusal.

A mutation is (kind, number): the number chooses where, so that a failing one can be told in a line and made again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

Mutation: TypeAlias = tuple[str, int]

_TOKEN = re.compile(r"<!--.*?-->|<[^<>]*>|[^<]+|<", re.DOTALL)
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9_]*)")
_ATTRIBUTE = re.compile(r"""\s+([a-zA-Z_:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_NAMES = ("div", "span", "p", "td", "table", "li", "ul", "h2", "section", "b", "tr", "article")
_JUNK = ("<", ">", "</div>", "</td></tr></table>", "<table>", "<p", '"', "'", "&#", "]]>", "<br", "<li>", "</body>", "\x00", "\ufeff")
_OPENERS = ("<!--", "<script>", "<style>", "<textarea>", "<title>", "<noscript>", "<select>")
_VOID = frozenset(("br", "img", "hr", "meta", "link", "input"))


def tokens_of(page: str) -> list[str]:
    """Tags, comments and the texts between them; joined they are the page again."""
    return _TOKEN.findall(page)


def _tags(tokens: Sequence[str], test: Callable[[str], bool] = lambda tag: True) -> list[int]:
    return [place for place, token in enumerate(tokens) if _NAME.match(token) and test(token)]


def _end_of(tokens: Sequence[str], start: int) -> int:
    """The place behind the element that begins at `start`."""
    found = _NAME.match(tokens[start])
    name = found[1].lower() if found else ""
    if name in _VOID or tokens[start].endswith("/>"):
        return start + 1
    depth = 0
    for place in range(start, len(tokens)):
        inner = _NAME.match(tokens[place])
        if inner and inner[1].lower() == name:
            depth += -1 if tokens[place].startswith("</") else 1
            if depth == 0:
                return place + 1
    return len(tokens)


def _elements(tokens: Sequence[str]) -> list[int]:
    head = next((place for place, token in enumerate(tokens) if token.lower().startswith("<body")), 0)
    return [place for place in _tags(tokens, lambda tag: not tag.startswith("</")) if place > head]


def _lose_attribute(tokens: list[str], draw: random.Random) -> list[str]:
    """One attribute of one element, or of every element that has it (a template that changed)."""
    having = _tags(tokens, lambda tag: bool(_ATTRIBUTE.search(tag)))
    if not having:
        return tokens
    place = draw.choice(having)
    lost = draw.choice([hit[1] for hit in _ATTRIBUTE.finditer(tokens[place])])

    def without(tag: str) -> str:
        return _ATTRIBUTE.sub(lambda hit: "" if hit[1] == lost else hit[0], tag)

    if draw.random() < 0.15:
        return [without(token) if _NAME.match(token) else token for token in tokens]
    return [*tokens[:place], without(tokens[place]), *tokens[place + 1 :]]


def _swap_tag(tokens: list[str], draw: random.Random) -> list[str]:
    """Another name for an element, at both ends or at its beginning only."""
    places = _elements(tokens)
    if not places:
        return tokens
    start, name = draw.choice(places), draw.choice(_NAMES)
    changed = list(tokens)
    changed[start] = _NAME.sub(f"<{name}", changed[start], count=1)
    end = _end_of(tokens, start) - 1
    if end > start and tokens[end].startswith("</") and draw.random() < 0.7:
        changed[end] = f"</{name}>"
    return changed


def _drop_tag(tokens: list[str], draw: random.Random) -> list[str]:
    places = _tags(tokens)
    if not places:
        return tokens
    place = draw.choice(places)
    return [*tokens[:place], *tokens[place + 1 :]]


def _double(tokens: list[str], draw: random.Random) -> list[str]:
    """An element twice, or four times."""
    places = _elements(tokens)
    if not places:
        return tokens
    start = draw.choice(places)
    end = _end_of(tokens, start)
    return [*tokens[:end], *(tokens[start:end] * draw.choice((1, 1, 3))), *tokens[end:]]


def _remove(tokens: list[str], draw: random.Random) -> list[str]:
    places = _elements(tokens)
    if not places:
        return tokens
    start = draw.choice(places)
    return [*tokens[:start], *tokens[_end_of(tokens, start) :]]


def _deepen(tokens: list[str], draw: random.Random) -> list[str]:
    """Thousands of levels at one place, closed again or not."""
    place, levels = draw.randrange(len(tokens) + 1), draw.choice((3, 30, 300, 3_000))
    name = draw.choice(("div", "b", "span", "table", "blockquote"))
    closed = [f"</{name}>"] * levels if draw.random() < 0.6 else []
    return [*tokens[:place], *([f"<{name}>"] * levels), *closed, *tokens[place:]]


def _junk(tokens: list[str], draw: random.Random) -> list[str]:
    place = draw.randrange(len(tokens) + 1)
    return [*tokens[:place], draw.choice(_JUNK), *tokens[place:]]


def _swallow(tokens: list[str], draw: random.Random) -> list[str]:
    """What opens and is never closed: the rest of the page is no markup any more."""
    place = draw.randrange(len(tokens) + 1)
    return [*tokens[:place], draw.choice(_OPENERS), *tokens[place:]]


def _unquote(tokens: list[str], draw: random.Random) -> list[str]:
    """One quotation mark of an attribute is lost: what follows runs into it."""
    having = _tags(tokens, lambda tag: '"' in tag)
    if not having:
        return tokens
    place = draw.choice(having)
    marks = [hit.start() for hit in re.finditer('"', tokens[place])]
    at = draw.choice(marks)
    return [*tokens[:place], tokens[place][:at] + tokens[place][at + 1 :], *tokens[place + 1 :]]


def _cut(tokens: list[str], draw: random.Random) -> list[str]:
    page = "".join(tokens)
    return tokens_of(page[: draw.randrange(len(page) + 1)])


_KINDS: dict[str, Callable[[list[str], random.Random], list[str]]] = {
    "cut": _cut,
    "lose_attribute": _lose_attribute,
    "swap_tag": _swap_tag,
    "drop_tag": _drop_tag,
    "double": _double,
    "remove": _remove,
    "deepen": _deepen,
    "junk": _junk,
    "swallow": _swallow,
    "unquote": _unquote,
}
#: kinds, with "damage": bytes of Chinese text replaced by others
KINDS = (*_KINDS, "damage")


def damaged(raw: bytes, number: int) -> bytes:
    """Up to forty bytes outside ASCII become other such bytes: markup, numbers and addresses stay."""
    draw = random.Random(number)
    high = [place for place, byte in enumerate(raw) if byte > 0x7F]
    if not high:
        return raw
    start, changed = draw.randrange(len(high)), bytearray(raw)
    for place in high[start : start + draw.choice((1, 3, 12, 40))]:
        changed[place] = draw.randrange(0x80, 0x100)
    return bytes(changed)


def mutant(page: str, encode: Callable[[str], bytes], mutations: Sequence[Mutation]) -> bytes:
    """The page after all mutations, in the bytes of its charset."""
    tokens = tokens_of(page)
    for kind, number in mutations:
        if kind != "damage" and tokens:
            tokens = tokens_of("".join(_KINDS[kind](tokens, random.Random(number))))
    raw = encode("".join(tokens))
    for kind, number in mutations:
        if kind == "damage":
            raw = damaged(raw, number)
    return raw


def drawn(number: int) -> list[Mutation]:
    """One to three mutations that belong to a number."""
    draw = random.Random(number)
    return [(draw.choice(KINDS), draw.randrange(1 << 30)) for _ in range(draw.choice((1, 1, 1, 2, 2, 3)))]
