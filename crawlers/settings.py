"""The Scrapy settings: every default that is impolite, unbounded or chatty is set here, and why."""

from __future__ import annotations

from typing import Any

from crawlers.settings_types import SourceSettings

#: largest number of redirects followed for one page
MAX_REDIRECTS = 4
#: robots.txt is read again after a day
ROBOTS_TTL_S = 86_400.0


def scrapy_settings(source: SourceSettings) -> dict[str, Any]:
    """Settings of the crawler of one source."""
    return {
        "BOT_NAME": "huiying",
        "USER_AGENT": source.user_agent,
        # conduct: Scrapy's own defaults are off, 0 and 8 per host
        "ROBOTSTXT_OBEY": source.robots,
        "ROBOTSTXT_PARSER": "scrapy.robotstxt.ProtegoRobotParser",
        "ROBOTSTXT_USER_AGENT": "huiying",
        "DOWNLOAD_DELAY": 0,  # crawlers.budget spaces the requests, over all spiders
        "CONCURRENT_REQUESTS": max(1, source.concurrency),
        "CONCURRENT_REQUESTS_PER_DOMAIN": max(1, source.concurrency),
        # bounds: the defaults are 180 s and 1 GiB
        "DOWNLOAD_TIMEOUT": source.timeout_s,
        "DNS_TIMEOUT": source.timeout_s,
        "DOWNLOAD_MAXSIZE": source.max_page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "REDIRECT_MAX_TIMES": MAX_REDIRECTS,
        "METAREFRESH_ENABLED": False,  # a defence page reloads itself; it is not a redirect
        "URLLENGTH_LIMIT": 2083,
        "DOWNLOAD_VERIFY_CERTIFICATES": not source.allow_private,
        # the source rests as a whole, by Retry-After: crawlers.backoff
        "RETRY_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        # a jar for each source; a forum remembers its guests by cookie
        "COOKIES_ENABLED": True,
        "COOKIES_DEBUG": False,
        "REFERER_ENABLED": False,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",  # "en" makes some sites answer in English
        },
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
            "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # a proxy would see the private addresses
            "crawlers.middlewares.address.AddressGuard": 50,
            "crawlers.middlewares.robots.DailyRobotsTxt": 100,
            "crawlers.middlewares.budget.BudgetGate": 860,
        },
        # quiet: nothing listens, nothing is dumped, nothing is exported
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "MEMUSAGE_ENABLED": False,
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
        "LOG_ENABLED": False,
        # the page is read by our own readers and never in Scrapy's scheduler
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "REACTOR_THREADPOOL_MAXSIZE": 4,
    }
