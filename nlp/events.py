"""Which posts are on one matter: a stream is grouped as it comes, at a flat cost per post and in bounded memory.

A post is compared with the posts that stand for the events with which it shares rare words or letter pairs, and with the
last few of the stream. An event takes it in when the mean over its posts and the nearest of them say so, so a chain of
neighbours does not grow into one giant event. `nlp.likeness` says how two posts are compared, the model card how well.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlp import likeness
from nlp.event_reader import Reader
from nlp.matter import words_of
from nlp.pool import KEY_BUCKETS, Pool
from nlp.reading import clean
from nlp.topical import Topical
from nlp.traits import Traits
from store.clock import SHANGHAI
from store.records import PlaceMention, Text

#: posts read, and posts compared, in one go; the stream's counts and the keys move on in the same steps, so that posts one by
#: one and posts in batches are grouped alike
READ_STEP, STEP = 128, 32
#: events compared for one post, and shared keys (sixteenths of rarity) below which an event is not compared: LEAST_SHARED, of a short
#: post a tenth of its own, but no less than SHORT_SHARED
COMPARED = 4
LEAST_SHARED, SHORT_SHARED = 240, 96
#: an event that shares less than this of what the likeliest one shares is not compared either
NEAR_BEST = 0.4
#: share of the nearest post in the score of an event (the rest is the mean over its posts), and the score of a stranger
NEAREST = 0.5
_FLOOR = -6.0
#: letters kept of a post, to say what two have in common
_GIST = 90
_NUMBERED = re.compile(r"(\d{4}-\d{4})-(\d{2,})")

Places = Iterable[str | PlaceMention]
Indices = npt.NDArray[np.int64]
Keys = tuple[npt.NDArray[np.int32], Indices]


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A post of the index that is on the same matter."""

    id: str
    event: str
    #: 0 … 1, .5 at the threshold
    similarity: float
    #: words that speak for the same matter, and those that only one side has
    agrees: tuple[str, ...]
    differs: tuple[str, ...]


def _needed(weights: Indices) -> Indices:
    """Shared rarity from which a post is compared, by the weights of its own keys."""
    needed: Indices = np.clip(weights.sum(axis=1) // 10, SHORT_SHARED, LEAST_SHARED)
    return needed


class EventIndex:
    """Events of the last `window_days`, at most `most` of them; not thread-safe, one per engine."""

    def __init__(
        self, *, window_days: float = 400.0, threshold: float | None = None, weights: Path | None = None, most: int = 50_000
    ) -> None:
        self.window = window_days
        self.topical = Topical.load(weights)
        self.threshold = self.topical.threshold if threshold is None else threshold
        self._reader = Reader(self.topical)
        self._pool = Pool(max(most, 1_000))
        self._numbers: Counter[str] = Counter()
        self._added = 0
        #: posts since the last step, not found by keys yet: rows, and what they are filed under
        self._recent: list[int] = []
        self._unfiled: list[Keys] = []
        #: posts since the stream's counts moved on, and which of them began an event
        self._uncounted: list[Traits] = []
        self._began: list[bool] = []
        #: by key, room for the search among the recent posts; zeros in between
        self._runs = np.zeros(KEY_BUCKETS, np.int32)
        self._apart: dict[str, set[str]] = {}
        #: pairs of posts compared so far: what the stream cost
        self.compared = 0

    def __len__(self) -> int:
        return len(self._pool)

    def add(self, id: str, text: Text, event: str | None, places: Places = ()) -> None:
        """Puts a post into an event (None: an event of its own, named by the post's id)."""
        self.add_many([(id, text, event, places)])

    def add_many(self, posts: Sequence[tuple[str, Text, str | None, Places]]) -> None:
        """`add` of each (id, text, event, places) in order, faster; a post that is remembered already is moved."""
        new = [(id, text, event or id, places) for id, text, event, places in posts if not self.move(id, event or id)]
        begin = 0
        while begin < len(new):
            # no further than the next step of the keys and of the counts, as if they came one by one
            end = min(begin + STEP - len(self._recent), begin + READ_STEP - self._added % READ_STEP, len(new))
            ids, texts, events, places = zip(*new[begin:end], strict=True)
            traits = self._read(texts, places)
            before = len(self._recent)
            self._enter(traits, self._reader.keys(traits), ids, texts)
            for row, event, day in zip(self._recent[before:], events, traits.day.tolist(), strict=True):
                self._began.append(self._join(row, event, day))
            self._step()
            begin = end

    def match(self, text: Text, places: Places = ()) -> list[Match]:
        """Events on the same matter, best first, each by its nearest post; nothing is remembered."""
        traits = self._reader.read([text], [list(places)])
        near = self._compare(traits, self._reader.keys(traits), [len(self._recent)])
        ranked = [(score, slot) for score, slot in self._ranked(near[0], float(traits.day[0])) if score > self.threshold]
        found: list[Match] = []
        for score, slot in ranked:
            event = self._pool.names[slot]
            if any(event in self._apart.get(better.event, ()) for better in found):
                continue  # people said that these two are not one matter, and the other is nearer
            found.append(self._match(text, slot, near[0], score))
        return found[:5]

    def place(self, text: Text, places: Places = ()) -> str:
        """The event of a post, which is added to it: a known one, or a new `YYYY-MMDD-NN` by its Shanghai date."""
        return self.place_many([text], [places])[0]

    def place_many(self, texts: Sequence[Text], places: Sequence[Places] = ()) -> list[str]:
        """`place` of each in order, faster."""
        events: list[str] = []
        begin = 0
        while begin < len(texts):
            end = min(len(texts), begin + READ_STEP - self._added % READ_STEP)
            traits = self._read(texts[begin:end], places[begin:end])
            keys = self._reader.keys(traits)
            done = begin
            while done < end:
                count = min(end - done, STEP - len(self._recent))
                rows = slice(done - begin, done - begin + count)
                events += self._place(texts[done : done + count], traits.take(rows), (keys[0][rows], keys[1][rows]))
                done += count
            begin = end
        return events

    def merge(self, event: str, into: str) -> None:
        """People said that two events are one matter: the posts of `event` belong to `into`, and what `event` was parted from
        is parted from `into`."""
        pool = self._pool
        slot = pool.events.get(event)
        if event == into:
            return
        for row in list(pool.members[slot]) if slot is not None else []:
            self.move(pool.post_ids[row], into)
        for other in self._apart.pop(event, set()):
            self._apart[other].discard(event)
            if other != into:
                self.apart(into, other)

    def move(self, id: str, event: str) -> bool:
        """People said where a post belongs. False when the post is not remembered (any more), and nothing was done."""
        pool = self._pool
        row = pool.row(id)
        if row is None or pool.rows is None:
            return False
        if pool.names[pool.slot_of[row]] != event:
            pool.leave(row)
            self._join(row, event, float(pool.rows.day[row]))
            if row not in self._recent:  # those are filed with the step
                alone = Traits(*(getattr(pool.rows, name)[[row]] for name in Traits.__slots__))
                pool.file(*self._reader.keys(alone), np.asarray([pool.slot_of[row]]))
        return True

    def apart(self, event: str, other: str) -> None:
        """People said that two events are not one matter: of the two only the nearer is proposed from now on."""
        self._apart.setdefault(event, set()).add(other)
        self._apart.setdefault(other, set()).add(event)

    def all_apart(self, pairs: Iterable[tuple[str, str]]) -> None:
        """These events are apart, and no others."""
        self._apart.clear()
        for event, other in pairs:
            self.apart(event, other)

    # reading and entering

    def _read(self, texts: Sequence[Text], places: Sequence[Places]) -> Traits:
        return self._reader.read(texts, [list(names) for names in places])

    def _enter(self, traits: Traits, keys: Keys, ids: Sequence[str], texts: Sequence[Text]) -> None:
        """Stores posts; they are among the recent ones until the step is full."""
        self._pool.reserve(STEP, traits)
        rows = self._pool.store(traits, list(ids), [f"{text.title} {text.body[:_GIST]}"[:_GIST] for text in texts])
        self._recent += rows.tolist()
        self._uncounted.append(traits)
        self._unfiled.append(keys)
        self._added += len(ids)

    def _join(self, row: int, event: str, day: float) -> bool:
        """Makes a post a member of an event; whether the event begins with it."""
        known = event in self._pool.events
        self._pool.join(self._pool.slot(event), row, day)
        numbered = None if known else _NUMBERED.fullmatch(event)
        if numbered:  # an event of the ledger: its number is taken
            date, number = numbered.groups()
            self._numbers[date] = max(self._numbers[date], int(number))
        return not known

    def _step(self) -> None:
        """Files the recent posts when there are enough of them, and counts their words."""
        if len(self._recent) >= STEP:
            keys, weights = (np.concatenate(parts) for parts in zip(*self._unfiled, strict=True))
            slots = np.asarray([self._pool.slot_of[row] for row in self._recent])
            self._pool.file(keys, weights * (slots >= 0)[:, None], slots)
            self._recent.clear()
            self._unfiled.clear()
            self._pool.settle()
        if self._added % READ_STEP == 0:
            # matters are counted, not posts: a burst must not make the words common by which it is held together
            began = np.asarray(self._began)
            for traits in self._uncounted:
                self._reader.observe(traits.take(began[: len(traits)]))
                began = began[len(traits) :]
            self._began.clear()
            days = [float(np.nanmax(traits.day)) for traits in self._uncounted if not np.isnan(traits.day).all()]
            self._uncounted.clear()
            if days and self._added % (READ_STEP * 32) == 0:
                self._pool.forget(max(days) - self.window)

    def _place(self, texts: Sequence[Text], traits: Traits, keys: Keys) -> list[str]:
        before = len(self._recent)
        self._enter(traits, keys, [text.id for text in texts], texts)
        near = self._compare(traits, keys, range(before, before + len(texts)))
        events, days = [], traits.day.tolist()
        for number, text in enumerate(texts):
            ranked = self._ranked(near[number], days[number])
            taken = ranked[0][1] if ranked and ranked[0][0] > self.threshold else -1
            event = self._pool.names[taken] if taken >= 0 else self._new_event(text.posted_at)
            self._began.append(self._join(self._recent[before + number], event, days[number]))
            events.append(event)
        self._step()
        return events

    def _new_event(self, at: datetime | None) -> str:
        day = at.astimezone(SHANGHAI).strftime("%Y-%m%d") if at else "0000-0000"
        self._numbers[day] += 1
        return f"{day}-{self._numbers[day]:02d}"

    # comparing

    def _compare(self, traits: Traits, keys: Keys, late: Sequence[int]) -> list[dict[int, float]]:
        """For each post: row of another → score, over the members of the events it may belong to and, of the recent posts, the
        first `late[post]` as far as they share enough."""
        pool = self._pool
        near: list[dict[int, float]] = [{} for _ in range(len(traits))]
        if pool.rows is None:
            return near
        posts: list[int] = []
        rows: list[int] = []
        recent = set(self._recent)
        for post, slot in zip(*(column.tolist() for column in self._candidates(traits, keys)), strict=True):
            held = [row for row in pool.members[slot] if row not in recent]
            posts += [post] * len(held)
            rows += held
        for post, number in zip(*(column.tolist() for column in self._sharing(keys)), strict=True):
            if number < late[post]:
                posts.append(post)
                rows.append(self._recent[number])
        self.compared += len(posts)
        found = likeness.features(traits, np.asarray(posts, np.int64), pool.rows, np.asarray(rows, np.int64), self.topical)
        for post, row, score in zip(posts, rows, likeness.scores(found, self.topical.machine).tolist(), strict=True):
            near[post][row] = score
        return near

    def _candidates(self, traits: Traits, keys: Keys) -> tuple[Indices, Indices]:
        """(post, slot) of the events that share most rarity with a post, at most COMPARED of them."""
        buckets, weights = keys
        posts, columns = np.nonzero(weights)
        found = self._pool.found(buckets[posts, columns])
        keyed, places = np.nonzero(found >= 0)
        # post, slot and weight in one number are sorted at once
        ordered = np.sort((posts[keyed] << 44) | (found[keyed, places].astype(np.int64) << 12) | weights[posts, columns][keyed])
        pairs, votes = ordered >> 12, ordered & 0xFFF
        begins = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1]))) if len(pairs) else np.zeros(0, np.int64)
        if not len(begins):
            return begins, begins
        sums, pairs = np.add.reduceat(votes, begins), pairs[begins]
        posts, slots = pairs >> 32, pairs & 0xFFFFFFFF
        best = np.zeros(len(traits), np.int64)
        np.maximum.at(best, posts, sums)
        enough = np.maximum(_needed(weights), NEAR_BEST * best)[posts]
        fits = (sums >= enough) & ~(np.abs(self._pool.last[slots] - traits.day[posts]) > self.window)
        posts, slots, sums = posts[fits], slots[fits], sums[fits]
        order = np.argsort((posts << 32) - sums, kind="stable")
        posts, slots = posts[order], slots[order]
        sizes = np.bincount(posts, minlength=len(traits))
        kept = np.arange(len(posts)) - np.repeat(np.cumsum(sizes) - sizes, sizes) < COMPARED
        return posts[kept], slots[kept]

    def _sharing(self, keys: Keys) -> tuple[Indices, Indices]:
        """(post, number of a recent post) that share enough rarity."""
        none = np.zeros(0, np.int64)
        if not self._unfiled or not any(part[1].any() for part in self._unfiled):
            return none, none
        buckets, weights = (np.concatenate(parts) for parts in zip(*self._unfiled, strict=True))
        numbers, columns = np.nonzero(weights)
        filed = np.sort((buckets[numbers, columns].astype(np.int64) << 8) | numbers)
        posts, columns = np.nonzero(keys[1])
        told, votes = keys[0][posts, columns], keys[1][posts, columns]
        # where each key begins and ends among those filed, written down by the key and wiped again
        begins = np.flatnonzero(np.concatenate(([True], filed[1:] >> 8 != filed[:-1] >> 8)))
        known = filed[begins] >> 8
        self._runs[known] = np.arange(1, len(begins) + 1)
        run = self._runs.take(told)
        self._runs[known] = 0
        met = np.flatnonzero(run > 0)
        posts, votes, run = posts[met], votes[met], run[met] - 1
        sizes = np.diff(np.append(begins, len(filed)))[run]
        at = np.repeat(begins[run] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
        shared = np.bincount(np.repeat(posts, sizes) * STEP + (filed[at] & 0xFF), np.repeat(votes, sizes), len(keys[0]) * STEP)
        both = np.flatnonzero(shared >= np.repeat(_needed(keys[1]), STEP))
        return both // STEP, both % STEP

    def _ranked(self, near: dict[int, float], day: float) -> list[tuple[float, int]]:
        """(score, slot) of the events near a post, best first; members that share too little to be compared are passed over."""
        if not near:
            return []
        pool = self._pool
        by_slot: dict[int, list[float]] = {}
        for row, score in near.items():
            slot = pool.slot_of[row]
            if slot >= 0:
                by_slot.setdefault(slot, []).append(score if score > _FLOOR else _FLOOR)
        ranked = [
            ((1 - NEAREST) * math.fsum(scores) / len(scores) + NEAREST * max(scores), slot)
            for slot, scores in by_slot.items()
            if not abs(pool.last[slot] - day) > self.window
        ]
        if len(ranked) > 1:
            ranked.sort(key=lambda pair: (-pair[0], pool.names[pair[1]]))
        return ranked

    def _match(self, text: Text, slot: int, near: dict[int, float], score: float) -> Match:
        pool = self._pool
        rows = pool.members[slot]
        nearest = max(rows, key=lambda row: near.get(row, -math.inf))
        own = list(dict.fromkeys(words_of(clean(text.title) + " " + clean(text.body)[:_GIST])))
        told = set().union(*(words_of(clean(pool.gists[row])) for row in rows))
        rarity = {word: self._reader.rarity(word) for word in own}
        both = sorted((word for word in own if word in told), key=lambda word: -rarity[word])
        lacking = sorted((word for word in own if word not in told), key=lambda word: -rarity[word])
        return Match(
            id=pool.post_ids[nearest],
            event=pool.names[slot],
            similarity=round(1 / (1 + math.exp(self.threshold - score)), 4),
            agrees=tuple(both[:6]),
            differs=tuple(lacking[:6]),
        )
