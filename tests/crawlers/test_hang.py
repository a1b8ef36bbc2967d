"""A page that is never read to its end: a pattern of an operator's own rules that goes back and forth for ever, over HTTP."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.running import wait_until
from crawlers.hang import Endless, Hang, ReadingWatch
from huiying.supervise import Child, Supervisor
from store.clock import SystemClock, iso, parse_instant
from tests.crawlers.served import ROOT, tiny_server
from tests.crawlers.test_selectors import RULES, served_by
from tests.crawlers.town import PEOPLE, Town, town

NOW = parse_instant("2026-11-22T14:05:00+08:00")
#: "words, each with a space or none": twice as long with every letter before what is no word
ENDLESS = r"a.user => ^(\w+\s?)*$"
NAME = "a" * 40 + "!"


@contextmanager
def poisoned(made: Town) -> Iterator[tuple[str, str]]:
    """A forum of which one thread has an author with an odd name; its address, and the thread's path."""
    path = f"/t/{made.talks[3].tid}-word"
    asked_for = re.compile(rf"/t/{made.talks[3].tid}\b")
    odd = PEOPLE[made.talks[3].posts[0].uid].encode()

    def answer(asked: str) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = served_by(made, asked)
        return status, dict(headers), body.replace(odd, NAME.encode()) if asked_for.match(asked) else body

    with tiny_server(answer) as url:
        yield url, path


def home_of(folder: Path, **urls: str) -> Path:
    """A home with the pattern in the rules of its first source, and rules as they should be in the others'."""
    rules = {name: rule[0] if len(rule) == 1 else rule for name, rule in RULES.items()}
    sources = {
        name: {
            **{"engine": "selectors", "url": url, "enabled": "true", "allow_private": "true", "min_delay": "10ms", "poll": "1s"},
            **{"requests_per_minute": "600", "rules": rules | ({"author": ENDLESS} if number == 0 else {})},
        }
        for number, (name, url) in enumerate(urls.items())
    }
    folder.mkdir(parents=True)
    (folder / "pipelines.yaml").write_text(json.dumps({"extends": "shipped", "sources": sources}, ensure_ascii=False), encoding="utf-8")
    huiying(folder, "sources")
    return folder


def huiying(home: Path, *arguments: str, seconds: str = "1") -> subprocess.CompletedProcess[str]:
    command = ["env", f"HUIYING_READING_S={seconds}", sys.executable, "-m", "huiying", "--home", str(home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)


def stored(home: Path) -> dict[str, set[str]]:
    """Bodies by source."""
    found: dict[str, set[str]] = {}
    with sqlite3.connect(f"file:{home / 'huiying.sqlite3'}?mode=ro", uri=True) as connection:
        for source, body in connection.execute("SELECT source, body FROM store_post"):
            found.setdefault(source, set()).add(body)
    return found


@pytest.mark.slow
@pytest.mark.served
def test_the_crawl_ends_itself_is_started_again_and_reads_everything_else(tmp_path: Path) -> None:
    made, other = town(), town()
    with poisoned(made) as (url, path), tiny_server(lambda asked: served_by(other, asked)) as fine:
        home = home_of(tmp_path / "home", odd=url, fine=fine)
        command = ["env", "HUIYING_READING_S=1", sys.executable, "-m", "huiying.children.crawl", "--home", str(home)]
        said: list[str] = []
        supervisor = Supervisor([Child("crawl", command)], home=home, clock=SystemClock(), say=said.append)
        thread = threading.Thread(target=supervisor.watch, daemon=True)
        thread.start()
        wanted = {post.body for talk in made.talks if talk is not made.talks[3] for post in talk.posts}
        whole = {post.body for talk in other.talks for post in talk.posts}

        def settled() -> bool:
            found, told = stored(home), home / "logs" / "crawl.log"
            log = told.read_text(encoding="utf-8") if told.exists() else ""
            return wanted <= found.get("odd", set()) and whole <= found.get("fine", set()) and "没有读完" in log

        try:
            assert wait_until(100, settled, every=0.5)
        finally:
            supervisor.stop.set()
            thread.join(8)
        assert [line for line in said if "读不完" in line] == said
        assert len(said) == 1, said
    log = (home / "logs" / "crawl.log").read_text(encoding="utf-8")
    assert f"{url}{path[1:].partition('-')[0]}" in log
    assert "1 秒处理器时间还没有读完（停在 crawlers/sites/selectors/reading.py" in log
    assert "--try" in log
    rows = [json.loads(line) for line in huiying(home, "sources", "--json").stdout.splitlines()]
    told = {row["source"] for row in rows if "还没有读完" in json.dumps(row, ensure_ascii=False)}
    assert told == {"odd"}
    assert sum(asked.startswith(path.partition("-")[0]) for asked in made.asked) <= 3, "refused, it is not asked for at every turn"


@pytest.mark.slow
@pytest.mark.served
def test_try_names_the_rule_that_has_no_end(tmp_path: Path) -> None:
    with poisoned(town()) as (url, path):
        home = home_of(tmp_path / "home", odd=url)
        tried = huiying(home, "crawl", "odd", "--try", f"{url}{path[1:]}")
    assert tried.returncode == 1
    assert f"规则“{ENDLESS}”没有尽头" in tried.stdout + tried.stderr


WORKS = """
import sys, time
from pathlib import Path
from crawlers.hang import ReadingWatch
from store.clock import SystemClock
watch = ReadingWatch(Path(sys.argv[1]), 0.2)
for hang in watch.start(SystemClock().now()):
    print(hang.source, hang.url)
slots = [watch.began(name, "thread", "http://bbs.example/" + name) for name in ("first", "second")]
watch.ended(slots[1])
if sys.argv[2] == "done":
    watch.ended(slots[0])
until = time.process_time() + 0.6
while time.process_time() < until:
    pass
print("ended")
"""


def test_only_what_is_being_read_ends_the_process_and_is_found_afterwards(tmp_path: Path) -> None:
    def run(what: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", WORKS, str(tmp_path), what], capture_output=True, text=True, check=False, cwd=ROOT)

    assert run("done").stdout == "ended\n"
    assert run("reading").returncode == -signal.SIGPROF
    assert run("done").stdout == "first http://bbs.example/first\nended\n"
    assert run("done").stdout == "ended\n"


def watch_with(tmp_path: Path, *hours_ago: float, url: str = "http://bbs.example/t/1") -> ReadingWatch:
    watch = ReadingWatch(tmp_path)
    watch.hangs = [Hang("bbs", "thread", url, iso(NOW - timedelta(hours=ago))) for ago in hours_ago]
    return watch


@pytest.mark.parametrize(("hours_ago", "refused"), [((0.9,), True), ((1.1,), False), ((9, 5), True), ((9, 7), False), ((50, 40, 23), True)])
def test_a_page_that_hung_is_refused_for_a_while(tmp_path: Path, hours_ago: tuple[float, ...], refused: bool) -> None:
    watch = watch_with(tmp_path, *hours_ago)
    watch.refuse("http://bbs.example/t/2", NOW)
    if refused:
        with pytest.raises(Endless, match="没有读完") as told:
            watch.refuse("http://bbs.example/t/1", NOW)
        assert "--try" in told.value.advice
    else:
        watch.refuse("http://bbs.example/t/1", NOW)


@pytest.mark.parametrize(
    ("hours_ago", "rest_s"), [((), 0), ((0.0,), 0), ((3, 0.1), 240), ((3, 2, 0.5), 1800), ((9, 3, 2, 1), 5 * 3600), ((30, 25), 0)]
)
def test_a_source_whose_pages_hang_again_and_again_rests(tmp_path: Path, hours_ago: tuple[float, ...], rest_s: float) -> None:
    watch = watch_with(tmp_path, *hours_ago)
    assert watch.rest_s("bbs", NOW) == pytest.approx(rest_s, abs=1)
    assert watch.rest_s("other", NOW) == 0


def test_a_kill_while_a_page_is_read_is_no_pages_fault(tmp_path: Path) -> None:
    slot = b"12.5\tbbs\tthread\thttp://bbs.example/t/1\n".ljust(2048, b"\0")
    (tmp_path / "now").write_bytes(slot)
    (tmp_path / "trace").write_text("", encoding="utf-8")
    watch = ReadingWatch(tmp_path)
    try:
        assert watch.start(NOW) == []
    finally:
        watch.stop()
