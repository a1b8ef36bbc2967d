"""What pages and the command line get: facets that add up, rows with a snippet, the last days without an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from store.clock import iso
from store.search import NONE, Filters
from store.search.facets import since_of
from store.search.recent import recent
from store.search.rows import rows
from tests.store.search.cast import NOON, Draft, Shelf
from tests.store.search.conftest import sqlite

pytestmark = pytest.mark.django_db

POSTS = [
    Draft(title="停水", board="2", board_name="百姓呼声", judged=("城乡建设", 3, True)),
    Draft(title="停水", board="2", board_name="百姓呼声", judged=("城乡建设", 2, True), posted_at=NOON - timedelta(days=3)),
    Draft(title="停水", board_name="咨询求助", judged=("", 4, False), posted_at=NOON - timedelta(days=8)),
    Draft(title="停水", posted_at=NOON - timedelta(days=90)),
    Draft(title="路灯", board_name="百姓呼声"),
]


def counts(facets: dict[str, list], group: str) -> dict[str, int]:  # type: ignore[type-arg]
    return {facet.label: facet.count for facet in facets[group]}


def test_facets_say_how_many_by_time_board_topic_level_and_state() -> None:
    first, *_ = Shelf().put(POSTS)

    def states(ids: Sequence[int]) -> dict[int, str]:
        return {first.pk: "待研判"} if first.pk in ids else {}

    index = sqlite(states)
    index.follow()
    result = index.search("停水", facets_at=NOON)
    assert counts(result.facets, "time") == {"今天": 1, "7 天": 2, "30 天": 3, "全部": 4}
    assert counts(result.facets, "board") == {"百姓呼声": 2, "未分版块": 1, "咨询求助": 1}
    assert counts(result.facets, "topic") == {"城乡建设": 2, "未分主题": 2}
    assert counts(result.facets, "level") == {"Ⅱ 重大": 1, "Ⅲ 一般负面": 1, "未定": 2}
    assert counts(result.facets, "state") == {"未标出": 3, "待研判": 1}

    narrowed = index.search("停水", Filters(board="百姓呼声", since=since_of("7 天", NOON)), facets_at=NOON)
    assert narrowed.total == 2
    assert counts(narrowed.facets, "time") == {"今天": 1, "7 天": 2, "30 天": 2, "全部": 2}
    assert [facet.label for facet in narrowed.facets["time"] if facet.chosen] == ["7 天"]
    assert counts(narrowed.facets, "board") == {"百姓呼声": 2}
    assert counts(narrowed.facets, "level") == {"Ⅱ 重大": 1, "Ⅲ 一般负面": 1}

    assert index.search("停水", Filters(state="待研判")).ids == [first.pk]
    assert index.search("停水", Filters(state=NONE)).total == 3


def test_every_facet_leads_to_the_posts_it_counts() -> None:
    Shelf().put(POSTS)
    index = sqlite()
    index.follow()
    facets = index.search("停水", facets_at=NOON).facets
    for group in ("board", "topic", "state", "level"):
        for facet in facets[group]:
            value = int(facet.value) if group == "level" else facet.value
            assert index.search("停水", Filters(**{group: value})).total == facet.count, facet
    for facet in facets["time"]:
        assert index.search("停水", Filters(since=since_of(facet.value, NOON))).total == facet.count, facet


def test_over_ten_thousand_hits_a_total_is_a_lower_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("base", "facets"):
        monkeypatch.setattr(f"store.search.{module}.COUNTED", 3)
    Shelf().put(POSTS)
    index = sqlite()
    index.follow()
    result = index.search("停水", limit=10, facets_at=NOON)
    assert (len(result.ids), result.total, result.total_exact) == (4, 3, False)
    assert sum(counts(result.facets, "board").values()) == 3


def test_relevance_prefers_the_title_then_the_newest() -> None:
    body, title, newer = Shelf().put(
        [
            Draft(title="求助", body="停水停水", posted_at=NOON),
            Draft(title="停水", posted_at=NOON - timedelta(days=2)),
            Draft(title="停水", posted_at=NOON - timedelta(days=1)),
        ]
    )
    index = sqlite()
    index.follow()
    assert index.search("停水", order="relevance").ids == [newer.pk, title.pk, body.pk]
    assert index.search("停水", order="relevance", limit=1, after=newer.pk).ids == [title.pk]


def test_rows_are_those_of_posts_with_a_snippet() -> None:
    (post,) = Shelf().put([Draft(title="路灯", body="沿江又停水了", board_name="百姓呼声", kind="topic")])
    index = sqlite()
    index.follow()
    (row,) = rows(index.search("停水"))
    assert row["id"] == post.ref
    assert row["snippet"] == "沿江又【停水】了"
    assert row["posted_at"] == iso(NOON)
    assert (row["board"], row["kind"], row["deleted"], row["official"]) == ("百姓呼声", "topic", False, False)
    (row,) = rows(index.search("路灯"))
    assert row["snippet"] == "【路灯】"


def test_the_last_days_are_searched_without_an_index() -> None:
    first, second, *_ = Shelf().put(POSTS)
    assert recent("停水", NOON).ids == [first.pk, second.pk]
    assert recent("停水 -路灯", NOON, Filters(level=2)).ids == [second.pk]
    assert recent("停水", NOON, limit=1).total == 2
