"""Posts that the judge did not flag but was unsure of: which wait for a person's look, and what was decided of them.

A decision is a `Label` of `needs_response` that says the machine judged "no"; the moves are `alerts.moves.by_hand`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from alerts.models import Alert, AlertPost, Label
from store.models import Edit, Post
from store.records import PostKind

#: a doubt is shown for so long after the post was found; later it could only be late
SHOWN_FOR = timedelta(days=3)
FIELD, JUDGED = "needs_response", "no"


def decisions() -> QuerySet[Label]:
    """What people decided of posts that the machine had not flagged."""
    return Label.objects.filter(field=FIELD, judged=JUDGED)


def waiting(now: datetime) -> QuerySet[Post]:
    """The posts nobody has decided on, the newest first; a text that was edited after the decision is looked at again."""
    decided = decisions().filter(post=OuterRef("pk")).order_by("-at").values("at")[:1]
    edited = Edit.objects.filter(post=OuterRef("pk")).order_by("-seen_at").values("seen_at")[:1]
    since = now - SHOWN_FOR
    found = Post.objects.filter(
        # `assessed_at` is never earlier than `detected_at`: it is asked for its index
        assessment__unsure=True,
        assessment__flag=False,
        assessment__assessed_at__gt=since,
        detected_at__gt=since,
        official=False,
        backfill=False,
        deleted_at=None,
    )
    found = found.exclude(kind=PostKind.TOPIC, thread__official=True).filter(~Exists(_alerts()), ~Exists(_further()))
    found = found.annotate(decided_at=Subquery(decided), edited_seen_at=Subquery(edited))
    return found.filter(Q(decided_at=None) | Q(edited_seen_at__gt=F("decided_at"))).order_by("-posted_at", "-pk")


def decided(now: datetime) -> QuerySet[Label]:
    """The decisions of the same days, the newest first."""
    return decisions().filter(at__gt=now - SHOWN_FOR).order_by("-at", "-pk")


def passed_over(ids: Collection[int]) -> set[int]:
    """Of these posts those that were found to need no answer, and not edited since."""
    last = {label.post_id: label for label in decisions().filter(post__in=ids).order_by("at", "pk")}
    edited = dict(Edit.objects.filter(post__in=last).order_by("seen_at").values_list("post", "seen_at"))
    return {post for post, label in last.items() if label.decided == "no" and not (post in edited and edited[post] > label.at)}


def due(now: datetime, undo: timedelta) -> QuerySet[Label]:
    """Posts flagged by hand whose seconds of undo are over and that have no alert yet, in the order of the decisions."""
    found = decisions().filter(decided="yes", at__lte=now - undo, post__official=False, post__deleted_at=None)
    return found.filter(~Exists(_alerts("post")), ~Exists(_further("post"))).order_by("at", "pk")


def alert_of(post_id: int) -> Alert | None:
    """The newest alert that a post anchors or is a further request of."""
    return Alert.objects.filter(Q(anchor_id=post_id) | Q(further__post_id=post_id)).order_by("-pk").first()


def _alerts(post: str = "pk") -> QuerySet[Alert]:
    return Alert.objects.filter(anchor=OuterRef(post))


def _further(post: str = "pk") -> QuerySet[AlertPost]:
    return AlertPost.objects.filter(post=OuterRef(post))
