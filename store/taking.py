"""One batch of snapshots against what is stored: what is new, what changed, what is missing.

Nothing here opens a transaction; `StoreSink.take` does, and everything is written inside it.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf

from store import bulk, sequence
from store.cleaning import stored_title
from store.comparing import Reading, compare, new_post, reading
from store.evidence import official_node
from store.models import Edit, Observation, OfficialNode, Post, Thread
from store.officials import OfficialAccounts
from store.records import PostKind
from store.snapshots import PostDetail, TakeCount, ThreadSnapshot

_CHUNK = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Warned:
    """A doubt about something that was stored, for the operator."""

    source: str
    board: str
    ref: str
    text: str
    at: datetime


class Taking:
    """The state of one batch while it is taken."""

    def __init__(
        self,
        *,
        officials: OfficialAccounts,
        source_of: Callable[[str], str],
        backfill_before: dict[str, datetime],
        detected_when_posted: bool = False,
        answers: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        self._officials = officials
        self._source_of = source_of
        self._backfill_before = backfill_before
        self._detected_when_posted = detected_when_posted
        self._answers = answers or {}
        self._threads: dict[tuple[str, str], Thread] = {}
        self._posts: dict[tuple[str, str], Post] = {}
        self._standing: dict[int, list[tuple[str, datetime]]] | None = None
        #: threads to write
        self._read: dict[tuple[str, str], Thread] = {}
        #: posts to write, in the order in which they get their numbers
        self._new: list[Post] = []
        self._changed: dict[tuple[str, str], Post] = {}
        self._touched: dict[tuple[str, str], Post] = {}
        self._edits: list[Edit] = []
        self._nodes: list[OfficialNode] = []
        self._observations: list[Observation] = []
        self.backfilled: Tally[tuple[str, str]] = Tally()
        self.warnings: list[Warned] = []

    def take(self, batch: Sequence[ThreadSnapshot]) -> list[TakeCount]:
        """Apply the snapshots in their order and write the result."""
        self._load(batch)
        counts = [self._gone(snapshot) if snapshot.gone else self._page(snapshot) for snapshot in batch]
        self._write()
        return counts

    def _load(self, batch: Sequence[ThreadSnapshot]) -> None:
        for site in {snapshot.site for snapshot in batch}:
            tids = {snapshot.tid for snapshot in batch if snapshot.site == site}
            for some in _chunks(tids):
                self._threads |= {(site, thread.tid): thread for thread in Thread.objects.filter(site=site, tid__in=some)}
            pids = {post.pid for snapshot in batch if snapshot.site == site for post in snapshot.posts}
            for some in _chunks(pids):
                self._posts |= {(site, post.pid): post for post in Post.objects.filter(site=site, pid__in=some)}

    @property
    def new(self) -> list[Post]:
        """The posts that were stored for the first time."""
        return self._new

    # -- one page ------------------------------------------------------------------------------------------------------
    def _page(self, snapshot: ThreadSnapshot) -> TakeCount:
        thread = self._threads.get((snapshot.site, snapshot.tid)) or self._begin(snapshot)
        stale = thread.last_read_at is not None and snapshot.fetched_at < thread.last_read_at
        if not stale:
            self._look(thread, snapshot)
        if snapshot.complete:
            thread.pages_read = sorted(page for page in {*thread.pages_read, snapshot.page} if page <= thread.pages)
        details = {detail.pid: detail for detail in snapshot.details}
        new = changed = official = 0
        for record in snapshot.posts:
            seen = reading(record, snapshot, self._officials, self._answers.get((record.site, record.pid)))
            self._note(snapshot, seen)
            stored = self._posts.get((snapshot.site, record.pid))
            if stored is None:
                stored = self._add(thread, snapshot, seen)
                new += 1
                official += stored.official and stored.kind == PostKind.REPLY
            elif snapshot.fetched_at >= stored.seen_at:
                changed += self._compare(thread, stored, seen)
            self._tell(stored, details.get(record.pid), snapshot)
        if snapshot.complete and thread.pk is not None:
            changed += self._missing(thread, snapshot)
        self._read[thread.site, thread.tid] = thread
        return TakeCount(posts_new=new, posts_changed=changed, replies_official=official)

    def _begin(self, snapshot: ThreadSnapshot) -> Thread:
        thread = Thread(site=snapshot.site, tid=snapshot.tid, source=self._source_of(snapshot.site), first_seen_at=snapshot.fetched_at)
        self._threads[snapshot.site, snapshot.tid] = thread
        return thread

    def _look(self, thread: Thread, snapshot: ThreadSnapshot) -> None:
        """Update what the thread page tells about the thread itself."""
        replies = thread.replies if snapshot.replies is None else snapshot.replies
        views = thread.views if snapshot.views is None else snapshot.views
        if (replies, views) != (thread.replies, thread.views):
            thread.replies, thread.views = replies, views
            self._observations.append(Observation(thread=thread, seen_at=snapshot.fetched_at, replies=replies, views=views))
        thread.board = snapshot.board or thread.board
        thread.board_name = snapshot.board_name[:120] or thread.board_name
        thread.title = stored_title(snapshot.title) or thread.title
        thread.url = snapshot.url or thread.url
        thread.pages = max(1, snapshot.pages)
        thread.activity = snapshot.activity
        newest = max((post.posted_at for post in snapshot.posts), default=None)
        last = snapshot.last_post_at or newest
        if last is not None and (thread.last_post_at is None or last > thread.last_post_at):
            thread.last_post_at = min(last, snapshot.fetched_at)
        thread.last_read_at = snapshot.fetched_at
        thread.missing_since = thread.deleted_at = None

    def _add(self, thread: Thread, snapshot: ThreadSnapshot, seen: Reading) -> Post:
        post = new_post(thread, snapshot, seen, detected_when_posted=self._detected_when_posted)
        if post.posted_at < self._backfill_before[thread.source] and not self._detected_when_posted:
            post.backfill = True
            self.backfilled[thread.source, post.board] += 1
        self._posts[post.site, post.pid] = post
        self._new.append(post)
        if post.kind == PostKind.TOPIC:
            thread.posted_at, thread.official = post.posted_at, post.official
            post.replies, post.views = thread.replies, thread.views
        return post

    def _compare(self, thread: Thread, stored: Post, seen: Reading) -> bool:
        change = compare(stored, seen)
        key = (stored.site, stored.pid)
        if change.old_text is not None:
            self._edits.append(change.old_text)
        if stored.kind == PostKind.TOPIC and (stored.replies, stored.views) != (thread.replies, thread.views):
            stored.replies, stored.views = thread.replies, thread.views
            self._touched[key] = stored
        moved = stored.thread_id is not None and stored.thread_id != thread.pk
        if moved:
            stored.thread = thread
        if stored.kind == PostKind.TOPIC:
            thread.official = stored.official
        if (change.bumps or moved) and stored.pk is not None:
            stored.version += 0 if key in self._changed else 1
            self._changed[key] = stored
        elif change.touches:
            self._touched[key] = stored
        return change.counts

    def _tell(self, post: Post, detail: PostDetail | None, snapshot: ThreadSnapshot) -> None:
        if detail is None:
            return
        told = (detail.edited_at or post.edited_at, list(detail.images) or post.images)
        if told != (post.edited_at, post.images):
            post.edited_at, post.images = told
            self._touched[post.site, post.pid] = post
        if post.official and detail.node and snapshot.complete:
            self._nodes.append(official_node(post, detail.node, snapshot))

    def _note(self, snapshot: ThreadSnapshot, seen: Reading) -> None:
        source = self._source_of(snapshot.site)
        self.warnings += [
            Warned(source=source, board=snapshot.board, ref=seen.record.pid, text=text, at=snapshot.fetched_at) for text in seen.doubts
        ]

    # -- what is not there ---------------------------------------------------------------------------------------------
    def _missing(self, thread: Thread, snapshot: ThreadSnapshot) -> int:
        """A stored post that a whole page should show and does not: missing, and deleted at the second look; how many are."""
        shown = [post.pid for post in snapshot.posts]
        in_order = [pid for pid in shown if pid not in snapshot.lifted]
        if not in_order or not all(pid.isdigit() for pid in in_order):
            return 0
        numbers = [_place(pid) for pid in in_order]
        if numbers != sorted(numbers):
            # Newest first, or a reply on top: then a page shows no unbroken stretch, and absence proves nothing.
            return 0
        first, last = snapshot.page == 1, snapshot.page >= snapshot.pages
        low = 0 if first else numbers[0]
        # One post alone on a later page does not tell which way the thread runs.
        high = inf if last and (first or len(numbers) > 1) else numbers[-1]
        rows = [pid for pid, seen_at in self._stored(thread) if seen_at < snapshot.fetched_at]
        gone = [pid for pid in rows if pid.isdigit() and pid not in shown and low <= _place(pid) <= high]
        deleted = 0
        for some in _chunks(gone):
            for post in Post.objects.filter(site=snapshot.site, pid__in=some):
                deleted += self._not_shown(self._posts.setdefault((post.site, post.pid), post), snapshot.fetched_at)
        return deleted

    def _stored(self, thread: Thread) -> list[tuple[str, datetime]]:
        """(pid, last seen) of the posts of a thread that stand, as the database knew them before this batch."""
        if self._standing is None:
            self._standing = defaultdict(list)
            keys = [thread.pk for thread in self._threads.values() if thread.pk is not None]
            for start in range(0, len(keys), _CHUNK):
                standing = Post.objects.filter(thread__in=keys[start : start + _CHUNK], deleted_at=None)
                for key, pid, seen_at in standing.values_list("thread_id", "pid", "seen_at"):
                    self._standing[key].append((pid, seen_at))
        return self._standing[thread.pk]

    def _not_shown(self, post: Post, at: datetime) -> int:
        key = (post.site, post.pid)
        if post.deleted_at is not None or post.pk is None:
            return 0
        if post.missing_since is None:
            post.missing_since = at
            self._touched[key] = post
            return 0
        if at <= post.missing_since:
            return 0
        post.deleted_at = post.missing_since
        post.version += 0 if key in self._changed else 1
        self._changed[key] = post
        return 1

    def _gone(self, snapshot: ThreadSnapshot) -> TakeCount:
        """The forum says that the thread does not exist: believed at the second time."""
        thread = self._threads.get((snapshot.site, snapshot.tid))
        if thread is None or thread.deleted_at or (thread.last_read_at and snapshot.fetched_at < thread.last_read_at):
            return TakeCount()
        changed = 0
        if thread.missing_since is None:
            thread.missing_since = snapshot.fetched_at
        elif snapshot.fetched_at > thread.missing_since:
            thread.deleted_at = thread.missing_since
            for post in Post.objects.filter(thread=thread, deleted_at=None):
                known = self._posts.setdefault((post.site, post.pid), post)
                known.missing_since = known.missing_since or thread.missing_since
                changed += self._not_shown(known, snapshot.fetched_at)
        self._read[thread.site, thread.tid] = thread
        return TakeCount(posts_changed=changed)

    # -- writing -------------------------------------------------------------------------------------------------------
    def _write(self) -> None:
        self._write_threads()
        for post in self._new:
            # Touched again within the batch: it is written once, as new.
            self._touched.pop((post.site, post.pid), None)
        sequence.number([*self._new, *self._changed.values()])
        bulk.insert(self._new)
        bulk.learn_keys(self._new, "seq")  # edits and nodes point at them
        bulk.update(list({**self._touched, **self._changed}.values()))
        bulk.insert(self._edits)
        bulk.insert(self._observations)
        OfficialNode.objects.bulk_create(self._nodes, ignore_conflicts=True)

    def _write_threads(self) -> None:
        new = [thread for thread in self._read.values() if thread.pk is None]
        bulk.update([thread for thread in self._read.values() if thread.pk is not None])
        bulk.insert(new)
        for site in {thread.site for thread in new}:
            bulk.learn_keys([thread for thread in new if thread.site == site], "tid", site=site)


def _place(pid: str) -> int:
    """Where a post stands in its thread: by its id; a first post whose id is made of its thread's (0TID) before all replies."""
    return 0 if pid.startswith("0") else int(pid)


def _chunks(keys: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))
