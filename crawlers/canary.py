"""Does a page yield less than it used to, and is that the template or the forum? Pure; a canary thread decides.

A template that loses the readers half of what they look for still gives pages without an error: rows without times, posts without
authors, a list that says it is empty. How much a page yields is compared with what its kind yields usually; when it drops, an old
thread that was read in full before is read again. It reads as it did: the forum is quiet, or the list alone has changed. It does
not: the template has changed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from crawlers.pages import ThreadList, ThreadPage
from store.records import Post, Precision
from store.snapshots import Canary, CanaryPost

#: a drop below this share of the usual is looked into; the usual is known after so many pages
_DROP, _ENOUGH = 0.75, 5
_WEIGHT = 0.05
#: a list that had so many threads is not believed when it says that it has none
_FEW = 3
#: what a process that has not read a page yet expects: of a list as many rows as are known, at most a page of them; of threads nearly all
_A_PAGE, _EXPECTED = 20, 0.95
_THREAD = "thread"
#: lists that wait for a verdict of their own
_MOST_WAITING = 10
#: share of a canary's posts that may be missing or odd: deletions, an author who is anonymous now
_ODD = 1 / 3
_A_DAY_S = 86_400.0
#: seconds between two looks at canaries, between two for the same list (or for threads), and while one tells of a changed template
BETWEEN_S, SAME_S, AGAIN_S = 20.0, 600.0, 1800.0


@dataclass(frozen=True, slots=True)
class Yield:
    """Fields that a page should show, and those that it showed."""

    wanted: int
    found: int

    @property
    def share(self) -> float:
        return self.found / self.wanted if self.wanted else 1.0


def yield_of_list(listing: ThreadList) -> Yield:
    """Of each row: a time, an author's name, the number of replies."""
    found = sum(
        (row.posted_at is not None or row.last_post_at is not None) + bool(row.author) + (row.replies is not None) for row in listing.rows
    )
    return Yield(3 * len(listing.rows), found)


def yield_of_thread(page: ThreadPage) -> Yield:
    """Of each post: a time, an author's account, a text (or a sign that it is hidden, or a picture)."""
    pictured = {detail.pid for detail in page.details if detail.images}
    found = sum(
        (post.precision is not Precision.UNKNOWN) + bool(post.uid) + bool(post.body or post.shielded or post.pid in pictured)
        for post in page.posts
    )
    left_out = sum("未采用" in finding and "不完整" not in finding for finding in page.findings)
    return Yield(3 * (len(page.posts) + left_out), found)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A page yielded less than its kind does."""

    board: str
    #: what came instead of what, for the operator
    text: str
    #: a list that says it is empty
    empty: bool = False
    #: key of the list, "" = it was a thread's page
    key: str = ""

    @property
    def of_list(self) -> bool:
        return bool(self.key)


@dataclass(slots=True)
class Usual:
    """What the pages of one kind yield usually."""

    share: float = 1.0
    pages: int = 0
    rows: int = 0
    drops: int = 0

    def doubt(self, board: str, what: str, shown: Yield, rows: int, key: str = "") -> Doubt | None:
        """Take in a page; the doubt that it raises. A drop is believed at the second page, an emptied list at once."""
        if rows == 0 and self.rows >= _FEW:
            return Doubt(board, f"{what}说没有主题，以前一页有 {self.rows} 个", empty=True, key=key)
        dropped = self.pages >= _ENOUGH and shown.wanted > 0 and shown.share < _DROP * self.share
        self.drops = self.drops + 1 if dropped else 0
        if dropped:
            if self.drops < 2:
                return None
            return Doubt(board, f"{what}只取到 {shown.share:.0%} 的字段，平时 {self.share:.0%}", key=key)
        if shown.wanted:
            self.share = shown.share if self.pages == 0 else self.share + _WEIGHT * (shown.share - self.share)
            self.pages, self.rows = self.pages + 1, rows
        return None


@dataclass(slots=True)
class Watch:
    """The canaries of one source: what raised a doubt, and which thread is asked."""

    usual: dict[str, Usual] = field(default_factory=dict)
    doubt: Doubt | None = None
    canaries: list[Canary] = field(default_factory=list)
    #: monotonic seconds of the last verdict, and whether it was that the template of threads has changed
    judged_at: float = -math.inf
    changed: bool = False
    #: the same by the key of what was doubted
    judged: dict[str, float] = field(default_factory=dict)
    #: lists whose template has changed: key → board
    lists: dict[str, str] = field(default_factory=dict)
    few: int = _FEW
    #: further lists that say they are empty, by key: each is asked about in turn
    waiting: dict[str, Doubt] = field(default_factory=dict)
    #: threads whose pages were read while their template was in doubt, or just before
    half: set[str] = field(default_factory=set)

    @property
    def doubtful(self) -> bool:
        """Whether pages of threads may be read wrongly."""
        return self.changed or (self.doubt is not None and not self.doubt.of_list)

    @property
    def dropped(self) -> bool:
        """Whether the newest page of a thread yielded less than usual."""
        return _THREAD in self.usual and self.usual[_THREAD].drops > 0

    def expect(self, boards: Iterable[str], *, threads: bool) -> None:
        """What the store holds was yielded before this process began: the board of each thread, whether any was read in full."""
        for board, count in Counter(filter(None, boards)).items():
            self.usual[f"board:{board}"] = Usual(rows=min(count, _A_PAGE))
        if threads:
            self.usual[_THREAD] = Usual(share=_EXPECTED, pages=_ENOUGH)

    def saw_list(self, key: str, board: str, listing: ThreadList, mono: float) -> str | None:
        """A list was read; the board of it when it yields again what it did before its template changed."""
        what = f"版块 {board} 的列表" if board else "导读列表"
        usual = self.usual.setdefault(key, Usual())
        doubt = usual.doubt(board, what, yield_of_list(listing), len(listing.rows), key)
        self._raise(doubt, mono)
        return self.lists.pop(key, None) if listing.rows and doubt is None and not usual.drops else None

    def saw_thread(self, board: str, page: ThreadPage, mono: float) -> None:
        """A thread's page was read."""
        self._raise(self.usual.setdefault(_THREAD, Usual()).doubt(board, "主题页", yield_of_thread(page), len(page.posts)), mono)

    def failed(self, board: str, what: str, text: str, mono: float, key: str = "") -> None:
        """A page of the forum could not be read for its template. A list that never yielded anything is no sign of a change."""
        if not key or key in self.usual:
            self._raise(Doubt(board, f"{what}读不出：{text}", key=key), mono)

    def _raise(self, doubt: Doubt | None, mono: float) -> None:
        if doubt is None or doubt.key in self.lists or mono - self.judged.get(doubt.key, -math.inf) < SAME_S:
            return
        if self.doubt is None and mono - self.judged_at >= BETWEEN_S:
            self.doubt = doubt
        elif doubt.empty and len(self.waiting) < _MOST_WAITING and (self.doubt is None or self.doubt.key != doubt.key):
            self.waiting[doubt.key] = doubt

    def due(self, mono: float) -> bool:
        """A canary is to be read: for a doubt, or to see whether a changed template is read again."""
        if self.doubt is None and self.waiting:
            self.doubt = self.waiting.pop(next(iter(self.waiting)))
        return self.doubt is not None or (self.changed and mono - self.judged_at >= AGAIN_S)

    def settle(self, mono: float, *, changed: bool) -> None:
        """A verdict was given. Where the template did not change, what the page yielded is what is usual from now on."""
        if self.doubt is not None and not changed and self.doubt.key not in self.lists:
            self.usual.pop(self.doubt.key or _THREAD, None)
        if self.doubt is not None:
            self.judged[self.doubt.key] = mono
            self.waiting.pop(self.doubt.key, None)
        self.doubt, self.canaries, self.judged_at, self.changed = None, [], mono, changed


def lost(canary: Canary, page: ThreadPage) -> tuple[str, ...]:
    """What a canary's page does not yield any more, field by field; empty = it reads as it did."""
    shown = {post.pid: post for post in page.posts}
    common = [(was, shown[was.pid]) for was in canary.posts if was.pid in shown]
    most = _ODD * len(canary.posts)
    if len(canary.posts) - len(common) > most:
        return ("帖子",)
    found = []
    named = [now for was, now in common if was.named]
    if sum(not now.uid for now in named) > _ODD * max(1, len(named)):
        found.append("作者编号")
    if sum(not now.author for now in named) > _ODD * max(1, len(named)):
        found.append("作者")
    if sum(was.worded and not now.body and not now.shielded for was, now in common) > most:
        found.append("正文")
    if sum(_other_time(was, now) for was, now in common) > most:
        found.append("发表时间")
    return tuple(found)


def _other_time(was: CanaryPost, now: Post) -> bool:
    """No time, or one that is off by more than the day that a relative time leaves open."""
    return now.precision is Precision.UNKNOWN or abs((now.posted_at - was.posted_at).total_seconds()) > _A_DAY_S
