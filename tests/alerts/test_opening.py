"""Which posts open alerts, which join one, and what the machine only proposes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alerts.models import Alert, AlertPost, Audit, Delivery, EventMember, EventProposal
from alerts.moves import Conflict, NotAllowed, close, confirm_join, dismiss, reject_join
from alerts.opening import Proposal
from alerts.states import ProposalState, State
from store.models import Edit, Post
from tests.alerts.town import Town, at


class Nose:
    """A grouper that smells the same smell in every post."""

    def __init__(self) -> None:
        self.known: list[tuple[str, int]] = []

    def match(self, post: Post) -> Sequence[Proposal]:
        return [
            Proposal(event_id=event, post_id=member, similarity=0.91, agrees=("同词：气味",), differs=("早一天",))
            for event, member in self.known
        ]

    def add(self, post: Post, event_id: str) -> None:
        self.known.append((event_id, post.pk))


def test_running_twice_opens_once(town: Town) -> None:
    post = town.post()
    assert len(town.open(post).opened) == 1
    assert town.open(post, now="19:50").opened == []
    assert Alert.objects.count() == 1


@pytest.mark.parametrize("fields", [{"flag": False}, {"backfill": True}, {"official": True}, {"deleted_at": at("19:44")}])
def test_what_opens_nothing(town: Town, fields: dict[str, object]) -> None:
    assert town.open(town.post(**fields)).opened == []  # type: ignore[arg-type]


def test_events_are_numbered_by_the_day_in_shanghai(town: Town) -> None:
    late = town.post("夜里停水", posted="23:58", seen="23:59")
    town.open(town.post(), town.post("路灯不亮"))
    town.open(late, now="23 00:01")
    assert list(Alert.objects.order_by("id").values_list("event", flat=True)) == ["2026-1122-01", "2026-1122-02", "2026-1123-01"]


def test_a_request_in_a_reply_opens_an_alert_anchored_there(town: Town) -> None:
    notice = town.post("停水通知", flag=True, official=True)
    assert town.open(notice).opened == []
    request = town.post("我家也没水，什么时候来", posted="20:10", seen="20:11", thread=notice.thread)
    alert = Alert.objects.get(pk=town.open(request, now="20:11:10").opened[0])
    assert (alert.anchor, alert.clock_start, alert.title) == (request, at("20:10"), "我家也没水，什么时候来")


def test_a_further_request_joins_the_threads_alert_and_the_clock_stays(town: Town) -> None:
    alert = town.alert()
    reply = town.post("二楼也没水", posted="21:00", seen="21:01", thread=alert.anchor.thread)
    report = town.open(reply, now="21:01:10")
    assert (report.opened, report.joined) == ([], [alert.pk])
    assert AlertPost.objects.get().post == reply
    alert.refresh_from_db()
    assert alert.due_at == at("22:38")
    assert town.open(reply, now="21:02").joined == []


def test_a_request_after_the_alert_was_dismissed_opens_its_own(town: Town) -> None:
    alert = town.alert()
    dismiss(alert.pk, town.wuchen, reason="闲聊、玩笑、游戏", now=at("20:00"))
    reply = town.post("真的没水了，求修", posted="21:00", seen="21:01", thread=alert.anchor.thread)
    assert len(town.open(reply, now="21:01:10").opened) == 1


def test_a_request_after_closing_opens_the_next_round(town: Town) -> None:
    alert = town.alert()
    town_answer(town, alert)
    close(alert.pk, town.zhaoning, now=at("22:00"))
    reply = town.post("又爆了", posted="23 08:00", seen="23 08:01", thread=alert.anchor.thread)
    second = Alert.objects.get(pk=town.open(reply, now="23 08:01:10").opened[0])
    assert (second.round, second.previous_id, second.event_id) == (2, alert.pk, alert.event_id)
    assert (second.clock_start, second.due_at, second.anchor) == (at("23 08:00"), at("23 11:00"), reply)
    alert.refresh_from_db()
    assert (alert.state, alert.answered_at) == (State.CLOSED, at("20:30"))


def town_answer(town: Town, alert: Alert) -> None:
    from alerts.evidence import observe

    reply = town.official_reply(alert.anchor.thread, posted="20:30", seen="20:31")
    observe([reply], at("20:31:10"), town.policy)


def test_a_dull_post_that_is_edited_into_a_request_starts_with_the_edit(town: Town) -> None:
    post = town.post("水", posted="09:00", seen="09:05")
    Edit.objects.create(post=post, seen_at=at("14:00"), text_sha256="1" * 64)
    alert = Alert.objects.get(pk=town.open(post, now="14:00:20", dull_before={post.pk}).opened[0])
    assert (alert.clock_start, alert.due_at) == (at("14:00"), at("17:00"))


def test_a_time_known_to_the_day_counts_from_midnight(town: Town) -> None:
    post = town.post(posted="00:00", seen="01:00", precision="day")
    alert = Alert.objects.get(pk=town.open(post, now="01:00:10").opened[0])
    assert alert.clock_start == at("00:00")


def test_a_time_in_the_future_counts_from_discovery(town: Town) -> None:
    assert town.alert(posted="23:59", seen="19:45").clock_start == at("19:45")


def test_found_late_it_is_late_from_the_start_and_discovery_is_named(town: Town) -> None:
    alert = town.alert(posted="12:00", seen="16:00")
    assert (alert.breached_at, alert.breach_leg) == (at("15:00"), "发现")


def test_levels_one_and_two_are_told_at_flagging(town: Town) -> None:
    town.alert(level=2)
    assert set(Delivery.objects.values_list("cause", "person")) == {("flagged", "wuchen"), ("flagged", "zhouming")}


def test_the_machine_only_proposes_and_each_post_keeps_its_own_clock(town: Town) -> None:
    nose = Nose()
    first, second = town.post("东塍有气味", posted="19:36"), town.post("胶水味又来了", posted="20:20", seen="20:25")
    town.open(first, grouper=nose)
    report = town.open(second, now="20:25:10", grouper=nose)
    assert (len(report.opened), report.proposed) == (1, 1)
    proposal = EventProposal.objects.get()
    assert (proposal.post, proposal.event_id, proposal.state) == (second, "2026-1122-01", ProposalState.PROPOSED)
    assert Alert.objects.get(anchor=second).due_at == at("23:20")
    assert Audit.objects.get(kind="proposed").detail["post"] == second.ref


def test_a_person_confirms_and_one_alert_remains(town: Town) -> None:
    nose = Nose()
    first, second = town.post("东塍有气味", posted="19:36"), town.post("胶水味又来了", posted="20:20", seen="20:25")
    town.open(first, grouper=nose)
    town.open(second, now="20:25:10", grouper=nose)
    proposal = EventProposal.objects.get()
    with pytest.raises(NotAllowed):
        confirm_join(proposal.pk, town.chenli, now=at("21:39"))
    into = confirm_join(proposal.pk, town.linxiao, now=at("21:40"))
    assert into.anchor == first
    own = Alert.objects.get(anchor=second)
    assert (own.state, own.merged_into_id) == (State.MERGED, into.pk)
    member = EventMember.objects.get(post=second)
    assert (member.event_id, member.confirmed, member.confirmed_by) == (into.event_id, True, "linxiao")
    assert (member.similarity, member.differs) == (0.91, ["早一天"])
    with pytest.raises(Conflict, match="林晓已并入"):
        reject_join(proposal.pk, town.wuchen, now=at("21:41"))


def test_what_is_not_the_same_matter_stays_apart(town: Town) -> None:
    nose = Nose()
    town.open(town.post("东塍有气味", posted="19:36"), grouper=nose)
    town.open(town.post("胶水味又来了", posted="20:20", seen="20:25"), now="20:25:10", grouper=nose)
    reject_join(EventProposal.objects.get().pk, town.linxiao, now=at("21:40"))
    assert EventProposal.objects.get().state == ProposalState.REJECTED
    assert Alert.objects.filter(state=State.OPEN).count() == 2


def test_an_unflagged_post_can_be_joined_by_a_person(town: Town) -> None:
    alert = town.alert("东塍有气味")
    dull = town.post("今晚空气怎么回事", flag=False)
    proposal = EventProposal.objects.create(post=dull, event=alert.event, similarity=0.79, proposed_at=at("20:00"))
    confirm_join(proposal.pk, town.wuchen, now=at("20:01"))
    assert AlertPost.objects.get().post == dull


def test_an_answer_found_together_with_its_post_stops_the_clock_at_once(town: Town) -> None:
    post = town.post(posted="19:38", seen="23:00")
    town.official_reply(post.thread, posted="21:54", seen="23:00")
    report = town.open(post, now="23:00:10")
    alert = Alert.objects.get()
    assert report.answered == [alert.pk]
    assert (alert.state, alert.answered_at, alert.breached_at) == (State.ANSWERED, at("21:54"), None)
