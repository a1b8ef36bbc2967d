"""The thread archive and the event page: official marks, edits, deleted floors, joins."""

from __future__ import annotations

from alerts import moves
from alerts.models import Alert, EventMember, EventProposal
from alerts.states import ProposalState, State
from dashboards.thread_page import diff
from store.models import AccessEntry, Edit, Observation, Post
from tests.alerts.town import ECOLOGY, WATER, Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import text


def thread_of(alert: Alert) -> str:
    return f"/threads/{alert.anchor.site}/{alert.anchor.thread.tid}"


def test_officials_are_marked_by_their_part(town: Town, login: Login) -> None:
    alert = town.alert()
    moves.assign(alert.pk, "wuchen", unit=WATER, now=at("20:02"))
    town.official_reply(alert.anchor.thread, posted="20:10", seen="20:11", body="已到现场。", floor=2)
    town.official_reply(alert.anchor.thread, posted="20:20", seen="20:21", unit=ECOLOGY, body="不是我局。", floor=3)
    words = text(login("wuchen").get(thread_of(alert)))
    assert "官方账号，牵头单位" in words
    assert "官方账号，非牵头单位" in words
    assert "官方回复 2 楼" in words
    assert "官方 2" in words


def test_a_deleted_floor_opens_only_with_a_reason_that_is_logged(town: Town, login: Login) -> None:
    alert = town.alert()
    floor = town.post("", thread=alert.anchor.thread, posted="20:10", seen="20:11", flag=False, body="这一楼后来没了")
    Post.objects.filter(pk=floor.pk).update(deleted_at=at("21:00"))
    client, address = login("wuchen"), thread_of(alert)
    assert "这一楼后来没了" not in text(client.get(address))
    refused = client.post(address, {"floor": floor.pk, "reason": "工作需要"})
    assert refused.status_code == 422
    assert "这一楼后来没了" not in text(refused)
    opened = client.post(address, {"floor": floor.pk, "reason": "核对官方是否答复过这一问"})
    assert "这一楼后来没了" in text(opened)
    entry = AccessEntry.objects.get(action="unmask")
    assert (entry.what, entry.why) == (floor.ref, "核对官方是否答复过这一问")


def test_an_edit_shows_old_and_new_words(town: Town, login: Login) -> None:
    alert = town.alert("水管爆裂", body="从四点多停到现在")
    Edit.objects.create(post=alert.anchor, seen_at=at("20:14"), title="水管爆裂", body="从下午停到现在", text_sha256="0" * 64)
    page = login("wuchen").get(thread_of(alert)).content.decode()
    assert "20:14 读到一处改动" in page
    assert "<del>下午</del><ins>四点多</ins>" in page


def test_a_difference_escapes_what_it_shows() -> None:
    assert diff("<b>", "<i>") == "&lt;<del>b</del><ins>i</ins>&gt;"


def test_views_and_replies_become_a_picture_with_a_table(town: Town, login: Login) -> None:
    alert = town.alert()
    for minute, views in ((45, 10), (55, 400), (59, 1204)):
        Observation.objects.create(thread=alert.anchor.thread, seen_at=at(f"19:{minute}"), views=views, replies=minute)
    page = login("wuchen").get(thread_of(alert)).content.decode()
    assert 'aria-label="浏览 1204，跟帖 0 条"' in page


def test_confirming_a_proposal_joins_and_rejecting_leaves_it(town: Town, login: Login) -> None:
    first, second, third = town.alert("刺鼻气味"), town.alert("胶水味"), town.alert("猫丢了")
    yes = EventProposal.objects.create(post=second.anchor, event=first.event, similarity=0.9, agrees=["同镇"], proposed_at=at("20:00"))
    no = EventProposal.objects.create(post=third.anchor, event=first.event, similarity=0.6, differs=["镇街不同"], proposed_at=at("20:00"))
    client, address = login("wuchen"), f"/events/{first.event_id}"
    words = text(client.get(address))
    assert "机器拟 2 帖" in words
    assert "不同：镇街不同" in words
    client.post(f"{address}/proposals/{yes.pk}/confirm")
    client.post(f"{address}/proposals/{no.pk}/reject")
    second.refresh_from_db()
    third.refresh_from_db()
    no.refresh_from_db()
    assert (second.state, third.state, no.state) == (State.MERGED, State.OPEN, ProposalState.REJECTED)
    assert EventMember.objects.filter(event=first.event, post=second.anchor).exists()
    assert "2 帖" in text(client.get(address))


def test_a_split_post_stands_alone_again(town: Town, login: Login) -> None:
    first, second = town.alert("刺鼻气味"), town.alert("胶水味")
    moves.merge(second.pk, "wuchen", into=first.pk, now=at("20:00"))
    client, address = login("wuchen"), f"/events/{first.event_id}"
    assert client.post(f"{address}/split", {}).status_code == 422
    client.post(f"{address}/split", {"alert": second.pk})
    second.refresh_from_db()
    assert second.state == State.OPEN


def test_a_leader_sees_the_event_without_its_buttons(town: Town, login: Login) -> None:
    alert = town.alert()
    page = login("zheng").get(f"/events/{alert.event_id}").content.decode()
    assert "合并与拆分" not in page
    assert login("zheng").post(f"/events/{alert.event_id}/merge", {"into": "1"}).status_code == 403


def test_a_post_joined_by_merging_is_no_guess_any_more(town: Town, login: Login) -> None:
    first, second = town.alert("刺鼻气味"), town.alert("胶水味")
    EventProposal.objects.create(post=second.anchor, event=first.event, similarity=0.65, agrees=["油漆"], proposed_at=at("20:00"))
    moves.merge(second.pk, "linxiao", into=first.pk, now=at("20:10"))
    words = text(login("wuchen").get(f"/events/{first.event_id}"))
    assert "待确认的并入" not in words
    assert "65%" in words
    assert "待确认" not in text(login("wuchen").get(f"/triage/alerts/{first.pk}"))


def test_a_word_that_agrees_is_not_said_to_differ(town: Town, login: Login) -> None:
    first, second = town.alert("刺鼻气味"), town.alert("胶水味")
    fields = {"agrees": ["油漆", "夜里"], "differs": ["油漆", "镇街"], "proposed_at": at("20:00")}
    EventProposal.objects.create(post=second.anchor, event=first.event, similarity=0.65, **fields)
    assert "相同：油漆、夜里。不同：镇街" in text(login("wuchen").get(f"/events/{first.event_id}"))


def test_the_history_names_a_rung_by_its_label(town: Town, login: Login) -> None:
    from alerts import engine
    from alerts.policy import current

    alert = town.alert(posted="19:38", seen="19:45")
    engine.tick(at("19:54"), current())
    words = text(login("wuchen").get(f"/alerts/{alert.pk}"))
    assert "催办，+15 分" in words
    assert "rung-" not in words
