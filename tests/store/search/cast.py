"""Posts of invented texts, put straight into the tables, for the tests of search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction

from store.models import Assessment, Counter, Post, Thread

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a test says about a post; the rest is filled in."""

    title: str = ""
    body: str = ""
    posted_at: datetime = NOON
    board: str = ""
    board_name: str = ""
    source: str = "forum"
    kind: str = "topic"
    official: bool = False
    deleted: bool = False
    #: (topic, level, flag) of its judgement
    judged: tuple[str, int, bool] | None = None


@dataclass
class Shelf:
    """Writes drafts as posts of one thread, and changes them, each change with the next number of the counter."""

    seq: int = 0
    _thread: Thread | None = field(default=None, repr=False)

    def put(self, drafts: Sequence[Draft]) -> list[Post]:
        with transaction.atomic():
            if self._thread is None:
                self.seq = Post.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
                self._thread = Thread.objects.create(site="forum", tid=f"t{self.seq}", source="forum", first_seen_at=NOON)
            posts = Post.objects.bulk_create([self._post(draft) for draft in drafts])
            Assessment.objects.bulk_create(
                [self._assessment(post, *draft.judged) for post, draft in zip(posts, drafts, strict=True) if draft.judged]
            )
            Counter.objects.update_or_create(name="post", defaults={"value": self.seq})
        return posts

    def change(self, post: Post, **values: object) -> Post:
        for name, value in values.items():
            setattr(post, name, value)
        self.seq += 1
        post.seq = self.seq
        post.save()
        return post

    def _post(self, draft: Draft) -> Post:
        self.seq += 1
        return Post(
            site="forum",
            pid=str(self.seq),
            thread=self._thread,
            source=draft.source,
            kind=draft.kind,
            board=draft.board,
            board_name=draft.board_name,
            title=draft.title,
            body=draft.body,
            official=draft.official,
            posted_at=draft.posted_at,
            precision="second",
            detected_at=draft.posted_at + timedelta(minutes=1),
            seen_at=draft.posted_at + timedelta(minutes=1),
            deleted_at=NOON if draft.deleted else None,
            text_sha256="",
            seq=self.seq,
        )

    @staticmethod
    def _assessment(post: Post, topic: str, level: int, flag: bool) -> Assessment:
        return Assessment(
            post=post,
            post_version=1,
            assessed_at=NOON,
            needs_response=0.9 if flag else 0.1,
            threshold=0.5,
            flag=flag,
            category="投诉" if flag else "其他",
            topic=topic,
            level=level,
            model="test",
        )
