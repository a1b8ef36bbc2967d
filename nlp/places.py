"""Places of the county in a text, and signs that a text is about somewhere else."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from nlp.lexicon import Hit
from store.records import PlaceMention

SHIPPED = Path(__file__).parent / "gazetteer"
PLACES = "places_linhai.csv"
SPOTS = "spots_linhai.csv"
DIVISIONS = "divisions_cn.csv"

#: a place named within so many characters is what the text is about
_AT_ONCE = 8

LOCAL, ELSEWHERE, COUNTY = "place", "elsewhere", "county"

_KIND_ENDINGS = ("居民委员会", "村民委员会", "社区居委会", "居委会", "村委会")
#: short names of towns that are also common words or other places: believed half without 镇 or 街道
_COMMON_WORDS = """
    合作 天水 日照 天门 海门 江门 东方 三河 五指山 万宁 阳光 昌都
    江南 古城 沿江 大田 永丰 涌泉 尤溪 河头 大洋 城关 新城 东方 中山 路桥 天台 白银 文山 大理 保定 安康 平安 和平 朝阳
    太平 永康 仙桃 桃源 长安 吉安 安全 通化 铜陵 大方 大安 大同 大通 大足 黄山 长春 海南 海口 南昌 河北 河南 城区 郊区 矿区
    市辖区
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the gazetteer under one of its spellings."""

    code: str
    name: str
    town: str
    probability: float


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What the place names of a post say."""

    places: tuple[PlaceMention, ...]
    elsewhere: bool
    #: names of other cities found
    others: tuple[str, ...]


NOWHERE = Whereabouts((), False, ())


def _spellings(name: str, kind: str, town: str) -> list[tuple[str, str, float]]:
    """(spelling, shown name, probability) of a row."""
    if kind == "town":
        short = name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
        return [(name, name, 1.0), (short, name, 0.5 if short in _COMMON else 0.95)]
    if kind == "spot":
        return [(name, name, 0.95)]
    ending = next((ending for ending in _KIND_ENDINGS if name.endswith(ending)), "")
    base = name.removesuffix(ending)
    if ending == "社区居委会" or (kind == "community" and ending):
        base += "社区"
    if kind == "village" and not base.endswith(("村", "社区", "居", "区", "场", "园")):
        base += "村"
    return [(base, base, 0.9)] if len(base) > 2 else []


def _division_spellings(row: dict[str, str], near: bool = False) -> set[str]:
    """A division's name, and its short name for provinces, cities and, when `near`, for counties (黄岩, 温岭)."""
    name = row["name"]
    if row["level"] == "county" and not near:
        return {name}
    short = name
    for ending in ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治州", "省", "市", "区", "县"):
        short = short.removesuffix(ending)
    return {name, short}


class Gazetteer:
    """Spellings of local places and of other cities; `groups` feeds the lexicon, `resolve` reads its hits."""

    def __init__(self, county: Sequence[str], places: Path | None = None, divisions: Path | None = None) -> None:
        self._places: dict[str, list[Place]] = defaultdict(list)
        self._towns: dict[str, str] = {}
        self._county = tuple(county)
        sources = (places,) if places else (SHIPPED / PLACES, SHIPPED / SPOTS)
        for path in sources:
            with path.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    for spelling, name, probability in _spellings(row["name"], row["kind"], row["town"]):
                        if len(spelling) > 1:
                            self._places[spelling].append(Place(row["code"], name, row["town"], probability))
        with (divisions or SHIPPED / DIVISIONS).open(encoding="utf-8", newline="") as stream:
            self._elsewhere = self._others(csv.DictReader(stream))

    def _others(self, divisions: Iterable[dict[str, str]]) -> set[str]:
        """Names of all divisions but the county and what lies above it."""
        rows = {row["code"]: row for row in divisions}
        own = set(self._county) | set(self._places)
        home = next((row["code"] for row in rows.values() if row["name"] in self._county and row["level"] == "county"), "??????")
        for code in (home[:2], home[:4], home):
            own |= _division_spellings(rows[code], near=True) if code in rows else set()
        names = set()
        for code, row in rows.items():
            near = code.startswith(home[:4]) or (code.startswith(home[:2]) and row["name"].endswith("市"))
            names |= _division_spellings(row, near)
        return {name for name in names if len(name) > 1 and name not in own and name not in _COMMON}

    def groups(self) -> dict[str, Iterable[str]]:
        """Lexicon groups of place names."""
        return {LOCAL: self._places, ELSEWHERE: self._elsewhere, COUNTY: self._county}

    def resolve(self, hits: Sequence[Hit]) -> Whereabouts:
        """Mentions of a post, villages of equal name settled by a town named beside them."""
        if not any(hit.group in (LOCAL, ELSEWHERE) for hit in hits):
            return NOWHERE
        mentions: dict[tuple[str, str], PlaceMention] = {}
        local_words = list(dict.fromkeys(hit.word for hit in hits if hit.group == LOCAL))
        towns = {place.name for word in local_words for place in self._places[word] if place.name == place.town}
        for word in local_words:
            rows = self._places[word]
            beside = [row for row in rows if row.town in towns and row.town]
            for row in beside or rows:
                share = row.probability / len(beside or rows)
                if row.probability < 0.6 and row.name != word:
                    share *= 0.9
                if share >= 0.3:
                    mention = PlaceMention(name=row.name, town=row.town, code=row.code, text=word, probability=round(share, 3))
                    mentions.setdefault((row.name, row.town), mention)
        for mention in list(mentions.values()):
            if mention.town:
                town = PlaceMention(
                    name=mention.town, town=mention.town, text=mention.text, probability=round(mention.probability * 0.95, 3)
                )
                mentions.setdefault((mention.town, mention.town), town)
        abroad = _outside([hit for hit in hits if hit.group == ELSEWHERE], [hit for hit in hits if hit.group in (LOCAL, COUNTY)])
        others = tuple(dict.fromkeys(hit.word for hit in abroad))
        # one name far behind the beginning is where somebody came from or went to, not where the matter lies
        told = len(abroad) > 1 or any(hit.offset <= _AT_ONCE for hit in abroad)
        named = any(mention.probability >= 0.6 for mention in mentions.values())
        here = named or any(hit.group == COUNTY for hit in hits)
        return Whereabouts(places=tuple(mentions.values()), elsewhere=told and not here, others=others)


def _outside(hits: Sequence[Hit], local: Sequence[Hit]) -> list[Hit]:
    """Those hits that no local name covers (东方大道 is not 东方市, 上海路 is a road); both in order of their offsets."""
    if not hits or not local:
        return list(hits)
    offsets = [name.offset for name in local]
    reach = list(accumulate((name.offset + len(name.word) for name in local), max))
    found = []
    for hit in hits:
        before = bisect_right(offsets, hit.offset)
        if not before or reach[before - 1] < hit.offset + len(hit.word):
            found.append(hit)
    return found
