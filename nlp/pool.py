"""Posts and events that the grouping remembers: rows in arrays of bounded size, found again by hashed keys at a flat cost."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.traits import Traits

#: buckets of the keys (a power of two), and events remembered in each
KEY_BUCKETS, _SLOTS = 1 << 18, 12
#: posts that stand for an event: its first ones and its latest ones
MEMBERS, FIRST = 6, 2
#: share of the events that is let go at once when the pool is full
_LET_GO = 0.1
_FIRST_ROOM = 1_024

Ints = npt.NDArray[np.int32]


class Pool:
    """Rows of posts and slots of events.

    `most` bounds both: when it is reached, the events without a post for longest are let go, single posts before events of
    several.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._room = 0
        self.rows: Traits | None = None
        self.post_ids: list[str] = []
        #: the beginning of each post's words, to say in words what two posts have in common
        self.gists: list[str] = []
        self.row_of: dict[str, int] = {}
        self.slot_of: list[int] = []
        self._left: list[int] = []
        self._free_rows: list[int] = []
        self.events: dict[str, int] = {}
        self.names: list[str] = []
        self._free_slots: list[int] = []
        #: rows of the posts of each slot, and the day of its latest post
        self.members: list[list[int]] = []
        self.last = np.zeros(0)
        self._found = np.full((KEY_BUCKETS, _SLOTS), -1, np.int32)
        self._next = np.zeros(KEY_BUCKETS, np.uint8)

    def __len__(self) -> int:
        return len(self.events)

    def slot(self, event: str) -> int:
        """The slot of an event, a new one when it is not known."""
        slot = self.events.get(event)
        if slot is None:
            slot = self._free_slots.pop()
            self.events[event], self.names[slot] = slot, event
        return slot

    def reserve(self, posts: int, like: Traits) -> None:
        """Makes room for `posts` more posts, each with an event of its own."""
        while min(len(self._free_rows), len(self._free_slots)) < posts:
            if self._room < self.most:
                self._grow(like, min(self.most, max(_FIRST_ROOM, 2 * self._room, posts)))
            else:
                self._let_go(max(posts, int(self.most * _LET_GO)))

    def store(self, traits: Traits, ids: list[str], gists: list[str]) -> Ints:
        """Writes the rows of posts; they belong to no event yet. Call `reserve` before."""
        assert self.rows is not None
        rows = np.asarray([self._free_rows.pop() for _ in ids], np.int32)
        for spec in fields(Traits):
            getattr(self.rows, spec.name)[rows] = getattr(traits, spec.name)
        for row, id_, gist in zip(rows.tolist(), ids, gists, strict=True):
            self.post_ids[row], self.gists[row] = id_, gist
        return rows

    def join(self, slot: int, row: int, day: float) -> None:
        """Makes a stored post a member of an event; when it is full, an older one leaves (see `settle`)."""
        held = self.members[slot]
        held.append(row)
        if len(held) > MEMBERS:
            self._left.append(held.pop(FIRST))
        self.row_of[self.post_ids[row]], self.slot_of[row] = row, slot
        if not day <= self.last[slot]:
            self.last[slot] = day

    def settle(self) -> None:
        """Frees the rows of posts that left their event; before, they may still be looked at."""
        for row in self._left:
            self._release(row)
        self._left.clear()

    def _release(self, row: int) -> None:
        if self.row_of.get(self.post_ids[row]) == row:
            del self.row_of[self.post_ids[row]]
        self.post_ids[row] = self.gists[row] = ""
        self.slot_of[row] = -1
        self._free_rows.append(row)

    def row(self, id: str) -> int | None:
        """The row of a post that stands for its event; None when it is not remembered, or is about to be forgotten."""
        row = self.row_of.get(id)
        return None if row is None or row in self._left or self.slot_of[row] < 0 else row

    def leave(self, row: int) -> None:
        """Takes a post (see `row`) out of its event; an event without posts is let go."""
        assert self.rows is not None
        slot, self.slot_of[row] = self.slot_of[row], -1
        held = self.members[slot]
        held.remove(row)
        days = self.rows.day[held]
        if not held:
            self._drop(slot)
        elif not np.isnan(days).all():
            self.last[slot] = np.nanmax(days)

    def file(self, keys: Ints, weights: npt.NDArray[np.int64], slots: Ints) -> None:
        """Files posts under their keys: `keys` and `weights` as of `Reader.keys`, `slots` the events they joined."""
        used = weights > 0
        buckets = keys[used]
        events = np.repeat(slots, used.sum(axis=1))
        new = ~(self._found[buckets] == events[:, None]).any(axis=1)
        filed = np.sort((buckets[new].astype(np.int64) << 32) | events[new])
        if not len(filed):
            return
        filed = filed[np.concatenate(([True], filed[1:] != filed[:-1]))]
        buckets, events = (filed >> 32).astype(np.int64), (filed & 0xFFFFFFFF).astype(np.int32)
        begins = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1])))
        sizes = np.diff(np.append(begins, len(buckets)))
        rank = np.arange(len(buckets)) - np.repeat(begins, sizes)
        self._found[buckets, (self._next[buckets] + rank) % _SLOTS] = events
        self._next[buckets[begins]] = (self._next[buckets[begins]] + sizes) % _SLOTS

    def found(self, keys: Ints) -> Ints:
        """int32[posts, keys, …]: events filed under the keys, -1 where there is none."""
        events: Ints = self._found[keys]
        return events

    def _grow(self, like: Traits, room: int) -> None:
        old = self._room
        grown: list[Any] = []
        for spec in fields(Traits):
            column = getattr(like, spec.name)
            fresh = np.zeros((room, *column.shape[1:]), column.dtype)
            if self.rows is not None:
                fresh[:old] = getattr(self.rows, spec.name)
            grown.append(fresh)
        self.rows = Traits(*grown)
        added = room - old
        self.members += [[] for _ in range(added)]
        self.last = np.concatenate([self.last, np.full(added, np.nan)])
        self.slot_of += [-1] * added
        self.post_ids += [""] * added
        self.gists += [""] * added
        self.names += [""] * added
        self._free_rows[:0] = range(room - 1, old - 1, -1)
        self._free_slots[:0] = range(room - 1, old - 1, -1)
        self._room = room

    def forget(self, before: float) -> None:
        """Lets go of events whose latest post is older than the day `before`."""
        for slot in [slot for slot in self.events.values() if self.last[slot] < before]:
            self._drop(slot)

    def _let_go(self, least: int) -> None:
        """Lets go of events until `least` rows are free: those without a post for longest, one of several posts counting as younger."""
        slots = np.fromiter(self.events.values(), np.int64, len(self.events))
        posts = np.asarray([len(self.members[slot]) for slot in slots.tolist()])
        age = np.nan_to_num(self.last[slots], nan=-np.inf) + 30.0 * np.log2(np.maximum(posts, 1))
        for slot in slots[np.argsort(age, kind="stable")].tolist():
            if min(len(self._free_rows), len(self._free_slots)) >= least:
                return
            self._drop(slot)

    def _drop(self, slot: int) -> None:
        for row in self.members[slot]:
            self._release(row)
        for row in self._left:
            if self.slot_of[row] == slot:
                self.slot_of[row] = -1  # the slot will be another event's
        self.members[slot] = []
        self.last[slot] = np.nan
        del self.events[self.names[slot]]
        self.names[slot] = ""
        self._free_slots.append(slot)
