"""Elasticsearch away, blocked, killed: nothing is lost, the watermark waits, and index and table end equal."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from elasticsearch import BadRequestError, Elasticsearch

from store.models import Post, Watermark
from store.search import Filters, SearchUnavailable
from store.search.elastic import ElasticIndex
from store.search.elastic_copies import _bulks
from store.search.recent import recent
from tests.elastic.fixtures import ElasticServer
from tests.store.search.cast import NOON, Draft, Shelf
from tests.store.search.conftest import Elastic, elastic

pytestmark = [pytest.mark.elastic, pytest.mark.django_db]


@pytest.fixture
def index(elastic_url: str) -> Iterator[ElasticIndex]:
    with elastic(elastic_url) as index:
        yield index


def watermark(index: ElasticIndex) -> int:
    copy = index.copies.serving()
    return (copy.watermark() if copy else 0) or 0


def kill_when_written(server: ElasticServer, posts: int) -> None:
    """Kill the server once its indices have taken so many writes; those of the running request are not on its disk yet."""
    with Elasticsearch(server.url) as client:
        while client.indices.stats(index="test-*", metric="indexing")["_all"]["primaries"]["indexing"]["index_total"] < posts:
            pass
    server.kill()


def catch_up(index: ElasticIndex) -> None:
    while index.follow():
        pass


@pytest.mark.slow
@pytest.mark.faults
def test_killed_in_mid_bulk_it_catches_up_and_equals_the_table(index: ElasticIndex, elastic_server: ElasticServer) -> None:
    shelf = Shelf()
    posts = shelf.put([Draft(title=f"第{at}帖停水", body="沿江小区又停水了" * 30) for at in range(2_500)])
    index.follow(200)
    before = watermark(index)
    killer = threading.Thread(target=kill_when_written, args=(elastic_server, 900))
    killer.start()
    with pytest.raises(SearchUnavailable, match="没有丢"):
        index.follow(2_500)
    killer.join()
    status = index.status()
    assert not status.up
    assert status.behind > 0
    assert recent("停水", NOON, limit=5).total == 2_500, "people go on with the last days from the table"
    shelf.change(posts[0], body="来水了")
    elastic_server.start(keep=True)
    copy = index.copies.serving()
    assert copy is not None
    assert copy.watermark() == before, "nothing was acknowledged to the table"
    assert 200 < len(index.copies.entries(copy)) < 2_500, "it died in the middle of the delivery"
    catch_up(index)
    check = index.check()
    assert check.equal, check
    assert index.search("来水了").ids == [posts[0].pk]

def test_with_the_server_away_everything_says_so_and_the_watermark_stays() -> None:
    Shelf().put([Draft(title="停水")])
    index = ElasticIndex(Elastic(url="http://127.0.0.1:9", index="away"), states=None, clock=None)  # type: ignore[arg-type]
    for attempt in (lambda: index.search("停水"), index.follow, index.rebuild, index.check):
        with pytest.raises(SearchUnavailable, match="近 7 天"):
            attempt()
    assert not index.status().up
    assert index.status().behind == 1
    assert not Watermark.objects.filter(name__startswith="search:away").exists()


def test_a_full_disk_of_the_server_loses_nothing(index: ElasticIndex) -> None:
    shelf = Shelf()
    shelf.put([Draft(title="停水一")])
    index.follow()
    before = watermark(index)
    copy = index.copies.serving()
    assert copy is not None
    # What the flood stage of the disk watch sets by itself.
    index.client.indices.put_settings(index=copy.name, settings={"index.blocks.read_only_allow_delete": True})
    shelf.put([Draft(title="停水二")])
    with pytest.raises(SearchUnavailable) as caught:
        index.follow()
    assert "post" in caught.value.detail
    assert "blocked" in caught.value.detail
    assert watermark(index) == before
    index.client.indices.put_settings(index=copy.name, settings={"index.blocks.read_only_allow_delete": None})
    catch_up(index)
    assert index.check().equal


def test_a_repeated_delivery_changes_nothing_and_a_late_one_does_not_overwrite(index: ElasticIndex) -> None:
    shelf = Shelf()
    (post,) = shelf.put([Draft(title="停水")])
    index.follow()
    late = Post.objects.get(pk=post.pk)
    shelf.change(post, title="来水")
    index.follow()
    copy = index.copies.serving()
    assert copy is not None
    # A follower that slept since the first version wakes up and delivers it.
    for operations in _bulks([late]):
        index.copies._write(copy, operations)
    Watermark.objects.filter(name=copy.mark).update(seq=0)
    catch_up(index)
    assert index.search("来水").total == 1
    assert index.search("停水").total == 0
    assert index.check().equal


def test_a_copy_that_was_removed_is_not_made_again_by_a_late_write(index: ElasticIndex) -> None:
    Shelf().put([Draft(title="停水")])
    index.follow()
    old = index.copies.serving()
    index.rebuild()
    assert old is not None
    Watermark.objects.create(name=old.mark, seq=0)
    with pytest.raises(SearchUnavailable):
        index.copies.follow(old, 10)
    assert [copy.number for copy in index.copies.all()] == [2]


def test_the_alias_moves_in_one_step_and_an_interrupted_rebuild_leaves_the_old_copy(index: ElasticIndex) -> None:
    Shelf().put([Draft(title=f"停水{at}") for at in range(1_200)])
    catch_up(index)
    first = index.copies.serving()

    def interrupt(done: int, of: int) -> None:
        assert index.search("停水").total == of, "the old copy serves meanwhile"
        if done >= 1_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.rebuild(interrupt)
    assert index.copies.serving() == first
    assert index.check().equal
    index.rebuild()
    assert len(index.copies.all()) == 1, "the half one went too"


def test_an_index_of_another_database_is_left_alone(index: ElasticIndex) -> None:
    Shelf().put([Draft(title="停水")])
    index.follow()
    Watermark.objects.all().delete()
    with pytest.raises(SearchUnavailable, match="不是本库建的"):
        index.follow()
    assert index.rebuild() == 1
    assert index.check().equal


def test_a_new_tokenizer_fills_a_new_copy_which_then_takes_over(index: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    Shelf().put([Draft(title=f"停水{at}") for at in range(30)])
    catch_up(index)
    monkeypatch.setattr("store.search.elastic.TOKENIZER", 2)
    monkeypatch.setattr("store.search.elastic_copies.TOKENIZER", 2)
    with pytest.raises(SearchUnavailable, match="重建"):
        index.search("停水")
    catch_up(index)
    assert index.search("停水").total == 30
    assert [copy.tokenizer for copy in index.copies.all()] == [2]
    assert index.check().equal


def test_deleted_on_the_forum_is_still_found_and_forgotten_is_not(index: ElasticIndex) -> None:
    shelf = Shelf()
    gone, kept = shelf.put([Draft(title="停水甲"), Draft(title="停水乙")])
    index.follow()
    shelf.change(gone, deleted_at=NOON)
    index.follow()
    assert index.search("停水").ids == [kept.pk, gone.pk]
    assert index.search("停水", Filters(deleted=True)).ids == [gone.pk]
    index.forget([gone.pk])
    Post.objects.filter(pk=gone.pk).delete()
    assert index.check().equal
    index.client.indices.refresh(index=index.copies.alias)
    assert index.search("停水").ids == [kept.pk]


def test_the_mapping_refuses_what_it_does_not_know(index: ElasticIndex) -> None:
    copy = index.copies.make(serve=True)
    with pytest.raises(BadRequestError, match="strict"):
        index.client.index(index=copy.name, document={"author": "网友 9D41"})


def test_check_names_what_is_missing_extra_and_stale(index: ElasticIndex) -> None:
    shelf = Shelf()
    a, b, c = shelf.put([Draft(title="甲"), Draft(title="乙"), Draft(title="丙")])
    catch_up(index)
    index.forget([a.pk])
    b.seq = shelf.seq = shelf.seq + 1
    b.save()
    Post.objects.filter(pk=c.pk).delete()
    check = index.check()
    assert (check.missing, check.stale, check.extra) == ((a.pk,), (b.pk,), (c.pk,))
    assert not check.equal


def test_a_server_that_lost_its_disk_is_filled_again(index: ElasticIndex) -> None:
    shelf = Shelf()
    shelf.put([Draft(title="停水一"), Draft(title="停水二")])
    catch_up(index)
    for copy in index.copies.all():
        index.client.indices.delete(index=copy.name)
    with pytest.raises(SearchUnavailable, match="还没有建"):
        index.search("停水")
    assert len(index.check().missing) == 2
    assert index.status().behind == 2
    shelf.put([Draft(title="停水三")])
    catch_up(index)
    assert index.search("停水").total == 3
    assert index.check().equal
