"""Source health: nine states in words, hours as bars, failures for administrators only."""

from __future__ import annotations

from datetime import timedelta

from dashboards.sources import LOOKS
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
