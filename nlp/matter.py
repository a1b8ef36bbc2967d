"""What a post is about, as weighted words: the basis on which posts are found to be on one matter."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nlp.reading import clean
from store.records import Text

WORDS = Path(__file__).parent / "weights" / "words.json"
#: a longer body is read at its head only; the matter is told there
BODY_READ = 600
#: words above this weight count as names of the matter
ENTITY_WEIGHT = 7.0
_TITLE_SHARE = 2
_WORD = re.compile(r"[0-9a-z一-鿿]{2,}", re.IGNORECASE)
_STOP_WORDS = """
    我们 你们 他们 这个 那个 什么 怎么 如何 为什么 可以 没有 一个 一些 现在 已经 因为 所以 但是 而且 以及 或者 还有 这样
    那样 就是 不是 还是 自己 大家 领导 尊敬 您好 你好 请问 希望 谢谢 感谢 投诉 反映 咨询 建议 关于 问题 求助 举报 请求 恳请
    解决 处理 回复 市民 居民 业主 相关 有关 部门 政府 书记 市长 临海 临海市 台州 台州市 小区 号码
"""
_STOP = frozenset(_STOP_WORDS.split())


class WordWeights:
    """Inverse document frequency of words, from the shipped table; a word not in it is rare."""

    def __init__(self, path: Path | None = None) -> None:
        table = json.loads((path or WORDS).read_text(encoding="utf-8"))
        total = table["texts"]
        self._weights = {word: math.log((total + 1) / (count + 1)) + 1 for word, count in table["words"].items()}
        self._rare = math.log((total + 1) / 2) + 1

    def __getitem__(self, word: str) -> float:
        return self._weights.get(word, self._rare)


def is_content_word(word: str) -> bool:
    """Two and more characters, no stop word, no bare number, no punctuation."""
    return len(word) > 1 and word not in _STOP and not word.isdigit() and _WORD.fullmatch(word) is not None


def words_of(text: str) -> list[str]:
    """Words of two and more characters, without stop words and bare numbers."""
    import rjieba

    return [word for word in rjieba.cut(text.lower()) if is_content_word(word)]


@dataclass(frozen=True, slots=True)
class Matter:
    """Weighted words of one post."""

    id: str
    title: Mapping[str, float]
    words: Mapping[str, float]
    entities: frozenset[str]
    trigrams: frozenset[str]
    at: datetime | None = None

    @classmethod
    def read(cls, text: Text, weights: WordWeights, places: Iterable[str] = ()) -> Matter:
        """The matter of a post; `places` are names already found by the judge."""
        title, body = clean(text.title), clean(text.body)[:BODY_READ]
        title_words, body_words = words_of(title), words_of(body)
        counts = Counter(body_words)
        counts.update(title_words * _TITLE_SHARE)
        vector = {word: (1 + math.log(count)) * weights[word] for word, count in counts.items()}
        entities = {word for word in vector if weights[word] >= ENTITY_WEIGHT} | set(places)
        joined = title + body[:200]
        return cls(
            id=text.id,
            title=_unit({word: weights[word] for word in title_words}),
            words=_unit(vector),
            entities=frozenset(entities),
            trigrams=frozenset(joined[i : i + 3] for i in range(len(joined) - 2)),
            at=text.posted_at,
        )


def _unit(vector: dict[str, float]) -> dict[str, float]:
    norm = math.sqrt(math.fsum(value * value for value in vector.values()))
    return {word: value / norm for word, value in vector.items()} if norm else {}


def dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Scalar product of two sparse vectors."""
    if len(one) > len(other):
        one, other = other, one
    return math.fsum(value * other[word] for word, value in one.items() if word in other)


@dataclass(slots=True)
class Centroid:
    """The mean of an event's posts, of bounded size."""

    event: str
    title: dict[str, float] = field(default_factory=dict)
    words: dict[str, float] = field(default_factory=dict)
    entities: Counter[str] = field(default_factory=Counter)
    members: list[Matter] = field(default_factory=list)
    count: int = 0
    last: datetime | None = None

    #: words kept of an event, and members kept to name the nearest post
    KEPT = 80
    MEMBERS = 12

    def add(self, matter: Matter) -> None:
        """Moves the centroid by one post; each post weighs the same."""
        self.count += 1
        for mean, vector in ((self.title, matter.title), (self.words, matter.words)):
            for word, value in vector.items():
                mean[word] = mean.get(word, 0.0) + value
        self.entities.update(matter.entities)
        if len(self.words) > 2 * self.KEPT:
            self.words = dict(sorted(self.words.items(), key=lambda pair: -pair[1])[: self.KEPT])
            self.title = dict(sorted(self.title.items(), key=lambda pair: -pair[1])[: self.KEPT])
            self.entities = Counter(dict(self.entities.most_common(self.KEPT)))
        self.members.append(matter)
        if len(self.members) > self.MEMBERS:
            del self.members[1]
        if matter.at and (self.last is None or matter.at > self.last):
            self.last = matter.at
