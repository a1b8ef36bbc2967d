"""Every page in a real browser: nothing the policy forbids, nothing wider than the screen, the clock stops by itself."""

from __future__ import annotations

import pytest

from tests.dashboards.browser.conftest import Evening, Open, Tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def addresses(owned: str) -> list[str]:
    return [
        "/triage",
        "/triage#d",
        "/triage#help",
        "/triage#no",
        "/triage#pick-unit",
        "/triage/look",
        "/triage/look#d",
        "/alerts",
        f"/alerts/{owned}",
        "/password",
        "/nowhere",
    ]


def linked(tab: Tab, owned: str) -> list[str]:
    """The thread and event pages of an alert, as its page links them."""
    tab.go(f"/alerts/{owned}")
    return [str(tab.page.locator(f'a[href^="{start}"]').first.get_attribute("href")) for start in ("/threads/", "/events/")]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768), (1366, 620)])
@pytest.mark.parametrize("dark", [False, True])
def test_no_page_is_wider_than_its_screen_or_breaks_the_policy(
    width: int, height: int, dark: bool, tab: Open, evening_server: Evening
) -> None:
    page = tab("wuchen", width=width, height=height, dark=dark)
    for address in (*addresses(evening_server.owned), *linked(page, evening_server.owned)):
        page.go(address)
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert [one for one in page.complaints if "404" not in one] == []


def test_icons_are_drawn_from_the_sprite(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    drawn = page.page.evaluate("[...document.querySelectorAll('svg.i use')].filter(u => u.getBoundingClientRect().width > 4).length")
    assert drawn > 3


def test_the_clock_stops_by_itself_when_the_answer_is_seen(tab: Open, evening_server: Evening) -> None:
    page = tab("chenli")
    page.go(f"/alerts/{evening_server.owned}")
    page.sees("剩 1 小时", ".a-head")
    page.page.fill("#p1", "关阀止水，抢修队在场。")
    page.sees("五项缺 4", "#answer")
    page.page.locator("h1").click()
    evening_server.ask(f"answer {evening_server.owned}")
    page.sees("回应，按时", ".a-head")
    page.sees("已到现场，关阀抢修。")
    assert page.complaints == []


def test_a_draft_is_kept_while_typing(tab: Open, evening_server: Evening) -> None:
    page = tab("chenli")
    page.go(f"/alerts/{evening_server.owned}")
    page.page.fill("#p3", "20:20 关阀止水")
    page.go(f"/alerts/{evening_server.owned}")
    assert page.page.input_value("#p3") == "20:20 关阀止水"
