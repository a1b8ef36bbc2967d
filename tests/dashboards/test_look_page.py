"""拿不准: the list and its count, the reasons of a post nobody flagged, decisions as plain forms and as the script sends them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from alerts import doubt
from alerts.models import Alert, Label
from dashboards import doubt_list, wiring
from store.clock import FixedClock
from store.models import AccessEntry, Assessment, Post
from store.records import Text
from tests.alerts.doubtful import NOISE, doubtful, engine
from tests.alerts.town import Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import read, text

SCRIPT = {"HTTP_X_FRAGMENT": "1"}


def listed(response: HttpResponse) -> list[int]:
    return [int(attrs["data-post"] or "") for tag, attrs in read(response).tags if tag == "a" and "data-post" in attrs]


@pytest.fixture
def doubts(town: Town) -> list[Post]:
    """Three posts in doubt, the newest last."""
    return [doubtful(town, f"{NOISE}，第 {hour} 回", posted=f"{hour}:00", seen=f"{hour}:05") for hour in (18, 19, 20)]


@pytest.fixture
def explained() -> Iterator[None]:
    """The shipped judge behind the page, as the wiring hands it over."""
    from huiying.in_force import told
    from nlp.judge import Judge

    judge = Judge.load()

    def explain(post: Post) -> Mapping[str, Any]:
        return told(judge.explain(Text(id=post.ref, title=post.title, body=post.body)))

    wiring.use(explain=explain)
    yield
    wiring.use()


def test_the_count_on_triage_is_the_length_of_the_list(town: Town, doubts: list[Post], login: Login) -> None:
    client = login("wuchen")
    town.alert()
    assert "拿不准的 3 条" in text(client.get("/triage"))
    assert listed(client.get("/triage/look")) == [post.pk for post in reversed(doubts)]
    assert "拿不准 3" in text(client.get("/triage/look"))


def test_nothing_to_triage_leads_to_the_doubtful(doubts: list[Post], login: Login) -> None:
    words = text(login("wuchen").get("/triage/list"))
    assert "都看完了" in words
    assert words.count("拿不准的 3 条") == 3  # the empty state, the end of the list on a phone, the foot


def test_a_poll_of_triage_notices_a_new_doubt(town: Town, login: Login) -> None:
    client = login("wuchen")
    mark = client.get("/triage/list", **SCRIPT).headers["X-Mark"]
    doubtful(town)
    assert client.get("/triage/list", HTTP_X_SEEN=mark, **SCRIPT).status_code == 200


def test_a_row_tells_board_time_and_confidence(town: Town, login: Login) -> None:
    doubtful(town, body="孩子睡不好，\n电话 <号码>", board_name="百姓呼声", score=0.47)
    words = text(login("wuchen").get("/triage/look"))
    for said in (NOISE, "19:38", "百姓呼声", "把握 47%", "孩子睡不好", "已隐去"):
        assert said in words


def test_opening_tells_why_it_was_not_flagged(town: Town, explained: None, login: Login) -> None:
    post = doubtful(town, "路灯又不亮了", body="能不能来人看看？说了三回。")
    response = login("wuchen").get(f"/triage/look/posts/{post.pk}")
    page, words = response.content.decode(), text(response)
    assert "为什么没标出" in words
    assert "把握 45%，门槛 50%" in words
    marked = re.findall(r"<mark>(.*?)</mark>", page)
    assert marked
    assert all(one in post.title + post.body for one in marked)
    assert re.search(r"<dd>[+−]\d\.\d\d</dd>", page)
    assert AccessEntry.objects.get(action="open").what == post.ref


def test_without_a_judge_the_post_is_readable_all_the_same(doubts: list[Post], login: Login) -> None:
    words = text(login("wuchen").get(f"/triage/look/posts/{doubts[0].pk}"))
    assert "说不出依据" in words
    assert NOISE in words
    assert "不是全文" not in words


def test_of_a_post_that_is_partly_hidden_it_says_so(doubts: list[Post], login: Login) -> None:
    Post.objects.filter(pk=doubts[0].pk).update(partial=True)
    assert "读到的可能不是全文" in text(login("wuchen").get(f"/triage/look/posts/{doubts[0].pk}"))


def test_passed_over_it_leaves_the_list_and_the_next_older_one_follows(doubts: list[Post], login: Login) -> None:
    client = login("wuchen")
    response = client.post("/triage/look/pass", {"post": doubts[2].pk})
    assert response.headers["Location"] == f"/triage/look?post={doubts[1].pk}"
    page = client.get(response.headers["Location"])
    assert "不需回应：「" in text(page)
    assert listed(page) == [doubts[1].pk, doubts[0].pk]
    label = Label.objects.get()
    assert (label.post, label.field, label.judged, label.decided, label.by, label.at) == (
        doubts[2], "needs_response", "no", "no", "wuchen", at("21:38"),
    )  # fmt: skip


def test_flagged_it_stands_on_triage_when_the_engine_has_passed(doubts: list[Post], evening: FixedClock, login: Login) -> None:
    client = login("wuchen")
    client.post("/triage/look/flag", {"post": doubts[1].pk})
    assert "撤销时限一过就进待研判" in text(client.get(f"/triage/look/posts/{doubts[1].pk}"))
    evening.advance(timedelta(seconds=12))
    engine("21:38:12")
    alert = Alert.objects.get(anchor=doubts[1])
    assert f'data-alert="{alert.pk}"' in client.get("/triage/list").content.decode()
    assert f"告警 {alert.pk}" in text(client.get("/triage/look?show=done"))
    assert f"打开告警 {alert.pk}" in text(client.get(f"/triage/look/posts/{doubts[1].pk}"))
    history = text(login("linxiao").get(f"/alerts/{alert.pk}"))
    assert "在「拿不准」里定为需回应，立件" in history


def test_the_script_gets_toast_and_counts(doubts: list[Post], login: Login) -> None:
    said = json.loads(login("wuchen").post("/triage/look/flag", {"post": doubts[0].pk}, **SCRIPT).content)
    assert said["counts"] == {"waiting": 2, "done": 1}
    assert (said["toast"]["action"], said["toast"]["name"], said["toast"]["alerts"]) == ("/triage/look/undo", "post", [doubts[0].pk])
    assert "12 秒后进待研判" in said["toast"]["words"]


def test_undo_puts_it_back(doubts: list[Post], login: Login) -> None:
    client = login("wuchen")
    client.post("/triage/look/pass", {"post": doubts[0].pk})
    response = client.post("/triage/look/undo", {"post": doubts[0].pk})
    assert response.headers["Location"] == f"/triage/look?post={doubts[0].pk}"
    assert "已撤销" in text(client.get(response.headers["Location"]))
    assert doubt.waiting(at("21:38")).count() == 3
    client.post("/triage/look/pass", {"post": doubts[0].pk})
    said = json.loads(client.post("/triage/look/undo", {"post": doubts[0].pk, "view": "show=done"}, **SCRIPT).content)
    assert said == {"go": "/triage/look?show=done"}


def test_the_decided_are_listed_with_who_and_when(doubts: list[Post], evening: FixedClock, login: Login) -> None:
    login("wuchen").post("/triage/look/pass", {"post": doubts[0].pk})
    evening.advance(timedelta(minutes=2))
    login("linxiao").post("/triage/look/flag", {"post": doubts[1].pk})
    page = login("zhouming").get("/triage/look?show=done")
    assert listed(page) == [doubts[1].pk, doubts[0].pk]
    words = text(page)
    assert "已看 2" in words
    assert "林晓 21:40" in words
    assert "吴晨 21:38" in words


def test_of_two_who_press_the_second_is_told(doubts: list[Post], login: Login) -> None:
    login("linxiao").post("/triage/look/pass", {"post": doubts[0].pk})
    response = login("wuchen").post("/triage/look/flag", {"post": doubts[0].pk})
    assert response.status_code == 409
    assert "林晓 21:38 已定为不需回应；你的没有生效" in text(response)
    again = login("wuchen").post("/triage/look/flag", {"post": doubts[0].pk}, **SCRIPT)
    assert (again.status_code, list(json.loads(again.content))) == (409, ["error"])


def test_the_list_is_paged_and_a_decision_skips_nobody(town: Town, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doubt_list, "PAGE", 2)
    posts = [doubtful(town, posted=f"20:0{number}", seen="20:10").pk for number in range(5)][::-1]
    client = login("wuchen")
    first = client.get("/triage/look")
    assert listed(first) == posts[:2]
    assert "再往前 3 条" in text(first)
    client.post("/triage/look/pass", {"post": posts[0]})
    second = client.get(f"/triage/look?after={posts[1]}")
    assert listed(second) == posts[2:4]
    third = client.get(f"/triage/look?after={posts[3]}")
    assert listed(third) == posts[4:]
    assert "到头了" in text(third)


def test_a_reply_is_shown_with_its_thread_and_joins_its_alert(town: Town, login: Login) -> None:
    alert = town.alert()
    reply = doubtful(town, thread=alert.anchor.thread, posted="20:10", seen="20:11", body="我们这栋也是")
    words = text(login("wuchen").get(f"/triage/look?post={reply.pk}"))
    assert "我们这栋也是" in words
    assert "回「沿江自来水管爆裂」 本帖有告警".replace(" ", "") in words.replace(" ", "")
    assert f"归入本帖的告警 {alert.pk}" in words


def test_who_may_not_triage_may_not_look(doubts: list[Post], login: Login) -> None:
    for name in ("chenli", "zhaoning", "zheng", "shenjie"):
        client = login(name)
        answers = [client.get("/triage/look"), client.get(f"/triage/look/posts/{doubts[0].pk}")]
        answers += [client.post(f"/triage/look/{act}", {"post": doubts[0].pk}) for act in ("flag", "pass", "undo")]
        assert [answer.status_code for answer in answers] == [403] * 5
    assert Label.objects.count() == 0


def test_a_post_without_judgement_is_no_page(town: Town, login: Login) -> None:
    post = town.post()
    Assessment.objects.filter(post=post).delete()
    client = login("wuchen")
    assert client.get(f"/triage/look/posts/{post.pk}").status_code == 404
    assert client.post("/triage/look/flag", {"post": "x"}).status_code == 404


def test_nothing_in_doubt(town: Town, login: Login) -> None:
    client = login("wuchen")
    assert "都看完了" in text(client.get("/triage/look"))
    assert "还没有人看过" in text(client.get("/triage/look?show=done"))
    assert "拿不准的 0 条" in text(client.get("/triage"))
