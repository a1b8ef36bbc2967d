"""What a post was about in the first grouping of events, kept as a baseline: weighted words, names, MinHash bands."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nlp.matter import WordWeights, cut, is_content_word
from nlp.reading import clean
from store.records import Text

#: a longer body is read at its head only; the matter is told there
BODY_READ = 600
#: words of the title above this weight count as names of the matter; so do place-like words at the body's head
NAME_WEIGHT = 5.0
NAMES_READ = 200
#: a stem in front of 小区 or 路 that is commoner than this is no proper name (配套幼儿园)
PROPER_WEIGHT = 5.5
_PLACE_LIKE = re.compile(
    r".*(?:路|街|巷|村|镇|园|城|苑|府|湾|畔|厦|桥|校|中学|小学|站|厂|区|院|公司|集团|线|场|河|湖|山|溪|库|港|大道|广场|市场|花园|新村)"
)
_TITLE_SHARE = 2
#: MinHash: permutations and rows of a band (Jaccard ≥ about .6 meets in some band)
_PERMUTATIONS = 48
_ROWS = 4
_SEED = 82
#: texts of the stream that are imagined before the first, so that an early word is not called common
_PATIENCE = 500
_NAMED = re.compile(
    "(?:小区|花园|新村|新城|公馆|家园|公寓|名苑|花苑|华府|大厦|广场|市场|菜场|学校|小学|中学|幼儿园|医院|公司|集团|酒店"
    "|大道|[路街巷村苑府湾厦桥厂城园])$"
)
_UNNAMED = frozenset(
    (
        "我们",
        "附近",
        "旁边",
        "这个",
        "那个",
        "整个",
        "老旧",
        "居民",
        "住宅",
        "商业",
        "安置",
        "自家",
        "全村",
        "农村",
        "本村",
        "马路",
        "配套",
        "公立",
        "私立",
        "民营",
        "人民",
    )
)


class StreamWeights(WordWeights):
    """Inverse document frequency by the shipped table and by the stream as it is observed."""

    KEPT = 60_000

    def __init__(self) -> None:
        super().__init__()
        self._seen: Counter[str] = Counter()
        self._seen_texts = 0

    def __getitem__(self, word: str) -> float:
        seen = self._seen.get(word, 0)
        weight = super().__getitem__(word)
        return min(weight, math.log((self._seen_texts + _PATIENCE) / seen) + 1) if seen > 1 else weight

    def observe(self, words: Iterable[str]) -> None:
        """Counts the words of one post of the stream."""
        self._seen_texts += 1
        self._seen.update(words)
        if len(self._seen) > 2 * self.KEPT:
            self._seen = Counter(dict(self._seen.most_common(self.KEPT)))


def proper_names(words: Sequence[str]) -> set[str]:
    """Stems of what is called by a name: 丽景 of 丽景花园, 凉塘 of 凉塘路, whether cut in one word or two."""
    found = set()
    for number, word in enumerate(words):
        ending = _NAMED.search(word)
        if ending is None:
            continue
        stem = word[: ending.start()]
        if not stem and number and len(words[number - 1]) > 1 and is_content_word(words[number - 1]):
            stem = words[number - 1]
        if len(stem) > 1 and stem not in _UNNAMED and not _NAMED.fullmatch(stem):
            found.add(stem)
    return found


@dataclass(frozen=True, slots=True)
class Matter:
    """Weighted words of one post."""

    id: str
    title: Mapping[str, float]
    words: Mapping[str, float]
    #: stems of proper names, and all words that count as names with their weights
    proper: frozenset[str]
    names: Mapping[str, float]
    trigrams: frozenset[str]
    bands: tuple[tuple[int, ...], ...] = ()
    at: datetime | None = None

    @classmethod
    def read(cls, text: Text, weights: StreamWeights, places: Iterable[str] = ()) -> Matter:
        """The matter of a post; `places` are names already found by the judge."""
        title, body = clean(text.title), clean(text.body)[:BODY_READ]
        title_cut, body_cut = cut(title), cut(body)
        title_words = [word for word in title_cut if is_content_word(word)]
        counts = Counter(word for word in body_cut if is_content_word(word))
        counts.update(title_words * _TITLE_SHARE)
        rarity = {word: weights[word] for word in {*counts, *places}}
        vector = {word: (1 + math.log(count)) * rarity[word] for word, count in counts.items()}
        head_cut = body_cut[: _words_within(body_cut, NAMES_READ)]
        head = [word for word in head_cut if word in rarity and _PLACE_LIKE.fullmatch(word)]
        names = {word: rarity[word] for word in (*title_words, *head, *places) if rarity[word] >= NAME_WEIGHT}
        told = proper_names(title_cut) | proper_names(head_cut)
        joined = title + body[:200]
        trigrams = frozenset(joined[i : i + 3] for i in range(len(joined) - 2))
        return cls(
            id=text.id,
            title=_unit({word: rarity[word] for word in title_words}),
            words=_unit(vector),
            proper=frozenset({name for name in told if weights[name] >= PROPER_WEIGHT} | set(places)),
            names=names,
            trigrams=trigrams,
            bands=_bands(trigrams),
            at=text.posted_at,
        )


def _words_within(words: Sequence[str], length: int) -> int:
    """How many of the words lie in the first `length` characters."""
    total = 0
    for number, word in enumerate(words):
        total += len(word)
        if total > length:
            return number
    return len(words)


def _bands(trigrams: frozenset[str]) -> tuple[tuple[int, ...], ...]:
    """MinHash bands of a text; texts of fewer than five trigrams have none."""
    if len(trigrams) < 5:
        return ()
    from rensa import RMinHash

    signature = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
    signature.update(list(trigrams))
    digest = signature.digest()
    return tuple((start, *digest[start : start + _ROWS]) for start in range(0, _PERMUTATIONS, _ROWS))


def _unit(vector: dict[str, float]) -> dict[str, float]:
    norm = math.sqrt(math.fsum(value * value for value in vector.values()))
    return {word: value / norm for word, value in vector.items()} if norm else {}


def _norm(vector: Mapping[str, float]) -> float:
    return math.sqrt(math.fsum(value * value for value in vector.values())) or 1.0


def dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Scalar product of two sparse vectors."""
    if len(one) > len(other):
        one, other = other, one
    return math.fsum(value * other[word] for word, value in one.items() if word in other)


def _strongest(vector: dict[str, float], most: int) -> dict[str, float]:
    return dict(sorted(vector.items(), key=lambda pair: -pair[1])[:most])


@dataclass(slots=True)
class Centroid:
    """The mean of an event's posts, of bounded size."""

    event: str
    title: dict[str, float] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    names: dict[str, float] = field(default_factory=dict)
    proper: Counter[str] = field(default_factory=Counter)
    members: list[Matter] = field(default_factory=list)
    #: lengths of the vectors, and the sum of the names' weights
    title_norm: float = 1.0
    words_norm: float = 1.0
    names_sum: float = 0.0
    count: int = 0
    last: datetime | None = None

    #: words kept of an event, and members kept to name the nearest post
    KEPT = 80
    MEMBERS = 12

    def add(self, matter: Matter) -> None:
        """Moves the centroid by one post; each post weighs the same."""
        self.count += 1
        for mean, vector in ((self.title, matter.title), (self.words, matter.words), (self.names, matter.names)):
            for word, value in vector.items():
                mean[word] = mean.get(word, 0.0) + value
        if len(self.words) > 2 * self.KEPT:
            self.words, self.title, self.names = (_strongest(vector, self.KEPT) for vector in (self.words, self.title, self.names))
        self.proper.update(matter.proper)
        self.title_norm, self.words_norm = _norm(self.title), _norm(self.words)
        self.names_sum = math.fsum(self.names.values())
        self.members.append(matter)
        if len(self.members) > self.MEMBERS:
            del self.members[1]
        if matter.at and (self.last is None or matter.at > self.last):
            self.last = matter.at
