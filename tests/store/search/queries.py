"""Three hundred queries drawn from the texts themselves, each with what it should find, said without our parser."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from store.search import NONE, Filters
from tests.store.search.cast import NOON, Draft
from tests.store.search.corpus import BOARDS, TOPICS

Holds = Callable[[str], bool]
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_ASCII = re.compile(r"[a-z0-9]{2,}")
_PLAIN = re.compile(r"[^\s|()\"“”「」『』]+")

#: Typed by accident or in anger: refused with a reason, or read somehow; the engines must agree.
ODD = (
    *('"', "'", "「", "」", "a-b", "--", "- -", "|", "||", "或", "(", ")", "()", "((a", "a))b", '"" ""', "-水", "水 -水"),
    *("😀", "❤️", "👨‍👩‍👧", "\x00", "停\x00水", "\u200b", "%", "_", "\\", "*", "停*", "text:停水", "NEAR(停 水)", "停水 AND 断水"),
    *("水" * 10_000, "a b " * 30, "(" * 100, "<b>", "&amp;", "水|-断", "{}[]~^!:;", "\ud800"),
    *("ﬁ", "İ", "Ⅳ", "㎡", "停\u3000水", "或 停水 或"),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A query and the posts it should find; `holds` is None where only agreement is asked."""

    kind: str
    query: str
    filters: Filters = field(default_factory=Filters)
    holds: Holds | None = None


def naive(text: str) -> str:
    """The text as a person compares it: no widths, no case, no invisible signs, one blank."""
    kept = (char for char in text if unicodedata.category(char) != "Cf" and not 0xFE00 <= ord(char) <= 0xFE0F)
    plain = unicodedata.normalize("NFKC", "".join(" " if unicodedata.category(char) == "Cc" else char for char in kept))
    return " ".join("".join(char.lower() for char in plain).split())


def cases(drafts: Sequence[Draft]) -> list[Case]:
    """300 cases, the same on every run over the same posts."""
    draw = random.Random(217)
    texts = [naive(f"{draft.title}\n{draft.body}") for draft in drafts]
    long = [text for text in texts if len(text) >= 20]
    letters = Counter(letter for text in texts for letter in set(text))
    found = [*_words(draw, long, 70), *_phrases(draw, long, 50), *_singles(draw, letters, 20), *_booleans(draw, long, 50)]
    found += [*_rare(draw, texts, letters, 15), *_latin(draw, texts, 15), *_filtered(draw, long, 300 - 220 - len(ODD))]
    return [*found, *(Case(kind="odd", query=query) for query in ODD)]


def _cut(draw: random.Random, text: str, shape: re.Pattern[str], length: int) -> str | None:
    runs = [run for run in shape.findall(text) if len(run) >= length]
    if not runs:
        return None
    run = draw.choice(runs)
    start = draw.randrange(len(run) - length + 1)
    piece: str = run[start : start + length]
    return piece if not piece.startswith(("-", "−", "–")) else None


def _word(draw: random.Random, texts: Sequence[str], length: int = 2, shape: re.Pattern[str] = _HAN) -> str:
    while True:
        word = _cut(draw, draw.choice(texts), shape, length)
        if word and word not in {"或", "or"}:
            return word


def _has(*words: str) -> Holds:
    return lambda text: all(word in text for word in words)


def _words(draw: random.Random, texts: Sequence[str], number: int) -> Iterator[Case]:
    for _ in range(number):
        word = _word(draw, texts)
        yield Case(kind="word", query=word, holds=_has(word))


def _phrases(draw: random.Random, texts: Sequence[str], number: int) -> Iterator[Case]:
    for at in range(number):
        if at % 2:
            phrase = _word(draw, texts, draw.randrange(3, 9), _PLAIN)
            yield Case(kind="phrase", query=phrase, holds=_has(phrase))
            continue
        text = draw.choice([text for text in texts if not set(text) & set('"“”「」『』')])
        start = draw.randrange(len(text) - 10)
        phrase = text[start : start + draw.randrange(3, 10)].strip()
        quoted = f"「{phrase}」" if at % 4 else f'"{phrase}"'
        yield Case(kind="phrase", query=quoted, holds=_has(phrase))


def _singles(draw: random.Random, letters: Counter[str], number: int) -> Iterator[Case]:
    choices = sorted(letter for letter, _ in letters.most_common(400) if letter.isalnum() and letter != "或")
    for letter in draw.sample(choices, number):
        yield Case(kind="single", query=letter, holds=_has(letter))


def _booleans(draw: random.Random, texts: Sequence[str], number: int) -> Iterator[Case]:
    for at in range(number):
        text = draw.choice(texts)
        a, b = _word(draw, [text, *texts[:1]]), _word(draw, [text, *texts[1:2]])
        c, d = _word(draw, texts), _word(draw, texts)
        shapes: list[tuple[str, Holds]] = [
            (f"{a} {b}", _has(a, b)),
            (f"{a}　−{c}", lambda t, a=a, c=c: a in t and c not in t),
            (f"{a}|{c}｜{d}", lambda t, a=a, c=c, d=d: a in t or c in t or d in t),
            (f"{a} {b}|{c} -{d}", lambda t, a=a, b=b, c=c, d=d: a in t and (b in t or c in t) and d not in t),
            (f"（{a} {b}） 或 {c}", lambda t, a=a, b=b, c=c: (a in t and b in t) or c in t),
            (f"{a} -({c} {d})", lambda t, a=a, c=c, d=d: a in t and not (c in t and d in t)),
            (f"{a} -{c}|{d}", lambda t, a=a, c=c, d=d: a in t and not (c in t or d in t)),
            (f"({a} -{c})|({b} -{d})", lambda t, a=a, b=b, c=c, d=d: (a in t and c not in t) or (b in t and d not in t)),
        ]
        query, holds = shapes[at % len(shapes)]
        yield Case(kind="boolean", query=query, holds=holds)


def _rare(draw: random.Random, texts: Sequence[str], letters: Counter[str], number: int) -> Iterator[Case]:
    odd = sorted(letter for letter, times in letters.items() if times <= 3 and letter not in ' |()"“”「」『』-−–')
    high = [letter for letter in odd if ord(letter) > 0xFFFF]
    for letter in [*high, *draw.sample(odd, number)][:number]:
        text = next(text for text in texts if letter in text)
        at = text.index(letter)
        near = text[at : at + 2].strip()
        word = near if near.isalnum() and draw.random() < 0.5 else letter
        yield Case(kind="rare", query=word, holds=_has(word))


def _latin(draw: random.Random, texts: Sequence[str], number: int) -> Iterator[Case]:
    sources = [text for text in texts if _ASCII.search(text)]
    for at in range(number):
        word = _word(draw, sources, draw.choice([2, 2, 3]), _ASCII)
        typed = [word, word.upper(), "".join(chr(ord(char) + 0xFEE0) for char in word)][at % 3]
        yield Case(kind="latin", query=f"「{typed}」", holds=_has(word))


def _filtered(draw: random.Random, texts: Sequence[str], number: int) -> Iterator[Case]:
    for at in range(number):
        word = _word(draw, texts, 1 if at % 3 else 2)
        since = NOON - timedelta(hours=draw.randrange(24 * 60))
        board = draw.choice([board or name or NONE for board, name in BOARDS] + [name for _, name in BOARDS if name])
        choices = [
            Filters(since=since, until=since + timedelta(days=9)),
            Filters(until=since, topic=draw.choice(TOPICS) or NONE),
            Filters(board=board),
            Filters(level=draw.randrange(5), kind=draw.choice(["topic", "reply"])),
            Filters(source="tieba", official=draw.random() < 0.3),
            Filters(deleted=draw.random() < 0.5, since=since),
            Filters(topic=draw.choice(TOPICS) or NONE, level=draw.randrange(5), board=board),
            Filters(state=draw.choice(["待研判", "已办结", NONE]), since=since),
        ]
        yield Case(kind="filter", query=word, filters=choices[at % len(choices)], holds=_has(word))
