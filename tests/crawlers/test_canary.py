"""Yield drops, the doubts they raise, and what a canary thread decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crawlers.canary import AGAIN_S, SAME_S, Usual, Watch, lost, yield_of_list, yield_of_thread
from crawlers.pages import ThreadList, ThreadPage, ThreadRow
from store.records import Post, PostKind, Precision
from store.snapshots import Canary, CanaryPost
from tests.crawlers.test_policy import NOW

POSTS = tuple(
    replace(
        Post(site="bbs", pid=str(n), tid="7", kind=PostKind.REPLY, posted_at=NOW, precision=Precision.SECOND),
        uid=str(n),
        author="甲",
        body="有内容",
    )
    for n in range(1, 7)
)
PAGE = ThreadPage(tid="7", posts=POSTS)
CANARY = Canary(tid="7", posts=tuple(CanaryPost(pid=post.pid, posted_at=NOW) for post in POSTS))


def listing(rows: int, *, full: bool = True) -> ThreadList:
    row = ThreadRow(tid="1", title="题", url="", author="甲" if full else "", posted_at=NOW if full else None, replies=3)
    return ThreadList(rows=tuple(replace(row, tid=str(n)) for n in range(rows)))


def test_a_page_as_it_was_has_lost_nothing() -> None:
    assert lost(CANARY, PAGE) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"uid": ""}, "作者编号"),
        ({"author": ""}, "作者"),
        ({"body": ""}, "正文"),
        ({"precision": Precision.UNKNOWN}, "发表时间"),
        ({"posted_at": NOW + timedelta(days=300)}, "发表时间"),
    ],
)
def test_a_field_that_is_gone_is_named(change: dict[str, object], field: str) -> None:
    assert lost(CANARY, replace(PAGE, posts=tuple(replace(post, **change) for post in POSTS))) == (field,)  # type: ignore[arg-type]


def test_posts_that_are_gone_are_named_and_a_deletion_is_none() -> None:
    assert lost(CANARY, replace(PAGE, posts=POSTS[:3])) == ("帖子",)
    assert lost(CANARY, replace(PAGE, posts=POSTS[1:])) == ()


def test_an_anonymous_post_is_no_loss() -> None:
    assert lost(CANARY, replace(PAGE, posts=(replace(POSTS[0], uid=""), *POSTS[1:]))) == ()


def test_a_relative_time_within_its_day_is_no_loss() -> None:
    earlier = tuple(replace(post, posted_at=NOW - timedelta(hours=14), precision=Precision.DAY) for post in POSTS)
    assert lost(CANARY, replace(PAGE, posts=earlier)) == ()


def test_a_list_that_suddenly_says_it_is_empty_is_doubted_at_once() -> None:
    usual = Usual()
    assert usual.doubt("2", "列表", yield_of_list(listing(20)), 20) is None
    doubt = usual.doubt("2", "列表", yield_of_list(listing(0)), 0)
    assert doubt is not None
    assert doubt.empty
    assert "20" in doubt.text


def test_a_board_that_never_had_threads_is_not() -> None:
    assert Usual().doubt("2", "列表", yield_of_list(listing(0)), 0) is None


def test_rows_without_fields_are_doubted_at_the_second_page() -> None:
    usual = Usual()
    for _ in range(6):
        assert usual.doubt("2", "列表", yield_of_list(listing(20)), 20) is None
    poor = yield_of_list(listing(20, full=False))
    assert usual.doubt("2", "列表", poor, 20) is None
    doubt = usual.doubt("2", "列表", poor, 20)
    assert doubt is not None
    assert "33%" in doubt.text


def test_posts_that_were_left_out_count_as_nothing_found() -> None:
    assert yield_of_thread(replace(PAGE, posts=POSTS[:3], findings=("帖 9没有正文，未采用",) * 3)).share == 0.5


def test_one_verdict_in_ten_minutes_and_a_look_again_while_the_template_is_changed() -> None:
    watch = Watch()
    watch.failed("2", "列表", "没有 a.xst", 0.0)
    assert watch.due(0.0)
    watch.settle(10.0, changed=True)
    watch.failed("2", "列表", "没有 a.xst", 20.0)
    assert not watch.due(20.0)
    assert watch.due(10.0 + AGAIN_S)
    watch.settle(2_000.0, changed=False)
    watch.failed("2", "列表", "没有 a.xst", 2_000.0 + SAME_S)
    assert watch.due(2_000.0 + SAME_S)


def test_a_process_that_begins_expects_what_the_store_holds() -> None:
    watch = Watch()
    watch.expect(["2"] * 30 + ["3"], threads=True)
    watch.saw_list("board:3", "3", ThreadList(rows=()), 0.0)
    assert not watch.due(0.0)
    watch.saw_list("board:2", "2", ThreadList(rows=()), 0.0)
    assert watch.doubt is not None
    assert "20" in watch.doubt.text


def test_threads_without_authors_are_doubted_from_the_second_page_on() -> None:
    watch = Watch()
    watch.expect([], threads=True)
    poor = replace(PAGE, posts=tuple(replace(post, author="", body="") for post in POSTS))
    watch.saw_thread("2", poor, 0.0)
    assert not watch.due(0.0)
    watch.saw_thread("2", poor, 0.0)
    assert watch.due(0.0)


def test_what_a_canary_found_unchanged_is_usual_from_then_on() -> None:
    watch = Watch()
    watch.expect(["2"] * 30, threads=False)
    watch.saw_list("board:2", "2", ThreadList(rows=()), 0.0)
    watch.settle(1.0, changed=False)
    watch.saw_list("board:2", "2", ThreadList(rows=()), 1.0 + SAME_S)
    assert not watch.due(1.0 + SAME_S)


def test_each_list_gets_its_own_verdict_one_after_the_other() -> None:
    watch = Watch()
    watch.expect(["2"] * 30 + ["3"] * 30, threads=False)
    for board in ("2", "3", "3"):
        watch.saw_list(f"board:{board}", board, ThreadList(rows=()), 0.0)
    judged = []
    while watch.due(1.0):
        assert watch.doubt is not None
        judged.append(watch.doubt.board)
        watch.lists[watch.doubt.key] = watch.doubt.board
        watch.settle(1.0, changed=False)
    assert judged == ["2", "3"]
    watch.saw_list("board:2", "2", ThreadList(rows=()), 30.0)
    assert not watch.due(30.0)
