"""The ledger: people, events, alerts with their instants, evidence, pauses, deliveries, and the append-only audit.

Decisions are made in pure functions and written in one transaction; sending happens outside it. `Audit` and
`store.AccessEntry` refuse UPDATE and DELETE by trigger (re-created in post_migrate, counted by `verify`).
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from alerts.states import LIVE, ROLE_LABELS, DeliveryState, EvidenceKind, EvidenceState, ProposalState, Role, State
from store.models import Post


class Person(AbstractUser):
    """An account: one role, the units it speaks for, where messages reach it."""

    role = models.CharField(
        max_length=20, choices=[(role.value, text) for role, text in ROLE_LABELS.items()], default=Role.COMMENTATOR.value
    )
    #: shown in histories: 吴晨
    display = models.CharField(max_length=60, blank=True)
    #: names of units a spokesperson answers for
    units = models.JSONField(default=list, blank=True)
    #: an administrator (or anyone) who was also given triage
    may_triage = models.BooleanField(default=False)
    #: on the triage duty rota now
    on_duty = models.BooleanField(default=False)
    must_change_password = models.BooleanField(default=False)

    @property
    def shown(self) -> str:
        return self.display or self.username

    @property
    def triages(self) -> bool:
        return self.may_triage or self.role == Role.COMMENTATOR


class Event(models.Model):
    """One matter, on which any number of posts may speak; id like 2026-1122-07."""

    id = models.CharField(max_length=20, primary_key=True)
    created_at = models.DateTimeField()
    title = models.TextField(blank=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="absorbed")


class EventMember(models.Model):
    """A post in an event: its founder, a reply of a member thread, or one that a person joined (see EventProposal)."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="members")
    post = models.OneToOneField(Post, on_delete=models.PROTECT, related_name="membership")
    joined_at = models.DateTimeField()
    #: "" = the machine
    joined_by = models.CharField(max_length=150, blank=True)
    confirmed = models.BooleanField(default=False)
    confirmed_by = models.CharField(max_length=150, blank=True)
    similarity = models.FloatField(null=True)
    agrees = models.JSONField(default=list)
    differs = models.JSONField(default=list)


class EventProposal(models.Model):
    """The machine's guess that a post speaks of an event; until a person decides, the post stays in its own queue."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="proposals")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="proposals")
    similarity = models.FloatField()
    agrees = models.JSONField(default=list)
    differs = models.JSONField(default=list)
    state = models.CharField(
        max_length=10, choices=[(state.value, state.value) for state in ProposalState], default=ProposalState.PROPOSED.value, db_index=True
    )
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "event"], name="one_proposal_per_pair")]


class Alert(models.Model):
    """One round of the duty to answer a matter."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="alerts")
    #: the post that anchors it: a thread's first post, or the reply that holds the request
    anchor = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="alerts")
    round = models.IntegerField(default=1)
    #: alert of the round before
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="next_rounds")
    state = models.CharField(max_length=10, choices=[(state.value, state.value) for state in State], default=State.OPEN.value)
    version = models.IntegerField(default=1)

    title = models.TextField(blank=True)
    category = models.CharField(max_length=20)
    level = models.IntegerField()
    topic = models.CharField(max_length=40, blank=True)
    #: proposed by the judge; `unit` is set by dispatch
    proposed_unit = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=120, blank=True)
    co_units = models.JSONField(default=list)
    place = models.CharField(max_length=120, blank=True)
    town = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=60)
    score = models.FloatField()

    # the seven instants
    posted_at = models.DateTimeField()
    precision = models.CharField(max_length=8)
    detected_at = models.DateTimeField()
    assessed_at = models.DateTimeField()
    flagged_at = models.DateTimeField()
    triaged_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    #: where the binding clock starts, and how long it may run
    clock_start = models.DateTimeField(db_index=True)
    clock = models.CharField(max_length=10, default="posted")
    target_s = models.IntegerField()
    #: derived from start, target and pauses; a cache, never added to in place
    due_at = models.DateTimeField(db_index=True)
    #: due_at is never later than this (moved only by pauses after `due_cap_from`): a merge keeps the earlier due time of the two
    due_cap = models.DateTimeField(null=True)
    due_cap_from = models.DateTimeField(null=True)
    #: its own instants, kept while it carries the earlier ones of an alert merged into it
    own_starts = models.JSONField(null=True)
    #: since when an approved pause runs; None = the clock runs
    paused_at = models.DateTimeField(null=True)
    #: set when it passed unanswered: the true instant, not the tick's
    breached_at = models.DateTimeField(null=True)
    breach_leg = models.CharField(max_length=4, blank=True)
    #: a recorded answer waits to be seen until then
    provisional_until = models.DateTimeField(null=True)

    owner = models.CharField(max_length=150, blank=True)
    acked_at = models.DateTimeField(null=True)
    returned = models.BooleanField(default=False)
    returned_at = models.DateTimeField(null=True)
    return_reason = models.CharField(max_length=300, blank=True)
    #: triage claim
    claimed_by = models.CharField(max_length=150, blank=True)
    claimed_until = models.DateTimeField(null=True)

    result_due_at = models.DateTimeField(null=True)
    #: working days added to the result's limit by `extend`
    extended_days = models.IntegerField(default=0)
    result_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    dismiss_reason = models.CharField(max_length=20, blank=True)
    dismiss_note = models.CharField(max_length=300, blank=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    #: what `undo` puts back (state, unit, event …), and until when
    undo_snapshot = models.JSONField(null=True)
    undo_until = models.DateTimeField(null=True)

    #: snapshot of the ladder of its level; what was done of it; the next instant at which the engine has something to do
    #: (a rung, the breach, the end of a provisional answer), None = nothing
    ladder = models.JSONField(default=list)
    rungs_done = models.JSONField(default=list)
    next_rung_at = models.DateTimeField(null=True, db_index=True)

    model = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event"], condition=Q(state__in=[state.value for state in LIVE]), name="one_live_alert_per_event"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["unit", "state"]),
            models.Index(fields=["source", "clock_start"]),
        ]


class AlertPost(models.Model):
    """A further request (a citizen's reply, a confirmed member post) that this alert also answers."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="further")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "post"], name="post_once_per_alert")]


class Evidence(models.Model):
    """What stops the clock: an official reply that was seen, or one that a spokesperson recorded."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in EvidenceKind])
    state = models.CharField(
        max_length=12, choices=[(state.value, state.value) for state in EvidenceState], default=EvidenceState.STANDS.value
    )
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    url = models.TextField(blank=True)
    text = models.TextField(blank=True)
    #: the forum's time; a typed one only until the forum's is known
    answered_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    unit = models.CharField(max_length=120, blank=True)
    #: the reply came from a unit that is neither lead nor co-unit: shown, not refused
    other_unit = models.BooleanField(default=False)
    stops_clock = models.BooleanField(default=False)
    #: "result" when it was given as the result, else "holding"
    form = models.CharField(max_length=8, default="holding")
    recorded_by = models.CharField(max_length=150, blank=True)
    raw_sha256 = models.CharField(max_length=64, blank=True)


class Pause(models.Model):
    """An interval that does not count, asked by one person and approved by another."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="pauses")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    reason = models.CharField(max_length=300)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True)


class Delivery(models.Model):
    """One message to one person over one channel, rendered in the transaction that caused it."""

    #: alert/17/r1/rung-60m/email/chenli — also Message-ID and idempotency key
    key = models.CharField(max_length=200, unique=True)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="deliveries")
    cause = models.CharField(max_length=40)
    channel = models.CharField(max_length=20)
    person = models.CharField(max_length=150)
    address = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=10, choices=[(state.value, state.value) for state in DeliveryState], default=DeliveryState.PENDING.value
    )
    attempts = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(db_index=True)
    claim = models.CharField(max_length=40, blank=True)
    claimed_until = models.DateTimeField(null=True)
    #: the channel accepted it
    accepted_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "next_try_at"])]


class Audit(models.Model):
    """Every transition, append-only, each row's hash covering the one before it."""

    at = models.DateTimeField()
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="history")
    event_ref = models.CharField(max_length=20, blank=True)
    #: "" = the system
    actor = models.CharField(max_length=150, blank=True)
    kind = models.CharField(max_length=30)
    #: the fields that changed, as stored, and what a reader needs: ids, never texts of citizens
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)


class Label(models.Model):
    """A decision of triage about one field of the judgement: tomorrow's training."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="labels")
    field = models.CharField(max_length=20)
    judged = models.CharField(max_length=120, blank=True)
    decided = models.CharField(max_length=120)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    model = models.CharField(max_length=80, blank=True)

    class Meta:
        # decisions on what was not flagged (`alerts.doubt`), which the engine asks for every few seconds
        indexes = [models.Index(fields=["at"], name="decided_in_doubt", condition=Q(field="needs_response", judged="no"))]
