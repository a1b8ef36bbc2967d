"""Citizens' words for the page: escaped, hidden numbers as 已隐去, the words that spoke for the flag in <mark>."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from store.masking import MASK

HIDDEN = '<span class="mask">已隐去</span>'


def plain(text: str) -> str:
    """`text` escaped for HTML, hidden numbers said as such."""
    return escape(text).replace(escape(MASK), HIDDEN)


def _spans(reasons: Iterable[Mapping[str, Any]], length: int) -> list[tuple[int, int]]:
    """The intervals to mark, joined where they touch, inside 0…length."""
    wanted = sorted(
        (max(0, int(reason["start"])), min(length, int(reason["end"])))
        for reason in reasons
        if reason.get("about", "needs_response") == "needs_response" and reason.get("weight", 0) > 0 and reason.get("start", -1) >= 0
    )
    joined: list[tuple[int, int]] = []
    for start, end in wanted:
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _cut(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> str:
    out: list[str] = []
    at = start
    for left, right in spans:
        left, right = max(left, start), min(right, end)
        if right <= left:
            continue
        out += (plain(text[at:left]), f"<mark>{plain(text[left:right])}</mark>")
        at = right
    return "".join((*out, plain(text[at:end])))


def marked(title: str, body: str, reasons: Iterable[Mapping[str, Any]]) -> tuple[SafeString, list[SafeString]]:
    """Title and paragraphs as safe HTML; `reasons` hold offsets in title + newline + body."""
    text = f"{title}\n{body}"
    spans = _spans(reasons, len(text))
    heading = mark_safe(_cut(text, 0, len(title), spans))  # noqa: S308 - plain() escapes
    paragraphs, at = [], len(title) + 1
    for line in body.split("\n"):
        if line.strip():
            paragraphs.append(mark_safe(_cut(text, at, at + len(line), spans)))  # noqa: S308 - plain() escapes
        at += len(line) + 1
    return heading, paragraphs
