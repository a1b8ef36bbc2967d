"""The triage page: order and counts, decisions as plain forms and as the script sends them, claims, conflicts, undo."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import moves
from alerts.models import Alert, EventProposal, Label
from alerts.states import State
from store.clock import FixedClock
from tests.alerts.town import ECOLOGY, WATER, Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import read, rows, text

SCRIPT = {"HTTP_X_FRAGMENT": "1"}


@pytest.fixture
def waiting(town: Town) -> list[Alert]:
    """Late, 9 minutes, 48 minutes and 2 hours 50 left at 21:38."""
    return [
        town.alert(f"第 {number} 件", posted=posted, seen=posted) for number, posted in enumerate(("18:30", "18:47", "19:26", "21:28"), 1)
    ]


def test_rows_stand_by_time_left_under_their_headings(waiting: list[Alert], login: Login) -> None:
    response = login("wuchen").get("/triage/list")
    assert rows(response) == [str(alert.pk) for alert in waiting]
    words = text(response)
    places = [
        words.index(heading) for heading in ("超时 8 分", "半小时内", "剩 9 分", "1 小时内", "剩 48 分", "1 小时以上", "剩 2 小时 50 分")
    ]
    assert places == sorted(places)


def test_counts_equal_the_lists_they_name(waiting: list[Alert], login: Login) -> None:
    moves.claim(waiting[0].pk, "wuchen", now=at("21:38"))
    moves.assign(waiting[3].pk, "linxiao", unit=WATER, now=at("21:37"))
    client = login("wuchen")
    words = text(client.get("/triage"))
    assert "我的 1" in words
    assert "全部 3" in words
    assert "全市未回应 4" in words
    assert len(rows(client.get("/triage?scope=mine"))) == 1
    assert len(rows(client.get("/triage?scope=all"))) == 3


def test_each_filter_says_how_long_the_list_will_be(town: Town, waiting: list[Alert], login: Login) -> None:
    Alert.objects.filter(pk=waiting[0].pk).update(level=2, topic="环境保护", town="东塍镇")
    client = login("wuchen")
    page = read(client.get("/triage"))
    options = [attrs["value"] for tag, attrs in page.tags if tag == "option" and attrs.get("value")]
    assert {"2", "4", "环境保护", "城乡建设", "东塍镇"} <= set(options)
    assert rows(client.get("/triage?level=2")) == [str(waiting[0].pk)]
    assert "Ⅱ 重大 1" in text(client.get("/triage"))
    assert len(rows(client.get("/triage?topic=城乡建设"))) == 3
    assert "没有符合的帖" in text(client.get("/triage?level=1"))


def test_a_row_names_its_post_for_whoever_measures(waiting: list[Alert], login: Login) -> None:
    page = read(login("wuchen").get("/triage/list"))
    found = {attrs["data-alert"]: attrs["data-post"] for tag, attrs in page.tags if tag == "a" and attrs.get("data-alert")}
    assert found[str(waiting[0].pk)] == waiting[0].anchor.ref


def test_a_poll_costs_few_queries_however_long_the_list(town: Town, login: Login) -> None:
    client = login("wuchen")
    costs = []
    for _ in range(2):
        for _ in range(6):
            town.alert()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/triage/list", **SCRIPT)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 8


def test_without_script_confirming_dispatches_and_goes_to_the_next(waiting: list[Alert], login: Login) -> None:
    client = login("wuchen")
    first = waiting[0]
    response = client.post("/triage/assign", {"alert": f"{first.pk}.{first.version}", "unit": ECOLOGY, "level": "3", "topic": "环境保护"})
    assert response.headers["Location"] == f"/triage?scope=all&alert={waiting[1].pk}"
    first.refresh_from_db()
    assert (first.state, first.unit, first.level, first.topic) == (State.OPEN, ECOLOGY, 3, "环境保护")
    assert {"unit", "level", "topic"} <= set(Label.objects.values_list("field", flat=True))
    assert f"派给 {ECOLOGY}" in text(client.get(response.headers["Location"]))


def test_what_was_only_shown_is_no_correction(waiting: list[Alert], login: Login) -> None:
    first = waiting[0]
    form = {"alert": first.pk, "unit": first.proposed_unit, "level": first.level, "topic": first.topic, "place": first.place or first.town}
    login("wuchen").post("/triage/assign", form)
    assert set(Label.objects.values_list("field", flat=True)) == {"needs_response"}


def test_the_script_gets_toast_and_next(waiting: list[Alert], login: Login) -> None:
    response = login("wuchen").post("/triage/dismiss", {"alert": waiting[0].pk, "reason": "闲聊、玩笑、游戏"}, **SCRIPT)
    said = json.loads(response.content)
    assert said["next"] == waiting[1].pk
    assert said["toast"]["alerts"] == [waiting[0].pk]


def test_undo_within_twelve_seconds_brings_it_back_with_its_due_time(waiting: list[Alert], evening: FixedClock, login: Login) -> None:
    client, first = login("wuchen"), waiting[1]
    client.post("/triage/assign", {"alert": first.pk, "unit": WATER})
    evening.advance(timedelta(seconds=11))
    client.post("/triage/undo", {"alert": first.pk})
    due = first.due_at
    first.refresh_from_db()
    assert (first.unit, first.due_at) == ("", due)


def test_undo_too_late_says_what_to_do_instead(waiting: list[Alert], evening: FixedClock, login: Login) -> None:
    client = login("wuchen")
    client.post("/triage/assign", {"alert": waiting[1].pk, "unit": WATER})
    evening.advance(timedelta(seconds=13))
    response = client.post("/triage/undo", {"alert": waiting[1].pk})
    assert response.status_code == 409
    assert "撤不回，可改派" in text(response)


def test_of_two_who_press_the_first_wins_and_the_second_is_told(waiting: list[Alert], login: Login) -> None:
    seen = f"{waiting[0].pk}.{waiting[0].version}"
    login("wuchen").post("/triage/assign", {"alert": seen, "unit": WATER})
    response = login("linxiao").post("/triage/assign", {"alert": seen, "unit": ECOLOGY})
    assert response.status_code == 409
    words = text(response)
    assert "吴晨 早一步定了" in words
    assert f"已派给 {WATER}；你选的是 {ECOLOGY}" in words
    again = login("linxiao").post("/triage/assign", {"alert": seen, "unit": ECOLOGY}, **SCRIPT)
    assert "早一步定了" in json.loads(again.content)["conflict"]


def test_other_needs_a_sentence(waiting: list[Alert], login: Login) -> None:
    client = login("wuchen")
    response = client.post("/triage/dismiss", {"alert": waiting[0].pk, "reason": "其他"})
    assert response.status_code == 422
    assert "须写一句" in text(response)
    assert client.post("/triage/dismiss", {"alert": waiting[0].pk, "reason": "其他", "note": "测试楼，站方在调版面"}).status_code == 302


def test_many_are_decided_at_once(waiting: list[Alert], login: Login) -> None:
    login("wuchen").post("/triage/assign", {"alert": [f"{alert.pk}.{alert.version}" for alert in waiting]})
    assert not Alert.objects.filter(unit="").exists()


def test_merging_by_number(waiting: list[Alert], login: Login) -> None:
    login("wuchen").post("/triage/merge", {"alert": waiting[3].pk, "into": waiting[0].pk})
    waiting[3].refresh_from_db()
    assert (waiting[3].state, waiting[3].merged_into_id) == (State.MERGED, waiting[0].pk)
    response = login("wuchen").post("/triage/merge", {"alert": waiting[2].pk, "into": "999"})
    assert response.status_code == 422


def test_recording_an_answer_keeps_it_in_the_record(waiting: list[Alert], login: Login) -> None:
    form = {"alert": waiting[0].pk, "url": "http://bbs.example/thread-1-1-1.html", "at": "2026-11-22 20:10", "text": "已修复。"}
    login("wuchen").post("/triage/answer", form)
    waiting[0].refresh_from_db()
    assert waiting[0].provisional_until is not None


def test_others_see_who_is_looking(waiting: list[Alert], login: Login) -> None:
    assert login("wuchen").post(f"/triage/alerts/{waiting[0].pk}/claim").status_code == 204
    assert login("linxiao").post(f"/triage/alerts/{waiting[0].pk}/claim").status_code == 409
    response = login("linxiao").get("/triage")
    assert "吴晨在看" in text(response)
    assert "我的 0" in text(response)
    login("wuchen").post("/triage/handover")
    assert "在看" not in text(login("linxiao").get("/triage/list"))


def test_a_decided_one_tells_what_was_decided(waiting: list[Alert], login: Login) -> None:
    moves.dismiss(waiting[0].pk, "linxiao", reason="闲聊、玩笑、游戏", now=at("21:37"))
    words = text(login("wuchen").get(f"/triage/alerts/{waiting[0].pk}"))
    assert "这一条已定：闲聊、玩笑、游戏，不需回应" in words
    assert "林晓" in words


def test_a_proposal_of_the_machine_is_shown_and_hides_nothing(waiting: list[Alert], login: Login) -> None:
    EventProposal.objects.create(post=waiting[1].anchor, event=waiting[0].event, similarity=0.79, proposed_at=at("21:00"))
    client = login("wuchen")
    assert len(rows(client.get("/triage"))) == 4
    assert "相似 79%" in text(client.get(f"/triage/alerts/{waiting[1].pk}"))
    assert f'data-kin="{waiting[0].pk}"' in client.get(f"/triage/alerts/{waiting[1].pk}").content.decode()


def test_an_expired_session_says_so_to_the_script(waiting: list[Alert]) -> None:
    from django.test import Client

    assert Client().get("/triage/list", **SCRIPT).status_code == 401
    assert Client().get("/tick", HTTP_HX_REQUEST="true").status_code == 401


def test_a_poll_that_finds_nothing_new_is_told_so(waiting: list[Alert], evening: FixedClock, login: Login) -> None:
    client = login("wuchen")
    mark = client.get("/triage/list", **SCRIPT).headers["X-Mark"]
    assert client.get("/triage/list", HTTP_X_SEEN=mark, **SCRIPT).status_code == 204
    moves.claim(waiting[0].pk, "linxiao", now=at("21:38"))
    assert client.get("/triage/list", HTTP_X_SEEN=mark, **SCRIPT).status_code == 200
    mark = client.get("/triage/list", **SCRIPT).headers["X-Mark"]
    evening.advance(timedelta(seconds=30))
    assert client.get("/triage/list", HTTP_X_SEEN=mark, **SCRIPT).status_code == 200
