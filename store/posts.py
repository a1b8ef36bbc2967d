"""What is stored, as rows for the command line and as threads for the pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from store.models import Edit, Observation, OfficialNode, Post, Thread
from store.search.rows import Row, post_row

_CHUNK = 500


def find_post(ref: str) -> Post | None:
    """The post `site:pid`, with its thread; None when there is none."""
    site, found, pid = ref.partition(":")
    return Post.objects.select_related("thread").filter(site=site, pid=pid).first() if found else None


def post_rows(*, source: str | None = None, thread: str | None = None, since: datetime | None = None, limit: int = 100) -> Iterator[Row]:
    """Rows of `huiying posts --json`, newest first; a thread's in reading order. `thread` is `site:tid` or a bare tid."""
    posts = Post.objects.select_related("thread").order_by("-posted_at", "-pk")
    if source:
        posts = posts.filter(source=source)
    if since is not None:
        posts = posts.filter(posted_at__gte=since)
    if thread:
        site, found, tid = thread.partition(":")
        posts = posts.filter(thread__site=site, thread__tid=tid) if found else posts.filter(thread__tid=thread)
        posts = posts.order_by("thread__site", "posted_at", "pk")
    # Ids first, rows in slices: no cursor stays open while somebody reads a long pipe.
    ids = list(posts.values_list("pk", flat=True)[:limit])
    for start in range(0, len(ids), _CHUNK):
        chunk = Post.objects.select_related("thread").in_bulk(ids[start : start + _CHUNK])
        yield from (post_row(chunk[pk]) for pk in ids[start : start + _CHUNK] if pk in chunk)


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadView:
    """A thread as the archive shows it."""

    thread: Thread
    #: the first post, None when only replies are stored
    topic: Post | None
    #: in reading order
    replies: tuple[Post, ...]
    #: old texts by post
    edits: dict[int, list[Edit]]
    observations: tuple[Observation, ...]

    @property
    def official(self) -> tuple[Post, ...]:
        """The official replies that stand."""
        return tuple(post for post in self.replies if post.official and post.deleted_at is None)


def thread_view(ref: str, *, limit: int = 2000) -> ThreadView | None:
    """The thread `site:tid` with its posts (at most `limit`), old texts and counts; None when it is not stored."""
    site, _, tid = ref.partition(":")
    thread = Thread.objects.filter(site=site, tid=tid).first()
    if thread is None:
        return None
    posts = list(Post.objects.filter(thread=thread).order_by("posted_at", "floor", "pk")[:limit])
    edits: dict[int, list[Edit]] = {}
    for edit in Edit.objects.filter(post__thread=thread).order_by("seen_at"):
        edits.setdefault(edit.post_id, []).append(edit)
    topic = next((post for post in posts if post.kind == "topic"), None)
    return ThreadView(
        thread=thread,
        topic=topic,
        replies=tuple(post for post in posts if post is not topic),
        edits=edits,
        observations=tuple(Observation.objects.filter(thread=thread).order_by("seen_at")),
    )


def official_nodes(post: Post) -> list[OfficialNode]:
    """What was kept of an official post as served, oldest first."""
    return list(OfficialNode.objects.filter(post=post).order_by("seen_at"))
