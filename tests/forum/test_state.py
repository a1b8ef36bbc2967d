"""What the forum keeps: over restarts, after a kill, and in the truth file."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from parsel import Selector

from huiying.forum.accounts import OFFICIAL
from huiying.forum.bodytext import SMILIES
from huiying.forum.opening import NEAR_DUE, open_forum
from huiying.forum.residents import Residents
from huiying.forum.server import ForumInUse, bind, serve
from huiying.forum.store import ForumStore
from huiying.forum.texts import drafts
from store.clock import FixedClock, parse_instant
from tests.forum.conftest import NOON, RunningForum, Start

_SMILEY_TEXT = {str(smilieid): text for text, (smilieid, _) in SMILIES.items()}


def _words(cell: Selector) -> str:
    """A body as a reader of pages gets it: smilies back to text; notes, quotations and pictures left out."""
    parts = cell.xpath(
        ".//text()[not(ancestor::i or ancestor::em or ancestor::div[@class='quote' or contains(@class,'tip')])] | .//img[@smilieid]"
    )
    text = "".join(_SMILEY_TEXT[part.attrib["smilieid"]] if part.root.__class__.__name__ == "HtmlElement" else part.get() for part in parts)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _folded(truth: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """The posts that should be visible now: pid → its last truth line."""
    posts: dict[int, dict[str, Any]] = {}
    ended: set[int] = set()
    for row in truth:
        if row["what"] == "delete":
            posts.pop(row["pid"])
            if row["first"]:
                ended.add(row["tid"])
        else:
            posts[row["pid"]] = row
    return {pid: row for pid, row in posts.items() if row["tid"] not in ended}


def _read(forum: RunningForum) -> dict[int, dict[str, Any]]:
    """Every post of every thread by the pages alone: guide, then threads, page after page."""
    tids: list[str] = []
    page, pages = 1, 1
    while page <= pages:
        shown = forum.page(f"forum.php?mod=guide&view=newthread&page={page}")
        tids += shown.css("tbody[id^=normalthread_]::attr(id)").re(r"_(\d+)$")
        pages = int(shown.css("div.pg label span::attr(title)").re_first(r"共 (\d+) 页") or 1)
        page += 1
    posts: dict[int, dict[str, Any]] = {}
    for tid in tids:
        page, pages = 1, 1
        while page <= pages:
            shown = forum.thread_page(int(tid), f"&page={page}")
            pages = int(shown.css("div.pg label span::attr(title)").re_first(r"共 (\d+) 页") or 1)
            for pid in shown.css("div[id^=post_]::attr(id)").re(r"^post_(\d+)$"):
                node = shown.css(f"div#post_{pid}")
                when = node.css(f"#authorposton{pid} span::attr(title)").get() or node.css(f"#authorposton{pid}::text").re_first(
                    r"\d{4}-.*"
                )
                posts[int(pid)] = {
                    "tid": int(tid),
                    "uid": int(node.css("a.xw1::attr(href)").re_first(r"uid=(\d+)") or 0),
                    "body": _words(node.css(f"#postmessage_{pid}")[0]),
                    "posted_at": parse_instant(re.sub(r"-(\d)(?=\D)", r"-0\1", when or "")),
                    "title": shown.css("#thread_subject::text").get(),
                }
            page += 1
    return posts


@pytest.mark.slow
def test_the_pages_show_what_the_truth_file_says(start: Start) -> None:
    forum = start(opening="demo", scenario="pictures,renumbered,moved")
    expected = _folded(forum.truth())
    shown = _read(forum)
    assert set(shown) == set(expected)
    for pid, row in expected.items():
        post = shown[pid]
        assert (post["tid"], post["uid"], post["title"]) == (row["tid"], row["uid"], row["title"])
        assert post["posted_at"] == parse_instant(row["posted_at"])
        assert post["body"].replace("复制代码", "") == "\n".join(line.strip() for line in row["body"].splitlines() if line.strip())


def test_the_opening_has_answered_late_and_nearly_due_threads(tmp_path: Path) -> None:
    clock = FixedClock(parse_instant(NOON))
    store = ForumStore(tmp_path, clock)
    open_forum(store, "demo", 1)
    open_forum(store, "demo", 1)
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    threads = {row["tid"]: row for row in truth if row["what"] == "thread"}
    assert 58 <= len(threads) <= 64
    answered: dict[int, float] = {}
    for row in truth:
        if row["what"] == "reply" and row["official"]:
            wait = (parse_instant(row["posted_at"]) - parse_instant(threads[row["tid"]]["posted_at"])).total_seconds() / 60
            answered.setdefault(row["tid"], wait)
    assert sum(wait > 180 for wait in answered.values()) == 1
    assert sum(wait <= 180 for wait in answered.values()) >= 10
    still_open = {
        tid: round((clock.now() - parse_instant(row["posted_at"])).total_seconds() / 60, 1)
        for tid, row in threads.items()
        if row["needs_response"] and tid not in answered
    }
    assert set(NEAR_DUE) <= set(still_open.values())
    store.close()


def test_a_restart_keeps_threads_numbers_and_truth(start: Start) -> None:
    forum = start("kept")
    first = forum.say("thread", fid=1, uid=101, title="留下来", body="还在")
    before = forum.truth()
    forum.end()
    again = start("kept")
    assert again.thread_page(first["tid"]).css("td.t_f::text").get("").strip() == "还在"
    assert again.truth() == before
    assert again.say("reply", tid=first["tid"], uid=102, body="在")["pid"] == first["pid"] + 1


def test_a_truth_file_that_a_kill_left_behind_is_mended(start: Start) -> None:
    forum = start("torn")
    for n in range(3):
        forum.say("thread", fid=1, uid=101, title=f"帖子 {n}", body="内容")
    whole = forum.truth()
    forum.end()
    path = forum.directory / "truth.jsonl"
    path.write_bytes(path.read_bytes()[:-200])
    assert start("torn").truth() == whole


def test_truth_tells_every_kind_of_act(start: Start) -> None:
    forum = start()
    official = next(iter(OFFICIAL))
    posted = forum.say("thread", fid=2, uid=101, title="标题", body="正文 :lol[img]a.jpg[/img]")
    reply = forum.say("reply", tid=posted["tid"], uid=official, body="收到", quote=posted["pid"])
    forum.say("edit", pid=posted["pid"], body="改过")
    forum.say("delete", pid=reply["pid"])
    truth = forum.truth()
    assert [row["what"] for row in truth] == ["thread", "reply", "edit", "delete"]
    assert truth[0]["posted_at"] == posted["posted_at"] == "2026-11-22T12:00:00+08:00"
    assert (truth[0]["body"], truth[0]["fid"], truth[0]["official"], truth[0]["needs_response"]) == ("正文 :lol", 2, False, None)
    assert (truth[1]["official"], truth[1]["quotes"]) == (True, posted["pid"])
    assert truth[2]["body"] == "改过"


def test_a_second_forum_on_the_same_directory_is_refused(start: Start) -> None:
    forum = start()
    with pytest.raises(ForumInUse, match="another sample forum"):
        serve(forum.directory, on_ready=lambda _: None, clock=forum.clock)


def test_a_busy_port_moves_on_to_the_next(start: Start) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    listener = bind("127.0.0.1", port)
    assert port < listener.getsockname()[1] < port + 50
    listener.close()
    taken.close()


def test_residents_post_and_answer_but_leave_half_to_people(tmp_path: Path) -> None:
    clock = FixedClock(parse_instant(NOON))
    store = ForumStore(tmp_path, clock)
    open_forum(store, "demo", 1)
    residents = Residents(store, 1)
    began = len((tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines())
    for _ in range(3 * 60):
        clock.advance(timedelta(seconds=2))
        residents.step()
    rows = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()][began:]
    threads = [row for row in rows if row["what"] == "thread"]
    assert 8 <= len(threads) <= 25
    assert threads[0]["needs_response"]
    assert parse_instant(threads[0]["at"]) - parse_instant(NOON) <= timedelta(seconds=10)
    answers = [row for row in rows if row["what"] == "reply" and row["official"]]
    assert answers
    fresh = {row["tid"] for row in threads}
    assert not fresh & {row["tid"] for row in answers}
    for _ in range(250):
        clock.advance(timedelta(minutes=10))
        residents.step()
    needing, answered = store.reader.execute("SELECT COUNT(*), SUM(answered) FROM thread WHERE needs = 1").fetchone()
    assert answered >= needing // 4
    assert needing - answered >= (needing - 15) // 2
    store.close()


def test_official_accounts_speak_for_the_units_of_the_shipped_settings() -> None:
    settings = yaml.safe_load((Path(__file__).parents[2] / "pipelines.yaml").read_text(encoding="utf-8"))
    assert {unit["name"] for unit in settings["units"]} == set(OFFICIAL.values())


def test_texts_are_many_mixed_and_vary() -> None:
    every = list(drafts().values())
    needing = [draft for draft in every if draft.needs]
    assert len(every) >= 120
    assert 0.35 <= len(needing) / len(every) <= 0.5
    assert len({draft.title for draft in every}) == len(every)
    assert all(draft.unit in OFFICIAL.values() for draft in needing)
    groups = [draft.event for draft in needing if draft.event]
    assert max(groups.count(event) for event in groups) >= 3


@pytest.mark.slow
def test_a_child_process_prints_its_address_and_ends_with_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "huiying.forum", "--dir", str(tmp_path), "--opening", "empty", "--parent-pipe"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        url = json.loads(child.stdout.readline())["url"]
        assert httpx.get(url).status_code == 200
        child.stdin.close()
        assert child.wait(timeout=3) == 0
    with subprocess.Popen(command[:-1], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        httpx.get(json.loads(child.stdout.readline())["url"])
        asked = time.monotonic()
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=3) == 0
        assert time.monotonic() - asked < 1.5
