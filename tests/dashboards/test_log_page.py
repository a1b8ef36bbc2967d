"""The access log page: segments that add up, a chain that is checked, and itself an entry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from dashboards import log
from store import access
from store.access import ChainReport
from store.clock import FixedClock
from store.models import AccessEntry
from tests.alerts.town import Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import text


@pytest.fixture(autouse=True)
def unchecked() -> Iterator[None]:
    log._checked = None
    yield
    log._checked = None


@pytest.fixture
def filled(town: Town) -> Town:
    rows = [
        ("search", "东塍 气味", "", 12),
        ("open", "alert:7", "", None),
        ("open", "bbs:1001", "", None),
        ("export", "ledger:30d", "工作需要", 884),
    ]
    rows += [
        ("export", "ledger:7d", "市府办月度通报用", 9),
        ("denied", "page:log", "", None),
        ("unmask", "post:bbs:1", "核对是不是抢修电话", 1),
        ("login", "", "", None),
    ]
    for number, (action, what, why, count) in enumerate(rows):
        access.record("wuchen", "commentator", action, what, why, count, now=at("20:00") + timedelta(minutes=number))
    access.record("chenli", "spokesperson", "open", "alert:8", now=at("21 20:00"))
    return town


def test_segments_add_up(filled: Town, login: Login) -> None:
    body = login("shenjie").get("/log").content.decode()
    counts = dict(re.findall(r">(全部|检索|打开|看隐去|导出|被拒|其他) (\d+)</a>", body))
    assert counts == {"全部": "9", "检索": "1", "打开": "3", "看隐去": "1", "导出": "2", "被拒": "1", "其他": "1"}
    assert sum(int(number) for name, number in counts.items() if name != "全部") == int(counts["全部"])
    assert "9 条逐条相链，21:38 核对无缺" in text(login("shenjie").get("/log"))


def test_a_reason_that_says_nothing_is_red(filled: Town, login: Login) -> None:
    body = login("shenjie").get("/log?action=export").content.decode()
    assert '<b class="late">写作「工作需要」</b>' in body
    assert '<b class="late">写作「市府办月度通报用」</b>' not in body
    assert 'href="/alerts/7"' not in body


def test_looking_is_itself_an_entry(filled: Town, login: Login) -> None:
    login("shenjie").get("/log?action=denied")
    entry = AccessEntry.objects.order_by("-pk")[0]
    assert (entry.person, entry.action, entry.what) == ("shenjie", "open", "log:action=denied&days=2")


def test_only_administrators(filled: Town, login: Login) -> None:
    assert login("zheng").get("/log").status_code == 403
    assert AccessEntry.objects.order_by("-pk")[0].action == "denied"


def test_the_chain_is_walked_at_most_once_a_minute(filled: Town, evening: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[int] = []

    def walk() -> ChainReport:
        walks.append(1)
        return ChainReport(rows=9, broken_at=None)

    monkeypatch.setattr(log, "verify_chain", walk)
    log.checked(evening.now())
    evening.advance(timedelta(seconds=59))
    log.checked(evening.now())
    assert len(walks) == 1
    evening.advance(timedelta(seconds=1))
    log.checked(evening.now())
    log.checked(evening.now(), again=True)
    assert len(walks) == 3


def test_a_broken_chain_names_its_link(filled: Town, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "verify_chain", lambda: ChainReport(rows=3, broken_at=4))
    page = text(login("shenjie").get("/log"))
    assert "断在第 4 条" in page
    assert "核对无缺" not in page


def test_older_entries_follow(filled: Town, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PAGE", 4)
    client = login("shenjie")
    body = client.get("/log?person=wuchen").content.decode()
    numbers = re.findall(r'small nw">(\d+)</td>', body)
    address = re.search(r'href="(\?[^"]*before=[^"]+)"', body)
    assert address
    older = re.findall(r'small nw">(\d+)</td>', client.get("/log" + address.group(1).replace("&amp;", "&")).content.decode())
    assert len(numbers) == len(older) == 4
    assert min(map(int, numbers)) > max(map(int, older))
