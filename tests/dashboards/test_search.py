"""Search: as read, counted, logged; what empties it is named; when the engine is away the last days are looked through."""

from __future__ import annotations

import re

import pytest

from alerts import moves
from dashboards import wiring
from store.models import AccessEntry, Edit
from store.search import SearchIndex, SearchUnavailable
from tests.alerts.doubtful import doubtful
from tests.alerts.town import WATER, at
from tests.dashboards.conftest import Login
from tests.dashboards.month import Month
from tests.dashboards.pages import read, text


@pytest.fixture
def indexed(month: Month, wired: None) -> Month:
    month.alert(WATER, day=22, hour=18, answered=None, title="<script>停水</script>", body="东塍停水三天，号码 <号码> 打不通")
    index = wiring.current().index()
    while index.follow():
        pass
    return month


def test_hits_are_marked_and_escaped(indexed: Month, login: Login) -> None:
    response = login("wuchen").get("/search?q=东塍 停水")
    body = response.content.decode()
    assert "读作：<b>同时含「东塍」「停水」</b>" in body
    assert "&lt;script&gt;<mark>停水</mark>&lt;/script&gt;" in body
    assert '<span class="mask">已隐去</span>' in body
    assert read(response).scripts == 0
    assert "1 帖" in text(response)
    entry = AccessEntry.objects.get(action="search")
    assert (entry.what, entry.count, entry.person) == ("东塍 停水", 1, "wuchen")


def test_a_number_that_was_typed_is_masked_in_the_log(indexed: Month, login: Login) -> None:
    login("wuchen").get("/search?q=13812345678")
    assert "13812345678" not in AccessEntry.objects.get(action="search").what


def test_facets_add_up_to_the_total(indexed: Month, login: Login) -> None:
    body = login("wuchen").get("/search?q=停").content.decode()
    total = int(re.search(r"<h2>(\d+) 帖</h2>", body).group(1))  # type: ignore[union-attr]
    groups = re.findall(r"<fieldset><legend>([^<]+)</legend>(.*?)</fieldset>", body)
    assert [name for name, _ in groups] == ["时间", "版块", "主题", "级别", "状态"]
    for name, inner in groups:
        counts = [int(number) for number in re.findall(r"<span>(\d+)</span></a>", inner)]
        assert (max(counts) if name == "时间" else sum(counts)) == total


def test_a_facet_leads_to_as_many_posts_as_it_says(indexed: Month, login: Login) -> None:
    client = login("wuchen")
    body = client.get("/search?q=停").content.decode()
    for address, number in re.findall(r'<a href="(\?[^"]+)"[^>]*><span>[^<]+</span><span>(\d+)</span></a>', body):
        page = client.get("/search" + address.replace("&amp;", "&")).content.decode()
        assert f"<h2>{number} 帖</h2>" in page or (number == "0" and "里没有「停」" in page)


def test_pages_follow_each_other(indexed: Month, login: Login) -> None:
    client, seen, address = login("wuchen"), [], "?q=停&order=time"
    while address:
        body = client.get("/search" + address).content.decode()
        seen += re.findall(r'data-row="([^"]+)"', body)
        following = re.search(r'href="(\?[^"]+)" data-next', body)
        address = following.group(1).replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 33


def test_what_empties_it_is_named(indexed: Month, login: Login) -> None:
    page = text(login("wuchen").get("/search?q=停&level=1"))
    assert "Ⅰ 特大 里没有「停」" in page
    assert "有 33 帖" in page
    nothing = text(login("wuchen").get("/search?q=柑橘节"))
    assert "没有「柑橘节」" in nothing
    assert "存档始于 11 月 2 日" in nothing


def test_a_query_that_cannot_be_read(indexed: Month, login: Login) -> None:
    response = login("wuchen").get("/search?q=−厂")
    assert response.status_code == 422
    assert "这一句没有读懂" in text(response)
    assert not AccessEntry.objects.filter(action="search").exists()


def test_without_an_engine_the_last_days_are_searched(indexed: Month, login: Login) -> None:
    def away() -> SearchIndex:
        raise SearchUnavailable("connection refused")

    wiring.use(index=away)
    page = text(login("wuchen").get("/search?q=东塍 停水"))
    assert "检索引擎没有应答，改查近 7 天的本机存档。帖文都在，没有丢。" in page
    assert "1 帖" in page


def test_words_of_deleted_posts_need_the_archive(indexed: Month, login: Login) -> None:
    from store.models import Post

    Post.objects.filter(body__contains="东塍").update(deleted_at=at("20:00"))
    body = login("wuchen").get("/search?q=东塍").content.decode()
    assert "三天" not in body
    assert "文字在存档里写事由才看得到" in body


def test_a_spokesperson_finds_all_and_is_led_to_the_forum(indexed: Month, login: Login) -> None:
    page = login("luomin").get("/search?q=东塍")
    links = [attrs.get("href") or "" for tag, attrs in read(page).tags if tag == "a" and "data-open" in attrs]
    assert links == [link for link in links if link.startswith("http://bbs.example/")] != []
    own = read(login("chenli").get("/search?q=东塍"))
    assert next(attrs["href"] or "" for tag, attrs in own.tags if tag == "a" and "data-open" in attrs).startswith("/threads/bbs/")


def test_posts_near_the_threshold_are_a_state_of_their_own(indexed: Month, login: Login) -> None:
    doubtful(indexed.town, "夜里又停了一阵")
    index = wiring.current().index()
    while index.follow():
        pass
    client = login("wuchen")
    body = client.get("/search?q=停").content.decode()
    assert re.search(r"<span>拿不准</span><span>1</span>", body)
    only = client.get("/search?q=停&state=拿不准").content.decode()
    assert "<h2>1 帖</h2>" in only
    assert "夜里又<mark>停</mark>了一阵" in only
    assert "看一眼" in only


def test_what_people_passed_over_is_doubtful_no_more(indexed: Month, login: Login) -> None:
    post = doubtful(indexed.town, "夜里又停了一阵")
    index = wiring.current().index()
    while index.follow():
        pass
    moves.pass_over(post.pk, "wuchen", now=at("21:00"))
    client = login("zhouming")
    body = client.get("/search?q=停").content.decode()
    assert re.search(r"<span>不需回应</span><span>2</span>", body)  # with the one that the month dismissed
    assert "有人看过，不需回应" in body
    assert "拿不准" not in body
    Edit.objects.create(post=post, seen_at=at("21:20"), title=post.title, body="原文", text_sha256="0" * 64)
    again = client.get("/search?q=停").content.decode()
    assert re.search(r"<span>不需回应</span><span>1</span>", again)
    assert re.search(r"<span>拿不准</span><span>1</span>", again)
