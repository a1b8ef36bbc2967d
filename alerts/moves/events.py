"""Moves between events: merge, split, reopen, and a person's word on what the machine proposed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from alerts import audit, evidence, outbox, people, policy, rounds
from alerts.models import Alert, AlertPost, Event, EventMember, EventProposal, Label, Person
from alerts.moves import starts
from alerts.moves.common import acting, keep_label, moving, need_state, need_triage, reason_given
from alerts.moves.errors import BadReason, Conflict, Unknown, WrongState
from alerts.moves.undoing import put_back, remember
from alerts.states import LIVE, WAITING, ProposalState, State
from alerts.writes import Held, hold
from store.models import Post


def merge(alert_id: int, actor: Person | str, *, into: int, version: int | None = None, now: datetime) -> Alert:
    """并入: this alert's posts belong to the event of alert `into`; the earlier due time of the two holds."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_triage(person, alert, "并入")
        need_state(alert, "并入", alert.state in WAITING, "已有结果的不能再并入；新的情况用重启")
        target = Alert.objects.filter(pk=into).first()
        if target is None:
            raise Unknown(f"没有告警 {into}；写一个现有告警的编号")
        standing = rounds.of_event(target.event_id)
        if standing is None or standing.state == State.DISMISSED:
            raise WrongState(f"告警 {into} 不需回应，没有可并入的件；先撤销那一步，或各自办理", alert=alert)
        if standing.pk == alert.pk:
            raise BadReason(f"告警 {into} 与本件是同一件，不用并入")
        _join_events(held, person, standing)
        return alert


def _join_events(held: Held, person: Person, standing: Alert) -> Held:
    """Merge the held alert into `standing` (into its next round when it is closed); the target as held."""
    alert, now, rules = held.alert, held.now, held.policy
    if standing.state == State.CLOSED:
        target = rounds.next_round(
            standing, alert.anchor, now, rules, start=alert.clock_start, kind="reopen", actor=person.username, cause="joined"
        )
    else:
        target = hold(standing.pk, now=now, policy=rules)
    into = target.alert
    need_state(into, "并入", into.paused_at is None, "目标件正在暂停，先恢复计时再并入")
    remember(held, "merge", person)
    posts = evidence.member_posts(alert)
    members = list(EventMember.objects.filter(event_id=alert.event_id).values_list("post_id", flat=True))
    label = keep_label(held, person, "needs_response", "yes", "yes")
    alert.undo_snapshot = {
        **(alert.undo_snapshot or {}),
        "labels": [label.pk],
        "members": members,
        "target": into.pk,
        "at": now.isoformat(),
    }
    evidence.end_pause(held, now)
    alert.state, alert.merged_into = State.MERGED, into
    alert.claimed_by, alert.claimed_until = "", None
    outbox.cancel(alert, "已并入")
    held.save("merge", actor=person.username, into=into.pk)
    Event.objects.filter(pk=alert.event_id).update(merged_into=into.event)
    for post in posts:
        rounds.join(into, post, now, by=person.username)
    starts.carry(target, alert)
    target.save("joined", actor=person.username, alert=alert.pk, posts=[post.ref for post in posts])
    if not evidence.settle(target):
        target.settle_breach()
    evidence.mark_members(into, evidence.member_posts(into))
    return target


def split(alert_id: int, actor: Person | str, *, version: int | None = None, now: datetime) -> Alert:
    """拆出: a merged alert stands alone again, with its own posts and its original due time."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_triage(person, alert, "拆出")
        need_state(alert, "拆出", alert.state == State.MERGED, "只有已并入的件可以拆出")
        return take_apart(held, person, "split")


def take_apart(held: Held, person: Person, kind: str) -> Alert:
    """Undo a merge: members go back, the target gets its own start again if nothing else moved it."""
    alert, now = held.alert, held.now
    kept = alert.undo_snapshot or {}
    into = alert.merged_into
    while into is not None and into.merged_into is not None:
        into = into.merged_into
    if into is None or into.anchor_id == alert.anchor_id:
        raise WrongState(f"告警 {alert.pk} 并入时另开了一轮，不能拆出；请在那一轮办理", alert=into)
    target = hold(into.pk, now=now, policy=held.policy, enter_breach=False)
    Event.objects.filter(pk=alert.event_id).update(merged_into=None)
    members = list(
        EventMember.objects.filter(post_id__in=kept.get("members", []), event_id=into.event_id).values_list("post_id", flat=True)
    )
    EventMember.objects.filter(post_id__in=members).update(event_id=alert.event_id)
    AlertPost.objects.filter(alert=target.alert, post_id__in=members).delete()
    Label.objects.filter(pk__in=kept.get("labels", [])).delete()
    put_back(held)
    alert.merged_into = None
    held.save(kind, actor=person.username, of="merge", out_of=target.alert.pk)
    starts.restore(target)
    target.save("split", actor=person.username, alert=alert.pk)
    slip = kind == "undo" and now < datetime.fromisoformat(kept["at"]) + held.policy.undo
    _part(held, person, target.alert.event, members, slip=slip)
    target.settle_breach()
    if not evidence.settle(held):
        held.settle_breach()
    return alert


def _part(held: Held, person: Person, other: Event, members: list[int], *, slip: bool) -> None:
    """Keep that the held alert's event and `other` are not one matter: the machine proposes neither to the other again.

    A `slip`, taken back within the seconds of undo, says nothing: a proposal that it had accepted waits for a decision again.
    """
    guesses = EventProposal.objects.filter(post__in=members, event=other)
    if slip:
        guesses.filter(state=ProposalState.ACCEPTED).update(state=ProposalState.PROPOSED, decided_at=None, decided_by="")
        return
    decided = {"state": ProposalState.REJECTED, "decided_at": held.now, "decided_by": person.username}
    guesses.update(**decided)
    EventProposal.objects.filter(event=held.alert.event_id, post__membership__event=other, state=ProposalState.PROPOSED).update(**decided)
    EventProposal.objects.get_or_create(
        post=held.alert.anchor, event=other, defaults={"similarity": 0.0, "proposed_at": held.now, **decided}
    )


def reopen(alert_id: int, actor: Person | str, *, reason: str, version: int | None = None, now: datetime) -> Alert:
    """重启: the next round of a closed alert, which keeps its result; the new round's clock starts now."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_triage(person, alert, "重启")
        need_state(alert, "重启", alert.state == State.CLOSED, "只有已办结的件可以重启；不需回应的用撤销")
        why = reason_given(reason, "重启")
        live = Alert.objects.filter(event=alert.event, state__in=[state.value for state in LIVE]).first()
        if live is not None:
            raise WrongState(f"同一事件已有第 {live.round} 轮，告警 {live.pk}；到那一件办理", alert=live)
        opened = rounds.next_round(alert, alert.anchor, now, held.policy, start=now, kind="reopen", actor=person.username, reason=why)
        for row in alert.further.select_related("post"):
            rounds.join(opened.alert, row.post, now, by=person.username)
        return opened.alert


def confirm_join(proposal_id: int, actor: Person | str, *, now: datetime) -> Alert:
    """并入, as the machine proposed: the post belongs to the event. The alert that now speaks for it."""
    person = acting(actor)
    with transaction.atomic():
        proposal = _proposal(proposal_id)
        standing = rounds.of_event(proposal.event_id)
        need_triage(person, standing, "确认并入")
        if standing is None:
            raise WrongState(f"事件 {proposal.event_id} 没有告警可并入")
        if standing.state == State.DISMISSED:
            raise WrongState(f"事件 {proposal.event_id} 的告警 {standing.pk} 不需回应；先撤销那一步", alert=standing)
        own = rounds.of_event(proposal.post.membership.event_id) if hasattr(proposal.post, "membership") else None
        if own is not None and own.pk == standing.pk:
            raise WrongState(f"该帖已在事件 {standing.event_id} 中", alert=standing)
        _decide(proposal, ProposalState.ACCEPTED, person, now)
        rules = policy.current()
        if own is not None and own.state in WAITING:
            result = _join_events(hold(own.pk, now=now, policy=rules), person, standing).alert
        else:
            result = _join_post(proposal.post, standing, person, now)
        EventMember.objects.filter(post=proposal.post).update(
            similarity=proposal.similarity, agrees=proposal.agrees, differs=proposal.differs
        )
        audit.append(result, person.username, "confirm_join", {"post": proposal.post.ref, "into": result.event_id}, now)
        return result


def _join_post(post: Post, standing: Alert, person: Person, now: datetime) -> Alert:
    """Join a post that no running alert speaks for; after CLOSED it opens a round."""
    rules = policy.current()
    if standing.state == State.CLOSED:
        start = min(post.posted_at, post.detected_at)
        held = rounds.next_round(standing, post, now, rules, start=start, kind="reopen", actor=person.username, cause="joined")
    else:
        held = hold(standing.pk, now=now, policy=rules)
    rounds.join(held.alert, post, now, by=person.username)
    held.save("joined", actor=person.username, post=post.ref)
    if not evidence.settle(held):
        held.settle_breach()
    return held.alert


def reject_join(proposal_id: int, actor: Person | str, *, now: datetime) -> Alert | None:
    """不是一件事: the proposal is put aside for good; the alert of the post, None when it has none."""
    person = acting(actor)
    with transaction.atomic():
        proposal = _proposal(proposal_id)
        own = Alert.objects.filter(anchor=proposal.post).order_by("-id").first()
        need_triage(person, own or rounds.of_event(proposal.event_id), "判断并入")
        _decide(proposal, ProposalState.REJECTED, person, now)
        audit.append(
            own, person.username, "reject_join", {"post": proposal.post.ref, "into": proposal.event_id}, now, event_ref=proposal.event_id
        )
        return own


def _proposal(proposal_id: int) -> EventProposal:
    proposal = EventProposal.objects.select_for_update(of=("self",)).select_related("post", "event").filter(pk=proposal_id).first()
    if proposal is None:
        raise Unknown(f"没有拟并 {proposal_id}")
    if proposal.state != ProposalState.PROPOSED:
        word = "并入" if proposal.state == ProposalState.ACCEPTED else "判为不是一件事"
        alert = Alert.objects.filter(anchor=proposal.post).order_by("-id").first() or Alert(event=proposal.event)
        raise Conflict(f"{people.find(proposal.decided_by).shown}已{word}，你的这一步没有改动什么", alert=alert)
    return proposal


def _decide(proposal: EventProposal, state: ProposalState, person: Person, now: datetime) -> None:
    proposal.state, proposal.decided_at, proposal.decided_by = state, now, person.username
    proposal.save()
