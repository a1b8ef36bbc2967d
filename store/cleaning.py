"""What every text goes through before it is stored: no debris, no endless bodies, no personal numbers."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from store.masking import mask

#: characters of a body that are kept; a longer one is cut and says so
BODY_LIMIT = 60_000
#: characters of a title that are kept
TITLE_LIMIT = 500
CUT_NOTE = "\n……（原文过长，此后未存档，请看原帖）"

#: NUL and other controls (a newline and a tab stay), lone surrogates, byte order marks and non-characters
_DEBRIS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")
#: bidirectional overrides turn shown text around; none of them belongs into a post
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LINES = re.compile(r"\r\n?")
_BLANK = re.compile(r"\n{4,}")


def plain(text: str) -> str:
    """`text` without control characters, lone surrogates and bidirectional overrides, newlines as LF, NFC."""
    if text.isascii() and text.isprintable():
        return text
    cleaned = _BLANK.sub("\n\n\n", _LINES.sub("\n", _OVERRIDES.sub("", _DEBRIS.sub("", text))))
    return unicodedata.normalize("NFC", cleaned)


def stored_title(text: str) -> str:
    """A title as it is stored: one line, at most 500 characters, numbers masked."""
    return mask(" ".join(plain(text[: 4 * TITLE_LIMIT]).split()))[:TITLE_LIMIT]


def stored_body(text: str) -> tuple[str, bool]:
    """A body as it is stored, numbers masked, and whether it had to be cut at 60,000 characters (some 180 kB)."""
    cut = len(text) > BODY_LIMIT
    if cut:
        # Cut behind the last digit run, so that half a telephone number cannot slip past the mask.
        text = text[:BODY_LIMIT].rstrip("0123456789０１２３４５６７８９ -－")
    body = mask(plain(text).strip())
    return (body + CUT_NOTE, True) if cut else (body, False)


def text_sha256(title: str, body: str) -> str:
    """Hash of a text as stored (masked: the hash of a raw one would let a telephone number be guessed back)."""
    return hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()
