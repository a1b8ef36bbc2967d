"""The ledger's grouper: the judge's event index over the posts of the last days, kept in memory by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.opening import Proposal
from nlp.events import EventIndex
from store.records import Text

if TYPE_CHECKING:
    from store.models import Post


class EventGrouper:
    """Implements `alerts.opening.Grouper` with `nlp.events.EventIndex`."""

    def __init__(self, index: EventIndex) -> None:
        self._index = index

    @classmethod
    def from_store(cls, *, days: int, now: datetime) -> EventGrouper:
        """The members of the last `days`, read back after a start."""
        from alerts.models import EventMember

        grouper = cls(EventIndex(window_days=days))
        members = (
            EventMember.objects.filter(post__posted_at__gte=now - timedelta(days=days))
            .select_related("post", "post__assessment")
            .order_by("post__posted_at")
        )
        for member in members:
            grouper.add(member.post, member.event_id)
        return grouper

    def match(self, post: Post) -> Sequence[Proposal]:
        return [
            Proposal(
                event_id=found.event,
                post_id=int(found.id),
                similarity=found.similarity,
                agrees=tuple(found.agrees),
                differs=tuple(found.differs),
            )
            for found in self._index.match(_text(post), places=_places(post))
        ]

    def add(self, post: Post, event_id: str) -> None:
        self._index.add(str(post.pk), _text(post), event_id, places=_places(post))


def _text(post: Post) -> Text:
    return Text(
        id=str(post.pk),
        title=post.title or post.thread_title,
        body=post.body,
        board=post.board_name,
        thread_title=post.thread_title,
        posted_at=post.posted_at,
    )


def _places(post: Post) -> tuple[str, ...]:
    assessment = getattr(post, "assessment", None)
    return tuple(place["name"] for place in assessment.places) if assessment is not None else ()
