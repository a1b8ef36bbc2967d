"""Every fixture folder of the other engines: a page, the instant it was fetched, and what must come out: one test per field."""

from __future__ import annotations

import json
import random
import typing
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawlers import pages
from crawlers.pages import Fetched, PageError, ThreadList, ThreadPage
from crawlers.run import ENGINES
from crawlers.settings_types import EngineName, SourceSettings
from crawlers.sites.engine import Engine
from huiying.config.model import Source
from store.clock import parse_instant
from tests.crawlers.test_mutants import mutate

FIXTURES = Path(__file__).parent / "fixtures"
CASES = sorted(
    f"{path.parent.name}/{path.name}"
    for engine in ENGINES
    if engine != "discuz" and (FIXTURES / engine).is_dir()
    for path in (FIXTURES / engine).iterdir()
    if path.is_dir()
)


@cache
def told(case: str, name: str) -> dict[str, Any]:
    return json.loads((FIXTURES / case / name).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def engine_of(name: str) -> Engine:
    own = FIXTURES / name / "source.json"
    given = json.loads(own.read_text(encoding="utf-8")) if own.is_file() else {}
    return ENGINES[name](SourceSettings(**{"name": "site", "engine": name, "url": "http://site.example/"} | given))


def page_of(case: str) -> Fetched:
    meta = told(case, "meta.json")
    raw = next((FIXTURES / case).glob("page.*")).read_bytes()
    return Fetched(meta["url"], raw, meta.get("header_charset", ""), 0.1)


@cache
def outcome_of(case: str) -> ThreadList | ThreadPage | PageError:
    meta, engine = told(case, "meta.json"), engine_of(case.partition("/")[0])
    at = parse_instant(meta["fetched_at"])
    assert meta.get("odd_address") or engine.page_kind(meta["url"]) == meta["kind"] or "error" in told(case, "post.json")
    try:
        return engine.read_list(page_of(case), at) if meta["kind"] == "list" else engine.read_thread(page_of(case), at)
    except PageError as refusal:
        return refusal


def agree(found: Any, wanted: Any) -> None:
    if isinstance(found, datetime):
        assert found == parse_instant(wanted)
    else:
        shown = sorted(found) if isinstance(found, frozenset) else list(found) if isinstance(found, tuple) else found
        assert shown == wanted


def fields(part: str) -> list[tuple[str, int, str]]:
    return [
        (case, number, field)
        for case in CASES
        for number, record in enumerate(told(case, "post.json").get(part, []))
        for field in record
    ]


@pytest.mark.parametrize("case", [case for case in CASES if "error" not in told(case, "post.json")])
def test_page(case: str) -> None:
    outcome = outcome_of(case)
    assert not isinstance(outcome, PageError), outcome
    for field, wanted in told(case, "post.json").items():
        if field in ("rows", "posts"):
            assert len(getattr(outcome, field)) == len(wanted)
        elif field == "carried":
            assert [page.posts[0].body for page in outcome.carried] == wanted  # type: ignore[union-attr]
        elif field != "details":
            agree(getattr(outcome, field), wanted)


@pytest.mark.parametrize(("case", "number", "field"), fields("posts"))
def test_post_field(case: str, number: int, field: str) -> None:
    outcome = outcome_of(case)
    assert isinstance(outcome, ThreadPage)
    agree(getattr(outcome.posts[number], field), told(case, "post.json")["posts"][number][field])


@pytest.mark.parametrize(("case", "number", "field"), fields("rows"))
def test_row_field(case: str, number: int, field: str) -> None:
    outcome = outcome_of(case)
    assert isinstance(outcome, ThreadList)
    agree(getattr(outcome.rows[number], field), told(case, "post.json")["rows"][number][field])


@pytest.mark.parametrize("case", [case for case in CASES if "details" in told(case, "post.json")])
def test_details(case: str) -> None:
    outcome = outcome_of(case)
    assert isinstance(outcome, ThreadPage)
    found = {detail.pid: asdict(detail) for detail in outcome.details}
    for pid, wanted in told(case, "post.json")["details"].items():
        for field, value in wanted.items():
            agree(found[pid][field], value)


@pytest.mark.parametrize("case", [case for case in CASES if "error" in told(case, "post.json")])
def test_refusal(case: str) -> None:
    outcome, wanted = outcome_of(case), told(case, "post.json")
    assert type(outcome) is getattr(pages, wanted["error"]), outcome
    assert outcome.advice
    if "kind" in wanted:
        assert outcome.kind == wanted["kind"]  # type: ignore[union-attr]
    if "names" in wanted:
        assert wanted["names"] in str(outcome)


def test_the_configuration_names_the_engines_that_there_are() -> None:
    assert set(ENGINES) == set(typing.get_args(EngineName)) == set(typing.get_args(Source.model_fields["engine"].annotation))


@pytest.mark.parametrize("case", [case for case in CASES if "error" not in told(case, "post.json")])
def test_a_broken_page_gives_records_or_a_refusal(case: str) -> None:
    rng, meta, page = random.Random(case), told(case, "meta.json"), page_of(case)
    engine, at = engine_of(case.partition("/")[0]), parse_instant(meta["fetched_at"])
    for _ in range(25):
        broken = Fetched(page.url, mutate(page.body, rng), page.header_charset, 0.1)
        try:
            read = engine.read_list(broken, at) if meta["kind"] == "list" else engine.read_thread(broken, at)
        except PageError:
            continue
        if isinstance(read, ThreadPage):
            assert read.posts
            assert all(post.posted_at <= at and post.pid for post in read.posts)
            assert len({post.pid for post in read.posts}) == len(read.posts)
        else:
            assert all(row.tid and row.title for row in read.rows)
            assert len({row.tid for row in read.rows}) == len(read.rows)
