"""研判 without a mouse: move, correct, confirm, undo, dismiss, bulk; arrivals move nothing; of two the first wins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dashboards.browser.conftest import Evening, Open, Tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def shown(tab: Tab) -> str:
    return str(tab.page.get_attribute("[data-pane]", "data-pane"))


def moved_to_another(tab: Tab, before: str) -> str:
    tab.page.wait_for_function(
        "before => document.querySelector('[data-pane]') && document.querySelector('[data-pane]').dataset.pane !== before", arg=before
    )
    return shown(tab)


def in_list(tab: Tab, number: str) -> Any:
    return tab.page.locator(f'.row[data-alert="{number}"]')


def test_confirm_and_undo(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    first = shown(page)
    page.press("y")
    moved_to_another(page, first)
    page.sees("已确认", "#toast")
    assert in_list(page, first).count() == 0
    page.press("z")
    page.sees("已撤销", "#toast")
    in_list(page, first).wait_for(timeout=8000)
    assert page.complaints == []


def test_j_and_k_move_and_the_address_follows(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    first = shown(page)
    page.press("j")
    second = moved_to_another(page, first)
    assert f"alert={second}" in page.page.url
    page.press("k")
    assert moved_to_another(page, second) == first


def test_a_correction_is_coloured_and_sent(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    number = shown(page)
    page.press("l", "2")
    page.page.wait_for_selector(".pick b.changed")
    assert "重大" in page.page.inner_text(".pick b.changed")
    page.press("b", "2")
    assert page.page.inner_text("[data-confirm]") == "确认，派给 沿江镇"
    page.press("y")
    moved_to_another(page, number)
    page.go(f"/alerts/{number}")
    page.sees("Ⅱ", ".crumb")


def test_dismiss_by_number_and_escape_closes(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    number = shown(page)
    page.press("n")
    page.page.wait_for_selector("#no.open")
    page.press("Escape")
    page.page.wait_for_selector("#no", state="hidden")
    page.press("n", "6")
    moved_to_another(page, number)
    page.sees("闲聊、玩笑、游戏", "#toast")
    page.press("z")
    page.sees("已撤销", "#toast")


def test_typing_in_a_box_decides_nothing(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    number = shown(page)
    page.press("/")
    page.page.keyboard.type("yyzn")
    assert page.page.input_value("#q") == "yyzn"
    page.press("Escape")
    assert shown(page) == number


def test_composition_modifiers_and_repeats_are_left_alone(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    number = shown(page)
    for extra in ("isComposing: true", "ctrlKey: true", "repeat: true", "altKey: true"):
        page.page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{code: 'KeyY', bubbles: true, {extra}}}))")
    assert shown(page) == number
    # a Chinese input method reports key "Process", yet the code is the key's own
    page.page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {code: 'KeyN', key: 'Process', bubbles: true}))")
    page.page.wait_for_selector("#no.open")


def test_an_arrival_is_marked_and_moves_nothing(tab: Open, evening_server: Evening) -> None:
    page = tab("linxiao", height=480)
    page.go("/triage")
    page.press("j", "j", "j", "j")
    page.page.wait_for_timeout(400)
    number = shown(page)
    before = in_list(page, number).bounding_box()
    arrived = evening_server.ask("arrive 刚到的一件：路灯不亮")
    in_list(page, arrived).wait_for(timeout=10000)
    assert "row-new" in (in_list(page, arrived).get_attribute("class") or "")
    after = in_list(page, number).bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    assert shown(page) == number
    assert page.complaints == []


def test_the_first_wins_and_the_second_is_told(tab: Open) -> None:
    one, two = tab("wuchen"), tab("linxiao")
    one.go("/triage")
    number = shown(one)
    two.go(f"/triage?alert={number}")
    assert shown(two) == number
    # both stand on the same alert; the list of the second has not been asked for anew
    two.page.route("**/triage/list*", lambda route: route.abort())
    two.page.route(f"**/triage/alerts/{number}?*", lambda route: route.abort())
    one.press("y")
    moved_to_another(one, number)
    two.press("y")
    two.sees("早一步定了", "#d")


def test_many_at_once(tab: Open) -> None:
    page = tab("wuchen")
    page.go("/triage")
    first = shown(page)
    page.press("x", "j")
    second = moved_to_another(page, first)
    page.press("x")
    page.sees("确认 2 条", ".acts")
    page.press("y")
    page.sees("已确认", "#toast")
    assert in_list(page, first).count() + in_list(page, second).count() == 0


def test_without_script_the_forms_still_decide(tab: Open) -> None:
    page = tab("wuchen", script=False)
    page.go("/triage")
    number = shown(page)
    page.page.click("#decide button")
    assert shown(page) != number
    page.sees("已确认", "#toast")
    page.page.click("#toast button")
    page.sees("已撤销", "#toast")
