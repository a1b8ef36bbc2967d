"""The contract of search: 300 queries, identical ids in identical order from both engines, equal to a naive reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from store.models import Post
from store.search import NONE, Filters, QueryError, SearchIndex, SearchResult
from store.search.port import COUNTED
from tests.store.search.cast import NOON, Draft, Shelf
from tests.store.search.conftest import elastic, rolled_back, sqlite
from tests.store.search.corpus import REAL, drafts
from tests.store.search.queries import Case, Holds, cases, naive

# The mark makes pytest-django build the database; the posts come once, by the module's fixture.
pytestmark = [pytest.mark.elastic, pytest.mark.slow, pytest.mark.django_db]

#: Hits compared one by one; of more, the newest so many and the total.
SHOWN = 400


@dataclass(frozen=True, kw_only=True)
class Library:
    """The posts with what a naive reader knows about them, and both engines."""

    texts: list[tuple[Post, Draft, str]]
    sqlite: SearchIndex
    elastic: SearchIndex
    cases: list[Case]

    def expected(self, holds: Holds, filters: Filters) -> list[int]:
        """Ids by scanning every text, newest first to the second, then by id."""
        hits = [post for post, draft, text in self.texts if holds(text) and passes(post, draft, filters)]
        return [post.pk for post in sorted(hits, key=lambda post: (post.posted_at.replace(microsecond=0), post.pk), reverse=True)]


def states(ids: Sequence[int]) -> dict[int, str]:
    """A ledger in which every third post has an alert."""
    return {id_: "待研判" if id_ % 2 else "已办结" for id_ in ids if id_ % 3 == 0}


def passes(post: Post, draft: Draft, filters: Filters) -> bool:
    second = post.posted_at.replace(microsecond=0)
    topic, level, flag = draft.judged or ("", 0, False)
    board = {draft.board, draft.board_name} - {""} or {NONE}
    return all(
        (
            filters.since is None or second >= filters.since,
            filters.until is None or second < filters.until,
            not filters.board or filters.board in board,
            not filters.topic or filters.topic == (topic or NONE),
            filters.level is None or filters.level == (level if flag else 0),
            not filters.state or filters.state == states([post.pk]).get(post.pk, NONE),
            not filters.source or filters.source == draft.source,
            not filters.kind or filters.kind == draft.kind,
            filters.official is None or filters.official == draft.official,
            filters.deleted is None or filters.deleted == draft.deleted,
        )
    )


def answer(index: SearchIndex, case: Case) -> SearchResult | str:
    """What an engine finds, or why the query was refused."""
    try:
        return index.search(case.query, case.filters, SHOWN)
    except QueryError as error:
        return str(error)


@pytest.fixture(scope="module")
def library(django_db_setup: None, django_db_blocker: pytest.DjangoDbBlocker, elastic_url: str) -> Iterator[Library]:
    with rolled_back(django_db_blocker):
        written = drafts()
        posts = Shelf().put(written)
        texts = [(post, draft, naive(f"{draft.title}\n{draft.body}")) for post, draft in zip(posts, written, strict=True)]
        embedded = sqlite(states)
        with elastic(elastic_url, states) as remote:
            for index in (embedded, remote):
                assert index.rebuild() == len(posts)
                assert index.check().equal
            yield Library(texts=texts, sqlite=embedded, elastic=remote, cases=cases(written))


def test_three_hundred_queries_find_the_same_posts_in_the_same_order(library: Library) -> None:
    assert len(library.cases) == 300
    wrong: list[tuple[object, ...]] = []
    for case in library.cases:
        one, two = answer(library.sqlite, case), answer(library.elastic, case)
        if isinstance(one, str) or isinstance(two, str):
            if one != two or case.kind != "odd":
                wrong.append((case.query, case.filters, "refused", one, two))
            continue
        if (one.ids, one.total, one.total_exact) != (two.ids, two.total, two.total_exact):
            wrong.append((case.query, case.filters, "the engines differ", one.total, two.total))
        if case.holds is not None:
            expected = library.expected(case.holds, case.filters)
            if one.ids != expected[:SHOWN] or one.total != min(len(expected), COUNTED):
                wrong.append((case.query, case.filters, "not what a scan finds", one.total, len(expected)))
    assert wrong == []


@pytest.mark.parametrize("order", ["time", "relevance"])
def test_pages_join_to_the_whole_list_on_both_engines(library: Library, order: str) -> None:
    for index in (library.sqlite, library.elastic):
        whole = index.search("停水|噪声", limit=60, order=order).ids  # type: ignore[arg-type]
        paged: list[int] = []
        while len(paged) < len(whole):
            paged += index.search("停水|噪声", limit=7, after=paged[-1] if paged else None, order=order).ids  # type: ignore[arg-type]
        assert paged[: len(whole)] == whole


def test_relevance_ranks_alike_on_both_engines(library: Library) -> None:
    for query in ["停水", "东塍 气味", "路灯|积水", "水"]:
        one, two = (index.search(query, limit=200, order="relevance") for index in (library.sqlite, library.elastic))
        assert one.ids == two.ids


FACETED = [Filters(), Filters(since=NOON.replace(day=1)), Filters(board="百姓呼声"), Filters(level=0, topic=NONE), Filters(state="待研判")]


@pytest.mark.parametrize("filters", FACETED)
def test_facets_are_alike_and_each_group_adds_up_to_the_total_without_its_own_filter(library: Library, filters: Filters) -> None:
    one = library.sqlite.search("水", filters, facets_at=NOON)
    two = library.elastic.search("水", filters, facets_at=NOON)
    assert one.facets == two.facets
    unset = {"board": "", "topic": "", "level": None, "state": ""}
    for group, value in unset.items():
        free = library.sqlite.search("水", Filters(**({name: getattr(filters, name) for name in (*unset, "since")} | {group: value})))
        assert sum(facet.count for facet in one.facets[group]) == free.total, group


def test_real_messages_are_among_the_posts(library: Library) -> None:
    if not REAL.exists():
        pytest.skip("no ../shared/data/taidi_hot.csv.gz beside the checkout: compared over our own corpus only")
    assert len(library.texts) > 4_000
