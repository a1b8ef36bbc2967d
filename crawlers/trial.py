"""`huiying crawl SOURCE --try URL`: what the page reader takes from one page, field by field; nothing is stored."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings

from crawlers.budget import Budget
from crawlers.fetch import FetchError, fetch_page
from crawlers.hang import stopped_after
from crawlers.pages import Fetched, PageError, ThreadPage
from crawlers.run import ENGINES, drive
from crawlers.settings import scrapy_settings
from crawlers.settings_types import SourceSettings
from crawlers.sites.engine import Engine, Explaining, ExtractedField
from crawlers.spiders.forum import NOTHING_TO_SCHEDULE
from store.clock import Clock, iso
from store.snapshots import FetchOutcome

__all__ = ["ExtractedField", "Trial", "try_page", "try_url"]

#: records of a page that are shown
_SHOWN = 5
#: fields of a post that only repeat the page's
_OF_THE_PAGE = frozenset(("site", "raw_sha256", "thread_title", "board", "board_name"))


class TrialSpider(Spider):
    """Fetches one page as the real spider would: robots.txt, address guard, user agent, limits."""

    name = "trial"
    source: SourceSettings
    budget: Budget
    clock: Clock
    url: str
    outcome: list[Fetched | Exception]

    async def start(self) -> AsyncIterator[Any]:
        try:
            self.outcome.append(await fetch_page(self, self.url, self.clock))
        except FetchError as error:
            self.outcome.append(error)
        for request in NOTHING_TO_SCHEDULE:
            yield request


@dataclass
class Trial:
    """What a page gave, up to where its reading ended."""

    fields: list[ExtractedField] = field(default_factory=list)
    #: why it gave no records, None = it did
    failure: PageError | None = None


def try_url(source: SourceSettings, url: str, clock: Clock) -> list[ExtractedField]:
    """The fields of a list, thread or index page. Raises FetchError when no page comes, PageError when it is not one."""
    trial = try_page(source, url, clock)
    if trial.failure is not None:
        raise trial.failure
    return trial.fields


def try_page(source: SourceSettings, url: str, clock: Clock) -> Trial:
    """Like `try_url`, but a page that is refused still shows what each rule found on it. Raises FetchError."""
    outcome: list[Fetched | Exception] = []
    drive(_fetch(source, url, clock, outcome))
    if not outcome:
        raise FetchError(FetchOutcome.UNREACHABLE, "抓取未能开始", "查看日志")
    got = outcome[0]
    if isinstance(got, Exception):
        raise got
    trial = Trial()
    try:
        with stopped_after():
            for one in _fields(ENGINES[source.engine](source), got, clock.now(), url):
                trial.fields.append(one)
    except PageError as refusal:
        trial.failure = refusal
    return trial


async def _fetch(source: SourceSettings, url: str, clock: Clock, outcome: list[Fetched | Exception]) -> None:
    budget = Budget(source.requests_per_minute, source.min_delay_s)
    crawler = Crawler(TrialSpider, Settings(scrapy_settings(source)))
    await AsyncCrawlerRunner().crawl(crawler, source=source, budget=budget, clock=clock, url=url, outcome=outcome)


def _fields(engine: Engine, fetched: Fetched, now: datetime, asked: str) -> Iterator[ExtractedField]:
    yield ExtractedField("页面", "网址", fetched.url)
    if fetched.url != Request(asked).url:
        yield ExtractedField("提示", "转向", f"{asked} 转到了上面的网址")
    yield ExtractedField("页面", "字节", str(len(fetched.body)))
    explained: tuple[ExtractedField, ...] = ()
    if isinstance(engine, Explaining):  # what each rule took, then what became of it
        explained = tuple(engine.explain(fetched, now))
        yield from explained
    kind = engine.page_kind(fetched.url)
    if kind == "thread":
        page = engine.read_thread(fetched, now)
        yield from _record("页面", {key: getattr(page, key) for key in ("tid", "title", "board", "board_name", "page", "pages", "replies")})
        yield from _record("页面", {"views": page.views, "server_now": page.server_now, "posts": len(page.posts)})
        yield from _record("页面", {"complete": page.complete, "findings": page.findings})
        if page.pages > page.page:
            yield ExtractedField("页面", "下一页", engine.thread_url(page.tid, page.page + 1))
        yield from _odd(page, asked)
        if isinstance(engine, Explaining):
            yield from _unruled(page, {one.field for one in explained if one.rule})
        for post in page.posts[:_SHOWN]:
            yield from _record(f"帖 {post.pid}", {key: value for key, value in asdict(post).items() if key not in _OF_THE_PAGE})
    elif kind == "list":
        listing = engine.read_list(fetched, now)
        head = {"page": listing.page, "pages": listing.pages, "server_now": listing.server_now, "rows": len(listing.rows)}
        yield from _record("页面", head | {"findings": listing.findings})
        for row in listing.rows[:_SHOWN]:
            yield from _record(f"主题 {row.tid}", asdict(row) | {"抓取网址": engine.thread_url(row.tid, 1)})
    else:
        boards = engine.read_index(fetched, now)
        yield from _record("版块", boards)


def _odd(page: ThreadPage, asked: str) -> Iterator[ExtractedField]:
    """What a person should look at although the reader is content."""
    told = re.search(r"(?:[?&]page=|/page[/-]|[?&]p=)(\d{1,6})", asked)
    if told and int(told[1]) != page.page:
        text = f"要的是第 {told[1]} 页，来的是第 {page.page} 页：网址中的标题丢不得时，在 rules.thread 里写 {{title}}"
        yield ExtractedField("提示", "分页", text)
    ids = [int(post.pid) for post in page.posts if post.pid.isdigit()]
    if len(ids) > 2 and ids[0] % len(ids) == 1 and ids == list(range(ids[0], ids[0] + len(ids))):
        text = f"编号 {ids[0]}–{ids[-1]} 像是楼层：换一个主题再试，若又从头数起，就改用帖子在网站数据库里的编号（rules.post_id）"
        yield ExtractedField("提示", "post_id", text)


def _unruled(page: ThreadPage, rules: Collection[str]) -> Iterator[ExtractedField]:
    """What a rule that was not written would tell."""
    named = next((post for post in page.posts if post.uid.isdigit() and post.uid == post.author), None)
    if named is not None and "author_id" not in rules:
        text = f"作者 {named.author} 的编号与名字相同：网址里若先写名字后写编号，在 rules.author_id 里写明取哪个数字"
        yield ExtractedField("提示", "author_id", text)
    if any("没有正文" in finding for finding in page.findings):
        yield ExtractedField("提示", "shielded", "有帖没有正文：那里若写着“已隐藏”“已删除”，把那个元素写进 rules.shielded")
    times = [post.posted_at for post in page.posts]
    if page.pages > 1 and times[0] > times[-1] and times == sorted(times, reverse=True):
        text = "最新的帖在最前：找一个最旧在前的网址写进 rules.thread（常是一个参数），否则新回复和主题帖会认错"
        yield ExtractedField("提示", "thread", text)


def _record(record: str, values: Mapping[str, Any]) -> Iterator[ExtractedField]:
    for name, value in values.items():
        if isinstance(value, datetime):
            value = iso(value)
        elif isinstance(value, tuple):
            value = "；".join(map(str, value))
        yield ExtractedField(record, name, "" if value is None else str(value))
