"""robots.txt by Protego, read again every day (Scrapy keeps its first reading for ever)."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.robotstxt import RobotParser

from crawlers.settings import ROBOTS_TTL_S

#: robots.txt that could not be read is asked for again after this many seconds
_FAILED_TTL_S = 300.0


class DailyRobotsTxt(RobotsTxtMiddleware):
    """Forgets each host's rules after a day, and a failed reading after five minutes."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._stale_at: dict[str, float] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        netloc = urlsplit(request.url).netloc
        now = time.monotonic()
        if self._stale_at.get(netloc, now) < now:
            self._parsers.pop(netloc, None)
            del self._stale_at[netloc]
        rules = await super().robot_parser(request)
        self._stale_at.setdefault(netloc, now + (_FAILED_TTL_S if rules is None else ROBOTS_TTL_S))
        return rules
