"""The list 拿不准: posts that the judge did not flag but was unsure of, and what people decided of them; the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from alerts import doubt
from alerts.models import Alert, AlertPost, EventMember, Label
from alerts.moves.by_hand import WORDS
from alerts.states import LIVE
from dashboards.people import names
from dashboards.words import instant
from store.models import Post

PAGE = 50
#: characters of the body beside the title
SNIPPET = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """Which of the two lists, from where on, and which post is open, as they stand in the address."""

    #: "" = still to be looked at, "done" = decided
    show: str = ""
    #: id of the last row of the page before
    after: int | None = None
    post: int | None = None

    @classmethod
    def of(cls, query: QueryDict) -> View:
        return cls(
            show="done" if query.get("show") == "done" else "", after=_number(query.get("after", "")), post=_number(query.get("post", ""))
        )

    def address(self, *, after: int | None = None, post: int | None = None) -> str:
        """The query string of this list; without `after` from its newest row on."""
        query = QueryDict(mutable=True)
        for name, text in (("show", self.show), ("after", str(after or "")), ("post", str(post or ""))):
            if text:
                query[name] = text
        return query.urlencode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    #: what the next page begins after: the post, or the decision
    key: int
    post: Post
    posted: str
    #: title; of a reply the beginning of its words
    title: str
    #: what stands beside board and author: the beginning of the text, of a reply the title of its thread
    beside: str
    #: the live alert of its thread, which the reply would join
    standing: int | None = None
    #: 需回应, 不需回应; "" while nobody decided
    word: str = ""
    who: str = ""
    when: str = ""
    #: the alert that came of it
    alert: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    rows: tuple[Row, ...]
    #: rows that stand behind these
    rest: int


def listed(view: View, now: datetime) -> Listed:
    """One page of the list."""
    return _decided(view, now) if view.show == "done" else _waiting(view, now)


def counts(now: datetime) -> dict[str, int]:
    """Lengths of the two lists."""
    return {"waiting": doubt.waiting(now).count(), "done": doubt.decided(now).count()}


def following(post: Post, now: datetime) -> int | None:
    """The post to look at after `post`: the next older one, else the newest."""
    found = doubt.waiting(now).exclude(pk=post.pk)
    older: int | None = _older(found, post).values_list("pk", flat=True).first()
    return older if older is not None else found.values_list("pk", flat=True).first()


def _waiting(view: View, now: datetime) -> Listed:
    found = doubt.waiting(now)
    if view.after is not None and (last := Post.objects.filter(pk=view.after).first()) is not None:
        found = _older(found, last)
    posts = list(found.select_related("assessment")[:PAGE])
    live = _live([post.thread_id for post in posts])
    rows = tuple(_row(post, now, key=post.pk, standing=live.get(post.thread_id)) for post in posts)
    return Listed(rows=rows, rest=max(0, found.count() - len(posts)))


def _older(found: QuerySet[Post], post: Post) -> QuerySet[Post]:
    return found.filter(Q(posted_at__lt=post.posted_at) | Q(posted_at=post.posted_at, pk__lt=post.pk))


def _decided(view: View, now: datetime) -> Listed:
    found = doubt.decided(now)
    if view.after is not None and (last := Label.objects.filter(pk=view.after).first()) is not None:
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    labels = list(found.select_related("post__assessment")[:PAGE])
    known = names(label.by for label in labels)
    alerts = _alerts([label.post_id for label in labels])
    rows = tuple(
        _row(
            label.post,
            now,
            key=label.pk,
            word=WORDS[label.decided],
            who=known.get(label.by, label.by),
            when=instant(label.at, now),
            alert=alerts.get(label.post_id),
        )
        for label in labels
    )
    return Listed(rows=rows, rest=max(0, found.count() - len(labels)))


def _alerts(posts: list[int]) -> Mapping[int, int]:
    """Post → the newest alert that it anchors or is a further request of."""
    further = AlertPost.objects.filter(post__in=posts).order_by("alert").values_list("post", "alert")
    return dict([*further, *Alert.objects.filter(anchor__in=posts).order_by("pk").values_list("anchor", "pk")])


def _live(threads: list[int]) -> Mapping[int, int]:
    """Thread → the live alert that speaks for it."""
    found = EventMember.objects.filter(post__thread__in=threads, confirmed=True, event__alerts__state__in=LIVE)
    return dict(found.order_by("event__alerts").values_list("post__thread", "event__alerts"))


def _row(post: Post, now: datetime, **more: Any) -> Row:
    body = " ".join(post.body.split())[:SNIPPET]
    if post.title:
        title, beside = post.title, "" if body == post.title else body
    else:
        title, beside = body or "（没有正文）", f"回「{post.thread_title}」" if post.thread_title else ""
    return Row(post=post, posted=instant(post.posted_at, now), title=title, beside=beside, **more)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
