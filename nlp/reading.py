"""How much of a post is read, and how it is cleaned before hashing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from nlp.furniture import PAIRS, unfurnished

#: Noncharacter that stands between the posts of a batch; removed from every text.
SEPARATOR = "\ufdd0"
#: A post is read at its head and its tail only, so that 1 MB costs no more than 8,000 characters.
HEAD = 6_000
TAIL = 2_000

#: Zero-width and bidirectional marks, soft hyphen, byte order mark, control characters, our separator.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufdd0\x00-\x08\x0e-\x1f\x7f]+"
)


def full_text(title: str, body: str) -> str:
    """Title, newline, body: what every offset of a `Reason` points into."""
    return f"{title}\n{body}"


#: between what somebody adds and what he passes on: `own words//@name:their words//@other:…`
_PASSED_ON = re.compile(r"//\s?@[^:：/\n]{1,30}[:：]")
#: fewer characters before it add nothing
_LEAST_OWN = 4


def own_words(body: str) -> str:
    """What the last writer of a repost says himself; "" when it is no repost, or adds nothing."""
    if "//" not in body or not (passed_on := _PASSED_ON.search(body)):
        return ""
    own = body[: passed_on.start()].strip()
    return own if len(own) >= _LEAST_OWN else ""


def bound(text: str) -> str:
    """Head and tail of a long text, at most HEAD + TAIL + 1 characters."""
    if len(text) <= HEAD + TAIL:
        return text
    return f"{text[:HEAD]}\n{text[-TAIL:]}"


def clean(text: str) -> str:
    """Bounded text without page furniture and invisible characters, runs of white space as one space."""
    return " ".join(_INVISIBLE.sub("", unfurnished(bound(text))).split())


Units = npt.NDArray[np.uint16]
_SEPARATOR_UNIT = np.uint16(ord(SEPARATOR))
#: so many texts are cleaned all at once, fewer one by one
_TOGETHER = 8
_SPACE_UNIT = np.uint16(ord(" "))
#: unit → bits: 1 white space, 2 invisible, above them two for each row of PAIRS, whether it is a first and whether a second
_KINDS = np.zeros(65_536, dtype=np.uint8)
_KINDS[[code for code in range(65_536) if chr(code).isspace()]] = 1
_KINDS[[code for code in range(65_536) if _INVISIBLE.match(chr(code)) and chr(code) != SEPARATOR]] = 2
_KIND = np.uint8(3)
_PAIR = np.uint8(0)
for _number, _row in enumerate(PAIRS):
    for _place, _characters in enumerate(_row):
        _KINDS[[ord(character) for character in _characters]] |= np.uint8(4 << 2 * _number + _place)
    _PAIR |= np.uint8(4 << 2 * _number)


def _units(texts: Iterable[str]) -> Units:
    joined = f"{SEPARATOR}{SEPARATOR.join(texts)}{SEPARATOR}"
    return np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), dtype="<u2")


def _many_units(texts: Iterable[str]) -> Units:
    """The same of many texts, faster where each of their characters is one unit."""
    joined = f"{SEPARATOR}{SEPARATOR.join(texts)}{SEPARATOR}"
    points = np.array([joined]).view(np.uint32)
    if points.max() > 0xFFFF:
        return np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), dtype="<u2")
    return points.astype("<u2")


def _starts(units: Units) -> npt.NDArray[np.int64]:
    return np.asarray((units == _SEPARATOR_UNIT).nonzero()[0])


def _replaced(units: Units, starts: npt.NDArray[np.int64], changed: Mapping[int, str]) -> tuple[Units, npt.NDArray[np.int64]]:
    """The units with other texts in these rows, and where the separators stand then."""
    parts, at = [], 0
    for row, text in sorted(changed.items()):
        parts += [units[at : starts[row]], _units([text])[:-1]]
        at = int(starts[row + 1])
    units = np.concatenate([*parts, units[at:]])
    return units, _starts(units)


def joined_units(texts: Sequence[str]) -> tuple[Units, npt.NDArray[np.int64]]:
    """UTF-16 units of the `clean` texts with a SEPARATOR before, between and behind them, and where the separators stand."""
    if len(texts) < _TOGETHER:
        units = _units(map(clean, texts))
        return units, _starts(units)
    units = _many_units(texts)
    starts = _starts(units)
    if len(starts) != len(texts) + 1 or (starts[1:] - starts[:-1]).max() > HEAD + TAIL:
        units = _units(unfurnished(bound(text)).replace(SEPARATOR, "") for text in texts)
        starts = _starts(units)
        kinds = _KINDS.take(units)
    else:
        kinds = _KINDS.take(units)
        places = ((kinds[:-1] & (kinds[1:] >> 1) & _PAIR) > 0).nonzero()[0]
        # only these may hold furniture; few do
        rows = set((starts.searchsorted(places) - 1).tolist()) if len(places) else ()
        if changed := {row: cut for row in rows if (cut := unfurnished(texts[row])) is not texts[row]}:
            units, starts = _replaced(units, starts, changed)
            kinds = _KINDS.take(units)
    kinds &= _KIND
    spaces = (kinds > 0).nonzero()[0]
    if len(spaces) and kinds.take(spaces).max() > 1:
        units = units[kinds < 2]
        starts = _starts(units)
        spaces = ((_KINDS.take(units) & _KIND) > 0).nonzero()[0]
    if not len(spaces):
        return units, starts
    # runs of white space: each becomes one space, those at the ends of a text none
    apart = (spaces[1:] - spaces[:-1] > 1).nonzero()[0]
    first, last = spaces[np.concatenate(([0], apart + 1))], spaces[np.concatenate((apart, [-1]))]
    inner = first[(units.take(first - 1) != _SEPARATOR_UNIT) & (units.take(last + 1) != _SEPARATOR_UNIT)]
    units = units.copy()
    units[inner] = _SPACE_UNIT
    if len(inner) < len(spaces):
        keep = np.ones(len(units), dtype=bool)
        keep[spaces] = False
        keep[inner] = True
        units = units[keep]
        starts = _starts(units)
    return units, starts


def clean_all(texts: Sequence[str]) -> list[str]:
    """`clean` of each, faster; two halves of a surrogate pair are one character."""
    units, _ = joined_units(texts)
    return units.tobytes().decode("utf-16-le", "surrogatepass").split(SEPARATOR)[1:-1]


def clean_with_offsets(text: str) -> tuple[str, list[int]]:
    """`clean(text)` and, for each of its UTF-16 units plus the end, the offset in `text` it comes from."""
    cut = len(text) > HEAD + TAIL
    shift = len(text) - TAIL - HEAD - 1
    units: list[str] = []
    offsets: list[int] = []
    space_at = -1
    for position, character in enumerate(unfurnished(bound(text))):
        offset = position + shift if cut and position > HEAD else position
        if _INVISIBLE.match(character):
            continue
        if character.isspace():
            space_at = offset if space_at < 0 else space_at
            continue
        if space_at >= 0 and units:
            units.append(" ")
            offsets.append(space_at)
        space_at = -1
        units.append(character)
        offsets.extend([offset] * (2 if ord(character) > 0xFFFF else 1))
    offsets.append(offsets[-1] + 1 if offsets else 0)
    return "".join(units), offsets


def offsets_of(text: str, cleaned: str, units: int) -> Sequence[int]:
    """The offsets of `clean_with_offsets(text)`, whose clean text with its number of UTF-16 units is known already."""
    if units == len(cleaned) == len(text.strip()) and len(text) <= HEAD + TAIL:
        # nothing was taken out between the ends and every character is one unit
        begin = len(text) - len(text.lstrip())
        return range(begin, begin + units + 1)
    return clean_with_offsets(text)[1]
