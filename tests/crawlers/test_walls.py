"""Walls, notices and failures in the middle of a crawl that knows the forum: each is told for what it is and takes nothing away."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawlers.backoff import source_rest_s
from crawlers.run import run_sources
from store import health
from store.clock import SystemClock
from store.models import BoardHealth
from store.records import Post, SourceState
from store.snapshots import FetchOutcome
from tests.crawlers.served import Answer, MemorySink, Served, crawl_once, sample_forum, source, tiny_server
from tests.crawlers.test_canary_crawl import play
from tests.crawlers.test_crawl import say

FIXTURES = Path(__file__).parent / "fixtures" / "discuz"
HTML = {"Content-Type": "text/html; charset=utf-8"}
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@dataclass(frozen=True)
class Told:
    """What a scenario must be told as."""

    outcome: FetchOutcome
    detail: str
    state: SourceState
    #: requests until the source rests: those under way together, and the trial after it
    most: int = 6


WALLS = {
    "flood": Told(FetchOutcome.WALL, "flood", SourceState.BLOCKED),
    "defence4": Told(FetchOutcome.WALL, "script", SourceState.BLOCKED),
    "captcha": Told(FetchOutcome.WALL, "sum", SourceState.BLOCKED),
    "antitheft": Told(FetchOutcome.WALL, "antitheft", SourceState.BLOCKED),
    "error403": Told(FetchOutcome.HTTP, "403", SourceState.BLOCKED),
    "error429": Told(FetchOutcome.HTTP, "429", SourceState.BLOCKED),
    "error503": Told(FetchOutcome.HTTP, "503", SourceState.UNREACHABLE),
    "error500": Told(FetchOutcome.HTTP, "500", SourceState.UNREACHABLE),
    "notice": Told(FetchOutcome.NOTICE, "closed", SourceState.UNREACHABLE),
    "login": Told(FetchOutcome.LOGIN, "", SourceState.LOGIN, most=20),
    "notforum": Told(FetchOutcome.NOT_A_FORUM, "", SourceState.CHANGED),
}


def known_forum(served: Served) -> MemorySink:
    sink = MemorySink()
    crawl_once(sink, source(served.url, concurrency=1))
    return sink


def as_stored(sink: MemorySink) -> dict[str, Post]:
    return dict(sink.posts)


@pytest.mark.parametrize("scenario", WALLS)
def test_a_wall_in_the_middle_is_told_and_takes_nothing_away(scenario: str, tmp_path: Path) -> None:
    told = WALLS[scenario]
    with sample_forum(tmp_path) as served:
        sink = known_forum(served)
        before, read, tid = as_stored(sink), len(sink.snapshots), next(iter(sink.posts.values())).tid
        sink.hot_tids.add(tid)
        pid = str(say(served, "reply", tid=tid, uid=101, body="墙后面的回复")["pid"])
        sink.reports.clear()
        play(served, scenario)
        rounds, _ = crawl_once(sink, source(served.url, concurrency=1))
        reports = [report for report in sink.reports if report.outcome is not FetchOutcome.OK]
        assert {report.outcome for report in reports} == {told.outcome}
        assert told.detail in {report.detail for report in reports}
        assert all(report.failure and report.advice and report.url.startswith(served.url) for report in reports)
        assert sum(row.requests for row in rounds) <= told.most
        if scenario not in ("flood",):  # the first page comes through it
            assert as_stored(sink) == before
            assert len(sink.snapshots) == read
        health.fold(*sink.reports)
        assert told.state.value in set(BoardHealth.objects.values_list("state", flat=True))
        play(served, "plain")
        crawl_once(sink, source(served.url))
    assert pid in sink.posts
    assert not [snapshot for snapshot in sink.snapshots if snapshot.gone]


@pytest.mark.parametrize(
    ("scenario", "outcome", "state"),
    [
        ("boardnotice", FetchOutcome.NOTICE, SourceState.LOGIN),
        ("boardlogin", FetchOutcome.LOGIN, SourceState.LOGIN),
    ],
)
def test_a_closed_board_is_its_own_trouble(scenario: str, outcome: FetchOutcome, state: SourceState, tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", f"guideoff,{scenario}") as served:
        sink = MemorySink()
        crawl_once(sink, source(served.url))
    assert {report.outcome for report in sink.reports if report.board == "3" and report.page_kind == "list"} == {outcome}
    assert {"1", "2", "4"} <= {post.board for post in sink.posts.values()}
    health.fold(*[report for report in sink.reports if report.page_kind == "list"])
    assert BoardHealth.objects.get(board="3").state == state.value
    assert BoardHealth.objects.get(board="2").state == SourceState.STARTING.value


def test_boards_that_lead_elsewhere_end(tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", "guideoff,redirect") as served:
        sink = MemorySink()
        rounds, _ = crawl_once(sink, source(served.url, boards=("1", "2", "61", "62")))
    assert {"1", "2"} <= {post.board for post in sink.posts.values()}
    assert not {"61", "62"} & {post.board for post in sink.posts.values()}
    failed = {report.board: report for report in sink.reports if report.outcome is not FetchOutcome.OK}
    assert {"61", "62"} <= failed.keys()
    assert sum(row.requests for row in rounds) < 120


@pytest.mark.parametrize("scenario", ["broken", "cut"])
def test_half_pages_take_nothing_away(scenario: str, tmp_path: Path) -> None:
    with sample_forum(tmp_path) as served:
        sink = known_forum(served)
        read, tids = len(sink.snapshots), sorted({post.tid for post in sink.posts.values()})
        sink.hot_tids.update(tids[:5])
        play(served, scenario)
        crawl_once(sink, source(served.url))
    late = sink.snapshots[read:]
    assert all(not snapshot.complete and not snapshot.gone for snapshot in late)
    assert bool(late) == (scenario == "broken")


def test_the_mobile_page_is_read_and_told(tmp_path: Path) -> None:
    with sample_forum(tmp_path, "--scenario", "mobile") as served:
        sink = MemorySink()
        crawl_once(sink, source(served.url))
    assert sink.posts


@pytest.mark.parametrize("wall", [(200, HTML, "<html><title>验证码</title></html>".encode()), (403, HTML, b""), (504, HTML, b"")])
def test_a_guide_behind_a_wall_rests_alone_and_boards_are_read(wall: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.spiders.reporting.source_rest_s", lambda *asked, **more: min(0.5, source_rest_s(*asked, **more)))
    asked: list[str] = []
    index = (FIXTURES / "index-rows" / "page.html").read_bytes()
    board = (FIXTURES / "list-board" / "page.html").read_bytes()

    def answer(path: str) -> Answer:
        asked.append(path)
        if "robots" in path or "viewthread" in path:
            return 404, HTML, b""
        return wall if "mod=guide" in path else (200, HTML, board if "mod=forumdisplay" in path else index)

    sink, stop = MemorySink(), threading.Event()
    with tiny_server(answer) as url:
        threading.Timer(8, stop.set).start()
        run_sources([source(url, concurrency=1)], sink, SystemClock(), stop=stop)
    guides = [number for number, path in enumerate(asked) if "mod=guide" in path]
    assert 3 <= len(guides) <= 6
    assert sum("mod=forumdisplay" in path for path in asked[guides[-1] :]) > 2
    resting = [report for report in sink.reports if report.quiet_until]
    assert len(resting) <= 3
