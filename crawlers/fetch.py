"""One page over HTTP → its bytes, or the reason in the operator's words why there are none.

    FetchError(outcome, text, advice, retry_after_s)
      unreachable   refused, no such name, time-out, broken off
      http          403, 429, 5xx …
      gone          404, 410
      robots        robots.txt does not allow it
      refused       private address, too large, too many redirects, not http(s), another host
      login         sent to the login page
"""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from scrapy import Request, Spider
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import ConnectError, ConnectionClosed

from crawlers.middlewares.address import Elsewhere, LoginRequired, Refused
from crawlers.pages import Fetched
from store.clock import Clock
from store.snapshots import FetchOutcome

#: a site that asks for more rest than this is asked again after it
_LONGEST_RETRY_AFTER_S = 6 * 3600.0


class FetchError(Exception):
    """No page came."""

    def __init__(self, outcome: FetchOutcome, text: str, advice: str, *, status: int = 0, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.outcome = outcome
        self.advice = advice
        self.status = status
        self.retry_after_s = retry_after_s


async def fetch_page(spider: Spider, url: str, clock: Clock) -> Fetched:
    """Fetch through the spider's downloader (address guard, robots.txt, budget, redirects); raises FetchError."""
    engine = spider.crawler.engine
    if engine is None:
        raise FetchError(FetchOutcome.UNREACHABLE, "抓取正在停止", "无需处理")
    started = time.monotonic()
    try:
        response = await engine.download_async(Request(url, dont_filter=True))
    except LoginRequired as refusal:
        raise FetchError(FetchOutcome.LOGIN, "要求登录", "游客看不到：请向论坛管理员申请对游客开放") from refusal
    except Refused as refusal:
        status = 302 if isinstance(refusal, Elsewhere) else 0
        raise FetchError(FetchOutcome.REFUSED, str(refusal), "核对 pipelines.yaml 中的 url、allow_private", status=status) from refusal
    except IgnoreRequest as refusal:
        raise _ignored(refusal) from refusal
    except DownloadCancelledError as error:
        raise FetchError(
            FetchOutcome.REFUSED, "页面过大，未读完即放弃", "核对网址；确需读取时调大 crawl.max_page_mb"
        ) from error
    except DownloadTimeoutError as error:
        raise FetchError(FetchOutcome.UNREACHABLE, "超时没有应答", "检查网络与论坛服务器；会自动重试") from error
    except CannotResolveHostError as error:
        raise FetchError(FetchOutcome.UNREACHABLE, "域名解析失败", "核对 url 中的域名，检查 DNS；会自动重试") from error
    except DownloadConnectionRefusedError as error:
        raise FetchError(FetchOutcome.UNREACHABLE, "拒绝连接", "检查论坛服务器是否开启、端口是否正确；会自动重试") from error
    except ResponseDataLossError as error:
        raise FetchError(FetchOutcome.UNREACHABLE, "传输中断，页面不完整", "会自动重试；频繁出现时检查网络") from error
    except (DownloadFailedError, UnsupportedURLSchemeError, ConnectError, ConnectionClosed, OSError, ValueError) as error:
        raise FetchError(FetchOutcome.UNREACHABLE, f"连接失败（{type(error).__name__}）", "检查网络与论坛服务器；会自动重试") from error
    return _checked(response, clock, time.monotonic() - started)


def _ignored(refusal: IgnoreRequest) -> FetchError:
    told = str(refusal)
    if "robots" in told:
        return FetchError(FetchOutcome.ROBOTS, "robots.txt 不允许读取此页", "遵守 robots.txt；确属本单位论坛时可设 robots: false")
    if "redirect" in told:
        return FetchError(FetchOutcome.REFUSED, "转向次数过多", "在浏览器中打开此网址，看是否循环转向")
    return FetchError(FetchOutcome.REFUSED, told or "请求被放弃", "核对 pipelines.yaml 中的来源设置")


def _checked(response: Response, clock: Clock, seconds: float) -> Fetched:
    status = response.status
    if status in (404, 410):
        raise FetchError(FetchOutcome.GONE, f"HTTP {status}：页面不存在", "核对网址", status=status)
    if not 200 <= status < 300:
        told = "拒绝访问" if status == 403 else "请求过多" if status == 429 else "服务器出错" if status >= 500 else "异常应答"
        advice = "请求过快或被拦截：调小 requests_per_minute，与站点管理员联系" if status in (403, 429) else "会自动重试"
        rest = _retry_after(response, clock)
        raise FetchError(FetchOutcome.HTTP, f"HTTP {status}：{told}", advice, status=status, retry_after_s=rest)
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    charset = content_type.partition("charset=")[2].partition(";")[0].strip(" \"'")
    return Fetched(response.url, response.body, charset, seconds)


def _retry_after(response: Response, clock: Clock) -> float:
    """Seconds of rest that the server asks for, 0.0 when it does not."""
    told = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if told.isdigit():
        return min(float(told), _LONGEST_RETRY_AFTER_S)
    try:
        until = parsedate_to_datetime(told)
        return min(max(0.0, (until - clock.now()).total_seconds()), _LONGEST_RETRY_AFTER_S)
    except (TypeError, ValueError):
        return 0.0


def host_of(url: str) -> str:
    """Host and port, the key of its budget."""
    return urlparse_cached(Request(url)).netloc
