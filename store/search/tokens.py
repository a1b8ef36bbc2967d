"""Text as both indexes hold it: folded, then overlapping pairs of characters.

`东塍 B3` → ``东塍 塍␣ ␣b b3 3``: a term of two or more characters is a run of pairs, so a phrase query finds exactly
the substrings; a single character is the prefix of a pair, and the last one stands alone so that it is found too.
"""

from __future__ import annotations

import re
import unicodedata

#: Raise it when `fold` or `tokens` change: both indexes are then built anew.
TOKENIZER = 1

#: Stands for white space inside a token: both engines split at real white space.
_SPACE = "␣"
_SPACES = re.compile(" +")


class _Folding(dict[int, str]):
    """Code point → its folded text, filled on first use, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_one(chr(code))
        return folded


def _fold_one(char: str) -> str:
    code, category = ord(char), unicodedata.category(char)
    if category == "Cs" or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return "\ufffd"
    if category in {"Cc", "Zs", "Zl", "Zp"} or char == _SPACE:
        return " "
    # Joiners, soft hyphens and variation selectors change how a character looks, not which one it is.
    if category == "Cf" or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180D:
        return ""
    return unicodedata.normalize("NFKC", char).lower()


_FOLDING = _Folding()
#: After folding no full-width form is left, so ASCII punctuation borrows them: FTS5's `ascii` tokenizer splits at it.
_TO_TOKEN = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if not chr(code).isalnum()} | {0x20: _SPACE}


def compose(text: str) -> str:
    """The text with accents composed: the form whose offsets `fold_with_offsets` tells."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Compatibility forms and case removed, white space one blank; traditional characters stay as they are."""
    return _SPACES.sub(" ", compose(text).translate(_FOLDING)).strip(" ")


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Like `fold` for a composed text, with the offset of each folded character, and the text's length at the end."""
    letters: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        for letter in _FOLDING[ord(char)]:
            if letter == " " and (not letters or letters[-1] == " "):
                continue
            letters.append(letter)
            offsets.append(offset)
    if letters and letters[-1] == " ":
        letters.pop()
        offsets.pop()
    offsets.append(len(text))
    return "".join(letters), offsets


def text_of(title: str, body: str) -> str:
    """What is searched of a post: its own title and body, folded."""
    return fold(f"{title}\n{body}")


def tokens(folded: str) -> str:
    """The index text of a folded text: pairs of characters and the last one alone, apart by blanks."""
    letters = folded.translate(_TO_TOKEN)
    return " ".join([letters[at : at + 2] for at in range(len(letters))])


def pairs(term: str) -> list[str]:
    """The tokens that stand in a row where a folded term of two or more characters occurs."""
    letters = term.translate(_TO_TOKEN)
    return [letters[at : at + 2] for at in range(len(letters) - 1)]


def single(term: str) -> str:
    """The prefix of tokens by which a folded term of one character is found."""
    return term.translate(_TO_TOKEN)
