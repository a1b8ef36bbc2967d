"""NodeBB's public JSON (/api/recent, /api/category/N, /api/topic/N) → records. Pure; raises `crawlers.pages.PageError`.

Instants are epoch milliseconds; uid 0 is a guest; a deleted post stays in its place without its text; a deleted topic is 404.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawlers.dom import Node, attr, find, find_all, outer_html, parse, text_of
from crawlers.pages import Fetched, NotAForum, Notice, NoticeKind, ParserFailure, ThreadList, ThreadPage, ThreadRow
from crawlers.sites.assemble import Heading, RawPost, thread_page
from crawlers.sites.decode import decode_page
from crawlers.sites.discuz.notices import wall_of
from crawlers.sites.own_text import fragment, own_words, quotes_in
from crawlers.sites.times import ShownTime
from store.records import Precision

_TRANSLATED = {"[[global:guest]]": "游客", "[[global:former-user]]": "前用户"}
_SAID = re.compile(r"(?:said|wrote|说|寫|写)[^:：]{0,200}[:：]$")
Json = Mapping[str, Any]


def read_index(page: Fetched) -> dict[str, str]:
    """Category ids with their names, sub-categories too."""
    told = _object(page)
    boards: dict[str, str] = {}
    waiting = list(_list(told, "categories", "版块"))
    while waiting:
        category = waiting.pop(0)
        if category.get("cid") is not None and not category.get("link") and not _flag(category.get("disabled")):
            boards.setdefault(str(category["cid"]), _plain(category.get("name")))
        waiting += [child for child in category.get("children") or () if isinstance(child, dict)]
    if not boards:
        raise ParserFailure("至少一个版块（categories[].cid）", "一个也没有")
    return boards


def read_list(page: Fetched, root: str) -> ThreadList:
    """Topics of /api/recent or of a category; an empty `topics` is an empty list, a missing one a failure."""
    told = _object(page)
    own = _id(told.get("cid"))
    rows: dict[str, ThreadRow] = {}
    deleted: list[str] = []
    odd = 0
    for topic in _list(told, "topics", "主题"):
        if topic.get("scheduled"):
            continue
        if _flag(topic.get("deleted")):
            deleted.append(_id(topic.get("tid")))
            continue
        row = _row(topic, own, root)
        if row is None:
            odd += 1
        else:
            rows.setdefault(row.tid, row)
    if odd and not rows:
        raise ParserFailure("主题的 tid 与 title（topics[]）", f"{odd} 个都没有")
    number, pages = _pages(told)
    name = _plain(told.get("name")) if own else ""
    findings = (f"{odd} 个主题没有 tid 或 title",) if odd else ()
    return ThreadList(
        rows=tuple(rows.values()),
        page=number,
        pages=pages,
        board=own,
        board_name=name,
        findings=findings,
        deleted=tuple(filter(None, deleted)),
    )


def _row(topic: Json, own: str, root: str) -> ThreadRow | None:
    tid, title = _id(topic.get("tid")), _plain(topic.get("title"))
    if not tid or not title:
        return None
    category = _dict(topic.get("category"))
    user = _dict(topic.get("user"))
    posted, last = _instant(topic.get("timestamp")), _instant(topic.get("lastposttime"))
    count = _count(topic.get("postcount"))
    return ThreadRow(
        tid=tid,
        title=title,
        url=f"{root}topic/{tid}",
        board=_id(topic.get("cid")) or own,
        board_name=_plain(category.get("name")),
        uid=_person(topic.get("uid")),
        author=_name(user),
        posted_at=posted.at if posted else None,
        precision=Precision.SECOND if posted else Precision.UNKNOWN,
        replies=max(0, count - 1) if count is not None else None,
        views=_count(topic.get("viewcount")),
        last_post_at=last.at if last else None,
        last_precision=Precision.SECOND if last else Precision.UNKNOWN,
        sticky=_flag(topic.get("pinned")) and bool(own),
    )


def read_thread(page: Fetched, root: str, site: str, fetched_at: datetime) -> ThreadPage:
    """One page of a topic."""
    told = _object(page)
    tid = _id(told.get("tid"))
    if not tid:
        raise ParserFailure("主题编号（tid）", f"字段 {'、'.join(list(told)[:8])}")
    posts = _list(told, "posts", "帖子")
    number, pages = _pages(told)
    asked = parse_qs(urlsplit(page.url).query).get("page", [""])[-1]
    # without pagination, a page after the last is served as an empty page 1
    if not posts and (number > pages or (asked.isdigit() and int(asked[:9]) > pages)):
        raise Notice(NoticeKind.MISSING_THREAD, f"主题只有 {pages} 页")
    if not posts:
        raise ParserFailure("帖子（posts[]）", "一个也没有")
    title = _plain(told.get("title"))
    count = _count(told.get("postcount"))
    heading = Heading(
        site=site,
        tid=tid,
        title=title,
        board=_id(told.get("cid")),
        board_name=_plain(_dict(told.get("category")).get("name")),
        page=number,
        pages=pages,
        views=_count(told.get("viewcount")),
        replies=max(0, count - 1) if count is not None else None,
        raw=page.body,
    )
    main = _id(told.get("mainPid"))
    read = [_post(post, main, root) for post in posts if _id(post.get("pid"))]
    if not read:
        raise ParserFailure("帖子编号（posts[].pid）", f"{len(posts)} 帖都没有")
    return thread_page(heading, read, fetched_at)


def _post(post: Json, main: str, root: str) -> RawPost:
    pid, user = _id(post["pid"]), _dict(post.get("user"))
    index = _count(post.get("index"))
    content = post.get("content")
    shielded = _flag(post.get("deleted"))
    body = None
    if isinstance(content, str) and not shielded:
        node = fragment(_untranslated(content))
        body = own_words(node, root, [*quotes_in(node), *_announced(node)])
    edited = _instant(post.get("edited"))
    return RawPost(
        pid=pid,
        body=body.text if body else None,
        shown=_instant(post.get("timestamp")),
        uid=_person(post.get("uid")),
        author=_name(user),
        floor=index + 1 if index is not None else None,
        first=pid == main if main else index == 0,
        quotes=_id(post.get("toPid")),
        shielded=shielded,
        url=f"{root}post/{pid}",
        images=body.images if body else (),
        edited_at=edited.at if edited else None,
        node=outer_html(fragment(content)) if isinstance(content, str) and body else "",
    )


def _announced(node: Node) -> list[Node]:
    """The lines "@name said in …:" that NodeBB sets before a quotation."""
    found = []
    for line in find_all(node, ".//p[following-sibling::*[1][self::blockquote]]"):
        if _SAID.search(text_of(line)) and any("/" in attr(link, "href") for link in find_all(line, ".//a")):
            found.append(line)
    return found


def _object(page: Fetched) -> Json:
    text = decode_page(page.body, page.header_charset).text.strip()
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        if text.startswith("{"):
            raise ParserFailure("完整的 JSON", f"{len(text)} 字，{type(error).__name__}") from error
        root, _ = parse(text)
        title = text_of(find(root, "//title"))
        raise wall_of(root, text, title, page.url) or NotAForum("NodeBB JSON（/api/…）", title) from error
    if isinstance(told, str) and told.startswith(("/", "http")):
        # so it sends programs elsewhere: past the last page of a category, or to the site that a category stands for
        raise Notice(NoticeKind.OTHER, f"论坛转向 {told[:200]}")
    if not isinstance(told, dict):
        raise ParserFailure("一个 JSON 对象", type(told).__name__)
    return told


def _list(told: Json, name: str, what: str) -> list[Json]:
    value = told.get(name)
    if not isinstance(value, list):
        raise ParserFailure(f"{what}（{name}[]）", f"字段 {'、'.join(list(told)[:8])}")
    return [entry for entry in value if isinstance(entry, dict)]


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _id(value: object) -> str:
    return str(value)[:200] if isinstance(value, (int, str)) and not isinstance(value, bool) else ""


def _person(value: object) -> str:
    told = _id(value)
    return "" if told in ("0", "-1") else told


def _count(value: object) -> int | None:
    """A number that is not negative; older releases on Redis send it as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _flag(value: object) -> bool:
    """true, 1 or "1"; the text "0" is no."""
    return value is True or _count(value) == 1


def _name(user: Json) -> str:
    """The name as readers see it: a guest's and a former user's come as a word for the browser to translate."""
    told = _plain(user.get("displayname") or user.get("username"))
    return _TRANSLATED.get(told.replace("_", "-"), told)


def _plain(value: object) -> str:
    """A title or name; NodeBB sends them with &amp; and the like."""
    return text_of(fragment(_untranslated(value))) if isinstance(value, str) else ""


def _untranslated(text: str) -> str:
    r"""Brackets that people wrote are sent as \[\[ so that the browser does not take them for a word to translate."""
    return text.replace(r"\[\[", "[[").replace(r"\]\]", "]]")


def _instant(value: object) -> ShownTime | None:
    """Epoch milliseconds, as number or text; 0 means never."""
    try:
        number = int(value) if isinstance(value, (int, float, str)) and value else 0
        return ShownTime(datetime.fromtimestamp(number / 1000, UTC), Precision.SECOND) if number > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _pages(told: Json) -> tuple[int, int]:
    pager = _dict(told.get("pagination"))
    return _count(pager.get("currentPage")) or 1, _count(pager.get("pageCount")) or 1
