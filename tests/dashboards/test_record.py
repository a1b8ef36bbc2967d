"""The record: each number on the page is the length of the list it leads to."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from alerts.models import Alert
from dashboards import figures
from dashboards.reasons import refused
from dashboards.record_query import BYS, Selection
from store.models import AccessEntry, BoardHealth
from tests.alerts.town import ECOLOGY, WATER, Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.month import Month
from tests.dashboards.pages import read, text


def test_the_groups_of_the_page_are_those_of_the_figures() -> None:
    assert tuple(BYS) == get_args(figures.By)


def test_the_five_figures(month: Month, login: Login) -> None:
    page = text(login("zheng").get("/record"))
    # due: 22 + 5 + 1 open + 1 待研判; on time 21 + 5; the answer of 20:15 is not due yet
    assert "89.7%26 / 29" in page
    assert "2 件最久 超时 1 天 9 小时" in page
    assert "93.3%28 / 30" in page
    assert "样本不足 20 件，不排名" in page
    assert "不含待研判 1 件" in page


def numbered_links(body: str) -> list[tuple[str, str]]:
    """(address, number) of every link to a list whose words are a number; bars tell theirs in their label."""
    found = []
    for attributes, inner in re.findall(r"<a ([^>]*)>(.*?)</a>", body, re.DOTALL):
        address = re.search(r'href="(/record/list[^"]+)"', attributes)
        if address is None:
            continue
        words = re.sub(r"<title>.*?</title>|<[^>]+>", "", inner).strip()
        bar = re.search(r'aria-label="[^"]*：到期 (\d+) 件', attributes)
        number = bar or re.fullmatch(r"(?:看最慢|看|共|未按时)? ?([\d,]+)(?: 件[^\d]*| / [\d,]+)?", words)
        if number:
            found.append((address.group(1).replace("&amp;", "&"), number.group(1)))
    return found


@pytest.mark.slow
def test_every_link_leads_to_as_many_alerts_as_its_number(month: Month, login: Login) -> None:
    client = login("zheng")
    seen: set[tuple[str, str]] = set()
    for period, by in [("today", "unit"), ("7d", "town"), ("30d", "unit"), ("30d", "topic"), ("year", "source"), ("30d", "level")]:
        links = numbered_links(client.get(f"/record?period={period}&by={by}").content.decode())
        assert len(links) > 10
        for address, number in set(links) - seen:
            found = re.search(r"<h1>(\d+) 件</h1>", client.get(address).content.decode())
            assert found
            assert found.group(1) == number, address
        seen |= set(links)
    assert len(seen) > 60


def test_a_list_draws_what_it_counts(month: Month, login: Login) -> None:
    response = login("wuchen").get("/record/list?what=late")
    drawn = [attrs["href"] for tag, attrs in read(response).tags if tag == "a" and re.fullmatch(r"/alerts/\d+", attrs.get("href") or "")]
    assert len(drawn) == 3
    wanted = {f"/alerts/{item.pk}" for item in Selection(at=at("21:38"), what="late").items()}
    assert set(drawn) == wanted
    assert "未按时" in text(response)


def test_an_old_overdue_alert_is_counted_whatever_the_period(month: Month, login: Login) -> None:
    page = text(login("zheng").get("/record?period=today"))
    assert "其中 1 件发于本期之前" in page
    assert "<h1>2 件</h1>" in login("zheng").get("/record/list?what=open_overdue&ever=1&period=today").content.decode()


def test_ever_is_only_for_what_is_overdue(month: Month) -> None:
    from django.http import QueryDict

    assert not Selection.of(QueryDict("ever=1&what=due"), at("21:38")).ever


def test_a_spokesperson_sees_lists_of_own_units_only(month: Month, login: Login) -> None:
    client = login("chenli")
    page = text(client.get("/record/list?what=due"))
    assert "本单位 23 件" in page
    assert "29 件" in page
    refused_list = client.get(f"/record/list?by=unit&key={ECOLOGY}")
    assert refused_list.status_code == 403
    assert ECOLOGY in text(refused_list)
    assert AccessEntry.objects.filter(action="denied", what=f"record:unit:{ECOLOGY}", person="chenli").exists()
    body = client.get("/record").content.decode()
    assert f"key={WATER}" not in body  # addresses are quoted
    assert body.count("key=%E5%B8%82%E6%B0%B4%E5%8A%A1") > 3
    assert "key=%E5%B8%82%E7%94%9F%E6%80%81" not in body


def test_a_source_that_is_not_read_stands_above_the_figures(month: Month, login: Login, wired: None) -> None:
    BoardHealth.objects.create(source="bbs", board="", outcome="wall", last_success_at=at("20:51"))
    page = text(login("zheng").get("/record"))
    assert "1 个来源读不到。" in page
    assert "临海论坛 47 分没有读成" in page


@pytest.mark.parametrize("reason", ["", "工作需要", "需要", "。。。。。", "看看"])
def test_a_ledger_without_a_reason_is_refused(month: Month, login: Login, reason: str) -> None:
    assert refused(reason)
    response = login("zheng").post("/record/ledger", {"period": "30d", "reason": reason})
    assert response.status_code == 422
    assert not AccessEntry.objects.filter(action="export").exists()


@pytest.mark.slow
def test_a_ledger_is_logged_with_its_reason_and_rows(month: Month, login: Login) -> None:
    response = login("zheng").post("/record/ledger", {"period": "30d", "reason": "市府办月度通报用"})
    assert response.status_code == 200
    assert response.content[:2] == b"PK"
    entry = AccessEntry.objects.get(action="export")
    assert (entry.why, entry.count, entry.person) == ("市府办月度通报用", 31, "zheng")


def test_under_the_least_sample_there_is_no_rate(month: Month, login: Login) -> None:
    Alert.objects.filter(unit=WATER).delete()
    page = text(login("zheng").get("/record"))
    assert "不算率" in page
    assert "到期不足 20 件，不算率" in page


STRANGE = (
    "n=" + "9" * 5000,
    "n=²",
    "at=0001-01-01T00:00:00%2B14:00",
    "from=0001-01-01&to=9999-12-31T23:59:59Z",
    "from=9999-12-31T23:59:59Z&to=x",
    "at=9999-01-01",
    "period=x&by=y&key=z&what=w",
    "weekday=9&hour=99",
    "bucket=%00%00&period=today",
    "by=level&key=9",
)


def test_strange_addresses_are_answered(town: Town, login: Login) -> None:
    client, admin = login("zheng"), login("shenjie")
    for query in STRANGE:
        for page in ("/record", "/record/list", "/search"):
            assert client.get(f"{page}?q=停&{query}").status_code == 200
        assert admin.get(f"/log?before={'9' * 5000}&days=x&action=y&{query}").status_code == 200
