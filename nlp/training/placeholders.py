"""Takes place names out of the evidence: codes of the Taidi texts and real names are exchanged at random."""

from __future__ import annotations

import csv
import gzip
import random
import re
from pathlib import Path

import ahocorasick

_CODES = re.compile(r"(?:西地省)?(?:[A-Z]\d{0,2} ?[市县区州]){1,2}|西地省|(?<![A-Za-z])[A-Z]\d{0,2}(?=[一-龥])")
_VAGUE = ("", "", "本地", "这里", "我们这里", "城区", "镇上")


class PlaceExchange:
    """Exchanges place names by random ones from one pool for both labels."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._rng = rng
        with gzip.open(folder / "divisions_cn.csv.gz", "rt", encoding="utf-8") as stream:
            divisions = list(csv.DictReader(stream))
        with (folder / "places_linhai.csv").open(encoding="utf-8") as stream:
            towns = [row["name"] for row in csv.DictReader(stream) if row["kind"] == "town"]
        self._near = ["临海", "临海市", *towns, *(town.removesuffix("街道").removesuffix("镇") for town in towns)]
        names = [row["name"] for row in divisions if row["level"] in ("province", "city", "county") and len(row["name"]) > 2]
        shorts = [name.removesuffix("省").removesuffix("市") for name in names if name.endswith(("省", "市"))]
        self._far = names + shorts
        self._found = ahocorasick.Automaton()
        for name in {*names, *(short for short in shorts if len(short) > 1)}:
            self._found.add_word(name, len(name))
        self._found.make_automaton()

    def _name(self) -> str:
        draw = self._rng.random()
        pool = self._near if draw < 0.4 else self._far if draw < 0.8 else _VAGUE
        return self._rng.choice(pool)

    def codes(self, text: str) -> str:
        """The text with each place code (A市, B3县, 西地省) exchanged."""
        return _CODES.sub(lambda _: self._name(), text)

    def names(self, text: str, share: float = 0.6) -> str:
        """The text with about this share of its real place names exchanged."""
        parts: list[str] = []
        done = 0
        for end, length in self._found.iter_long(text):
            start = end + 1 - length
            if start >= done and self._rng.random() < share:
                parts += (text[done:start], self._name())
                done = end + 1
        return "".join(parts) + text[done:]
