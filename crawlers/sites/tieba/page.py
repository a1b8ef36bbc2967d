"""Baidu Tieba's public HTML, as a guest is served it → records. Pure; raises `crawlers.pages.PageError`.

Signatures and captchas are access controls: each of them is a `Wall`, none is solved. What stands in the floors below
a post (楼中楼) comes from a signed address and is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from crawlers.dom import Node, attr, find, find_all, has_class, outer_html, parse, text_of
from crawlers.pages import (
    Fetched,
    NotAForum,
    Notice,
    NoticeKind,
    PageError,
    ParserFailure,
    ThreadList,
    ThreadPage,
    ThreadRow,
    Wall,
    WallKind,
)
from crawlers.sites.assemble import Heading, RawPost, thread_page
from crawlers.sites.damage import detached, nested, spilled, strays, swallowed, unread
from crawlers.sites.decode import decode_page
from crawlers.sites.discuz.notices import wall_of
from crawlers.sites.own_text import emptied, own_words, torn
from crawlers.sites.times import ShownTime, read_time
from store.records import Precision

#: threads on a page of a bar's list; `pn` counts threads there, and pages within a thread
PER_LIST = 50
#: the old pages carry their parts as comments, which a script sets in
_PAGELET = re.compile(r"<code[^>]{0,300}>\s*<!--(.*?)-->\s*</code>", re.DOTALL)
_TIME = re.compile(r"\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{2}")
_TOTAL = re.compile(r"共\s*(\d{1,6})\s*页")
_THREAD = re.compile(r"/p/(\d+)")
#: names of posts in the source; elements that only posts have
_NAMED = re.compile(r"""\bid\s*=\s*["']?post_content_(\d{1,20})\b""")
_PARTS = f"//*[{has_class('l_post')} or {has_class('d_post_content')}]"
Json = Mapping[str, Any]


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def tid_of(url: str) -> str:
    """The thread id of an address, "" when it is not a thread's."""
    hit = _THREAD.search(_split(url).path)
    return hit[1] if hit else ""


def _number(url: str) -> int:
    told = parse_qs(_split(url).query).get("pn", [""])[-1]
    return int(told) if told.isascii() and told.isdigit() and len(told) < 8 else 0


class _Page:
    """A page set together from its parts."""

    def __init__(self, page: Fetched, charset: str) -> None:
        self.url, self.raw = page.url, page.body
        self.text = decode_page(page.body, page.header_charset, charset).text
        set_in = _PAGELET.sub(r"<div>\1</div>", self.text)
        self.root, parsed = parse(set_in)
        self.whole = parsed and "</html>" in self.text[-4096:].lower() and not swallowed(self.root, set_in)
        self.title = text_of(find(self.root, "//title"))

    def refusal(self, expected: str) -> PageError:
        """What a page without records is."""
        if "安全验证" in self.title or "wappass" in urlsplit(self.url).netloc:
            return Wall(WallKind.CAPTCHA, self.title)
        if "贴吧404" in self.title or "贴吧404" in text_of(find(self.root, "//body"))[:300]:
            return Wall(WallKind.BLOCKED, self.title)  # also served to who is too fast: it proves nothing about the thread
        wall = wall_of(self.root, self.text, self.title, self.url)
        if wall is not None:
            return wall
        if find(self.root, "//*[@id='app' or @id='root' or @id='__next'][not(.//a)]") is not None:
            return Wall(WallKind.SCRIPT, self.title)  # today's page: a program that calls signed addresses
        if "tieba" not in self.text and "贴吧" not in self.text and "j_th_tit" not in self.text:
            return NotAForum("百度贴吧", self.title)
        return ParserFailure(expected, f"标题“{self.title[:60]}”，{len(self.text)} 字{'' if self.whole else '，页面不完整'}")


def read_list(page: Fetched, bar: str, fetched_at: datetime, charset: str = "") -> ThreadList:
    """The threads of a bar's list."""
    opened = _Page(page, charset)
    rows: dict[str, ThreadRow] = {}
    for node in find_all(opened.root, f"//*[{has_class('j_thread_list')}][@data-field]", "//li[@data-field][.//a[contains(@href,'/p/')]]"):
        row = _row(node, bar, fetched_at, opened.url)
        if row is not None:
            rows.setdefault(row.tid, row)
    if not rows:
        raise opened.refusal("主题列表（li.j_thread_list[data-field]）")
    number = _number(opened.url) // PER_LIST + 1
    links = find_all(opened.root, "//*[@id='frs_list_pager']//a[contains(@href,'pn=')]")
    pages = max([number, *(_number(attr(link, "href")) // PER_LIST + 1 for link in links)])
    kept = tuple(rows.values())
    findings = () if opened.whole else ("页面不完整：最后一行未采用",)
    return ThreadList(rows=kept if opened.whole else kept[:-1], page=number, pages=pages, board=bar, board_name=bar, findings=findings)


def _row(node: Node, bar: str, now: datetime, url: str) -> ThreadRow | None:
    told = _field(node)
    link = find(node, f".//a[{has_class('j_th_tit')}]", ".//a[contains(@href,'/p/')]")
    tid = str(told.get("id") or "") or tid_of(attr(link, "href"))
    title = attr(link, "title") or text_of(link)
    if not tid.isdigit() or not title:
        return None
    posted = read_time(text_of(find(node, f".//*[{has_class('is_show_create_time')}]")), now)
    last = read_time(text_of(find(node, f".//*[{has_class('threadlist_reply_date')}]")), now)
    replies = told.get("reply_num")
    return ThreadRow(
        tid=tid,
        title=title,
        url=f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/p/{tid}",
        board=bar,
        board_name=bar,
        author=str(told.get("author_nickname") or told.get("author_name") or ""),
        posted_at=posted.at if posted else None,
        precision=posted.precision if posted else Precision.UNKNOWN,
        replies=replies if isinstance(replies, int) and not isinstance(replies, bool) else None,
        last_post_at=last.at if last else None,
        last_precision=last.precision if last else Precision.UNKNOWN,
        sticky=bool(told.get("is_top")),
    )


def read_thread(page: Fetched, site: str, fetched_at: datetime, charset: str = "") -> ThreadPage:
    """The posts of a thread's page."""
    opened = _Page(page, charset)
    nodes = find_all(opened.root, f"//div[{has_class('l_post')}][@data-field]", f"//*[{has_class('l_post')}]")
    if not nodes:
        raise opened.refusal("帖子（div.l_post[data-field]）")
    tid = tid_of(opened.url)
    inner = nested(nodes)
    read: list[RawPost] = []
    known: list[Node] = []
    for node in reversed(nodes):  # the inner of two that were torn into each other comes first, and is taken out
        post = _post(node, tid, opened.url, fetched_at)
        if post is not None:
            read.insert(0, post)
            known.append(node)
        if node in inner:
            detached(node)
    lost = unread(opened.text, _NAMED, [post.pid for post in read]) or strays(opened.root, _PARTS, known)
    if not tid or not read:
        raise ParserFailure("帖子编号（data-field 的 content.post_id）" if tid else "主题编号（/p/…）", f"{len(nodes)} 帖都没有")
    if all(post.body is None for post in read):
        raise ParserFailure("帖子正文（#post_content_…）", f"{len(read)} 帖都没有")
    if all(post.shown is None for post in read):
        raise ParserFailure("发表时间（content.date 或 .tail-info）", f"{len(read)} 帖都没有")
    name = find(opened.root, f"//*[{has_class('core_title_txt')}]", "//h1", "//h3")
    bar = text_of(find(opened.root, f"//a[{has_class('card_title_fname')}]")).removesuffix("吧")
    number = _number(opened.url) or 1
    told = _TOTAL.search(text_of(find(opened.root, f"//*[{has_class('l_posts_num')}]")).replace(" ", ""))
    heading = Heading(
        site=site,
        tid=tid,
        title=attr(name, "title") or text_of(name),
        board=bar,
        board_name=bar,
        page=number,
        pages=int(told[1]) if told else number,
        raw=opened.raw,
        whole=opened.whole,
        lost=lost,
    )
    if told and number > int(told[1]):
        raise Notice(NoticeKind.MISSING_THREAD, f"主题只有 {told[1]} 页")  # shorter than it was
    return thread_page(heading, read, fetched_at)


def _post(node: Node, tid: str, url: str, now: datetime) -> RawPost | None:
    told = _field(node)
    content, author = _dict(told.get("content")), _dict(told.get("author"))
    pid = str(content.get("post_id") or attr(node, "data-pid"))
    if not pid.isdigit():
        return None
    holder = find(node, f".//*[@id='post_content_{pid}']", f".//*[{has_class('d_post_content')}]")
    own, markup = None, ""
    if holder is not None:
        markup = outer_html(holder)
        own = None if torn(holder) or spilled(holder) else own_words(holder, url, ())
        emptied(holder)  # nothing the author wrote can pass for a time
    floor = content.get("post_no")
    uid = str(author.get("user_id") or "")
    return RawPost(
        pid=pid,
        body=own.text if own else None,
        shown=_shown(content, node, now),
        uid=uid if uid.isdigit() and not content.get("is_anonym") else "",
        author=str(author.get("user_nickname") or author.get("user_name") or ""),
        floor=floor if isinstance(floor, int) else None,
        first=floor == 1,
        url=f"{url.partition('?')[0]}?pid={pid}#{pid}",
        images=own.images if own else (),
        node=markup,
    )


def _shown(content: Json, node: Node, now: datetime) -> ShownTime | None:
    """The date of the data, else of the line below the post: the last thing in it that reads as one."""
    told = read_time(str(content.get("date") or ""), now)
    if told is not None:
        return told
    lines = [text_of(part) for part in find_all(node, f".//*[{has_class('tail-info')}]")]
    dates = [line for line in lines if _TIME.fullmatch(line)]
    return read_time(dates[-1], now) if dates else None


def _field(node: Node) -> Json:
    try:
        return _dict(json.loads(attr(node, "data-field") or "{}"))
    except (ValueError, RecursionError):
        return {}


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}
