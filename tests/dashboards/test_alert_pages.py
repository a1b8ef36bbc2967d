"""The alert list and page: own units only, counts equal lists, each button by state and role."""

from __future__ import annotations

import re

import pytest

from alerts import evidence, moves
from alerts.models import Alert, Delivery
from alerts.states import State
from tests.alerts.town import ECOLOGY, POLICY, WATER, Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import read, rows, text


@pytest.fixture
def cases(town: Town) -> dict[str, Alert]:
    """One alert in each state, all of the water company but the last, which it joins."""
    found = {
        name: town.alert(name, posted="20:00", seen="20:05") for name in ("unacked", "owned", "paused", "answered", "closed", "joined")
    }
    for name, alert in found.items():
        unit, co = (ECOLOGY, [WATER]) if name == "joined" else (WATER, None)
        moves.assign(alert.pk, "wuchen", unit=unit, co_units=co, now=at("20:10"))
    for name in ("owned", "paused", "answered", "closed"):
        moves.ack(found[name].pk, "chenli", now=at("20:12"))
    moves.pause(found["paused"].pk, "chenli", reason="论坛停机维护", now=at("20:20"))
    moves.approve_pause(found["paused"].pk, "zhouming", now=at("20:22"))
    for name in ("answered", "closed"):
        reply = town.official_reply(found[name].anchor.thread, posted="20:40", seen="20:41", body="已到现场，正在抢修。")
        evidence.observe([reply], at("20:41"), POLICY)
    moves.close(found["closed"].pk, "wuchen", now=at("21:00"))
    return {name: Alert.objects.get(pk=alert.pk) for name, alert in found.items()}


def test_the_sum_in_words_equals_the_list(cases: dict[str, Alert], login: Login) -> None:
    response = login("chenli").get("/alerts")
    words = text(response)
    assert "未办结 5 件 = 待签收 2 + 已签收，待回应 2 + 已首次回应 1" in words
    assert len(rows(response)) == 5
    places = [words.index(heading) for heading in ("1 小时以上", "暂停中，不计时", "已首次回应，等结果")]
    assert places == sorted(places)
    assert "陈立申请，周明批准" in words


def test_scopes_and_filters_count_what_they_list(cases: dict[str, Alert], login: Login) -> None:
    client = login("chenli")
    page = client.get("/alerts")
    for scope, name in re.findall(r'href="\?scope=(\w+)"[^>]*>(.+?)</a>', page.content.decode()):
        assert len(rows(client.get(f"/alerts?scope={scope}"))) == int(name.split()[-1])
    for filter_ in ("state", "level", "town", "topic"):
        block = re.search(rf'<select name="{filter_}">(.+?)</select>', page.content.decode(), re.DOTALL)
        assert block is not None
        for value, n in re.findall(r'value="([^"]+)"[^>]*>[^<]* (\d+)</option>', block[1]):
            assert len(rows(client.get("/alerts", {filter_: value}))) == int(n), (filter_, value)
    assert rows(client.get("/alerts?show=done")) == [str(cases["closed"].pk)]


def test_a_spokesperson_lists_only_what_their_units_lead_or_join(cases: dict[str, Alert], login: Login) -> None:
    assert rows(login("luomin").get("/alerts")) == [str(cases["joined"].pk)]
    assert rows(login("chenli").get("/alerts?scope=co")) == [str(cases["joined"].pk)]


#: state → buttons that a spokesperson of the lead unit and a commentator find
BUTTONS = {
    "unacked": ({"ack", "return", "answer"}, {"answer", "reassign"}),
    "owned": ({"answer", "reassign", "pause"}, {"answer", "reassign", "pause"}),
    "paused": ({"answer", "reassign", "resume"}, {"answer", "reassign", "resume"}),
    "answered": ({"answer"}, {"answer", "close"}),
    "closed": (set(), {"reopen"}),
    "joined": (set(), {"answer", "reassign"}),
}


def test_buttons_follow_state_and_role(cases: dict[str, Alert], login: Login) -> None:
    for place, person in enumerate(("chenli", "wuchen")):
        client = login(person)
        for name, wanted in BUTTONS.items():
            page = read(client.get(f"/alerts/{cases[name].pk}"))
            addresses = [attrs.get("action") or "" for tag, attrs in page.tags if tag == "form"]
            assert {one.split("/")[-1] for one in addresses if "/alerts/" in one} == wanted[place], (person, name)


def test_a_leader_reads_and_presses_nothing(cases: dict[str, Alert], login: Login) -> None:
    page = read(login("zheng").get(f"/alerts/{cases['owned'].pk}"))
    assert [attrs["action"] for tag, attrs in page.tags if tag == "form" and attrs.get("method") == "post"] == ["/logout"]


def test_signing_from_the_list_comes_back_to_it(cases: dict[str, Alert], login: Login) -> None:
    client = login("chenli")
    response = client.post(f"/alerts/{cases['unacked'].pk}/ack", {"version": cases["unacked"].version, "back": "/alerts?scope=lead"})
    assert response.headers["Location"] == "/alerts?scope=lead"
    assert Alert.objects.get(pk=cases["unacked"].pk).state == State.OWNED
    assert "已签收告警" in text(client.get("/alerts?scope=lead"))


def test_going_back_never_leaves_the_site(cases: dict[str, Alert], login: Login) -> None:
    response = login("chenli").post(f"/alerts/{cases['unacked'].pk}/ack", {"back": "https://example.org/"})
    assert response.headers["Location"] == f"/alerts/{cases['unacked'].pk}"


def test_an_empty_reason_is_sent_back_in_words(cases: dict[str, Alert], login: Login) -> None:
    response = login("chenli").post(f"/alerts/{cases['unacked'].pk}/return", {"reason": "工作需要"})
    assert response.status_code == 422
    assert "须写明事由" in text(response)
    assert "什么都没有改动" in text(response)


def test_another_units_button_is_refused(cases: dict[str, Alert], login: Login) -> None:
    assert login("luomin").post(f"/alerts/{cases['unacked'].pk}/ack").status_code == 403
    assert login("chenli").post(f"/alerts/{cases['joined'].pk}/ack").status_code == 422


def test_the_page_of_an_answered_one_shows_the_evidence(cases: dict[str, Alert], login: Login) -> None:
    words = text(login("chenli").get(f"/alerts/{cases['answered'].pk}"))
    assert "40 分回应，按时" in words
    assert "已到现场，正在抢修。" in words
    assert "系统看到" in words
    assert "逐条相链，已核对" in words


def test_the_clocks_say_in_words_what_they_draw(cases: dict[str, Alert], login: Login) -> None:
    words = text(login("wuchen").get(f"/alerts/{cases['owned'].pk}"))
    assert "市民 20:00 发帖，应于 23:00 前回应；现在 21:38，剩 1 小时 22 分" in words


def test_an_open_page_can_ask_whether_anything_moved(cases: dict[str, Alert], login: Login) -> None:
    response = login("chenli").get(f"/alerts/{cases['owned'].pk}/version")
    assert response.content.decode() == str(cases["owned"].version)


def test_opening_the_page_marks_ones_messages_as_seen(cases: dict[str, Alert], login: Login) -> None:
    sent = Delivery.objects.filter(alert=cases["unacked"], person="chenli")
    sent.update(accepted_at=at("20:11"))
    login("wuchen").get(f"/alerts/{cases['unacked'].pk}")
    assert sent.filter(seen_at=None).exists()
    assert "送达 1，已看 1" in text(login("chenli").get(f"/alerts/{cases['unacked'].pk}"))


def test_a_recorded_answer_waits_as_such(cases: dict[str, Alert], login: Login) -> None:
    client, alert = login("chenli"), cases["owned"]
    form = {"url": alert.anchor.url, "at": "2026-11-22 21:20", "text": "已到现场。", "version": alert.version}
    client.post(f"/alerts/{alert.pk}/answer", form)
    words = text(client.get("/alerts"))
    assert "已登记，待核" in words
    assert "待核，剩 30 分" in words


def test_rungs_and_words_stand_clear_of_a_pause(town: Town) -> None:
    from dashboards.clocks_svg import picture, width

    alert = town.alert(posted="19:38", seen="19:45")
    moves.assign(alert.pk, "wuchen", unit=WATER, now=at("20:02"))
    moves.ack(alert.pk, "chenli", now=at("20:09"))
    moves.pause(alert.pk, "chenli", reason="抢修车绕行，到场前无法核实", now=at("20:48"))
    moves.approve_pause(alert.pk, "zhouming", now=at("20:50"))
    moves.resume(alert.pk, "chenli", now=at("21:02"))
    alert = Alert.objects.get(pk=alert.pk)
    shot = picture(alert, list(alert.pauses.all()), at("21:38"), {})
    assert shot.now is not None
    two_hours = [mark.x for mark in shot.rungs if not mark.text][2]
    assert two_hours > shot.now.x  # 21:52 after a pause of 14 minutes, not 21:38
    (pause,) = shot.pauses
    (running,) = (box for box in shot.citizen if box.css == "c-run")
    half = width(running.text) / 2
    assert running.middle + half <= pause.x or running.middle - half >= pause.x + pause.width
