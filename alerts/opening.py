"""From judged posts to alerts: who gets one of their own, who joins one, what the machine only proposes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db import transaction

from alerts import audit, doubt, evidence, rounds
from alerts.models import Alert, AlertPost, EventProposal
from alerts.policy import Policy
from alerts.states import LIVE, State
from alerts.writes import hold
from store.models import Assessment, Edit, Post
from store.records import PostKind

#: proposals kept for one post, the most similar first
MOST_PROPOSALS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A guess that a post speaks of an event; `post_id` = the member (store id) it resembles."""

    event_id: str
    post_id: int
    similarity: float
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


class Grouper(Protocol):
    """Finds posts on the same matter; the wiring builds it, since the ledger knows no language."""

    def match(self, post: Post) -> Sequence[Proposal]:
        """Events that `post` may speak of, the most similar first."""
        ...

    def add(self, post: Post, event_id: str) -> None:
        """Remember `post` as a member of an event."""
        ...


@dataclass(slots=True)
class OpenReport:
    """What `consider` did: ids of alerts."""

    opened: list[int] = field(default_factory=list)
    #: alerts to which a further request of the same thread was added
    joined: list[int] = field(default_factory=list)
    #: alerts that an official reply, already on the thread, answered at once
    answered: list[int] = field(default_factory=list)
    proposed: int = 0


def consider(
    posts: Sequence[Post], now: datetime, policy: Policy, grouper: Grouper | None = None, *, dull_before: Collection[int] = ()
) -> OpenReport:
    """Open what the newly judged `posts` call for; running it twice over the same posts opens nothing twice.

    Each post comes with `assessment` and `thread`. `dull_before` holds the ids of posts whose earlier judgement was "no
    response needed": their clock starts with the observation that made the rule true, not with the post.
    """
    report = OpenReport()
    flagged = [post for post in posts if calls_for_response(post)]
    if not flagged:
        return report
    with transaction.atomic():
        ids = [post.pk for post in flagged]
        known = set(Alert.objects.filter(anchor_id__in=ids).values_list("anchor_id", flat=True))
        known |= set(AlertPost.objects.filter(post_id__in=ids).values_list("post_id", flat=True))
        for post in sorted(flagged, key=lambda post: (post.posted_at, post.pk)):
            if post.pk in known:
                continue
            known.add(post.pk)
            _place(post, now, policy, grouper, report, observed_at=observation(post) if post.pk in dull_before else None)
    return report


def consider_by_hand(now: datetime, policy: Policy, read: Callable[[Post], None], grouper: Grouper | None = None) -> OpenReport:
    """Open what people flagged by hand, once their seconds of undo are over; the clock starts with the post, as for any other.

    `read` completes the assessment of a post, of which only topic and score are kept while it is not flagged.
    """
    report = OpenReport()
    with transaction.atomic():
        done: set[int] = set()
        for label in doubt.due(now, policy.undo).select_related("post__thread", "post__assessment"):
            post = label.post
            if post.pk in done or not _may_open(post):
                continue
            done.add(post.pk)
            read(post)
            _place(post, now, policy, grouper, report, observed_at=None, by=label.by)
    return report


def calls_for_response(post: Post) -> bool:
    """Whether a post opens an alert by itself: flagged, and one that may."""
    assessment: Assessment | None = getattr(post, "assessment", None)
    return assessment is not None and assessment.flag and _may_open(post)


def _may_open(post: Post) -> bool:
    """Seen in service, still there, and not the words of an office."""
    if post.backfill or post.official or post.deleted_at is not None:
        return False
    return not (post.kind == PostKind.TOPIC and post.thread.official)


def observation(post: Post) -> datetime:
    """The observation that gave a post its present text or counts."""
    edited: datetime | None = Edit.objects.filter(post=post).order_by("-seen_at").values_list("seen_at", flat=True).first()
    counted: datetime | None = post.thread.observations.order_by("-seen_at").values_list("seen_at", flat=True).first()
    return edited or counted or post.seen_at


def _place(
    post: Post, now: datetime, policy: Policy, grouper: Grouper | None, report: OpenReport, *, observed_at: datetime | None, by: str = ""
) -> None:
    """`by` = who flagged it by hand, "" = the judge."""
    standing = rounds.of_thread(post.thread_id)
    if standing is not None and standing.state in LIVE:
        held = hold(standing.pk, now=now, policy=policy)
        rounds.join(held.alert, post, now)
        held.save("joined", post=post.ref, **({"by_hand": by} if by else {}))
        report.joined.append(held.alert.pk)
        if grouper is not None:
            grouper.add(post, held.alert.event_id)
        return
    if standing is not None and standing.state == State.CLOSED:
        start = observed_at or min(post.posted_at, post.detected_at)
        held = rounds.next_round(standing, post, now, policy, start=start, kind="reopen", actor=by, cause="post", post_joined=post.ref)
        rounds.join(held.alert, post, now)
    else:
        held = rounds.first_round(post, post.assessment, now, policy, observed_at, by=by)
    alert = held.alert
    report.opened.append(alert.pk)
    if evidence.settle(held):
        report.answered.append(alert.pk)
    else:
        held.settle_breach()
    if grouper is not None:
        report.proposed += _propose(post, alert, grouper, now)
        grouper.add(post, alert.event_id)


def _propose(post: Post, alert: Alert, grouper: Grouper, now: datetime) -> int:
    """Keep the machine's guesses beside the post; it stays in its own queue with its own time until a person decides."""
    kept = 0
    for proposal in grouper.match(post)[:MOST_PROPOSALS]:
        event = rounds.resolve(proposal.event_id)
        if event.pk == alert.event_id:
            continue
        _, new = EventProposal.objects.get_or_create(
            post=post,
            event=event,
            defaults={
                "similarity": proposal.similarity,
                "agrees": list(proposal.agrees),
                "differs": list(proposal.differs),
                "proposed_at": now,
            },
        )
        if new:
            audit.append(alert, "", "proposed", {"post": post.ref, "into": event.pk, "similarity": round(proposal.similarity, 4)}, now)
        kept += new
    return kept
