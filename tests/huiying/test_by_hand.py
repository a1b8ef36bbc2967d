"""What a commentator flagged by hand goes through the engine's round: read by the real judge, opened, dispatched, learned from."""

from __future__ import annotations

from datetime import timedelta

from alerts import moves
from alerts.models import Alert
from huiying.app import App
from huiying.learning import decisions
from huiying.rounds import Rounds
from store.models import Assessment, Post
from store.records import Category
from tests.alerts.doubtful import doubtful
from tests.alerts.town import Town, at

TITLE = "东塍镇政府门口那条路又积水了，有人触电送医院了"


def in_doubt(app: App) -> Post:
    """A post that the engine judged and that stands in doubt, with nothing told of it beside its score."""
    post = doubtful(Town(), TITLE)
    Assessment.objects.filter(post=post).update(category=Category.CHAT.value, department="", level=4, places=[], topic="")
    return post


def test_the_judge_completes_what_a_person_flagged(app: App) -> None:
    post = in_doubt(app)
    rounds = Rounds(app)
    rounds.round()
    moves.flag(post.pk, "linxiao", now=at("20:12"))
    assert rounds.round().opened == 0
    app.clock.advance(timedelta(seconds=12))  # type: ignore[attr-defined]
    assert rounds.round().opened == 1
    alert = Alert.objects.get(anchor=post)
    assert (alert.town, alert.place) == ("东塍镇", "东塍镇")
    assert alert.level < 4
    assert Category(alert.category).positive
    assert alert.score == 0.45
    post.assessment.refresh_from_db()
    assert not post.assessment.flag
    assert post.assessment.reasons
    assert rounds.round().opened == 0


def test_both_decisions_are_learned_from(app: App) -> None:
    town_post = in_doubt(app)
    other = Post.objects.get(pk=town_post.pk)
    other.pk, other.pid, other.seq = None, "7777", 7777
    other.save()
    Assessment.objects.create(
        post=other, post_version=1, assessed_at=at("20:00"), needs_response=0.4, threshold=0.5, flag=False, unsure=True,
        category=Category.CHAT.value, level=4, model="m1",
    )  # fmt: skip
    moves.flag(town_post.pk, "linxiao", now=at("20:12"))
    moves.pass_over(other.pk, "wuchen", now=at("20:13"))
    assert [(one.text.id, one.label, one.by) for one in decisions()] == [("bbs:1001", 1, "linxiao"), ("bbs:7777", 0, "wuchen")]
