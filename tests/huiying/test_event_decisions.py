"""What people said about events is respected by what the engine proposes next: after a merge, a split, a rejection, a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts import moves
from alerts.models import Alert, EventMember, EventProposal
from alerts.states import ProposalState, State
from alerts.verify import verify
from huiying.app import App
from huiying.rounds import Rounds
from store.models import Post
from tests.alerts.town import Town

#: one matter, and one like it in every word but the place
LIJING = ("丽景花园爆管停水一整天，没人来修", "丽景花园北门水管爆了，从早上停水到现在，打自来水公司电话没人接，请尽快派人来修")
LIJING_AGAIN = ("丽景花园还在停水，求派人来修", "丽景花园北门爆管以后一直停水，老人小孩没水喝，自来水公司没人管，请尽快抢修")
LIJING_THIRD = ("丽景花园什么时候来水", "丽景花园北门水管爆了没人修，从早上停水到现在，请自来水公司尽快派人来修")
JINXIU = ("锦绣公馆爆管停水没人修", "锦绣公馆地下车库水管爆了，从早上停水到现在，打自来水公司电话没人接，请派人来修")
JINXIU_AGAIN = ("锦绣公馆还是没水", "锦绣公馆地下车库水管爆了还没人修，停水到现在，请自来水公司尽快派人")
PROPOSED, REJECTED = ProposalState.PROPOSED.value, ProposalState.REJECTED.value


class Evening:
    """A forum whose posts go through the engine one after the other; `restart` is a new engine over the same store."""

    def __init__(self, app: App) -> None:
        self.app, self.town, self.rounds = app, Town(), Rounds(app)

    def post(self, text: tuple[str, str], *, days: int = 0) -> Alert:
        """`days` after the last one."""
        self.app.clock.advance(timedelta(days=days, minutes=1))  # type: ignore[attr-defined]
        now = self.app.clock.now()
        post = self.town._write(text[0], "20:12", "20:12", None)
        Post.objects.filter(pk=post.pk).update(body=text[1], posted_at=now, detected_at=now, seen_at=now)
        self.rounds.round()
        return Alert.objects.get(anchor=post)

    def restart(self) -> None:
        self.rounds = Rounds(self.app)

    def merge(self, alert: Alert, into: Alert) -> None:
        moves.merge(alert.pk, "linxiao", into=into.pk, now=self.app.clock.now())

    def split(self, alert: Alert) -> None:
        self.app.clock.advance(timedelta(minutes=3))  # type: ignore[attr-defined]
        moves.split(alert.pk, "linxiao", now=self.app.clock.now())


@pytest.fixture
def evening(app: App) -> Evening:
    return Evening(app)


def proposed(alert: Alert) -> list[str]:
    """Events into which the machine would put the post of an alert."""
    return list(EventProposal.objects.filter(post=alert.anchor, state=PROPOSED).order_by("-similarity").values_list("event", flat=True))


@pytest.mark.parametrize("restarted", ["never", "before", "after"])
def test_what_resembles_a_post_that_was_split_out_is_not_proposed_into_the_old_event(evening: Evening, restarted: str) -> None:
    other, first = evening.post(JINXIU), evening.post(LIJING)
    evening.merge(first, into=other)
    if restarted == "before":
        evening.restart()
    again = evening.post(LIJING_AGAIN)
    assert proposed(again) == [other.event_id]
    evening.split(first)
    if restarted == "after":
        evening.restart()
    third = evening.post(LIJING_THIRD)
    assert set(proposed(third)) == {first.event_id, again.event_id}
    assert proposed(evening.post(JINXIU_AGAIN)) == [other.event_id]


@pytest.mark.parametrize("restarted", [False, True])
def test_the_machine_never_proposes_again_what_people_parted(evening: Evening, restarted: bool) -> None:
    first, second = evening.post(LIJING), evening.post(LIJING_AGAIN)
    assert proposed(second) == [first.event_id]
    evening.merge(second, into=first)
    evening.split(second)
    assert proposed(second) == []
    if restarted:
        evening.restart()
    third = evening.post(LIJING_THIRD)
    # it is like both, and they are two matters: one of them only
    assert len(proposed(third)) == 1
    assert not EventProposal.objects.filter(post__in=[first.anchor, second.anchor], state=PROPOSED).exists()
    assert verify().findings == []


def test_a_split_closes_the_guess_of_the_other_side_too(evening: Evening) -> None:
    first, second = evening.post(LIJING), evening.post(LIJING_AGAIN)
    evening.merge(first, into=second)
    evening.split(first)
    assert proposed(second) == []
    assert set(EventProposal.objects.values_list("post", "event", "state")) == {
        (first.anchor_id, second.event_id, REJECTED),
        (second.anchor_id, first.event_id, REJECTED),
    }


@pytest.mark.parametrize("restarted", [False, True])
def test_a_rejected_guess_parts_the_two_events(evening: Evening, restarted: bool) -> None:
    first, second = evening.post(LIJING), evening.post(LIJING_AGAIN)
    moves.reject_join(EventProposal.objects.get(post=second.anchor).pk, "linxiao", now=evening.app.clock.now())
    if restarted:
        evening.restart()
    assert len(proposed(evening.post(LIJING_THIRD))) == 1
    assert proposed(second) == []
    assert EventMember.objects.get(post=first.anchor).event_id == first.event_id


@pytest.mark.parametrize("restarted", [False, True])
def test_after_a_merge_later_posts_go_to_the_event_that_remained(evening: Evening, restarted: bool) -> None:
    other, first = evening.post(JINXIU), evening.post(LIJING)
    evening.merge(first, into=other)
    if restarted:
        evening.restart()
    assert proposed(evening.post(LIJING_AGAIN)) == [other.event_id]
    assert proposed(evening.post(JINXIU_AGAIN)) == [other.event_id]
    assert EventMember.objects.get(post=first.anchor).event_id == other.event_id


@pytest.mark.parametrize("restarted", [False, True])
def test_a_merge_after_a_split_is_the_last_word(evening: Evening, restarted: bool) -> None:
    first, second = evening.post(LIJING), evening.post(LIJING_AGAIN)
    evening.merge(second, into=first)
    evening.split(second)
    evening.merge(second, into=first)
    if restarted:
        evening.restart()
    assert proposed(evening.post(LIJING_THIRD)) == [first.event_id]


def test_what_an_event_was_parted_from_stays_parted_when_it_is_merged(evening: Evening) -> None:
    first, second, other = evening.post(LIJING), evening.post(LIJING_AGAIN), evening.post(JINXIU)
    moves.reject_join(EventProposal.objects.get(post=second.anchor, event=first.event).pk, "linxiao", now=evening.app.clock.now())
    evening.merge(second, into=other)
    third = evening.post(LIJING_THIRD)
    assert len(set(proposed(third)) & {first.event_id, other.event_id}) == 1


def test_a_merge_taken_back_at_once_says_nothing(evening: Evening) -> None:
    first, second = evening.post(LIJING), evening.post(LIJING_AGAIN)
    moves.confirm_join(EventProposal.objects.get(post=second.anchor).pk, "linxiao", now=evening.app.clock.now())
    moves.undo(second.pk, "linxiao", now=evening.app.clock.now() + timedelta(seconds=5))
    assert proposed(second) == [first.event_id]
    moves.confirm_join(EventProposal.objects.get(post=second.anchor).pk, "linxiao", now=evening.app.clock.now())
    moves.undo(second.pk, "linxiao", now=evening.app.clock.now() + timedelta(minutes=5))
    assert proposed(second) == []
    assert EventProposal.objects.get(post=second.anchor).state == REJECTED


def test_a_restarted_engine_proposes_what_the_one_that_followed_would(evening: Evening) -> None:
    other, first, second = evening.post(JINXIU), evening.post(LIJING), evening.post(LIJING_AGAIN)
    evening.merge(second, into=first)
    evening.merge(first, into=other)
    evening.split(first)
    evening.rounds.grouper.follow()
    again = Rounds(evening.app).grouper
    for number, text in enumerate((LIJING_THIRD, JINXIU_AGAIN), start=900):
        post = Post(pk=number, title=text[0], body=text[1], posted_at=evening.app.clock.now())
        assert [one.event_id for one in evening.rounds.grouper.match(post)] == [one.event_id for one in again.match(post)]
    assert {member.event_id for member in EventMember.objects.all()} == {other.event_id, first.event_id}


def test_a_matter_that_returns_after_weeks_opens_the_next_round_of_its_event(evening: Evening) -> None:
    first = evening.post(LIJING)
    evening.town.official_reply(first.anchor.thread, posted="20:30", seen="20:31")
    evening.app.clock.advance(timedelta(minutes=30))  # type: ignore[attr-defined]
    evening.rounds.round()
    moves.close(first.pk, "linxiao", now=evening.app.clock.now())
    assert Alert.objects.get(pk=first.pk).state == State.CLOSED
    again = evening.post(LIJING_AGAIN, days=40)
    assert proposed(again) == [first.event_id]
    opened = moves.confirm_join(EventProposal.objects.get(post=again.anchor).pk, "linxiao", now=evening.app.clock.now())
    assert (opened.event_id, opened.round, opened.clock_start) == (first.event_id, 2, again.clock_start)
    assert proposed(evening.post(LIJING_THIRD, days=100)) == [first.event_id]
    assert proposed(evening.post(LIJING, days=200)) == []
