"""Which page comes next, on a forum that exists only as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from crawlers.frontier import Frontier, ListState
from crawlers.pages import ThreadList, ThreadPage, ThreadRow
from crawlers.policy import Pace, Reason, Step, begin, finish, next_request
from store.clock import parse_instant
from store.records import Post, PostKind, Precision
from store.snapshots import ThreadMark

NOW = parse_instant("2026-11-22T14:05:00+08:00")
PACE = Pace.of(poll_s=8, per_minute=10)


def row(tid: str, *, replies: int = 0, minutes_ago: float = 1, board: str = "2", posted_minutes_ago: float | None = None) -> ThreadRow:
    last = NOW - timedelta(minutes=minutes_ago)
    posted = last if posted_minutes_ago is None else NOW - timedelta(minutes=posted_minutes_ago)
    return ThreadRow(
        tid=tid, title="题", url="", board=board, posted_at=posted, replies=replies, last_post_at=last, last_precision=Precision.MINUTE
    )


def page(tid: str, *, number: int = 1, pages: int = 1, replies: int = 0, minutes_ago: float = 1, complete: bool = True) -> ThreadPage:
    post = Post(site="bbs", pid=f"{tid}{number}", tid=tid, kind=PostKind.TOPIC, posted_at=NOW - timedelta(minutes=minutes_ago))
    return ThreadPage(tid=tid, posts=(post,), page=number, pages=pages, replies=replies, complete=complete)


def forum(*kinds: str, hot: tuple[str, ...] = ()) -> Frontier:
    frontier = Frontier(oldest=NOW - timedelta(days=30), hot=frozenset(hot))
    for kind in kinds or ("newthread", "new"):
        state = ListState("board", kind[6:]) if kind.startswith("board:") else ListState(kind)  # type: ignore[arg-type]
        frontier.lists[state.key] = state
    return frontier


def see(
    frontier: Frontier, key: str, rows: list[ThreadRow], mono: float, *, asked: int = 1, shown: int | None = None, pages: int = 1
) -> None:
    state = frontier.lists[key]
    begin(frontier, Step("list", key, asked, Reason.LIST), mono)
    frontier.on_list(state, asked, ThreadList(rows=tuple(rows), page=shown or asked, pages=pages), NOW, mono)
    finish(frontier, Step("list", key, asked, Reason.LIST))


def choose(frontier: Frontier, mono: float, free: int = 10) -> Step | None:
    frontier.tidy()
    return next_request(frontier, mono, free, PACE)


def test_lists_come_first_on_an_unknown_forum() -> None:
    step = choose(forum(), 100.0)
    assert step is not None
    assert (step.kind, step.page) == ("list", 1)


def test_a_new_thread_is_read_at_once_before_the_next_poll() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    assert choose(frontier, 110.0) == Step("thread", "7", 1, Reason.NEW_THREAD)


def test_the_newest_of_many_comes_first() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("1", minutes_ago=50), row("2", minutes_ago=3), row("3", minutes_ago=20)], 100.0)
    step = choose(frontier, 101.0)
    assert step is not None
    assert step.id == "2"


def test_a_storm_of_new_threads_does_not_starve_the_list() -> None:
    frontier = forum("new")
    see(frontier, "new", [row(str(n)) for n in range(40)], 100.0)
    step = choose(frontier, 100.0 + PACE.overdue_s)
    assert step == Step("list", "new", 1, Reason.OVERDUE_LIST)


def test_nothing_to_do_waits() -> None:
    frontier = forum("new")
    see(frontier, "new", [], 100.0)
    assert choose(frontier, 101.0) is None


def test_no_budget_no_request() -> None:
    assert choose(forum(), 100.0, free=0) is None


def read(frontier: Frontier, tid: str, mono: float, *, asked: int = 1, **shown: int) -> None:
    frontier.on_thread(tid, asked, replace(page(tid), **shown), NOW, mono)  # type: ignore[arg-type]


def test_a_known_unchanged_thread_is_not_fetched_again() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    read(frontier, "7", 101.0)
    see(frontier, "new", [row("7")], 110.0)
    assert choose(frontier, 111.0) is None


def test_a_new_reply_is_read_on_the_last_known_page() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7", minutes_ago=9)], 100.0)
    read(frontier, "7", 101.0, pages=3)
    frontier.deep.clear()
    see(frontier, "new", [row("7", replies=1, minutes_ago=0)], 110.0)
    assert choose(frontier, 111.0) == Step("thread", "7", 3, Reason.CHANGED)


def test_news_in_a_thread_with_an_open_alert_comes_before_other_news() -> None:
    frontier = forum("new", hot=("8",))
    see(frontier, "new", [row("7", minutes_ago=9), row("8", minutes_ago=9)], 100.0)
    read(frontier, "7", 101.0)
    read(frontier, "8", 101.0)
    see(frontier, "new", [row("7", replies=1, minutes_ago=0), row("8", replies=1, minutes_ago=0)], 110.0)
    assert choose(frontier, 111.0) == Step("thread", "8", 1, Reason.HOT_CHANGED)


def test_a_thread_with_an_open_alert_is_read_again_without_a_sign() -> None:
    frontier = forum("new", hot=("7",))
    see(frontier, "new", [row("7")], 100.0)
    read(frontier, "7", 101.0)
    see(frontier, "new", [row("7")], 215.0)
    step = choose(frontier, 216.0)
    assert step is not None
    assert (step.id, step.reason) == ("7", Reason.HOT_REREAD)


def test_all_pages_of_a_new_thread_are_read() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    read(frontier, "7", 101.0, pages=4)
    assert list(frontier.deep) == [("7", 4), ("7", 3), ("7", 2)]


def test_a_reply_that_opens_a_page_is_followed() -> None:
    frontier = forum("new")
    frontier.remember({"7": ThreadMark(tid="7", pages=2, replies=19, last_post_at=NOW - timedelta(hours=1), last_read_at=NOW)}, NOW, 100.0)
    see(frontier, "new", [], 105.0)
    frontier.on_thread("7", 2, page("7", number=2, pages=3, replies=21), NOW, 110.0)
    assert choose(frontier, 111.0) == Step("thread", "7", 3, Reason.CHANGED)


def test_restart_goes_on_with_the_pages_that_were_missing() -> None:
    frontier = forum("new")
    mark = ThreadMark(tid="7", pages=3, replies=25, last_post_at=NOW - timedelta(hours=1), last_read_at=NOW, missing_pages=(2,))
    frontier.remember({"7": mark}, NOW, 100.0)
    see(frontier, "new", [row("7", replies=25, minutes_ago=60)], 100.0)
    assert choose(frontier, 101.0) == Step("thread", "7", 2, Reason.DEEP)


def test_first_crawl_is_bounded_by_age() -> None:
    frontier = forum("board:2")
    see(frontier, "board:2", [row("7", minutes_ago=60 * 24 * 40)], 100.0)
    assert not frontier.threads


def test_old_threads_wait_behind_new_ones() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("1", minutes_ago=5, posted_minutes_ago=60 * 24 * 9), row("2", minutes_ago=30)], 100.0)
    step = choose(frontier, 101.0)
    assert step is not None
    assert step.id == "2"


def test_a_sweep_ends_at_its_bound_and_past_the_end() -> None:
    frontier = forum("board:2")
    state = frontier.lists["board:2"]
    frontier.begin_sweep(state, NOW - timedelta(days=1))
    see(frontier, "board:2", [row("1", minutes_ago=10)], 100.0, pages=9)
    assert state.sweep_page == 2
    see(frontier, "board:2", [row("2", minutes_ago=60 * 30)], 101.0, asked=2, pages=9)
    assert state.sweep_page == 0


def test_page_one_served_past_the_end_ends_a_sweep() -> None:
    frontier = forum("board:2")
    state = frontier.lists["board:2"]
    frontier.begin_sweep(state, NOW - timedelta(days=1))
    see(frontier, "board:2", [row("1")], 100.0, pages=2)
    see(frontier, "board:2", [row("1")], 101.0, asked=2, shown=1, pages=2)
    assert state.sweep_page == 0


def test_the_same_rows_again_end_a_sweep_of_unknown_length() -> None:
    frontier = forum("board:2")
    state = frontier.lists["board:2"]
    frontier.begin_sweep(state, NOW - timedelta(days=1))
    see(frontier, "board:2", [row("1")], 100.0, pages=2)
    see(frontier, "board:2", [row("1")], 101.0, asked=2, pages=3)
    assert state.sweep_page == 0


def test_a_page_full_of_news_is_followed_by_the_next() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("1"), row("2")], 100.0, pages=5)
    read(frontier, "1", 101.0)
    read(frontier, "2", 101.0)
    assert choose(frontier, 102.0) == Step("list", "new", 2, Reason.LIST_GOES_ON)


def test_sticky_rows_are_read_once_and_do_not_hold_up_a_sweep() -> None:
    frontier = forum("board:2", "board:3")
    pinned = replace(row("9", minutes_ago=5), sticky=True)
    for board in ("board:2", "board:3"):
        see(frontier, board, [pinned], 100.0)
    assert [tid for _, tid in frontier.fresh] == ["9"]


def test_a_missing_thread_is_looked_at_twice() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    frontier.on_missing("7", NOW, 101.0)
    see(frontier, "new", [], 150.0)
    assert choose(frontier, 151.0) is None
    see(frontier, "new", [], 162.0)
    assert choose(frontier, 163.0) == Step("thread", "7", 1, Reason.AGAIN)
    begin(frontier, Step("thread", "7", 1, Reason.AGAIN), 163.0)
    finish(frontier, Step("thread", "7", 1, Reason.AGAIN))
    frontier.on_missing("7", NOW, 164.0)
    assert not any(state.again_at < float("inf") for state in frontier.threads.values())


def test_a_moved_thread_is_known_by_both_ids() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    frontier.on_thread("7", 1, page("70"), NOW, 101.0)
    see(frontier, "new", [row("7")], 110.0)
    assert choose(frontier, 111.0) is None
    assert set(frontier.threads) == {"70"}


def test_half_a_page_is_read_again_soon() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    frontier.on_thread("7", 1, page("7", complete=False), NOW, 101.0)
    see(frontier, "new", [row("7")], 131.0)
    assert choose(frontier, 132.0) == Step("thread", "7", 1, Reason.AGAIN)


def test_a_list_that_lags_behind_is_believed_once() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7", replies=5)], 100.0)
    read(frontier, "7", 101.0, replies=6)
    see(frontier, "new", [row("7", replies=5, minutes_ago=2)], 110.0)
    read(frontier, "7", 111.0, replies=6)
    see(frontier, "new", [row("7", replies=5, minutes_ago=3)], 120.0)
    assert not frontier.changed


def test_only_the_configured_boards_are_read() -> None:
    frontier = forum("new")
    frontier.only_boards = frozenset({"2"})
    see(frontier, "new", [row("1", board="2"), row("5", board="9")], 100.0)
    assert set(frontier.threads) == {"1"}


def test_boards_are_polled_where_the_guide_is_off() -> None:
    frontier = forum("newthread", "board:2", "board:3")
    frontier.lists["newthread"].failures, frontier.lists["newthread"].rest_until = 1, 9_999.0
    first = choose(frontier, 100.0)
    assert first is not None
    assert first.id.startswith("board:")


def test_one_list_is_enough_where_newest_replies_hold_new_threads() -> None:
    frontier = forum()
    see(frontier, "newthread", [], 100.0)
    see(frontier, "new", [row("7")], 100.0)
    read(frontier, "7", 101.0)
    asked = []
    for second in range(102, 162):
        step = choose(frontier, float(second))
        if step:
            asked.append(step.id)
            see(frontier, step.id, [row("7")], float(second))
    assert asked.count("new") >= 6
    assert asked.count("newthread") <= 1


def test_after_a_rest_one_list_is_tried_first() -> None:
    frontier = forum("newthread", "index")
    frontier.quiet_until, frontier.trial = 200.0, True
    assert choose(frontier, 199.0) is None
    assert choose(frontier, 200.0) == Step("list", "newthread", 1, Reason.TRIAL)


def test_after_a_guide_that_failed_the_index_is_the_trial() -> None:
    frontier = forum("newthread", "new", "index", "board:2")
    frontier.lists["newthread"].failures = 1
    frontier.quiet_until, frontier.trial = 100.0, True
    assert choose(frontier, 200.0) == Step("list", "index", 1, Reason.TRIAL)


def test_one_round_asks_for_every_list_once() -> None:
    frontier = forum("newthread", "new", "board:2")
    asked = []
    for mono in range(1, 20):
        step = next_request(frontier, float(mono), 10, Pace.once())
        if step is None:
            break
        asked.append(step.id)
        see(frontier, step.id, [], float(mono))
    assert sorted(asked) == ["board:2", "new", "newthread"]
    assert frontier.nothing_left()


def test_a_new_thread_that_cannot_be_read_is_never_given_up() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    for attempt in range(5):
        frontier.on_unreadable("7", 200.0 + attempt)
    see(frontier, "new", [row("7")], 50_000.0)
    assert choose(frontier, 50_001.0) == Step("thread", "7", 1, Reason.AGAIN)


def test_a_page_that_hangs_is_tried_again_before_it_is_put_off() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    assert [frontier.shaky("7") for _ in range(3)] == [False, False, True]


def test_a_broken_thread_with_an_open_alert_does_not_eat_the_budget() -> None:
    frontier = forum("new", hot=("7",))
    see(frontier, "new", [row("7")], 100.0)
    read(frontier, "7", 101.0)
    for _ in range(3):
        frontier.shaky("7")
    see(frontier, "new", [row("7")], 300.0)
    assert choose(frontier, 301.0) is None


def test_a_list_is_covered_when_it_was_read_to_its_bound_and_nothing_it_told_of_waits() -> None:
    frontier = forum("new", "board:2", "board:3")
    for key in ("board:2", "board:3"):
        frontier.begin_sweep(frontier.lists[key], NOW - timedelta(days=9))
    assert frontier.covered() == {}
    see(frontier, "new", [], 100.0)
    see(frontier, "board:2", [row("7", posted_minutes_ago=60 * 24 * 3, minutes_ago=60)], 101.0)
    see(frontier, "board:3", [row("8", minutes_ago=90)], 102.0, pages=4)
    assert frontier.covered() == {}  # both threads wait for a first reading
    read(frontier, "7", 103.0)
    read(frontier, "8", 104.0)
    assert frontier.covered() == {"": 100.0, "2": 101.0}  # the sweep of board 3 has pages to go
    see(frontier, "board:3", [row("9", minutes_ago=60 * 24 * 10)], 105.0, asked=2, pages=4)
    read(frontier, "9", 106.0)
    assert frontier.covered() == {"": 100.0, "2": 101.0, "3": 102.0}
    frontier.lists["board:2"].failures = 1
    assert frontier.covered() == {"": 100.0, "3": 102.0}


def test_what_waits_is_counted() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("1"), row("2"), row("3", minutes_ago=60, posted_minutes_ago=60 * 24 * 9)], 100.0)
    assert frontier.waiting() == 3
    read(frontier, "1", 101.0, pages=3)
    assert frontier.waiting() == 4
