"""What stops the clock: official replies that were seen on member threads, and their later deletion."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from alerts import clocks, outbox, rounds, workdays
from alerts.models import Alert, EventMember, Evidence
from alerts.policy import Policy
from alerts.states import LIVE, WAITING, EvidenceKind, EvidenceState, State
from alerts.writes import Held, hold, spent, started_at
from store.models import Post
from store.records import Precision

_EXACT = (Precision.SECOND, Precision.MINUTE)


@dataclass(slots=True)
class EvidenceReport:
    """What `observe` found: ids of alerts."""

    answered: list[int] = field(default_factory=list)
    #: new rounds, opened because the answer was deleted
    reopened: list[int] = field(default_factory=list)


def observe(posts: Sequence[Post], now: datetime, policy: Policy) -> EvidenceReport:
    """Let changed posts speak: official replies stop clocks, deleted ones take their evidence back; repeating it changes nothing."""
    report = EvidenceReport()
    threads = {post.thread_id for post in posts if post.official}
    gone = [post.pk for post in posts if post.deleted_at is not None]
    if not threads and not gone:
        return report
    with transaction.atomic():
        for alert_id in _touched(threads, gone):
            held = hold(alert_id, now=now, policy=policy, enter_breach=False)
            if settle(held):
                report.answered.append(alert_id)
            held.settle_breach()
            reopened = _withdraw(held)
            if reopened is not None:
                report.reopened.append(reopened.pk)
    return report


def _touched(threads: Collection[int], gone: Sequence[int]) -> list[int]:
    events = EventMember.objects.filter(post__thread_id__in=threads, confirmed=True).values("event_id")
    live = [state.value for state in LIVE]
    by_thread = Alert.objects.filter(Q(event_id__in=events) | Q(anchor__thread_id__in=threads), state__in=live)
    by_evidence = Alert.objects.filter(evidence__post_id__in=gone, evidence__state=EvidenceState.STANDS)
    return sorted({*by_thread.values_list("pk", flat=True), *by_evidence.values_list("pk", flat=True)})


def settle(held: Held) -> bool:
    """Take up every official reply on the member threads that is later than the clock's start; True when the clock stopped now."""
    alert = held.alert
    if alert.state not in LIVE:
        return False
    members = member_posts(alert)
    known = set(Evidence.objects.filter(alert=alert, kind=EvidenceKind.OBSERVED).values_list("post_id", flat=True))
    replies = Post.objects.filter(thread_id__in={post.thread_id for post in members}, official=True, deleted_at=None)
    # the citizen's start, whichever clock binds: an answer given before we found the post is an answer
    start = started_at(alert)
    new = [reply for reply in replies.exclude(pk__in=known).order_by("posted_at", "id") if later(reply, start)]
    for reply in new:
        _see(held, reply)
    stopped = stop_clock(held) if new else False
    if new:
        mark_members(alert, members)
    return stopped


def member_posts(alert: Alert) -> list[Post]:
    """The anchor, the confirmed members of the event and the further requests."""
    condition = Q(pk=alert.anchor_id) | Q(membership__event_id=alert.event_id, membership__confirmed=True)
    further = alert.further.values("post_id")
    return list(Post.objects.filter(condition | Q(pk__in=further)).distinct())


def later(reply: Post, start: datetime) -> bool:
    """Whether an official reply came after `start`, as far as its shown time and its discovery can tell."""
    return clocks.latest(reply.posted_at, reply.precision) > start and reply.detected_at > start


def answer_time(reply: Post, start: datetime) -> datetime:
    """When the forum says the answer was given; a time told only to the hour or day counts from its end, bounded by when it was seen."""
    if reply.precision in _EXACT:
        return max(start, min(reply.posted_at, reply.detected_at))
    return max(start, min(clocks.latest(reply.posted_at, reply.precision), reply.detected_at))


def _see(held: Held, reply: Post) -> None:
    alert = held.alert
    unit = reply.official_unit
    at = answer_time(reply, started_at(alert))
    Evidence.objects.create(
        alert=alert,
        kind=EvidenceKind.OBSERVED,
        post=reply,
        url=reply.url,
        text=reply.body,
        answered_at=at,
        seen_at=max(reply.detected_at, at),
        unit=unit,
        other_unit=bool(alert.unit) and unit not in {alert.unit, *alert.co_units},
        raw_sha256=reply.raw_sha256,
    )
    held.save("evidence", post=reply.ref, unit=unit)
    recorded = Evidence.objects.filter(alert=alert, kind=EvidenceKind.RECORDED, post=None, form="holding").order_by("id").first()
    if recorded is not None:
        recorded.state, recorded.post, recorded.answered_at = EvidenceState.STANDS, reply, at
        recorded.save()
        held.save("verified", evidence=recorded.pk, post=reply.ref)


def stop_clock(held: Held) -> bool:
    """Let the earliest evidence that stands stop the first clock and start the second; True when it was still running."""
    alert = held.alert
    standing = Evidence.objects.filter(alert=alert, state=EvidenceState.STANDS)
    # of equal instants what was seen goes before what was only recorded
    first = standing.order_by("answered_at", "kind", "id").first()
    if first is None:
        return False
    running = alert.state in WAITING
    if not running and alert.answered_at is not None:
        # A deleted answer was an answer: what stands after it moves nothing. A typed time gives way to the forum's.
        current = standing.filter(stops_clock=True).first()
        if current is None or (current.answered_at == alert.answered_at and first.answered_at >= alert.answered_at):
            return False
    standing.exclude(pk=first.pk).filter(stops_clock=True).update(stops_clock=False)
    Evidence.objects.filter(pk=first.pk).update(stops_clock=True)
    end_pause(held, first.answered_at)
    alert.state = State.ANSWERED
    alert.answered_at = first.answered_at
    alert.provisional_until = None
    alert.result_due_at = workdays.after(first.answered_at, held.policy.result_days + alert.extended_days, held.policy)
    alert.undo_snapshot, alert.undo_until = None, None
    outbox.cancel(alert, "已回应")
    held.save("answered", evidence=first.pk, by_other_unit=first.other_unit)
    if alert.breached_at is not None and first.answered_at <= alert.due_at:
        # it was entered because the answer, given in time, was seen late
        alert.breached_at, alert.breach_leg = None, ""
        held.save("breach_lifted", evidence=first.pk)
    elif alert.breached_at is None and first.answered_at > alert.due_at:
        alert.breached_at = alert.due_at
        alert.breach_leg = clocks.longest_leg(spent(alert, alert.due_at)).value
        held.save("breach", leg=alert.breach_leg)
    return running


def end_pause(held: Held, at: datetime) -> None:
    """End a running pause at `at`, and take back one that nobody approved."""
    alert = held.alert
    for pause in alert.pauses.filter(ended_at=None):
        pause.ended_at = max(pause.asked_at, min(at, held.now))
        pause.save()
    alert.paused_at = None
    held.reload_pauses()


def mark_members(alert: Alert, members: Sequence[Post]) -> None:
    """Give each further request the time of the first standing reply on its own thread; the rest stay 同事未复."""
    seen = list(
        Evidence.objects.filter(alert=alert, state=EvidenceState.STANDS, post__isnull=False).select_related("post").order_by("answered_at")
    )
    threads = {post.pk: post for post in members}
    for row in alert.further.select_related("post"):
        post = threads.get(row.post_id, row.post)
        own = next(
            (
                item.answered_at
                for item in seen
                if item.post is not None and item.post.thread_id == post.thread_id and later(item.post, post.posted_at)
            ),
            None,
        )
        if own != row.answered_at:
            row.answered_at = own
            row.save(update_fields=["answered_at"])


def _withdraw(held: Held) -> Alert | None:
    """Take back evidence whose post was deleted; when none stands, the round is frozen and the next one opens."""
    alert = held.alert
    deleted = list(Evidence.objects.filter(alert=alert, state=EvidenceState.STANDS, post__deleted_at__isnull=False).select_related("post"))
    if not deleted:
        return None
    moments = [item.post.deleted_at for item in deleted if item.post is not None and item.post.deleted_at is not None]
    for item in deleted:
        item.state = EvidenceState.WITHDRAWN
        item.save(update_fields=["state"])
        held.save("withdrawn", evidence=item.pk)
    mark_members(alert, member_posts(alert))
    stands = Evidence.objects.filter(alert=alert, state=EvidenceState.STANDS).exists()
    if stands or alert.state not in (State.ANSWERED, State.CLOSED) or alert.next_rounds.exists():
        return None
    if alert.state == State.ANSWERED:
        alert.state, alert.closed_at = State.CLOSED, held.now
        held.save("close", why="withdrawn")
    opened = rounds.next_round(alert, alert.anchor, held.now, held.policy, start=max(moments), kind="reopen", cause="withdrawn")
    for row in alert.further.all():
        rounds.join(opened.alert, row.post, held.now)
    settle(opened)
    return opened.alert
