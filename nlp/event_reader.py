"""Reads posts into the rows by which they are compared (see `nlp.traits`).

A batch of posts is read at once, since the work is done by numpy over all of them. Each row depends on its own post and on
the counts of the stream so far only.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.matter import is_content_word
from nlp.reading import clean_all
from nlp.topical import BUCKETS, Topical
from nlp.traits import (
    CALLED,
    NAMES,
    PAIRS,
    SUBJECT,
    TITLE_PAIRS,
    TITLE_WORDS,
    WORDS,
    Floats,
    Indices,
    Ints,
    Traits,
    letter_table,
    mixed,
)
from store.records import PlaceMention, Text

#: a longer body is read at its head only; the matter is told there. Letter pairs (names) are read at less of it
BODY_READ = 300
PAIRS_READ = 160
#: a title of fewer letters is none: the beginning of the body stands for it, and names are looked for in so much of the body
_LEAST_TITLE = 2
_TITLE_READ = 60
_INSTEAD = 30
_NAMES_READ = 80
#: keys by which a post is found again: of the title, of the body's letter pairs and words
_TITLE_KEYS, _PAIR_KEYS, _WORD_KEYS = 24, 20, 16
KEYS = _TITLE_KEYS + _PAIR_KEYS + _WORD_KEYS
#: -log share of texts from which a letter pair may belong to a name, a word counts as rare, any of them serves as a key
_NAME_PAIR, _RARE_WORD, _KEY = 5.5, 5.0, 4.0
#: texts that are imagined before the first of the stream, so that an early word is not called common
_PATIENCE = 500.0
_NUMBERED = re.compile(r"\d{1,5}(?=路|号线|栋|号楼|国道|省道|乡道|县道)|[GSXWgsxw]\d{2,4}")
#: a line or road that is called by its number: a name
_LINE = re.compile(r"\d{1,4}(?=路|号线|国道|省道|县道|乡道)|[GSXgsx]\d{3}(?!\d)")
_FUNCTION_LETTERS = frozenset("的了是在有不我们你您他她它这那就也都和与及或对为被把从到给向让请问吗呢吧啊年月日号时")
_KINDS = """
    小区 花园 新村 新城 公馆 家园 公寓 名苑 花苑 雅苑 华府 华庭 大厦 广场 市场 菜场 商场 超市 学校 小学 中学 大学 学院 医院 公司 集团
    酒店 饭店 宾馆 大道 社区 大桥 公园 水库 幼儿 驾校 银行 物业 国际 街道
"""
_KIND_PAIRS = np.sort(np.asarray([(ord(kind[0]) << 16) | ord(kind[1]) for kind in _KINDS.split()], np.int64))
_KIND_LETTERS = tuple(ord(letter) for letter in "路街巷村苑府湾厦厂城园桥镇")
_CALLED_PAIR = 5.0
#: unit → bits, one look for all of these: ends a name's kind, ends a district, ends a town, begins and ends a pair of _KINDS
_SINGLE, _DISTRICT, _TOWN, _KIND_FIRST, _KIND_SECOND = (np.uint8(1 << bit) for bit in range(5))
_MARKS = np.zeros(65_536, np.uint8)
for _bit_of, _marked in (
    (_SINGLE, list(_KIND_LETTERS)),
    (_DISTRICT, [ord(letter) for letter in "市县区"]),
    (_TOWN, [ord(letter) for letter in "镇乡"]),
    (_KIND_FIRST, _KIND_PAIRS >> 16),
    (_KIND_SECOND, _KIND_PAIRS & 0xFFFF),
):
    _MARKS[_marked] |= _bit_of
_NEWLINE, _SPACE, _HAN = 10, 32, 0x3400


class _Tokens(dict[str, int]):
    """token → word number, whether it is rare enough to belong to a name, and length, packed in one number (`unpacked`); numbers past
    the vocabulary are hashed."""

    KEPT = 200_000
    _LENGTH = 9  # bits: no token is longer than what is read of a body

    def __init__(self, topical: Topical) -> None:
        self._known = len(topical.vocabulary)
        rare = topical.word_rarity >= _RARE_WORD
        self._vocabulary = {
            word: ((2 * number + int(rare[number])) << self._LENGTH) | len(word)
            for word, number in topical.vocabulary.items()
            if 1 < len(word) < 1 << self._LENGTH
        }
        #: words outside the vocabulary are of one rarity
        self._others_rare = bool(rare[-1])
        self.update(self._vocabulary)

    def __missing__(self, token: str) -> int:
        if len(self) >= self.KEPT:
            self.clear()
            self.update(self._vocabulary)
        number, rare = 0, False
        if len(token) == 1:
            rare = token.isalpha() and token not in _FUNCTION_LETTERS
        elif is_content_word(token):
            number = self._known + 1 + zlib.crc32(token.encode("utf-8", "surrogatepass")) % (BUCKETS - self._known - 1)
            rare = self._others_rare
        self[token] = value = ((2 * number + rare) << self._LENGTH) | len(token)
        return value

    def number(self, token: str) -> int:
        return self[token] >> self._LENGTH + 1

    def unpacked(self, tokens: list[str]) -> tuple[Indices, npt.NDArray[np.bool_], Indices]:
        """Word numbers, rare ones, lengths."""
        values = np.fromiter(map(self.__getitem__, tokens), np.int64, len(tokens))
        return values >> self._LENGTH + 1, (values >> self._LENGTH & 1).astype(bool), values & (1 << self._LENGTH) - 1


class Reader:
    """Reads posts into rows; keeps the stream's counts, which make what is common here count less."""

    def __init__(self, topical: Topical) -> None:
        self.topical = topical
        self._tokens = _Tokens(topical)
        self._pair_counts = np.zeros(BUCKETS, np.int32)
        self._word_counts = np.zeros(BUCKETS, np.int32)
        self._texts = 0

    def observe(self, traits: Traits) -> None:
        """Counts the pairs and words of posts that were added to the stream."""
        self._texts += len(traits)
        for counts, columns in ((self._pair_counts, traits.pairs), (self._word_counts, traits.words)):
            ordered = np.sort(columns[columns > 0])
            first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(ordered) else np.zeros(0, np.int64)
            counts[ordered[first]] += np.diff(np.append(first, len(ordered))).astype(np.int32)

    def _rarity(self, base: Floats, counts: Ints, numbers: Any) -> Floats:
        seen = counts[numbers]
        here = np.log((self._texts + _PATIENCE) / np.maximum(seen, 1))
        rarity: Floats = np.where(seen > 1, np.minimum(base[numbers], here), base[numbers]).astype(np.float32)
        return rarity

    def pair_rarity(self, pairs: Any) -> Floats:
        return self._rarity(self.topical.pair_rarity, self._pair_counts, pairs)

    def word_rarity(self, words: Any) -> Floats:
        return self._rarity(self.topical.word_rarity, self._word_counts, words)

    def rarity(self, word: str) -> float:
        """-log share of texts that hold a word."""
        return float(self.word_rarity(np.asarray([self._tokens.number(word)]))[0])

    def keys(self, traits: Traits) -> tuple[Ints, Indices]:
        """Buckets int32[posts, KEYS] by which posts are found, and their weights in sixteenths (0 = unused).

        Those of the title count a fifth more.
        """
        keys, weights = np.zeros((len(traits), KEYS), np.int32), np.zeros((len(traits), KEYS), np.int64)
        words = traits.words
        of_title = (words[:, :, None] == traits.title_words[:, None, :]).any(axis=2)
        word_rarity = self.word_rarity(words) * np.where(of_title, np.float32(1.2), np.float32(1)) * (words > 0)
        begin = 0
        for numbers, rarity, width, shift in (
            (traits.pairs[:, :TITLE_PAIRS], traits.pair_weights[:, :TITLE_PAIRS] * np.float32(1.2), _TITLE_KEYS, 0),
            (traits.pairs[:, TITLE_PAIRS:], traits.pair_weights[:, TITLE_PAIRS:], _PAIR_KEYS, 0),
            (words, word_rarity, _WORD_KEYS, BUCKETS),
        ):
            order = np.argsort(-rarity, axis=1, kind="stable")[:, :width]
            chosen, weight = np.take_along_axis(numbers, order, axis=1), np.take_along_axis(rarity, order, axis=1)
            keys[:, begin : begin + width] = mixed(chosen + shift, np.zeros(1, np.uint32)) >> np.uint32(14)
            weights[:, begin : begin + width] = np.where(weight >= _KEY, weight * np.float32(16), 0)
            begin += width
        return keys, weights

    def read(self, texts: Sequence[Text], places: Sequence[Iterable[str | PlaceMention]] = ()) -> Traits:
        """The rows of some posts; `places` are names already found by the judge, for each post."""
        return _Batch(self, texts, places).traits()


def _bit(name: str) -> int:
    return 1 << (zlib.crc32(name.encode("utf-8", "surrogatepass")) % 64)


def _between(letters: npt.NDArray[np.uint16], first: str, last: str) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (letters >= ord(first)) & (letters <= ord(last))
    return inside


def _bits(hashed: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    bits: npt.NDArray[np.uint64] = np.uint64(1) << (hashed % np.uint32(64)).astype(np.uint64)
    return bits


def _unit(rows: Floats) -> Floats:
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return (rows / np.where(lengths > 0, lengths, np.float32(1))).astype(np.float32)


class _Batch:
    """One batch on its way from text to rows. Every text lies twice in one array of UTF-16 units: title, newline, body, newline."""

    def __init__(self, reader: Reader, texts: Sequence[Text], places: Sequence[Iterable[str | PlaceMention]]) -> None:
        self.reader, self.topical, self.count = reader, reader.topical, len(texts)
        titles = clean_all([text.title[: _TITLE_READ * 4] for text in texts])
        bodies = [body[:BODY_READ] for body in clean_all([text.body for text in texts])]
        for number, title in enumerate(titles):
            titles[number] = title[:_TITLE_READ] if len(title) >= _LEAST_TITLE else bodies[number][:_INSTEAD]
        self.titles = titles
        self.lines = [{found.lower() for found in _LINE.findall(title)} for title in titles]
        joined = "".join(f"{title}\n{body}\n" for title, body in zip(titles, bodies, strict=True))
        raw = np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), np.uint16)
        units = raw.copy()
        units[(raw & 0xF800) == 0xD800] = _SPACE
        self.letters = letter_table().take(units)
        breaks = units == _NEWLINE
        segments = np.cumsum(breaks) - breaks
        starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
        self.post, self.body = segments >> 1, (segments & 1).astype(bool)
        self.offset = np.arange(len(units)) - starts[segments]
        self.places, coded = self._places(places)
        self.letters[coded] = 0
        cut = np.where(self.letters > 0, self.letters, units)
        cut[coded] = _SPACE
        self.day = np.asarray([_day(text.posted_at) for text in texts])
        self._cut(cut.astype(np.uint16).tobytes().decode("utf-16-le"))

    def _places(self, given: Sequence[Iterable[str | PlaceMention]]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
        """Bits of the places of each post, and the units that belong to a coded district (A3区)."""
        letters = self.letters
        bits = np.zeros(self.count, np.uint64)
        told = []
        for number, names in enumerate(given):
            for place in names:
                known = (place,) if isinstance(place, str) else (place.name, place.town)
                for name in known:
                    bits[number] |= np.uint64(_bit(name)) if name else np.uint64(0)
                told.append((number << 20) | zlib.crc32(known[0].encode("utf-8", "surrogatepass")) % BUCKETS)
        for number, lines in enumerate(self.lines):
            told += [(number << 20) | zlib.crc32(line.encode()) % BUCKETS for line in lines]
        self.given = np.asarray(sorted(set(told)), np.int64)
        marks = _MARKS.take(letters)
        coded = np.zeros(len(letters), bool)
        ends = np.flatnonzero(marks & _DISTRICT)
        for width in (1, 2, 3):
            at = ends[ends >= width]
            fits = _between(letters[at - width], "a", "z")
            for back in range(1, width):
                fits &= _between(letters[at - back], "0", "9")
            at = at[fits]
            for back in range(width + 1):
                coded[at - back] = True
            if width > 1:  # a code without a number is the whole city
                digits = letters[at - 1].astype(np.uint32) + 64 * letters[at - width + 1].astype(np.uint32)
                np.bitwise_or.at(bits, self.post[at], _bits(mixed(letters[at - width], digits) >> np.uint32(7)))
        towns = np.flatnonzero(marks & _TOWN)
        streets = np.flatnonzero((letters[1:] == ord("道")) & (letters[:-1] == ord("街")))
        for at in (towns, streets):
            at = at[at >= 2]
            named = (letters[at - 1] > _HAN) & (letters[at - 2] > _HAN) & (self.offset[at] >= 2)
            at = at[named]
            np.bitwise_or.at(bits, self.post[at], _bits(mixed(letters[at - 2], letters[at - 1]) >> np.uint32(7)))
        return bits, coded

    def _cut(self, text: str) -> None:
        import rjieba

        numbers, rare, lengths = self.reader._tokens.unpacked(rjieba.cut(text))
        at = np.cumsum(lengths) - lengths
        self.rare = np.repeat(rare, lengths)
        content = numbers > 0
        self.word, at = numbers[content], at[content]
        self.word_post, self.word_body = self.post[at], self.body[at]

    def traits(self) -> Traits:
        pairs, pair_weights, names, name_weights = self._pairs()
        called, called_weights = self._called()
        words, word_weights, title_words, title_weights, subject, title_subject = self._words()
        numbers = np.zeros(self.count, np.uint64)
        for number, title in enumerate(self.titles):
            for found in _NUMBERED.findall(title):
                numbers[number] |= np.uint64(_bit(found.lower()))
        return Traits(
            pairs, pair_weights, words, word_weights, title_words, title_weights, names, name_weights, called, called_weights,
            subject, title_subject, self.places, numbers, self.day,
        )  # fmt: skip

    def _pairs(self) -> tuple[Ints, Floats, Ints, Floats]:
        letters, post, offset = self.letters, self.post[:-1], self.offset[:-1]
        first, second = letters[:-1], letters[1:]
        digit = (letters >= ord("0")) & (letters <= ord("9"))
        told = (first > 0) & (second > 0) & ~(digit[:-1] & digit[1:]) & (~self.body[:-1] | (offset < PAIRS_READ))
        at = np.flatnonzero(told)
        bucket = (mixed(first[at], second[at]) >> np.uint32(14)).astype(np.int64)
        body = self.body[at].astype(np.int64)
        # one of each pair in a post, the title's before the body's
        given = ((self.given >> 20) << 20) | ((self.given & (BUCKETS - 1)) << 1)
        ordered = np.sort(np.concatenate([(post[at].astype(np.int64) << 20) | (bucket << 1) | body, given]))
        ordered = ordered[np.concatenate(([True], (ordered[1:] >> 1) != (ordered[:-1] >> 1)))] if len(ordered) else ordered
        rows, buckets, bodies = ordered >> 20, (ordered >> 1) & (BUCKETS - 1), (ordered & 1).astype(bool)
        weights = self.reader.pair_rarity(buckets)
        pairs, pair_weights = np.zeros((self.count, PAIRS), np.int32), np.zeros((self.count, PAIRS), np.float32)
        for chosen, begin, width in ((~bodies, 0, TITLE_PAIRS), (bodies, TITLE_PAIRS, PAIRS - TITLE_PAIRS)):
            _fill(pairs[:, begin : begin + width], pair_weights[:, begin : begin + width], rows[chosen], buckets[chosen], weights[chosen])
        rare = self.rare[:-1][at] & self.rare[1:][at] & (self.topical.pair_rarity[bucket] >= _NAME_PAIR)
        names, name_weights = np.zeros((self.count, NAMES), np.int32), np.zeros((self.count, NAMES), np.float32)
        in_title = rare & (body == 0)
        titled = np.zeros(self.count, bool)
        titled[post[at[in_title]]] = True
        chosen = in_title | (rare & (body == 1) & (offset[at] < _NAMES_READ) & ~titled[post[at]])
        named = _distinct((post[at[chosen]].astype(np.int64) << 20) | bucket[chosen])
        rows, buckets = named >> 20, named & (BUCKETS - 1)
        _fill(names, name_weights, rows, buckets, self.reader.pair_rarity(buckets))
        return pairs, pair_weights, names, name_weights

    def _called(self) -> tuple[Ints, Floats]:
        letters, offset = self.letters.astype(np.int64), self.offset
        marks = _MARKS.take(self.letters)
        # few pairs may be a kind, and only those are looked up
        maybe = np.flatnonzero((marks[:-1] & _KIND_FIRST > 0) & (marks[1:] & _KIND_SECOND > 0))
        pair = (letters[maybe] << 16) | letters[maybe + 1]
        double = np.zeros(len(letters), bool)
        double[maybe] = _KIND_PAIRS[np.searchsorted(_KIND_PAIRS, pair).clip(max=len(_KIND_PAIRS) - 1)] == pair
        single = (marks & _SINGLE > 0) & ~double
        single[1:] &= ~double[:-1]
        at = np.flatnonzero((double | single) & (offset >= 2) & (~self.body | (offset < _NAMES_READ)))
        at = at[(letters[at - 1] > _HAN) & (letters[at - 2] > _HAN)]
        bucket = (mixed(letters[at - 2], letters[at - 1]) >> np.uint32(14)).astype(np.int64)
        fits = self.topical.pair_rarity[bucket] >= _CALLED_PAIR
        at, bucket = at[fits], bucket[fits]
        titled = np.zeros(self.count, bool)
        titled[self.post[at[~self.body[at]]]] = True
        chosen = ~self.body[at] | ~titled[self.post[at]]
        told = _distinct(np.concatenate([(self.post[at[chosen]].astype(np.int64) << 20) | bucket[chosen], self.given]))
        rows, buckets = told >> 20, told & (BUCKETS - 1)
        called, weights = np.zeros((self.count, CALLED), np.int32), np.zeros((self.count, CALLED), np.float32)
        _fill(called, weights, rows, buckets, self.reader.pair_rarity(buckets))
        return called, weights

    def _words(self) -> tuple[Ints, Floats, Ints, Floats, Floats, Floats]:
        count, known = self.count, len(self.topical.vocabulary)
        # words of the title count three times: twice as such
        keyed = np.concatenate([(self.word_post << 20) | self.word] + [((self.word_post << 20) | self.word)[~self.word_body]] * 2)
        ordered = np.sort(keyed)
        first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(ordered) else np.zeros(0, np.int64)
        counts = np.diff(np.append(first, len(ordered)))
        rows, words = ordered[first] >> 20, ordered[first] & (BUCKETS - 1)
        rarity = self.reader.word_rarity(words) + np.float32(1)
        weights = (rarity * (1 + np.log(counts))).astype(np.float32)
        subject = self._directions(rows, words, weights, words <= known)
        out, out_weights = np.zeros((count, WORDS), np.int32), np.zeros((count, WORDS), np.float32)
        _fill(out, out_weights, rows, words, weights)
        titled = _distinct((self.word_post << 20 | self.word)[~self.word_body])
        rows, words = titled >> 20, titled & (BUCKETS - 1)
        rarity = self.reader.word_rarity(words)
        title_words, title_weights = np.zeros((count, TITLE_WORDS), np.int32), np.zeros((count, TITLE_WORDS), np.float32)
        _fill(title_words, title_weights, rows, words, rarity)
        common = (words <= known) & (self.topical.word_rarity[words] < SUBJECT + 0.5)
        title_subject = self._directions(rows, words, rarity + np.float32(1), common)
        empty = ~title_subject.any(axis=1)
        title_subject[empty] = subject[empty]
        return out, _unit(out_weights), title_words, title_weights, subject, title_subject

    def _directions(self, rows: Indices, words: Indices, weights: Floats, used: npt.NDArray[np.bool_]) -> Floats:
        vectors = self.topical.vectors
        total = np.zeros((self.count, vectors.shape[1]), np.float32)
        rows, words, weights = rows[used], words[used], weights[used]
        if len(rows):
            begins = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
            total[rows[begins]] = np.add.reduceat(vectors[words] * weights[:, None], begins, axis=0)
        return _unit(total)


def _distinct(keyed: Indices) -> Indices:
    ordered = np.sort(keyed)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


def _fill(out: Ints, out_weights: Floats, rows: Indices, numbers: Indices, weights: Floats) -> None:
    """Writes (row, number, weight), ordered by row, into the columns of `out`; the heaviest where a row has more than columns."""
    if not len(rows):
        return
    width = out.shape[1]
    sizes = np.bincount(rows, minlength=len(out))
    if sizes.max() > width:
        order = np.argsort(rows * 64.0 - np.minimum(weights, 60.0), kind="stable")
        rows, numbers, weights = rows[order], numbers[order], weights[order]
    column = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = column < width
    out[rows[kept], column[kept]] = numbers[kept]
    out_weights[rows[kept], column[kept]] = weights[kept]


def _day(moment: datetime | None) -> float:
    return moment.timestamp() / 86_400 if moment else float("nan")
