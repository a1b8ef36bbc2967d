"""Run the spiders of all sources in this process, until stopped or for one round.

    reports = run_sources([source], sink, SystemClock(), once=True)

Scrapy runs on Twisted's asyncio reactor. The reactor is started once in a process and its loop is run for
each call, so that a command, a test or a supervisor can call this again and again; signals stay the caller's.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.downloadermiddlewares import cookies
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor, is_reactor_installed
from tldextract import TLDExtract

from crawlers.budget import Budget, Budgets
from crawlers.fetch import host_of
from crawlers.hang import Endless, ReadingWatch
from crawlers.rounds import CrawlEvent, OnEvent, RoundReport, Tally
from crawlers.runtime import Runtime
from crawlers.settings import scrapy_settings
from crawlers.settings_types import SourceSettings
from crawlers.sites.discuz.engine import DiscuzEngine
from crawlers.sites.engine import Engine
from crawlers.sites.feed.engine import FeedEngine
from crawlers.sites.nodebb.engine import NodeBBEngine
from crawlers.sites.phpwind.engine import PhpwindEngine
from crawlers.sites.selectors.engine import SelectorsEngine
from crawlers.sites.tieba.engine import TiebaEngine
from crawlers.spiders.forum import ForumSpider
from crawlers.writer import Writer
from store.clock import Clock
from store.snapshots import Sink

T = TypeVar("T")
log = logging.getLogger(__name__)

ENGINES: dict[str, Callable[[SourceSettings], Engine]] = {
    "discuz": DiscuzEngine,
    "feed": FeedEngine,
    "nodebb": NodeBBEngine,
    "phpwind": PhpwindEngine,
    "selectors": SelectorsEngine,
    "tieba": TiebaEngine,
}
_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
#: of five seconds for a clean end: a page under way may still arrive; then it is given up
_STOP_S = 0.7
_RESTART_S = 5.0


def _quiet(_: CrawlEvent) -> None:
    return


def run_sources(
    sources: Sequence[SourceSettings],
    sink: Sink,
    clock: Clock,
    *,
    once: bool = False,
    stop: threading.Event | None = None,
    on_event: OnEvent = _quiet,
    samples: Path | None = None,
    watch: ReadingWatch | None = None,
) -> list[RoundReport]:
    """Crawl until `stop` is set, or one round with `once`; one report for each source and board, all of it on disk.

    With a `watch` a page that is never read to its end ends the process.
    """
    stop = stop or threading.Event()
    tally = Tally()

    def trouble(text: str) -> None:
        log.error(text)
        on_event(CrawlEvent(kind="trouble", source="", text=text))

    writer = Writer(sink, trouble)
    writer.start()
    runtime = Runtime(writer=writer, clock=clock, once=once, stop=stop, on_event=on_event, tally=tally, samples=samples, watch=watch)
    try:
        _tell_hangs(sources, runtime, trouble)
        drive(_crawl(sources, runtime))
    finally:
        if watch is not None:
            watch.stop()
        # one round waits for its last page to be on disk, however slow the disk
        while not writer.close(4.0) and once and not stop.is_set():
            trouble("等待最后一批页面入库")
    return tally.reports()


def _tell_hangs(sources: Sequence[SourceSettings], runtime: Runtime, trouble: Callable[[str], None]) -> None:
    """Begin to watch; what the process before was ended for is told to the log and to source health."""
    watch, now = runtime.watch, runtime.clock.now()
    for hang in watch.start(now) if watch is not None else ():
        assert watch is not None
        trouble(f"{hang.source} {hang.url}：{hang.told}；{Endless.advice}")
        if hang.source in {source.name for source in sources}:
            runtime.writer.report(hang.report(now, watch.rest_s(hang.source, now)))


def drive(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the reactor's loop; may be called again in the same thread."""
    loop = _loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())


def _loop() -> asyncio.AbstractEventLoop:
    # the cookie middleware's tldextract would ask the internet for its list and write to ~/.cache
    cookies._split_domain = TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)
    for chatty in ("scrapy", "twisted", "asyncio", "filelock"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    if not is_reactor_installed():
        install_reactor(_REACTOR)
    from twisted.internet import reactor

    if not reactor.running:
        reactor.startRunning(installSignalHandlers=False)
        pool = reactor.getThreadPool()
        pool.threadFactory = _daemon_thread  # a thread in a name lookup must not hold up the end of the process
    return reactor._asyncioEventloop  # type: ignore[no-any-return]


def _daemon_thread(*args: Any, **kwargs: Any) -> threading.Thread:
    thread = threading.Thread(*args, **kwargs)
    thread.daemon = True
    return thread


async def _keep_crawling(runner: AsyncCrawlerRunner, source: SourceSettings, runtime: Runtime, budget: Budget) -> None:
    """Crawl a source; a crawl without end that ends all the same (a fault of ours, or the store's) is begun again."""
    while True:
        crawler = Crawler(ForumSpider, Settings(scrapy_settings(source)))
        await runner.crawl(crawler, source=source, engine=ENGINES[source.engine](source), runtime=runtime, budget=budget)
        if runtime.once or runtime.stop.is_set():
            return
        text = f"{source.name} 的抓取意外结束，{_RESTART_S:.0f} 秒后重新开始；反复出现时把日志交给开发者"
        runtime.on_event(CrawlEvent(kind="trouble", source=source.name, text=text))
        await asyncio.sleep(_RESTART_S)


async def _crawl(sources: Sequence[SourceSettings], runtime: Runtime) -> None:
    budgets = Budgets()
    runner = AsyncCrawlerRunner()
    crawls = []
    for source in sources:
        budget = budgets.of(host_of(source.url), source.requests_per_minute, source.min_delay_s)
        crawls.append(asyncio.ensure_future(_keep_crawling(runner, source, runtime, budget)))
    ended = asyncio.gather(*crawls, return_exceptions=True)
    while not ended.done():
        await asyncio.wait([ended], timeout=0.1)
        if runtime.stop.is_set() and not ended.done():
            await asyncio.wait([ended], timeout=_STOP_S)
            if not ended.done():
                await asyncio.wait_for(runner.stop(), timeout=_STOP_S)
                ended.cancel()
            break
    for source, outcome in zip(sources, ended.result() if ended.done() and not ended.cancelled() else [], strict=False):
        if isinstance(outcome, BaseException):
            text = f"{source.name} 无法开始抓取：{type(outcome).__name__}: {outcome}"
            runtime.on_event(CrawlEvent(kind="trouble", source=source.name, text=text))
