"""`python -m benchmarks._bare URL ADDRESSES CONCURRENCY`: a Scrapy spider that downloads the listed addresses and drops them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from benchmarks.running import queued_s
from crawlers.budget import Budget
from crawlers.run import drive
from crawlers.settings import scrapy_settings
from crawlers.settings_types import SourceSettings


class BareSpider(Spider):
    name = "bare"
    source: SourceSettings
    budget: Budget
    addresses: list[str]
    got: list[int]

    async def start(self) -> AsyncIterator[Any]:
        for address in self.addresses:
            yield Request(address, dont_filter=True, errback=self.failed)

    def failed(self, failure: Failure) -> None:
        print(f"{failure.request.url}: {failure.value!r}", file=sys.stderr)  # type: ignore[attr-defined]

    def parse(self, response: Response) -> None:
        self.got.append(len(response.body))


def main() -> None:
    url, listed, together = sys.argv[1:4]
    source = SourceSettings(
        name="bare", url=url, requests_per_minute=6e6, min_delay_s=0, allow_private=True, timeout_s=60, concurrency=int(together)
    )
    addresses = Path(listed).read_text(encoding="utf-8").splitlines()
    got: list[int] = []

    async def download() -> None:
        crawler = Crawler(BareSpider, Settings(scrapy_settings(source)))
        await AsyncCrawlerRunner().crawl(crawler, source=source, budget=Budget(source.requests_per_minute, 0), addresses=addresses, got=got)

    began, spent, queued = time.perf_counter(), time.process_time(), queued_s()
    drive(download())
    told = {
        "requests": len(got),
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - spent,
        "queued": queued_s() - queued,
    }
    if len(got) != len(addresses):
        raise SystemExit(f"{len(got)} of {len(addresses)} pages came")
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
