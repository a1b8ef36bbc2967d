"""What the store hands to the pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread as lists show it. Times are whole seconds since 1970."""

    tid: int
    fid: int
    uid: int
    title: str
    kind: str
    created: int
    last_at: int
    last_uid: int
    replies: int
    views: int
    #: 0 none, 1 sticky in its board, 3 sticky in every board
    sticky: int
    locked: int
    #: tid that this entry was moved to, 0 when it stands itself
    moved_to: int


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post that is not deleted. `floor` counts the posts that are left, from 1."""

    pid: int
    tid: int
    uid: int
    body: str
    posted_at: int
    edited_at: int
    quotes: int
    first: int
    shielded: int
    floor: int


@dataclass(frozen=True, slots=True)
class BoardRow:
    fid: int
    threads: int
    posts: int
    last_tid: int
    last_title: str
    last_at: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to a thread, reply or edit."""

    tid: int
    pid: int
    posted_at: int
