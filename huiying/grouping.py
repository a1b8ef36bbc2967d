"""The ledger's grouper: the judge's event index over the events of the last months, kept in memory by the engine.

The ledger is the truth. The index follows it: who was merged, split, confirmed or rejected in another process is read from the
audit before the next post is compared, so a follower knows what one that was read anew after a start would know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from alerts.opening import Proposal
from nlp.events import EventIndex
from store.records import Text

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from alerts.models import EventMember
    from store.models import Post

#: moves of people after which a post may stand in another event, or two events are known to be no single matter
DECISIONS = ("merge", "split", "undo", "joined", "confirm_join", "reject_join", "reopen")
#: members read into the index at once
_READ = 512


class EventGrouper:
    """Implements `alerts.opening.Grouper` with `nlp.events.EventIndex`."""

    def __init__(self, index: EventIndex) -> None:
        self._index = index
        #: id of the last row of the audit whose decision the index knows
        self._followed = 0

    @classmethod
    def from_store(cls, *, days: int, now: datetime) -> EventGrouper:
        """All events with a post of the last `days`, and what people parted, read back after a start."""
        from alerts.models import EventMember

        grouper = cls(EventIndex(window_days=days))
        grouper._followed = _last_decision()
        recent = EventMember.objects.filter(post__posted_at__gte=now - timedelta(days=days))
        grouper._read(EventMember.objects.filter(event__in=recent.values("event")))
        grouper._index.all_apart(_parted())
        return grouper

    def follow(self) -> bool:
        """Take over what people decided since the last time; whether they decided anything. Call it inside the transaction in
        which posts are compared, so that no decision comes between."""
        from alerts.models import Audit, EventMember

        last = _last_decision()
        if last == self._followed:
            return False
        rows = Audit.objects.filter(id__gt=self._followed, id__lte=last, kind__in=DECISIONS).exclude(actor="")
        events = set(rows.values_list("event_ref", flat=True))
        self._followed = last
        if not events:
            return False
        # whoever left one of these events is in another of them: both sides of a move are in the audit
        self._read(EventMember.objects.filter(event__in=events))
        self._index.all_apart(_parted())
        return True

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

    def _read(self, members: QuerySet[EventMember]) -> None:
        """Put members where the ledger has them, in the order in which they joined."""
        found = members.select_related("post", "post__assessment").order_by("pk")
        batch: list[tuple[str, Text, str | None, Iterable[str]]] = []
        for member in found.iterator(_READ):
            batch.append((str(member.post_id), _text(member.post), member.event_id, _places(member.post)))
            if len(batch) == _READ:
                self._index.add_many(batch)
                batch.clear()
        self._index.add_many(batch)


def _last_decision() -> int:
    from alerts.models import Audit

    return Audit.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _parted() -> list[tuple[str, str]]:
    """Pairs of events that people said are not one matter, by where their posts stand now."""
    from alerts.models import Event, EventProposal
    from alerts.states import ProposalState

    said = EventProposal.objects.filter(state=ProposalState.REJECTED, post__membership__isnull=False)
    pairs = list(said.values_list("post__membership__event", "event"))
    stands = {other: other for _event, other in pairs}
    merged = Event.objects.filter(merged_into__isnull=False)
    while moved := dict(merged.filter(id__in=set(stands.values())).values_list("id", "merged_into__id")):
        stands = {event: moved.get(into, into) for event, into in stands.items()}
    return [(event, stands[other]) for event, other in pairs if event != stands[other]]


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
