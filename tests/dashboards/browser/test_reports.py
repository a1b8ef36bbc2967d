"""The reports in a real browser: no page wider than the screen or against the policy; what is pressed happens."""

from __future__ import annotations

import pytest

from tests.dashboards.browser.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OF_EVERYBODY = [
    "/record",
    "/record#ledger",
    "/record?period=today&by=topic",
    "/record/list?what=all",
    "/sources",
    "/search",
    "/search?q=水压",
]
OF = {
    "zhaoning": [*OF_EVERYBODY, "/digest", "/digest#send"],
    "shenjie": [*OF_EVERYBODY, "/log", "/log?action=denied", "/people", "/people#add", "/settings"],
}


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("username", OF)
def test_no_report_is_wider_than_its_screen_or_breaks_the_policy(width: int, height: int, dark: bool, username: str, tab: Open) -> None:
    page = tab(username, width=width, height=height, dark=dark)
    for address in OF[username]:
        page.go(address)
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width, address
        twice = page.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, at, all) => all.indexOf(id) !== at)")
        assert twice == [], address
    assert page.complaints == []


def test_a_number_leads_to_its_list(tab: Open) -> None:
    page = tab("zheng")
    page.go("/record?period=today")
    page.page.locator(".heat a").first.click()
    page.page.wait_for_url("**/record/list?**")
    assert page.page.inner_text("h1").endswith("件")
    assert "时发帖" in page.page.inner_text(".crumbs")


def test_search_without_an_index_by_keyboard(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/record")
    page.press("/")
    page.page.keyboard.type("水压")
    page.press("Enter")
    page.page.wait_for_url("**/search?**")
    page.sees("检索引擎没有应答")
    page.press("j", "j")
    assert page.page.locator("[data-row][aria-current]").count() == 1
    page.press("Enter")
    page.page.wait_for_url("**/threads/bbs/**")
    assert page.complaints == []


def test_a_ledger_asks_for_a_reason_and_comes(tab: Open) -> None:
    page = tab("zheng")
    page.go("/record")
    page.page.click("a[href='#ledger']")
    page.page.fill("#ledger input[name=reason]", "市府办月度通报用")
    with page.page.expect_download() as coming:
        page.page.click("#ledger button[type=submit]")
    assert coming.value.suggested_filename.endswith(".xlsx")


def test_an_editor_writes_approves_and_sends(tab: Open) -> None:
    page = tab("zhaoning")
    page.go("/digest")
    page.page.fill("#ed", "建议恢复供水后再复一次。")
    page.page.click("aside form button[type=submit]")
    page.sees("编者的话已存")
    page.sees("建议恢复供水后再复一次。", "#sheet")
    page.page.click("a[href='#send']")
    page.page.click("#send button[type=submit]")
    page.sees("期已审定，送给 4 人")
    page.sees("已送出 21:38")
    assert page.page.locator(".sheet-draft").count() == 0
    assert page.complaints == []
