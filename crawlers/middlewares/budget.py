"""The gate at the downloader: every request, robots.txt and redirects included, waits here for its turn."""

from __future__ import annotations

import time
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawlers.budget import Budget, pay


class BudgetGate:
    """Charges every request to its host's budget exactly once."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.spider.budget)  # type: ignore[union-attr]

    async def process_request(self, request: Request) -> None:
        await pay(self._budget, time.monotonic)
