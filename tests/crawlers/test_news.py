"""A guide that is only a copy is noticed, and the forum's index tells of new posts in its place."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from crawlers.frontier import Frontier
from crawlers.news import Guide, News
from crawlers.pages import BoardRow, ThreadList, ThreadPage
from crawlers.policy import Reason, Step
from crawlers.run import run_sources
from store.clock import SystemClock
from store.records import Post, PostKind, Precision
from tests.crawlers.served import MemorySink, crawl_once, sample_forum, source
from tests.crawlers.test_crawl import say, until
from tests.crawlers.test_policy import NOW, choose, forum, page, read, row, see


def board(last_tid: str, posts: int, *, minutes_ago: float = 0, fid: str = "2", subs: tuple[str, ...] = ()) -> BoardRow:
    last = row("1", minutes_ago=minutes_ago).last_post_at
    return BoardRow(
        board=fid, name="版", posts=posts, last_tid=last_tid, last_post_at=last, last_precision=Precision.MINUTE, subs=subs, told_at=NOW
    )


def known_forum() -> Frontier:
    """A forum with thread 7 on board 2, read; the index was read once."""
    frontier = forum("newthread", "new", "board:2", "board:21", "index")
    see(frontier, "new", [row("7", minutes_ago=9)], 100.0)
    frontier.on_thread("7", 1, page("7", minutes_ago=9), NOW, 101.0)
    frontier.news.on_index([board("7", 50, minutes_ago=9)], frontier, NOW, 102.0)
    for state in frontier.lists.values():
        state.read_at = 102.0
    return frontier


LATER = NOW + timedelta(minutes=2)


def learn(frontier: Frontier, tid: str, pid: int, mono: float) -> None:
    post = Post(site="bbs", pid=str(pid), tid=tid, kind=PostKind.REPLY, board="2", posted_at=LATER)
    shown = ThreadPage(tid=tid, posts=(post,))
    frontier.news.learn(shown, "2")
    frontier.on_thread(tid, 1, shown, NOW, mono)


def test_a_new_thread_that_the_index_shows_is_read_at_once() -> None:
    frontier = known_forum()
    frontier.news.on_index([board("8", 51)], frontier, NOW, 110.0)
    assert choose(frontier, 111.0) == Step("thread", "8", 1, Reason.NEW_THREAD)


def test_a_reply_that_the_index_counts_is_read() -> None:
    frontier = known_forum()
    frontier.news.on_index([board("7", 51)], frontier, NOW, 110.0)
    assert set(frontier.changed) == {"7"}


def test_what_was_read_already_is_no_news() -> None:
    frontier = known_forum()
    learn(frontier, "7", 900, 105.0)
    frontier.news.on_index([board("7", 51)], frontier, NOW, 110.0)
    assert not frontier.changed


def test_a_second_reply_within_the_same_minute_is_news() -> None:
    frontier = known_forum()
    frontier.news.on_index([board("7", 51)], frontier, NOW, 110.0)
    learn(frontier, "7", 900, 111.0)
    frontier.news.on_index([board("7", 52)], frontier, NOW, 120.0)
    assert set(frontier.changed) == {"7"}


def test_two_posts_at_once_ask_for_the_board() -> None:
    frontier = known_forum()
    frontier.news.on_index([board("7", 52)], frontier, NOW, 110.0)
    frontier.changed.clear()
    assert choose(frontier, 111.0) == Step("list", "board:2", 1, Reason.TOLD)


def test_posts_that_no_list_shows_are_asked_for_once() -> None:
    frontier = known_forum()
    for n in range(1, 6):
        frontier.news.on_index([board("7", 53, minutes_ago=9)], frontier, NOW, 100.0 + 10 * n)
        read(frontier, "7", 101.0 + 10 * n)
    asked = frontier.lists["board:2"].wanted
    frontier.lists["board:2"].wanted = False
    frontier.news.on_index([board("7", 53, minutes_ago=9)], frontier, NOW, 170.0)
    assert (asked, frontier.lists["board:2"].wanted, frontier.changed) == (True, False, {})


def test_news_of_a_board_without_a_newer_reply_of_its_own_is_its_sub_boards() -> None:
    frontier = known_forum()
    for n in (1, 2):
        frontier.news.on_index([board("7", 51, minutes_ago=9, subs=("21",))], frontier, NOW, 100.0 + 10 * n)
        read(frontier, "7", 101.0 + 10 * n)
    assert frontier.lists["board:21"].wanted


def test_a_deleted_post_is_no_news_and_hides_none() -> None:
    frontier = known_forum()
    frontier.news.on_index([board("7", 48, minutes_ago=9)], frontier, NOW, 110.0)
    assert not frontier.changed
    frontier.news.on_index([board("7", 49)], frontier, NOW, 120.0)
    assert set(frontier.changed) == {"7"}


def shown(news: News, tids: str, mono: float, key: str = "newthread") -> None:
    news.on_guide(key, mono, [row(tid) for tid in tids], {"2"})


def test_a_guide_that_changes_twice_within_minutes_is_live() -> None:
    news = News()
    for mono, tids in ((0.0, "321"), (20.0, "4321"), (40.0, "54321")):
        shown(news, tids, mono)
    assert news.guide is Guide.LIVE


def test_a_guide_that_changes_every_quarter_of_an_hour_is_not() -> None:
    news = News()
    for mono, tids in ((0.0, "321"), (900.0, "4321"), (1800.0, "54321")):
        shown(news, tids, mono)
    assert news.guide is Guide.UNPROVED


def test_a_guide_without_threads_that_others_show_lags() -> None:
    news = News()
    shown(news, "321", 0.0)
    for mono, tid in ((10.0, "4"), (30.0, "5")):
        news.tell(tid, "2", mono)
        shown(news, "321", mono + 10)
    assert news.guide is Guide.LAGS


def test_threads_of_a_board_that_the_guide_never_shows_say_nothing() -> None:
    news = News()
    shown(news, "321", 0.0)
    for mono, tid in ((10.0, "4"), (30.0, "5"), (50.0, "6")):
        news.tell(tid, "99", mono)
        shown(news, "321", mono + 10)
    assert news.guide is Guide.UNPROVED


def test_a_lagging_guide_gives_its_turns_to_the_index() -> None:
    frontier = known_forum()
    frontier.news.guide = Guide.LAGS
    step = choose(frontier, 102.0 + 20.0)
    assert step == Step("list", "index", 1, Reason.LIST)


def test_a_guide_that_is_live_needs_no_index() -> None:
    frontier = known_forum()
    frontier.news.guide = Guide.LIVE
    step = choose(frontier, 102.0 + 20.0)
    assert step is not None
    assert step.id in ("new", "newthread")


def test_an_index_without_replies_changes_nothing() -> None:
    frontier = forum("new", "index")
    frontier.news.on_index([BoardRow(board="2")], frontier, NOW, 100.0)
    frontier.on_list(frontier.lists["new"], 1, ThreadList(rows=(row("7"),)), NOW, 100.0)
    frontier.on_thread("7", 1, page("7"), NOW, 101.0)
    frontier.lists["index"].read_at = 100.0
    step = choose(frontier, 130.0)
    assert step is not None
    assert step.id == "new"


def test_replies_are_seen_in_a_thread_whose_own_page_counts_remarks_too() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7", replies=3, minutes_ago=9)], 100.0)
    read(frontier, "7", 101.0, replies=5)
    for n, mono in ((4, 110.0), (5, 120.0), (6, 130.0)):
        see(frontier, "new", [row("7", replies=n, minutes_ago=9)], mono)
        assert "7" in frontier.changed
        read(frontier, "7", mono + 1, replies=n + 2)
        see(frontier, "new", [row("7", replies=n, minutes_ago=9)], mono + 5)
        assert not frontier.changed


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["guidelag", "guidelag,newestfirst,rewrite", "guidelag,templates,relative"])
def test_new_posts_are_seen_at_once_behind_a_copied_guide(scenario: str, tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", scenario) as served:
        sink, stop = MemorySink(), threading.Event()
        crawl_once(sink, source(served.url))
        seen: list[bool] = []

        def live() -> None:
            longest = max({snapshot.tid: snapshot.pages for snapshot in sink.snapshots}.items(), key=lambda pair: pair[1])[0]
            for n in range(3):
                tid = say(served, "thread", fid=1 + n, uid=114, title=f"第 {n} 盏路灯坏了", body="人民路")["tid"]
                seen.append(until(lambda tid=tid: any(post.tid == str(tid) for post in list(sink.posts.values()))))
                for where in (tid, longest):
                    pid = str(say(served, "reply", tid=where, uid=115, body="同感")["pid"])
                    seen.append(until(lambda pid=pid: pid in sink.posts))
            stop.set()

        actor = threading.Thread(target=live)
        actor.start()
        run_sources([source(served.url, concurrency=1)], sink, SystemClock(), stop=stop)
        actor.join()
    assert seen == [True] * 9
