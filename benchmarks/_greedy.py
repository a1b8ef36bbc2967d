"""The first grouping of events, kept as a baseline: the nearest centroid by words, titles and names takes a post in.

Candidates come from an inverted index over the rarest words of a post and from MinHash bands; a candidate event is
compared by its centroid, so a chain of neighbours cannot grow into one giant event.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from benchmarks._greedy_matter import Centroid, Matter, StreamWeights, dot
from store.clock import SHANGHAI
from store.records import Text

#: rarest words of a post that are indexed, and events remembered for each of them
_INDEXED = 10
_POSTINGS = 64
#: events compared in full for one post
_COMPARED = 24
#: share of an event's posts that must hold a name for it to be the event's; factor when no such name is shared
_COMMON = 0.3
_STRANGERS = 0.5
#: factor when both sides tell proper names and share none: the same kind of matter at another place
_ELSEWHERE = 0.4
#: weight of names below which sharing them all says little
_LEAST_NAMES = 8.0
_Key = TypeVar("_Key")


class GreedyIndex:
    """Events of the last `window_days`; not thread-safe, one per engine."""

    def __init__(self, *, window_days: float = 60.0, threshold: float = 0.3) -> None:
        self.window = timedelta(days=window_days)
        self.threshold = threshold
        self._weights = StreamWeights()
        self._events: dict[str, Centroid] = {}
        self._by_word: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_POSTINGS))
        self._by_band: dict[tuple[int, ...], deque[str]] = defaultdict(lambda: deque(maxlen=8))
        self._numbers: Counter[str] = Counter()
        self._added = 0

    def place(self, text: Text) -> str:
        """The event of a post, which is added to it."""
        matter = Matter.read(text, self._weights)
        event = self._best(matter) or self._new_event(matter.at)
        self._insert(matter, event)
        return event

    def _new_event(self, at: datetime | None) -> str:
        day = at.astimezone(SHANGHAI).strftime("%Y-%m%d") if at else "0000-0000"
        self._numbers[day] += 1
        return f"{day}-{self._numbers[day]:02d}"

    def _rarest(self, matter: Matter) -> list[str]:
        return sorted(matter.words, key=lambda word: (-matter.words[word], word))[:_INDEXED]

    def _insert(self, matter: Matter, event: str) -> None:
        centroid = self._events.get(event)
        if centroid is None:
            centroid = self._events[event] = Centroid(event)
        centroid.add(matter)
        self._weights.observe(matter.words)
        for word in self._rarest(matter):
            postings = self._by_word[word]
            if event not in postings:
                postings.append(event)
        for band in matter.bands:
            self._by_band[band].append(event)
        self._added += 1
        if self._added % 2_000 == 0:
            self._forget(matter.at)

    def _forget(self, now: datetime | None) -> None:
        """Drops events past the window, so that memory follows the window and not the stream."""
        if now is None:
            return
        horizon = now - 2 * self.window
        gone = {event for event, centroid in self._events.items() if centroid.last and centroid.last < horizon}
        for event in gone:
            del self._events[event]
        _prune(self._by_word, gone)
        _prune(self._by_band, gone)

    def _candidates(self, matter: Matter) -> list[str]:
        votes: Counter[str] = Counter()
        for word in self._rarest(matter):
            for event in self._by_word.get(word, ()):
                votes[event] += self._weights[word]  # type: ignore[assignment]
        for band in matter.bands:
            for event in self._by_band.get(band, ()):
                votes[event] += 100
        return [event for event, _votes in votes.most_common(_COMPARED) if event in self._events]

    def _best(self, matter: Matter) -> str:
        """The most similar event, "" when none is similar enough."""
        best: tuple[float, str] = (self.threshold, "")
        for event in self._candidates(matter):
            centroid = self._events[event]
            if matter.at and centroid.last and abs(matter.at - centroid.last) > self.window:
                continue
            best = max(best, (likeness(matter, centroid), event))
        return best[1]


def _prune(index: dict[_Key, deque[str]], gone: set[str]) -> None:
    """Takes events out of an inverted index, and keys that led to them only."""
    for key in list(index):
        postings = index[key]
        kept = [event for event in postings if event not in gone]
        if not kept:
            del index[key]
        elif len(kept) < len(postings):
            postings.clear()
            postings.extend(kept)


def likeness(matter: Matter, centroid: Centroid) -> float:
    """.4 title + .3 words + .3 names; a part that one side lacks gives its share to the words. Copies count at once."""
    words = dot(matter.words, centroid.words) / centroid.words_norm
    parts = [(0.3, words)]
    if matter.title and centroid.title:
        parts.append((0.4, dot(matter.title, centroid.title) / centroid.title_norm))
    if matter.names and centroid.names:
        parts.append((0.3, names_shared(matter.names, centroid)))
    similarity = math.fsum(share * value for share, value in parts) / math.fsum(share for share, _ in parts)
    if matter.names and centroid.names and not _name_in_common(matter.names, centroid):
        similarity *= _STRANGERS
    if matter.proper and centroid.proper and centroid.proper.keys().isdisjoint(matter.proper):
        return similarity * _ELSEWHERE
    newest = centroid.members[-1]
    if not similarity > 0.9 and set(matter.bands) & set(newest.bands):
        copied = len(matter.trigrams & newest.trigrams) / len(matter.trigrams | newest.trigrams)
        if copied >= 0.7:
            similarity = max(similarity, copied)
    return similarity


def _name_in_common(names: Mapping[str, float], centroid: Centroid) -> bool:
    """Whether a name of the post stands in a fair share of the event's posts."""
    return any(centroid.names.get(name, 0.0) >= _COMMON * weight * centroid.count for name, weight in names.items())


def names_shared(names: Mapping[str, float], centroid: Centroid) -> float:
    """Weight of the shared names over that of the poorer side; one name alone cannot fill it."""
    shared = math.fsum(centroid.names[name] for name in names if name in centroid.names) / centroid.count
    usual = centroid.names_sum / centroid.count
    return min(1.0, shared / max(_LEAST_NAMES, min(math.fsum(names.values()), usual)))
