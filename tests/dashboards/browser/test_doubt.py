"""拿不准 without a mouse, reached from triage: read, decide, undo; the counts follow."""

from __future__ import annotations

import pytest

from tests.dashboards.browser.conftest import Open, Tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def opened(tab: Tab, words: str) -> None:
    tab.page.locator("#d h1").get_by_text(words).wait_for(timeout=8000)


def test_from_triage_through_the_doubtful_and_back(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    page.page.click(".qfoot a:has-text('拿不准的 3 条')")
    opened(page, "第 3 回")
    page.press("j")
    opened(page, "第 2 回")
    page.press("n")
    opened(page, "第 1 回")
    page.sees("不需回应：「又响了，第 2 回」", "#toast")
    assert page.page.inner_text("[data-count=waiting]") == "2"
    page.press("z")
    opened(page, "第 2 回")
    page.sees("已撤销", "#toast")
    assert page.page.inner_text("[data-count=waiting]") == "3"
    page.press("y")
    page.sees("12 秒后进待研判", "#toast")
    opened(page, "第 1 回")
    page.press("k")
    opened(page, "第 3 回")
    page.press("g")
    page.sees("定为需回应", "#d")
    page.page.click("[data-act=undo]")
    page.sees("已撤销", "#toast")
    assert page.page.inner_text("[data-count=waiting]") == "3"
    assert page.complaints == []


def test_on_a_phone_the_post_lies_over_the_list(tab: Open) -> None:
    page = tab("linxiao", width=390, height=844)
    page.go("/triage/look")
    page.page.click(".row[data-post] >> nth=1")
    opened(page, "第 2 回")
    page.page.click("[data-act=pass]")
    opened(page, "第 1 回")
    page.page.click("#toast button")
    opened(page, "第 2 回")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.complaints == []
