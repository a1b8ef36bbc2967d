"""Source health: nine states in words, hours as bars, failures for administrators only."""

from __future__ import annotations

from datetime import timedelta

from dashboards.source_rows import LOOKS
from store.models import BoardHealth, HealthHour
from store.records import SourceState
from tests.alerts.town import Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import read, text

FAILURE = "ParserError：主题列表读到 0 行"


def boards() -> None:
    read_before = {"first_crawl_at": at("10 08:00"), "last_post_at": at("21:30")}
    BoardHealth.objects.create(source="bbs", board="", outcome="ok", last_success_at=at("21:37"), **read_before)
    BoardHealth.objects.create(
        source="bbs",
        board="2",
        board_name="百姓呼声",
        outcome="parser",
        failures_in_row=4,
        failure=FAILURE,
        last_success_at=at("20:50"),
        **read_before,
    )
    for back, (reads, failures, slow) in enumerate([(60, 60, 0), (60, 2, 50), (60, 0, 0)]):
        hour = at("21:00") - timedelta(hours=back)
        HealthHour.objects.create(source="bbs", board="2", hour=hour, reads=reads, failures=failures, slow=slow)


def test_each_state_has_its_word() -> None:
    assert set(LOOKS) == set(SourceState)
    assert len({word for word, _, _ in LOOKS.values()}) == 9


def test_trouble_is_told_with_what_to_do(town: Town, login: Login, wired: None) -> None:
    boards()
    page = text(login("zheng").get("/sources"))
    assert "1 个站点 2 处：1 处正常，1 处读不到。" in page
    assert "解析失败" in page
    assert "48 分前" in page
    assert "连续 4 次读不成。页面读到了" in page
    assert "停读的来源不会把看板变绿" in page


def test_failures_are_for_administrators(town: Town, login: Login, wired: None) -> None:
    boards()
    assert FAILURE in text(login("shenjie").get("/sources"))
    assert FAILURE not in text(login("zheng").get("/sources"))


def test_hours_tell_by_height_too(town: Town, login: Login, wired: None) -> None:
    boards()
    bars = [
        (attrs["class"], attrs["height"], attrs["x"])
        for tag, attrs in read(login("zheng").get("/sources")).tags
        if tag == "rect" and "s-" in (attrs.get("class") or "")
    ]
    assert bars == [("s-o", "14", "126"), ("s-s", "8", "132"), ("s-x", "3", "138")]


def test_nothing_enabled(town: Town, login: Login) -> None:
    assert "还没有启用来源" in text(login("shenjie").get("/sources"))


def test_trouble_stands_first_with_since_when_and_the_next_try(town: Town, login: Login, wired: None) -> None:
    boards()
    BoardHealth.objects.filter(board="2").update(outcome="wall", quiet_until=at("22:00"))
    words = text(login("zheng").get("/sources"))
    assert "20:50 起，已 48 分。" in words
    assert "下次 22:00 再试" in words
    assert words.index("百姓呼声") < words.index("整站")


def test_what_is_known_beside_stands_in_the_details(town: Town, login: Login, wired: None) -> None:
    boards()
    told = {"yield_recent": 0.31, "yield_usual": 0.98, "canary_at": at("21:05"), "seconds_recent": 0.84, "seconds_usual": 0.7}
    BoardHealth.objects.filter(board="2").update(**told, backfilled=2140, covered_at=at("20:10"))
    response = login("zheng").get("/sources")
    words = text(response)
    for said in (
        "读出31%，平时 98%",
        "核对帖21:05 重读一篇旧帖，读得全",
        "应答0.8 秒，平时 0.7 秒",
        "近 24 小时读 180 次，62 次不成，得 0 帖",
        "从头读起11 月 10 日 8:00 开始，旧帖 2,140 帖入档，列表读到头（20:10）",
    ):
        assert said in words
    assert '<b class="fell">31%</b>' in response.content.decode()


def test_how_far_a_first_crawl_came_stands_beside_its_name(town: Town, login: Login, wired: None) -> None:
    begun = {"outcome": "ok", "first_crawl_at": at("20:00"), "last_success_at": at("21:37")}
    BoardHealth.objects.create(source="bbs", board="", **begun, waiting=310, backfilled=2140)
    BoardHealth.objects.create(source="bbs", board="2", **begun, covered_at=at("21:00"))
    words = text(login("zheng").get("/sources"))
    assert "第一次读：2 处中 1 处读到头，还有 310 页待读，旧帖 2,140 帖已入档，不开告警" in words
    BoardHealth.objects.update(waiting=0, covered_at=at("21:30"))
    assert "第一次读" not in text(login("zheng").get("/sources"))


def test_commands_in_advice_are_set_as_such(town: Town, login: Login, wired: None) -> None:
    boards()
    assert "用 <code>huiying crawl 来源 --try 网址</code> 试读" in login("zheng").get("/sources").content.decode()
