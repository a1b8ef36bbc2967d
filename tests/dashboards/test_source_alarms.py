"""Administrators hear of a source that is not read: once for each kind and day of trouble, and when it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.models import Delivery
from dashboards.source_alarms import AGAIN, GRACE, send_due
from store.health import Configured, begin, fold
from store.snapshots import FetchOutcome, FetchReport
from tests.alerts.town import Town, at

BOARDS = [Configured("bbs", "", "临海论坛", True), Configured("bbs", "2", "百姓呼声", True), Configured("tieba", "", "贴吧", False)]
NOON = at("12:00")


def read(when: datetime, outcome: FetchOutcome = FetchOutcome.OK, *, board: str = "", source: str = "bbs") -> None:
    fold(
        FetchReport(
            source=source,
            board=board,
            page_kind="list",
            url="http://bbs.example.org/",
            at=when,
            outcome=outcome,
            yielded=1,
            failure="" if outcome is FetchOutcome.OK else "HTTP 502：服务器出错",
            advice="" if outcome is FetchOutcome.OK else "会自动重试",
        )
    )


def fail(since: datetime, *, board: str = "", outcome: FetchOutcome = FetchOutcome.HTTP) -> None:
    for minute in (1, 2, 3):
        read(since + timedelta(minutes=minute), outcome, board=board)


def told() -> list[str]:
    return [f"{row.person}: {row.subject}" for row in Delivery.objects.filter(cause__startswith="source").order_by("pk")]


def test_a_source_that_fails_is_told_once(town: Town) -> None:
    read(NOON)
    fail(NOON)
    assert send_due(NOON + GRACE - timedelta(seconds=1), BOARDS) == 0
    assert send_due(NOON + GRACE, BOARDS) == 1
    assert send_due(NOON + GRACE + timedelta(minutes=1), BOARDS) == 0
    assert told() == ["shenjie: 【回应】来源读不到：临海论坛"]
    body = Delivery.objects.get(cause="source").body
    assert "整站（连不上）：HTTP 502：服务器出错" in body
    assert "会自动重试" in body


def test_another_kind_of_trouble_is_told_beside_the_first(town: Town) -> None:
    read(NOON)
    read(NOON, board="2")
    fail(NOON)
    send_due(NOON + GRACE, BOARDS)
    fail(NOON, board="2", outcome=FetchOutcome.PARSER)
    assert send_due(NOON + 2 * GRACE, BOARDS) == 1
    newest = Delivery.objects.filter(cause="source").latest("pk")
    assert "百姓呼声（解析失败）" in newest.body


def test_what_lasts_is_told_again_each_day(town: Town) -> None:
    read(NOON)
    fail(NOON)
    assert [send_due(NOON + GRACE + day * AGAIN, BOARDS) for day in (0, 0, 1, 1, 2)] == [1, 0, 1, 0, 1]


def test_the_end_is_told_once_to_those_who_heard_of_it(town: Town) -> None:
    read(NOON)
    assert send_due(NOON + timedelta(minutes=1), BOARDS) == 0
    fail(NOON)
    send_due(NOON + GRACE, BOARDS)
    read(NOON + timedelta(minutes=9))
    assert [send_due(NOON + timedelta(minutes=minute), BOARDS) for minute in (9, 10)] == [1, 0]
    assert told()[-1] == "shenjie: 【回应】来源已恢复：临海论坛"
    fail(NOON + timedelta(minutes=20))
    assert send_due(NOON + timedelta(minutes=30), BOARDS) == 1


def test_a_silence_beyond_the_history_is_told(town: Town) -> None:
    from store.models import BoardHealth

    read(NOON - timedelta(days=9))
    read(NOON)
    learned = {"rates": [2.0] * 168, "rates_evidence": 300.0, "rates_at": NOON}
    BoardHealth.objects.filter(board="").update(last_post_at=NOON - timedelta(days=2), **learned)
    assert send_due(NOON + timedelta(seconds=1), BOARDS) == 1
    assert told() == ["shenjie: 【回应】来源久无新帖：临海论坛"]


def test_a_disabled_source_is_nobodys_trouble(town: Town) -> None:
    read(NOON, source="tieba")
    for minute in (1, 2, 3):
        read(NOON + timedelta(minutes=minute), FetchOutcome.HTTP, source="tieba")
    assert send_due(NOON + GRACE, BOARDS) == 0


def test_a_source_that_never_worked_counts_from_its_first_crawl(town: Town) -> None:
    begin("bbs", NOON)
    fail(NOON, outcome=FetchOutcome.UNREACHABLE)
    assert [send_due(NOON + GRACE - timedelta(seconds=1), BOARDS), send_due(NOON + GRACE, BOARDS)] == [0, 1]
