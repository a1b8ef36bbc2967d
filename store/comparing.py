"""A post as read against the post as stored: what is new about it, and whether that is an edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from store import bulk
from store.cleaning import plain, stored_body, stored_title, text_sha256
from store.masking import mask
from store.models import Edit, Post, Thread
from store.officials import OfficialAccounts
from store.records import Post as PostRecord
from store.records import Precision
from store.snapshots import ThreadSnapshot

_FINENESS = [Precision.SECOND, Precision.MINUTE, Precision.HOUR, Precision.DAY, Precision.UNKNOWN]
#: a forum's clock may run ahead by so much before the operator hears of it
CLOCK_SKEW = timedelta(minutes=5)
#: an unchanged post is written again at most this often, for its `seen_at`
SEEN_STEP = timedelta(minutes=10)


def finer(new: str, old: str) -> bool:
    """Whether a time told with precision `new` says more than one told with `old`."""
    return _FINENESS.index(Precision(new)) < _FINENESS.index(Precision(old))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A post as a page showed it, ready to be stored: masked, bounded, the author a key."""

    record: PostRecord
    title: str
    thread_title: str
    body: str
    sha256: str
    author_key: str
    author: str
    #: None for a citizen
    unit: str | None
    posted_at: datetime
    seen_at: datetime
    #: every post of the page was read to its end
    whole: bool
    raw_sha256: str
    #: sentences for the operator
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a second reading did to a stored post."""

    #: the row must be written
    touches: bool = False
    #: followers must see it: next number, next version
    bumps: bool = False
    #: it is an edit, a shield or a return, as `TakeCount.posts_changed` counts
    counts: bool = False
    old_text: Edit | None = None


def reading(record: PostRecord, snapshot: ThreadSnapshot, officials: OfficialAccounts, answer_of: str | None = None) -> Reading:
    """Everything that must happen to a post before it may reach the disk.

    `answer_of` names the unit ("" = unknown) of a post that is official by the column of an import it stood in.
    """
    doubts = []
    body, cut = stored_body(record.body)
    if cut:
        doubts.append(f"正文 {len(record.body)} 字，超过上限，只存前 60,000 字；请看原帖")
    posted_at = record.posted_at
    if posted_at > snapshot.fetched_at:
        if posted_at - snapshot.fetched_at > CLOCK_SKEW:
            doubts.append(f"发帖时间 {posted_at:%Y-%m-%d %H:%M} (UTC) 在读到之后，已按读到时间计；请核对站点或本机的时钟")
        posted_at = snapshot.fetched_at
    # Official by its column, not by the list: without a key, so that re-reading the list leaves it as it is.
    key, unit = officials.identify(record.site, record.uid) if answer_of is None else ("", answer_of)
    title = stored_title(record.title)
    return Reading(
        record=record,
        title=title,
        thread_title=stored_title(record.thread_title or snapshot.title),
        body=body,
        sha256=text_sha256(title, body),
        author_key=key,
        author=officials.shown(key, unit),
        unit=unit,
        posted_at=posted_at,
        seen_at=snapshot.fetched_at,
        whole=snapshot.complete,
        raw_sha256=record.raw_sha256 or snapshot.raw_sha256,
        doubts=tuple(doubts),
    )


def new_post(thread: Thread, snapshot: ThreadSnapshot, seen: Reading, *, detected_when_posted: bool = False) -> Post:
    """The unsaved row of a post seen for the first time."""
    record = seen.record
    post = bulk.made(
        Post,
        site=record.site,
        pid=record.pid,
        source=thread.source,
        kind=record.kind.value,
        board=record.board or snapshot.board,
        board_name=(record.board_name or snapshot.board_name)[:120],
        title=seen.title,
        thread_title=seen.thread_title,
        body=seen.body,
        author_key=seen.author_key,
        author=seen.author,
        official=seen.unit is not None,
        official_unit=seen.unit or "",
        floor=record.floor,
        quotes=record.quotes,
        posted_at=seen.posted_at,
        precision=record.precision.value,
        detected_at=seen.posted_at if detected_when_posted else seen.seen_at,
        seen_at=seen.seen_at,
        url=record.url or snapshot.url,
        shielded=record.shielded,
        partial=not seen.whole or record.withheld,
        text_sha256=seen.sha256,
        raw_sha256=seen.raw_sha256,
    )
    post.thread = thread
    return post


def compare(stored: Post, seen: Reading) -> Change:
    """Bring `stored` up to what was seen; a half page never takes anything away."""
    record, bumps, counts, old_text = seen.record, False, False, None
    # shielded when first seen: its text is shown for the first time, which is no edit
    was_bare = stored.shielded and not stored.body
    if stored.deleted_at is not None:
        bumps = counts = True
    returned = stored.missing_since is not None
    stored.missing_since = stored.deleted_at = None
    if seen.whole and stored.shielded != record.shielded:
        stored.shielded = record.shielded
        bumps = counts = True
    # A shielded post keeps the text it had: that is what the archive is for.
    if seen.whole and not record.shielded and seen.sha256 != stored.text_sha256:
        if not ((stored.partial and not record.withheld) or _masked_anew(stored, seen) or was_bare):
            old_text = Edit(post=stored, seen_at=seen.seen_at, title=stored.title, body=stored.body, text_sha256=stored.text_sha256)
            stored.edits += 1
            counts = True
        stored.title, stored.body, stored.text_sha256 = seen.title, seen.body, seen.sha256
        stored.raw_sha256 = seen.raw_sha256
        bumps = True
    if finer(record.precision, stored.precision):
        stored.posted_at, stored.precision = seen.posted_at, record.precision.value
        bumps = True
    if seen.author_key and not stored.author_key and not stored.official:  # a template hid its author when it was first read
        stored.author_key, stored.author = seen.author_key, seen.author
        stored.official, stored.official_unit = seen.unit is not None, seen.unit or ""
        bumps = True
    board = (record.board or stored.board, record.board_name[:120] or stored.board_name)
    if board != (stored.board, stored.board_name):
        stored.board, stored.board_name = board
        bumps = True
    small = (
        seen.thread_title or stored.thread_title,
        record.floor or stored.floor,
        record.quotes or stored.quotes,
        record.withheld if seen.whole else stored.partial,
    )
    touches = small != (stored.thread_title, stored.floor, stored.quotes, stored.partial)
    stored.thread_title, stored.floor, stored.quotes, stored.partial = small
    touches = touches or returned or bumps or seen.seen_at - stored.seen_at >= SEEN_STEP
    if touches:
        stored.seen_at = seen.seen_at
    return Change(touches=touches, bumps=bumps, counts=counts, old_text=old_text)


def _masked_anew(stored: Post, seen: Reading) -> bool:
    """The text is the same; only our cleaning and masking became stricter since it was stored."""
    return (stored_title(stored.title), mask(plain(stored.body).strip())) == (seen.title, seen.body)
