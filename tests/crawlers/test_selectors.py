"""A site read by configuration alone: over HTTP, explained rule by rule, and refused with the name of what is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.pages import Fetched
from crawlers.run import ENGINES
from crawlers.settings_types import SourceSettings, SourceSettingsError
from crawlers.sites.selectors.address import Address, Found
from crawlers.sites.selectors.engine import SelectorsEngine
from crawlers.sites.selectors.reading import person_id_of
from huiying.config import load
from huiying.wire import source_settings
from store.clock import SystemClock
from store.snapshots import FetchOutcome
from tests.crawlers.served import ROOT, Answer, MemorySink, crawl_once, source, tiny_server
from tests.crawlers.town import PEOPLE, Town, compare, town

pytestmark = pytest.mark.served
FIXTURES = Path(__file__).parent / "fixtures" / "selectors"
RULES = json.loads((FIXTURES / "source.json").read_text(encoding="utf-8"))["rules"]


def served_by(made: Town, path: str) -> Answer:
    parts = urlsplit(path)
    made.asked.append(path)
    page = int(parse_qs(parts.query).get("page", ["1"])[0])
    steps = parts.path.strip("/").split("/")
    if steps[0] == "robots.txt":
        return 404, {}, b""
    if steps[0] == "t":
        talk = made.talk(steps[1].partition("-")[0])
        if talk is None or page > talk.pages:
            return 404, {}, b""
        inner = f"<h1>{escape(talk.title)}</h1>" + "".join(
            f'<article class="post" id="p{said.pid}"><a class="user" href="/u/{said.uid}">{PEOPLE[said.uid]}</a>'
            f'<time datetime="{said.at.isoformat()}">x</time><div class="text">{escape(said.body)}</div></article>'
            for said in talk.page(page)
        )
        more = page < talk.pages
    else:
        board = steps[1] if steps[0] == "c" else ""
        inner = "".join(f'<a class="cat" href="/c/{number}">版 {number}</a>' for number in "123") + "".join(
            f'<li class="topic"><a class="title" href="/t/{talk.tid}-word">{escape(talk.title)}</a>'
            f'<a class="cat" href="/c/{talk.board}">版</a>'
            f'<time datetime="{talk.last.isoformat()}">x</time><span class="replies">{len(talk.posts) - 1}</span></li>'
            for talk in made.page(page, board)
        )
        more = page < made.pages(board)
    inner += '<a rel="next" href="#">下一页</a>' if more else ""
    return 200, {}, f"<html><title>街坊</title><body>{inner}</body></html>".encode()


@pytest.mark.parametrize("without", ["", "list", "board"])
def test_every_post_is_read(without: str) -> None:
    made, sink = town(), MemorySink()
    rules = {name: rule for name, rule in RULES.items() if name != without}
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="selectors", rules=rules))
        compare(made, sink, **({"board": True} if without == "board" else {}))
        first = len(made.asked)
        crawl_once(sink, source(url, engine="selectors", rules=rules))
    assert not [path for path in made.asked[first:] if path.startswith("/t/")], "a second round reads lists only"
    assert len([path for path in made.asked[:first] if path.startswith("/t/")]) == sum(talk.pages for talk in made.talks)


def test_a_rule_that_finds_nothing_is_reported_and_is_no_empty_board() -> None:
    made, sink = town(), MemorySink()
    with tiny_server(lambda path: served_by(made, path)) as url:
        crawl_once(sink, source(url, engine="selectors", rules=RULES | {"row": ["div.thread"]}))
    lists = [report for report in sink.reports if report.url.endswith("latest")]
    assert {report.outcome for report in lists} == {FetchOutcome.PARSER}
    assert any("rules.row：div.thread" in report.failure and report.advice for report in sink.reports)


def operate(tmp_path: Path, url: str, address: str, **rules: str) -> tuple[int, str]:
    told = {name: rule[0] if len(rule) == 1 else rule for name, rule in RULES.items()} | rules
    site = {"engine": "selectors", "url": url, "enabled": "true", "allow_private": "true", "min_delay": "0", "rules": told}
    config = {"extends": "shipped", "sources": {"jiefang": site}}
    (tmp_path / "pipelines.yaml").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    options = ["--home", str(tmp_path / "home"), "--config", str(tmp_path / "pipelines.yaml")]
    command = [sys.executable, "-m", "huiying", *options, "crawl", "jiefang", "--try", address, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT)
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.slow
def test_try_shows_what_each_rule_takes_from_which_element(tmp_path: Path) -> None:
    made = town()
    with tiny_server(lambda path: served_by(made, path)) as url:
        code, output = operate(tmp_path, url, f"{url}t/100-word")
        assert code == 0, output
        rows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        taken = {(row["record"], row["field"]): row for row in rows if row["rule"]}
        first = taken[f"帖 {made.talks[0].posts[0].pid}", "author"]
        assert (first["value"], first["rule"], first["element"]) == ("老街住户", "a.user", "/html/body/article[1]/a")
        assert taken["页面", "next"]["element"] == "/html/body/a"
        assert taken[f"帖 {made.talks[0].posts[1].pid}", "time"]["value"].endswith("+08:00")
        code, output = operate(tmp_path, url, f"{url}t/100-word", body="div.nothing")
        assert code == 1
        assert "rules.body：div.nothing" in output
        assert "（没有找到）" in output
        code, output = operate(tmp_path, url, f"{url}t/99999")
        assert code == 1
        assert "404" in output
        code, output = operate(tmp_path, url, f"{url}latest", row="li[")
        assert code == 2
        assert "sources.jiefang.rules.row" in output


@pytest.mark.parametrize(
    ("template", "address", "found"),
    [
        ("t/{tid}[?page={page}]", "/t/12", Found("12", None)),
        ("t/{tid}[?page={page}]", "/t/12?page=3#p5", Found("12", 3)),
        ("t/{tid:n}[?page={page}]", "/t/12-lamp?page=2", Found("12", 2)),
        ("t/{tid:n}[?page={page}]", "/t/lamp", None),
        ("t/{tid:n}[?page={page}]", "/u/12", None),
        ("t/{tid:n}[?page={page}]", "http://elsewhere.example/t/12", None),
        ("thread-{tid}-{page}.html", "/bbs/thread-12-4.html", Found("12", 4)),
        ("d/{tid:n}[/page/{page}]", "/d/7-lamp/page/2", Found("7", 2)),
        ("read.php?tid={tid}[&page={page}]", "/bbs/read.php?fid=3&tid=7&page=2", Found("7", 2)),
        ("read.php?tid={tid}[&page={page}]", "/bbs/read.php?fid=3", None),
        ("a.php?m=read&id={tid}", "/bbs/a.php?m=list&id=7", None),
    ],
)
def test_addresses(template: str, address: str, found: Found | None) -> None:
    root = "http://site.example/bbs/" if "/bbs/" in address else "http://site.example/"
    assert Address(root, template, "tid").read(address) == found


def test_an_address_that_was_made_reads_as_what_it_was_made_of() -> None:
    for template in ("t/{tid}[?page={page}]", "t-{tid:n}-{page}.html", "x.php?a=1&tid={tid}[&page={page}]", "/abs/{tid}[/p{page}]"):
        address = Address("http://site.example/bbs/", template, "tid")
        for page in (1, 2, 30):
            found = address.read(address.make("77", page))
            assert found is not None
            assert (found.id, found.page or 1) == ("77", page)


@pytest.mark.parametrize(
    ("address", "uid"),
    [("/user/15/li2/", "15"), ("u.php?uid=15", "15"), ("user-15.html", "15"), ("/u/name", "name"), ("", ""), ("http://[", "")],
)
def test_ids_of_people(address: str, uid: str) -> None:
    assert person_id_of(address) == uid


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ({"row": []}, "rules.row: is needed"),
        ({"time": ["//time["]}, "rules.time: "),
        ({"author": ["a => ("]}, "rules.author: "),
        ({"thread": ["t/1"]}, "rules.thread: "),
        ({"zone": ["east"]}, "rules.zone: "),
        ({"colour": ["a"]}, "rules.colour: is no rule"),
        ({"list": [], "board": []}, "rules.list: "),
    ],
)
def test_wrong_rules_are_named(rules: dict[str, list[str]], named: str) -> None:
    with pytest.raises(SourceSettingsError, match=named):
        SelectorsEngine(SourceSettings(name="x", url="http://site.example/", engine="selectors", rules=RULES | rules))


@pytest.mark.parametrize("example", sorted((ROOT / "docs" / "examples").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_whole_examples_can_be_read(example: Path, tmp_path: Path) -> None:
    text = example.read_text(encoding="utf-8")
    (tmp_path / "pipelines.yaml").write_text(text.replace("enabled: false", "enabled: true"), encoding="utf-8")
    made = next(one for one in source_settings(load(tmp_path / "pipelines.yaml", environment={}).pipelines) if one.name == "jiefang")
    assert ENGINES[made.engine](made).page_kind(made.url) in ("index", "list")


def test_the_examples_of_the_guide_are_right(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "guide" / "add-a-forum.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert len(examples) == 2
    for number, example in enumerate(examples):
        path = tmp_path / f"{number}.yaml"
        path.write_text(example, encoding="utf-8")
        made = next(one for one in source_settings(load(path, environment={}).pipelines) if one.name == "jiefang")
        engine = ENGINES[made.engine](made)
    assert engine.thread_url("12", 2) == "https://site.example/t/12?page=2"
    page = Fetched("http://site.example/t/12", (FIXTURES / "thread" / "page.html").read_bytes(), "", 0.1)
    read = ENGINES["selectors"](replace(made, url="http://site.example/")).read_thread(page, SystemClock().now())
    assert [(post.pid, post.author, post.quotes) for post in read.posts] == [("501", "老街住户", ""), ("502", "城管局", "501")]
