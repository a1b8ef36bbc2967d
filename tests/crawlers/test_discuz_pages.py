"""Every fixture folder is a page, the instant it was fetched, and what must come out of it: one test per field."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crawlers import pages
from crawlers.pages import BoardRow, Fetched, PageError, ThreadList, ThreadPage
from crawlers.sites.discuz.boards import read_boards
from crawlers.sites.discuz.elsewhere import read_other_list
from crawlers.sites.discuz.page import read_list, read_thread
from store.clock import parse_instant

FIXTURES = Path(__file__).parent / "fixtures" / "discuz"
CASES = sorted(path.name for path in FIXTURES.iterdir() if path.is_dir())


def expected_of(case: str) -> dict[str, Any]:
    return json.loads((FIXTURES / case / "post.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@dataclass
class Boards:
    """What an index tells, in the form of the other outcomes."""

    rows: tuple[BoardRow, ...]


@cache
def outcome_of(case: str) -> Boards | ThreadList | ThreadPage | PageError:
    meta = json.loads((FIXTURES / case / "meta.json").read_text(encoding="utf-8"))
    raw = (FIXTURES / case / "page.html").read_bytes()
    fetched_at = parse_instant(meta["fetched_at"])
    charsets = {"header_charset": meta.get("header_charset", ""), "charset": meta.get("charset", "")}
    try:
        if meta["kind"] == "other":
            return read_other_list(Fetched(meta["url"], raw, charsets["header_charset"], 0.1), "2", "bbs", fetched_at, charsets["charset"])
        if meta["kind"] == "index":
            return Boards(read_boards(raw, meta["url"], fetched_at, **charsets))
        if meta["kind"] == "list":
            return read_list(raw, meta["url"], fetched_at, **charsets)
        return read_thread(raw, meta["url"], fetched_at, "bbs", **charsets)
    except PageError as refusal:
        return refusal


def plain(found: Any, wanted: Any) -> Any:
    """A field in the form of the fixture: instants compare as instants, tuples as lists."""
    if isinstance(found, datetime):
        return parse_instant(wanted) == found or found.isoformat()
    if isinstance(found, frozenset):
        return sorted(found)
    return list(found) if isinstance(found, tuple) else found


def _fields(part: str) -> list[tuple[str, int, str]]:
    return [
        (case, number, field)
        for case in CASES
        for number, record in enumerate(expected_of(case).get(part, []))
        for field in record
    ]


def _agree(found: Any, wanted: Any) -> None:
    if isinstance(found, datetime) and isinstance(wanted, str):
        assert found == parse_instant(wanted)
    else:
        assert plain(found, wanted) == wanted


@pytest.mark.parametrize("case", [case for case in CASES if "error" not in expected_of(case)])
def test_page(case: str) -> None:
    outcome = outcome_of(case)
    assert not isinstance(outcome, PageError), outcome
    for field, wanted in expected_of(case).items():
        if field in ("rows", "posts"):
            assert len(getattr(outcome, field)) == len(wanted)
        elif field != "details":
            _agree(getattr(outcome, field), wanted)


@pytest.mark.parametrize(("case", "number", "field"), _fields("posts"))
def test_post_field(case: str, number: int, field: str) -> None:
    outcome = outcome_of(case)
    assert isinstance(outcome, ThreadPage)
    _agree(getattr(outcome.posts[number], field), expected_of(case)["posts"][number][field])


@pytest.mark.parametrize(("case", "number", "field"), _fields("rows"))
def test_row_field(case: str, number: int, field: str) -> None:
    outcome = outcome_of(case)
    assert isinstance(outcome, (ThreadList, Boards))
    _agree(getattr(outcome.rows[number], field), expected_of(case)["rows"][number][field])


@pytest.mark.parametrize("case", [case for case in CASES if expected_of(case).get("details")])
def test_details(case: str) -> None:
    outcome = outcome_of(case)
    assert isinstance(outcome, ThreadPage)
    found = {detail.pid: asdict(detail) for detail in outcome.details}
    for pid, wanted in expected_of(case)["details"].items():
        for field, value in wanted.items():
            _agree(found[pid][field], value)


@pytest.mark.parametrize("case", [case for case in CASES if "error" in expected_of(case)])
def test_refusal(case: str) -> None:
    outcome, wanted = outcome_of(case), expected_of(case)
    assert type(outcome) is getattr(pages, wanted["error"]), outcome
    if "kind" in wanted:
        assert outcome.kind == wanted["kind"]  # type: ignore[union-attr]
    assert str(outcome)
    assert outcome.advice  # type: ignore[union-attr]
