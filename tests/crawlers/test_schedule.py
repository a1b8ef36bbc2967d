"""What the schedule promises of lists, news, open alerts and old threads, on a forum that exists only as rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from crawlers.frontier import Frontier
from crawlers.pages import ThreadList
from crawlers.policy import Pace, Reason, Step, begin, finish, next_request
from store.rhythm import HOURS, Rhythm
from store.snapshots import ThreadMark
from tests.crawlers.test_policy import NOW, PACE, choose, forum, page, read, row, see


def steps(frontier: Frontier, start: float, seconds: float, every: float = 6.0, free: int = 3) -> list[Step]:
    """What is asked for when a request may go every so often; lists have no rows, threads are as they were."""
    asked, now = [], start
    while now < start + seconds:
        frontier.tidy()
        step = next_request(frontier, now, free, PACE)
        if step is not None:
            asked.append(step)
            begin(frontier, step, now)
            if step.kind == "list":
                frontier.on_list(frontier.lists[step.id], step.page, ThreadList(rows=()), NOW, now)
            else:
                known = frontier.threads[step.id]
                frontier.on_thread(step.id, step.page, replace(page(step.id), pages=known.pages, replies=known.replies or 0), NOW, now)
            finish(frontier, step)
        now += every
    return asked


def rhythm(per_hour: float) -> Rhythm:
    return Rhythm((per_hour,) * HOURS, 500.0)


def boards(rates: dict[str, float]) -> Frontier:
    frontier = forum("newthread", *(f"board:{board}" for board in "123456"))
    frontier.lists["newthread"].failures, frontier.lists["newthread"].rest_until = 1, 1e9
    frontier.tune({"": rhythm(sum(rates.values())), **{board: rhythm(rate) for board, rate in rates.items()}} if rates else {}, NOW)
    return frontier


def test_livelier_boards_are_looked_at_more_often_but_none_is_left_out() -> None:
    rates = {"1": 400.0, "2": 100.0, "3": 25.0, "4": 25.0, "5": 6.0, "6": 1.0}
    looks = Counter(step.id for step in steps(boards(rates), 1000.0, 3600.0))
    counts = [looks[f"board:{board}"] for board in "123456"]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] / counts[1] == pytest.approx(2.0, rel=0.25)  # the root of 4
    assert counts[5] >= 3600 / (PACE.turn_ceiling_s + 12)


def test_boards_of_which_nothing_is_known_take_equal_turns() -> None:
    looks = Counter(step.id for step in steps(boards({}), 1000.0, 3600.0))
    assert max(looks.values()) - min(looks.values()) <= 1


def test_a_large_budget_is_not_spent_on_looks_that_nobody_asked_for() -> None:
    """A thousand requests a minute, a poll of eight seconds: a board is looked at every eight seconds and not every half second."""
    frontier, plenty, now, asked = boards({}), Pace.of(8.0, 1000.0), 1000.0, []
    while now < 1060.0:
        step = next_request(frontier, now, 100, plenty)
        if step is not None:
            asked.append(step.id)
            begin(frontier, step, now)
            frontier.on_list(frontier.lists[step.id], 1, ThreadList(rows=()), NOW, now)
            finish(frontier, step)
        now += 0.1
    assert max(Counter(asked).values()) <= 60 / 8 + 1


def test_a_burst_is_believed_at_any_hour() -> None:
    frontier = boards(dict.fromkeys("123456", 10.0))
    frontier.lists["board:6"].stir = 12.0
    looks = Counter(step.id for step in steps(frontier, 1000.0, 120.0))
    assert looks["board:6"] >= 2 * looks["board:1"]


def looks_at_guide(frontier: Frontier, seconds: float = 1200.0) -> int:
    see(frontier, "new", [], 1000.0)
    frontier.new_holds_all = True
    return sum(step.id == "new" for step in steps(frontier, 1001.0, seconds, every=1.0))


def test_a_quiet_hour_asks_less_of_the_forum_within_bounds() -> None:
    made = {}
    for per_hour in (None, 60.0, 12.0, 0.5, 0.01):
        frontier = forum("new")
        frontier.tune({"": rhythm(per_hour)} if per_hour else {}, NOW)
        made[per_hour] = looks_at_guide(frontier)
    assert made[None] == made[60.0] == pytest.approx(1200 / PACE.idle_s, rel=0.15)
    assert made[60.0] > made[12.0] > made[0.5] == made[0.01]
    assert made[0.01] >= 1200 / (PACE.slow_s + 1) - 1


def test_news_makes_a_quiet_list_quick_again() -> None:
    frontier = forum("new")
    frontier.tune({"": rhythm(0.5)}, NOW)
    see(frontier, "new", [row(str(n), minutes_ago=90) for n in range(9)], 900.0)
    for n in range(9):
        read(frontier, str(n), 901.0)
    see(frontier, "new", [row(str(n), replies=1, minutes_ago=0) for n in range(9)], 1000.0)
    for n in range(9):
        read(frontier, str(n), 1001.0, replies=1)
    frontier.new_holds_all = True
    assert sum(step.id == "new" for step in steps(frontier, 1002.0, 40.0, every=1.0)) >= 4


def test_the_first_look_at_a_list_is_no_burst() -> None:
    frontier = forum("new")
    see(frontier, "new", [row(str(n), minutes_ago=90) for n in range(20)], 900.0)
    assert frontier.lists["new"].stir == 0


def test_news_in_any_thread_is_read_before_the_next_list_that_is_not_overdue() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7", minutes_ago=9)], 100.0)
    read(frontier, "7", 101.0)
    see(frontier, "new", [row("7", replies=1, minutes_ago=0)], 110.0)
    frontier.leftover_at = 110.0
    assert choose(frontier, 110.0 + PACE.idle_s + 1) == Step("thread", "7", 1, Reason.CHANGED)
    overdue = choose(frontier, 110.0 + PACE.overdue_s + 1)
    assert overdue is not None
    assert overdue.reason is Reason.OVERDUE_LIST


def test_the_thread_where_most_posts_wait_longest_is_read_first() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7", minutes_ago=9), row("8", minutes_ago=9)], 100.0)
    for tid in ("7", "8"):
        read(frontier, tid, 101.0)
    see(frontier, "new", [row("7", replies=1, minutes_ago=0), row("8", replies=4, minutes_ago=0)], 110.0)
    first = choose(frontier, 111.0)
    assert first is not None
    assert first.id == "8"
    frontier.changed["8"] = 140.0  # many posts, but only just; one has waited for half a minute
    frontier.leftover_at = frontier.lists["new"].read_at = 140.0
    later = choose(frontier, 140.0)
    assert later is not None
    assert later.id == "7"


def test_a_look_at_the_first_page_does_not_swallow_the_news_on_the_last() -> None:
    frontier = forum("new", hot=("7",))
    see(frontier, "new", [row("7", minutes_ago=9)], 100.0)
    read(frontier, "7", 101.0, pages=3, replies=25)
    frontier.deep.clear()
    read(frontier, "7", 210.0, asked=1, page=1, pages=3, replies=26)
    see(frontier, "new", [], 211.0)
    assert choose(frontier, 212.0) == Step("thread", "7", 3, Reason.HOT_CHANGED)
    read(frontier, "7", 213.0, asked=3, page=3, pages=3, replies=26)
    assert not frontier.changed


def test_a_thread_that_always_promises_another_page_is_not_chased() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    read(frontier, "7", 101.0)
    for number in range(2, 9):
        read(frontier, "7", 100.0 + number, asked=number, page=number, pages=number + 1, replies=10 * number)
    assert not frontier.changed
    assert ("7", 9) in frontier.deep


def test_nothing_starves_however_many_alerts_are_open() -> None:
    """Sixty threads with an open alert, a backlog, due looks and a board that the guide hides, on what the lists leave over."""
    frontier = forum("new", "board:9", hot=tuple(f"h{n}" for n in range(60)))
    marks = {f"h{n}": ThreadMark(tid=f"h{n}", replies=0, last_post_at=NOW, last_read_at=NOW - timedelta(seconds=200)) for n in range(60)}
    marks |= {f"o{n}": replace(old(days=9, read_days=8), tid=f"o{n}") for n in range(40)}
    frontier.remember(marks, NOW, 1000.0)
    frontier.lists["new"].read_at = frontier.lists["board:9"].read_at = 1000.0
    see(frontier, "new", [row(f"b{n}", posted_minutes_ago=60 * 24 * 5, minutes_ago=60) for n in range(50)], 1000.0)
    made = Counter(step.reason for step in steps(frontier, 1001.0, 3600.0))
    assert made[Reason.LIST] > 200
    assert made[Reason.BACKLOG] >= 10
    assert made[Reason.AGAIN] >= 10
    assert made[Reason.BOARD] >= 6
    assert made[Reason.HOT_REREAD] >= made[Reason.BACKLOG]


def test_open_alerts_are_looked_at_within_two_minutes_when_there_is_room() -> None:
    frontier = forum("new", hot=("7", "8"))
    see(frontier, "new", [row("7"), row("8")], 900.0)
    read(frontier, "7", 901.0)
    read(frontier, "8", 901.0)
    asked = [(number, step.id) for number, step in enumerate(steps(frontier, 905.0, 1200.0, every=2.0)) if step.reason is Reason.HOT_REREAD]
    for tid in ("7", "8"):
        assert len([one for _, one in asked if one == tid]) >= 1200 / 120


def test_an_alert_on_a_thread_that_was_never_read_is_looked_at() -> None:
    frontier = forum("new", hot=("7",))
    frontier.remember({"7": ThreadMark(tid="7", replies=0)}, NOW, 100.0)
    assert Reason.HOT_REREAD in {step.reason for step in steps(frontier, 101.0, 60.0)}


def test_looks_for_edits_reach_every_page_of_a_thread() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    read(frontier, "7", 101.0, pages=3, replies=25)
    frontier.deep.clear()
    seen, now = [], 200.0
    while len(seen) < 6:
        now += 3600.0
        frontier.lists["new"].read_at = now
        for step in steps(frontier, now, 7.0, every=6.0):
            seen += [step.page] if step.reason is Reason.AGAIN else []
    assert {1, 2, 3} == set(seen)
    assert now < 5 * 86_400


def old(days: float, read_days: float) -> ThreadMark:
    return ThreadMark(tid="7", replies=3, last_post_at=NOW - timedelta(days=days), last_read_at=NOW - timedelta(days=read_days))


def test_a_thread_older_than_the_first_crawl_is_still_looked_at_though_the_process_restarts_every_day() -> None:
    for day in range(200):
        frontier = forum("new")
        frontier.remember({"7": old(400 + day, day)}, NOW, 1e7)
        if any(step.reason is Reason.AGAIN for step in steps(frontier, 1e7, 300.0)):
            break
    assert 80 <= day <= 95


def test_one_round_leaves_what_is_older_alone() -> None:
    frontier = forum("new")
    frontier.rare_looks = False
    frontier.remember({"7": old(400, 300)}, NOW, 1e7)
    assert not [step for step in steps(frontier, 1e7, 3600.0) if step.reason is Reason.AGAIN]


def test_activity_counts_each_reply_once_and_fades() -> None:
    frontier = forum("new")
    see(frontier, "new", [row("7")], 100.0)
    read(frontier, "7", 101.0, replies=0)
    start = frontier.threads["7"].activity
    for second in (110.0, 120.0, 130.0):
        read(frontier, "7", second, replies=5)
    assert frontier.threads["7"].activity == pytest.approx(start + 5, abs=0.05)
    read(frontier, "7", 130.0 + 6 * 3600, replies=5)
    assert frontier.threads["7"].activity == pytest.approx((start + 5) / 2, abs=0.05)


def test_what_was_learned_of_a_thread_survives_a_restart() -> None:
    frontier = forum("new")
    mark = ThreadMark(tid="7", replies=9, last_post_at=NOW, last_read_at=NOW - timedelta(seconds=30), activity=8.5)
    frontier.remember({"7": mark}, NOW, 100.0)
    assert frontier.threads["7"].activity == 8.5
    assert frontier.threads["7"].read_at == pytest.approx(70.0)


def test_the_same_state_gives_the_same_choice() -> None:
    def made() -> list[Step]:
        frontier = forum("new", hot=("3", "5", "9"))
        see(frontier, "new", [row(str(n), minutes_ago=n) for n in range(1, 12)], 100.0)
        return steps(frontier, 101.0, 900.0)

    assert made() == made()
