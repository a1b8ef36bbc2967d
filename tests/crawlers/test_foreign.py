"""Templates the reader has no names of give the same records as the stock one."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks._bases import SKINS, Base, bases
from crawlers.pages import ThreadList, ThreadPage

FOREIGN = ("article", "cards", "classic", "touch", "classic,gbk")


@cache
def by_name() -> dict[str, Base]:
    return {base.name: base for base in bases()}


def threads(skin: str) -> list[ThreadPage]:
    return [base.true for name, base in by_name().items() if name.startswith(f"{skin}: ") and isinstance(base.true, ThreadPage)]


def lists(skin: str) -> list[ThreadList]:
    return [base.true for name, base in by_name().items() if name.startswith(f"{skin}: ") and isinstance(base.true, ThreadList)]


@pytest.mark.parametrize("field", ["pid", "tid", "kind", "board", "title", "thread_title", "body", "uid", "quotes", "shielded"])
@pytest.mark.parametrize("skin", FOREIGN)
def test_posts(skin: str, field: str) -> None:
    for page, stock in zip(threads(skin), threads("plain"), strict=True):
        assert [getattr(post, field) for post in page.posts] == [getattr(post, field) for post in stock.posts]


@pytest.mark.parametrize("skin", FOREIGN)
def test_pages_are_whole_and_say_how_many_there_are(skin: str) -> None:
    for page, stock in zip(threads(skin), threads("plain"), strict=True):
        assert page.complete
        assert (page.page, page.pages) == (stock.page, stock.pages)


@pytest.mark.parametrize("skin", FOREIGN)
def test_times_are_never_late(skin: str) -> None:
    for page, stock in zip(threads(skin), threads("absolute"), strict=True):
        assert all(post.posted_at <= true.posted_at for post, true in zip(page.posts, stock.posts, strict=True))


@pytest.mark.parametrize("field", ["tid", "title", "board", "uid", "replies"])
@pytest.mark.parametrize("skin", FOREIGN)
def test_rows(skin: str, field: str) -> None:
    for found, stock in zip(lists(skin), lists("plain"), strict=True):
        assert [getattr(row, field) for row in found.rows] == [getattr(row, field) for row in stock.rows]


def test_every_skin_is_a_base() -> None:
    assert {name.split(": ")[0] for name in by_name() if ": " in name} == set(SKINS)
