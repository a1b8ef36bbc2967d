"""Pages as they come when something went wrong on the way: records, or a typed refusal, and nothing else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crawlers.pages import PageError
from crawlers.sites.discuz.page import read_list, read_thread
from store.clock import parse_instant

FIXTURES = Path(__file__).parent / "fixtures" / "discuz"
AT = parse_instant("2026-11-22T14:05:20+08:00")
_INSERTS = (b"<", b">", b"</div>", b"<table>", b"\x00", b"\xff\xfe", b"&#", b'"', b"<!--", b"]]>", b"<script>", b"999999999999999999999999")


def mutate(page: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(page) or 1)
        end = min(len(page), start + rng.choice((1, 3, 20, 200)))
        kind = rng.randrange(4)
        if kind == 0:
            page = page[:start] + page[end:]
        elif kind == 1:
            page = page[:start] + rng.choice(_INSERTS) + page[start:]
        elif kind == 2:
            page = page[:end] + page[start:end] * rng.randint(1, 5) + page[end:]
        else:
            page = page[:start] + bytes(rng.randrange(256) for _ in range(end - start)) + page[end:]
    return page


@pytest.mark.parametrize("case", ["thread-stock", "thread-custom", "thread-shielded", "thread-mobile", "thread-gbk"])
def test_threads(case: str) -> None:
    rng = random.Random(case)
    page = (FIXTURES / case / "page.html").read_bytes()
    kept = 0
    for _ in range(120):
        try:
            read = read_thread(mutate(page, rng), "http://bbs.example/forum.php?mod=viewthread&tid=305", AT, "bbs")
        except PageError:
            continue
        kept += 1
        assert read.posts
        assert all(post.posted_at <= AT and post.pid.isdigit() for post in read.posts)
        assert len({post.pid for post in read.posts}) == len(read.posts)
    assert kept > 20


@pytest.mark.parametrize("case", ["list-board", "list-custom", "list-guide"])
def test_lists(case: str) -> None:
    rng = random.Random(case)
    page = (FIXTURES / case / "page.html").read_bytes()
    kept = 0
    for _ in range(120):
        try:
            read = read_list(mutate(page, rng), "http://bbs.example/forum.php?mod=forumdisplay&fid=2", AT)
        except PageError:
            continue
        kept += 1
        assert all(row.tid.isdigit() and row.title for row in read.rows)
    assert kept > 20
