"""The piece of a text that shows why it was found, with the found characters marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from store.search.query import Node, wanted
from store.search.tokens import compose, fold, fold_with_offsets

#: A run of the text, and whether it was searched for.
Marked = list[tuple[str, bool]]

_ELLIPSIS = "……"
#: A text is looked at in stretches of so many characters; they overlap by the longest term.
_STRETCH = 20_000
_WHITE = re.compile(r"\s+")


def snippet(text: str, node: Node, width: int = 80) -> Marked:
    """About `width` characters of the text around the most terms, marked; its beginning when none is in it."""
    terms = tuple(dict.fromkeys(wanted(node)))
    stretch, cut = _stretch(compose(text), terms)
    spans = _spans(stretch, terms)
    start = _start(spans, width)
    end = min(len(stretch), max(start + width, next((to for frm, to, _ in spans if frm >= start), 0)))
    marked = _marked(stretch, [(frm, to) for frm, to, _ in spans], start, end)
    before = [(_ELLIPSIS, False)] if start > 0 or cut else []
    after = [(_ELLIPSIS, False)] if end < len(stretch.rstrip()) else []
    return before + marked + after


def highlight(text: str, node: Node) -> Marked:
    """The whole text (a title), marked."""
    whole = compose(text)
    spans = _spans(whole, tuple(dict.fromkeys(wanted(node))))
    return _marked(whole, [(frm, to) for frm, to, _ in spans], 0, len(whole))


def plain(marked: Marked) -> str:
    """The snippet with 【】 around what was found, for terminals and JSON."""
    return "".join(f"【{text}】" if hit else text for text, hit in marked)


def _stretch(text: str, terms: Sequence[str]) -> tuple[str, bool]:
    """The first stretch that holds a term, and whether something was cut off before it."""
    longest = max(map(len, terms), default=0)
    for start in range(0, len(text), _STRETCH):
        stretch = text[start : start + _STRETCH + 2 * longest]
        folded = fold(stretch)
        if any(term in folded for term in terms):
            return stretch, start > 0
    return text[:_STRETCH], False


def _spans(text: str, terms: Sequence[str]) -> list[tuple[int, int, str]]:
    """(from, to, term) for every place of every term, in order; offsets in the composed text."""
    folded, offsets = fold_with_offsets(text)
    spans = []
    for term in terms:
        at = folded.find(term)
        while at >= 0:
            last = at + len(term) - 1
            # One character may have become several (㎡ → m2): the mark takes all of it.
            spans.append((offsets[at], max(offsets[last + 1], offsets[last] + 1), term))
            at = folded.find(term, at + 1)
    return sorted(spans)


def _start(spans: Sequence[tuple[int, int, str]], width: int) -> int:
    """Where to begin so that most different terms are in sight, a quarter of the width before the first of them."""
    best, most = 0, 0
    for index, (start, _, _) in enumerate(spans[:200]):
        seen = {term for frm, to, term in spans[index : index + 200] if to <= start + width * 3 // 4}
        if len(seen) > most:
            best, most = start, len(seen)
    return best - width // 4 if best > width // 2 else 0


def _marked(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Marked:
    """The text from start to end in runs, touching and overlapping spans joined, white space as one blank."""
    runs: Marked = []
    at = start
    for frm, to in spans:
        frm, to = max(frm, at), min(to, end)
        if frm >= to:
            continue
        runs += [(text[at:frm], False), (text[frm:to], True)]
        at = to
    runs.append((text[at:end], False))
    joined: Marked = []
    for run, hit in runs:
        clean = _WHITE.sub(" ", run)
        if not clean:
            continue
        if joined and joined[-1][1] == hit:
            joined[-1] = (joined[-1][0] + clean, hit)
        else:
            joined.append((clean, hit))
    return joined
