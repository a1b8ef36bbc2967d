"""A short form of the run over 100,000 damaged pages (`benchmarks mutations`): each is read right, in part and marked, or refused."""

from __future__ import annotations

from collections import Counter
from itertools import product
from zlib import crc32

import pytest

from benchmarks._bases import Base, bases
from benchmarks._mutation import drawn, mutant
from benchmarks._oracle import list_errors, thread_errors
from benchmarks.mutations import errors
from crawlers.pages import PageError, ThreadList, ThreadPage

#: of each page; which they are hangs on its name alone, so that one more page does not change those of the others
MUTANTS = 12
#: of the mutants these are read at all, and without a mark; else a reader that refuses everything would do as well
READ, UNMARKED = 0.7, 0.55


@pytest.fixture(scope="module")
def pages() -> list[Base]:
    return bases()


def test_damaged_pages(pages: list[Base]) -> None:
    kinds: Counter[str] = Counter()
    wrong = []
    for base, number in product(pages, range(MUTANTS)):
        mutations = drawn(crc32(f"{base.name} {number}".encode()))
        raw = mutant(base.page, base.encode, mutations)
        try:
            read = base.read(raw)
        except PageError:
            continue
        kinds["read"] += 1
        kinds["whole"] += bool(getattr(read, "complete", True))
        wrong += [f"{number} {base.name} {mutations}: {said}" for said in errors(read, base, raw, mutations)]
    assert not wrong
    assert kinds["read"] > READ * MUTANTS * len(pages)
    assert kinds["whole"] > UNMARKED * MUTANTS * len(pages)


def test_the_whole_pages_are_read_without_an_error(pages: list[Base]) -> None:
    for base in pages:
        raw = base.encode(base.page)
        assert not errors(base.read(raw), base, raw, []), base.name


def test_another_page_s_records_are_errors(pages: list[Base]) -> None:
    threads = [base.true for base in pages if isinstance(base.true, ThreadPage)]
    lists = [base.true for base in pages if isinstance(base.true, ThreadList) and base.true.rows]
    others = [other for other in threads if {post.pid for post in other.posts} - {post.pid for post in threads[0].posts}]
    assert len(others) > 20
    assert all(thread_errors(threads[0], other, [], "") for other in others)
    assert any(list_errors(lists[0], other, []) for other in lists)
