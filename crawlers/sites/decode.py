"""Bytes of a page → text, whatever the header, the page and the configuration say its charset is."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([a-zA-Z0-9_-]{2,20})", re.IGNORECASE)
#: gb18030 contains gb2312 and gbk, and forums use its extra characters whatever they declare
_ALIASES = {"gbk": "gb18030", "gb2312": "gb18030", "gb-2312": "gb18030", "x-gbk": "gb18030", "utf8": "utf-8", "big5": "big5hkscs"}
#: share of unreadable characters that a right charset still shows (texts that the forum cut within a character)
_TOLERATED = 0.01


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text and how it was read."""

    text: str
    charset: str
    #: share of the non-ASCII characters that could not be read, 0…1
    unreadable: float = 0.0


def canonical_charset(name: str) -> str:
    """Python's name of a charset, gb18030 for its older parts; "" when unknown."""
    name = name.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def _attempt(raw: bytes, charset: str) -> Decoded:
    try:
        return Decoded(raw.decode(charset), charset)
    except UnicodeDecodeError:
        text = raw.decode(charset, errors="replace")
    foreign = sum(1 for c in text if c > "\x7f")
    # one broken sequence at the very end is a page that was cut off, not a wrong charset
    broken = text.count("\ufffd", 0, max(0, len(text) - 3))
    return Decoded(text, charset, broken / foreign if foreign else 0.0)


def decode_page(raw: bytes, header: str = "", configured: str = "") -> Decoded:
    """The text of a page: UTF-8 when it is UTF-8, else as declared, else as the least unreadable."""
    if raw.startswith(codecs.BOM_UTF8):
        return Decoded(raw[3:].decode("utf-8", errors="replace"), "utf-8")
    best = _attempt(raw, "utf-8")  # Chinese text in another charset is never valid UTF-8 by chance
    if best.unreadable <= _TOLERATED:
        return best
    meta = _META.search(raw[:4096])
    named = [header, meta[1].decode("ascii") if meta else "", configured, "gb18030"]
    for charset in dict.fromkeys(filter(None, map(canonical_charset, named))):
        attempt = best if charset == "utf-8" else _attempt(raw, charset)
        if attempt.unreadable <= _TOLERATED:
            return attempt
        best = min(best, attempt, key=lambda decoded: decoded.unreadable)
    return best
