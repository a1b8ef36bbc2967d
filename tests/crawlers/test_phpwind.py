"""phpwind over HTTP: 9 with its list over the whole site, 8.7 with boards only and in GBK."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.pages import Fetched
from crawlers.run import run_sources
from crawlers.sites.phpwind.listing import read_boards, read_index
from store.clock import SystemClock
from store.records import PostKind
from tests.crawlers.phpwind_town import Site, old87, stock9
from tests.crawlers.served import MemorySink, crawl_once, source, tiny_server
from tests.crawlers.test_crawl import until
from tests.crawlers.town import Said, Talk, Town, compare, town

SITES = pytest.mark.parametrize("site", [stock9, old87])
served = pytest.mark.served


def ids(made: Town, sink: MemorySink) -> MemorySink:
    """The sink with first posts under the town's own numbers."""
    firsts = {f"0{talk.tid}": str(talk.posts[0].pid) for talk in made.talks}
    assert set(firsts) <= set(sink.posts)
    return MemorySink(posts={firsts.get(pid, pid): post for pid, post in sink.posts.items()})


@served
@SITES
def test_every_post_is_read_and_a_missing_thread_is_reported_gone(site: Site) -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: site(made, path)) as url:
        crawl_once(sink, source(url, engine="phpwind"))
        compare(made, ids(made, sink))
        assert {post.floor for post in sink.posts.values() if post.kind is PostKind.TOPIC} == {1}
        assert max(post.floor or 0 for post in sink.posts.values()) == 12
        tid = str(made.talks.pop(1).tid)
        sink.hot_tids.add(tid)
        made.asked.clear()
        crawl_once(sink, source(url, engine="phpwind"))
    assert [path for path in made.asked if path.startswith("/read.php")] == [f"/read.php?tid={tid}"]
    assert [snapshot.tid for snapshot in sink.snapshots if snapshot.gone] == [tid]


@served
@SITES
def test_a_running_spider_sees_threads_and_replies(site: Site) -> None:
    made, sink, stop = town(), MemorySink(), threading.Event()
    noticed: list[bool] = []

    def live() -> None:
        now = datetime.now(UTC).replace(microsecond=0, second=0)
        made.talks.append(Talk(500, "2", "路灯坏了", [Said(5000, "31", "人民路", now)]))
        noticed.append(until(lambda: "0500" in sink.posts))
        made.talks[-1].posts.append(Said(5001, "900", "已派人", now))
        noticed.append(until(lambda: "5001" in sink.posts))
        stop.set()

    with tiny_server(lambda path: site(made, path)) as url:
        crawl_once(sink, source(url, engine="phpwind"))
        actor = threading.Thread(target=live)
        actor.start()
        run_sources([source(url, engine="phpwind")], sink, SystemClock(), stop=stop)
        actor.join()
    assert noticed == [True, True]
    assert (sink.posts["5001"].uid, sink.posts["5001"].tid) == ("900", "500")


@served
@SITES
def test_edits_and_shields_are_seen_where_an_alert_is_open(site: Site) -> None:
    made, sink = town(), MemorySink()
    talk = next(talk for talk in made.talks if len(talk.posts) == 3)
    pid = str(talk.posts[1].pid)
    sink.hot_tids.add(str(talk.tid))
    with tiny_server(lambda path: site(made, path)) as url:
        crawl_once(sink, source(url, engine="phpwind"))
        talk.posts[1] = replace(talk.posts[1], body="已派人，明天修")
        crawl_once(sink, source(url, engine="phpwind"))
        assert sink.posts[pid].body == "已派人，明天修"
        talk.posts[1] = replace(talk.posts[1], body="")
        crawl_once(sink, source(url, engine="phpwind"))
    assert (sink.posts[pid].body, sink.posts[pid].shielded) == ("", True)


@served
def test_one_list_over_the_whole_site_tells_of_news_in_version_9() -> None:
    made, sink, stop = town(), MemorySink(), threading.Event()
    with tiny_server(lambda path: stock9(made, path)) as url:
        crawl_once(sink, source(url, engine="phpwind"))
        made.asked.clear()
        timer = threading.Timer(4, stop.set)
        timer.start()
        run_sources([source(url, engine="phpwind")], sink, SystemClock(), stop=stop)
    guides = sum("c=forum&" in f"{path}&" for path in made.asked)
    boards = sum(path.startswith("/thread.php") for path in made.asked)
    assert guides > 3
    assert boards <= 3  # each board once, for what the list may hide


@SITES
def test_the_index_counts_posts_and_names_the_newest_reply(site: Site) -> None:
    made = town()
    _, headers, raw = site(made, "/index.php?m=bbs&c=forumlist")
    page = Fetched("http://site.example/index.php", raw, headers.get("Content-Type", "").rpartition("charset=")[2], 0.1)
    now = datetime.now(UTC)
    assert read_index(page, now, "") == {"1": "镇村", "2": "城管", "3": "交通"}
    rows = {row.board: row for row in read_boards(page, now, "")}
    for board in "123":
        newest = made.of(board)[0]
        assert rows[board].posts == sum(len(talk.posts) for talk in made.of(board))
        assert (rows[board].last_tid, rows[board].last_title, rows[board].last_post_at) == (str(newest.tid), newest.title, newest.last)
        assert rows[board].subs == ()


def test_an_index_with_boards_side_by_side() -> None:
    cells = "".join(
        f'<th class="old"><h3 class="fname"><a href="thread.php?fid={fid}">版 {fid}</a></h3>主题：3，帖子：{fid}0<br>最后回复：'
        f'<a href="read.php?tid=7{fid}&amp;fid={fid}&amp;page=e#a"><span class="time">5分钟前</span></a></th>'
        for fid in "23"
    )
    raw = f"<html><title>phpwind</title><body><table><tr>{cells}</tr></table></body></html>".encode()
    now = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
    rows = read_boards(Fetched("http://site.example/index.php", raw, "", 0.1), now, "")
    assert [(row.board, row.posts, row.last_tid) for row in rows] == [("2", 20, "72"), ("3", 30, "73")]
    assert rows[0].last_post_at is not None
    assert timedelta(minutes=5) <= now - rows[0].last_post_at <= timedelta(minutes=6)
