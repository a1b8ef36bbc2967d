"""A source as the crawl sees it: plain values, filled from pipelines.yaml by `huiying`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

#: Discuz! hides floors and filters from the first kind of name, and serves the mobile page to the second
_TRIPPING = re.compile(r"bot|crawl|spider|sed|nec|mot", re.IGNORECASE)
EngineName = Literal["discuz", "nodebb", "phpwind", "feed", "tieba", "selectors"]
DEFAULT_USER_AGENT = "Mozilla/5.0 (compatible; huiying/0.1; +https://example.org/huiying)"


class SourceSettingsError(ValueError):
    """A source that cannot be crawled as configured; the message says which key and what to write."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceSettings:
    """One forum and how politely it is read."""

    #: key of the source in pipelines.yaml, used in health and reports
    name: str
    #: key under which posts are stored; "" = `name`
    site: str = ""
    engine: EngineName = "discuz"
    #: folder of the forum, e.g. https://bbs.example.org/
    url: str
    #: "" = as the page says
    charset: str = ""
    #: board ids to read; empty = all
    boards: tuple[str, ...] = ()
    #: read the list over all boards (one request for the whole forum)
    guide: bool = True
    #: largest number of requests in any 60 seconds, robots.txt and redirects included
    requests_per_minute: float = 10.0
    #: least seconds between two requests to the host
    min_delay_s: float = 2.0
    #: how often the list of newest threads is read when the budget allows, seconds
    poll_s: float = 8.0
    #: how far back the first crawl reads
    max_age: timedelta = timedelta(days=30)
    user_agent: str = DEFAULT_USER_AGENT
    robots: bool = True
    #: allow loopback and local networks
    allow_private: bool = False
    timeout_s: float = 20.0
    max_page_bytes: int = 8 * 1024 * 1024
    #: requests under way at a time
    concurrency: int = 1
    #: the site's own smilies: picture id or file name → text
    smilies: dict[str, str] = field(default_factory=dict)
    #: of a configured site: name of the rule → its texts, the first that hits counts
    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceSettingsError(f"sources.{self.name}.url: {self.url!r} is no web address; write e.g. https://bbs.example.org/")
        if _TRIPPING.search(self.user_agent):
            raise SourceSettingsError(
                f"sources.{self.name}: user agent {self.user_agent!r} contains bot, crawl, spider, sed, nec or mot,"
                " which makes Discuz! hide floors or serve its mobile page; choose another name"
            )
        if self.requests_per_minute <= 0:
            raise SourceSettingsError(f"sources.{self.name}.requests_per_minute: must be above 0")

    @property
    def site_key(self) -> str:
        return self.site or self.name
