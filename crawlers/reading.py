"""Where pages are read: beside the event loop, which has requests under way, and one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from crawlers.hang import ReadingWatch
from crawlers.pages import Fetched

T = TypeVar("T")
#: bytes of a page that is read with the others; a larger one may take seconds, and does not hold them up
_USUAL = 256_000
#: every question to a page gives the interpreter's lock away and asks for it again: many readers mostly wait for each other
_READER = ThreadPoolExecutor(1, thread_name_prefix="crawl-reader")
_SLOW_READER = ThreadPoolExecutor(1, thread_name_prefix="crawl-slow-reader")


async def in_reader(
    read: Callable[[Fetched, datetime], T],
    page: Fetched,
    now: datetime,
    *,
    source: str,
    kind: str,
    watch: ReadingWatch | None,
) -> T:
    """Read a page in a thread, so that the requests under way go on meanwhile. Raises `Endless` for one that hung before."""
    reader = _READER if len(page.body) <= _USUAL else _SLOW_READER
    if watch is None:
        return await asyncio.get_running_loop().run_in_executor(reader, read, page, now)
    watch.refuse(page.url, now)
    return await asyncio.get_running_loop().run_in_executor(reader, _watched, read, page, now, source, kind, watch)


def _watched(read: Callable[[Fetched, datetime], T], page: Fetched, now: datetime, source: str, kind: str, watch: ReadingWatch) -> T:
    slot = watch.began(source, kind, page.url)
    try:
        return read(page, now)
    finally:
        watch.ended(slot)
