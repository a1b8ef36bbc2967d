"""RSS 0.9 – 2.0 and Atom → the newest threads, each carried in full. Pure; raises `crawlers.pages.PageError`.

Entities are never resolved and nothing is loaded. A feed shows first posts only and has no user ids: it tells of
topics, not of answers. Discuz!'s own is empty at the first look after its hour is over, so an empty feed is no failure.
"""

from __future__ import annotations

import hashlib
import html as entities
import re
from datetime import datetime

from lxml import etree  # type: ignore[import-untyped]

from crawlers.dom import Node, find, outer_html, parse, squeeze, text_of
from crawlers.pages import Fetched, NotAForum, ParserFailure, ThreadList, ThreadPage, ThreadRow
from crawlers.sites.assemble import Heading, RawPost, thread_page
from crawlers.sites.decode import decode_page
from crawlers.sites.discuz.notices import wall_of
from crawlers.sites.discuz.urls import absolute, target_of
from crawlers.sites.own_text import fragment, own_words
from crawlers.sites.times import ShownTime, read_machine_time, read_time

_DECLARED = re.compile(r"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w-]{2,20})["']""")
_PROLOG = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_MAIL_AND_NAME = re.compile(r"\S+@\S+ \((.+)\)$")
_ID_IN_LINK = re.compile(r"[?&]tid=(\d+)|/(?:topic|thread|t|d)/(\d+)(?:\D|$)")
_MOST = 500


def read_feed(page: Fetched, site: str, board: str, fetched_at: datetime, charset: str = "") -> ThreadList:
    """The feed's items as rows, and as the threads they carry."""
    root, text = _document(page, charset)
    kind = _name(root)
    if kind not in ("rss", "feed", "rdf"):
        shown, _ = parse(text)
        title = text_of(find(shown, "//title"))
        raise wall_of(shown, text, title, page.url) or NotAForum("RSS 或 Atom", title)
    items = root.xpath("//*[local-name()='item' or local-name()='entry']")[:_MOST]
    findings = [] if items else ["订阅源没有条目"]
    if not re.search(rf"</(?:\w+:)?{kind}\s*>\s*$", text[-400:], re.IGNORECASE):
        items, findings = items[:-1], ["订阅源不完整：最后一条未采用"]
    rows: dict[str, ThreadRow] = {}
    carried: list[ThreadPage] = []
    odd = 0
    for item in items:
        link = _link(item, page.url)
        identity = _text(item, "guid", "id") or link
        shown_at = _time(_text(item, "pubDate", "published", "date", "issued", "updated", "modified"), fetched_at)
        title = squeeze(entities.unescape(_text(item, "title")))
        if not identity or shown_at is None or not title:
            odd += 1
            continue
        tid = thread_id(link, identity)
        if tid in rows:
            continue
        author = _author(item)
        changed = _time(_text(item, "updated", "modified"), fetched_at)
        category = _text(item, "category")
        rows[tid] = ThreadRow(
            tid=tid,
            title=title,
            url=link,
            board=board,
            board_name=category,
            author=author,
            posted_at=min(shown_at.at, fetched_at),
            precision=shown_at.precision,
            last_post_at=changed.at if changed else None,
        )
        heading = Heading(site=site, tid=tid, title=title, board=board, board_name=category, raw=page.body)
        carried.append(thread_page(heading, [_post(item, tid, link, author, shown_at)], fetched_at))
    if items and not rows:
        raise ParserFailure("条目的 title、guid 或 link、pubDate", f"{len(items)} 条都不全")
    if odd:
        findings.append(f"{odd} 条没有标题、编号或时间，未采用")
    return ThreadList(rows=tuple(rows.values()), board=board, findings=tuple(findings), carried=tuple(carried))


def thread_id(link: str, identity: str) -> str:
    """The forum's thread id when the link shows one, else a short hash of what names the item."""
    target = target_of(link)
    if target.kind == "thread":
        return target.id
    if hit := _ID_IN_LINK.search(link):
        return hit[1] or hit[2]
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _post(item: Node, tid: str, link: str, author: str, shown: ShownTime) -> RawPost:
    markup = _text(item, "encoded", "content", "description", "summary", raw=True)
    node = fragment(markup)
    body = own_words(node, link, ())
    return RawPost(
        pid=f"feed-{tid}",  # a feed does not tell the post's id
        body=body.text,
        shown=shown,
        author=author,
        first=True,
        url=link,
        images=body.images,
        node=outer_html(fragment(markup)),
    )


def _document(page: Fetched, charset: str) -> tuple[Node, str]:
    head = _DECLARED.match(page.body[:300].decode("latin-1"))
    text = decode_page(page.body, page.header_charset or (head[1] if head else ""), charset).text
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True)
    try:
        root = etree.fromstring(_PROLOG.sub("", text).strip().encode("utf-8"), parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    return (root if root is not None else etree.Element("nothing")), text


def _name(node: Node) -> str:
    return node.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(node.tag, str) else ""


def _children(item: Node, name: str) -> list[Node]:
    return [child for child in item if _name(child) == name.lower()]


def _text(item: Node, *names: str, raw: bool = False) -> str:
    """The text of the first of some children that has any; with `raw` its markup, when it is set in as such (xhtml)."""
    for name in names:
        for child in _children(item, name):
            told = "".join(child.itertext())
            if raw and any(isinstance(part.tag, str) for part in child):
                told = (child.text or "") + "".join(outer_html(part) + (part.tail or "") for part in child)
            if told.strip():
                return told if raw else squeeze(told)
    return ""


def _link(item: Node, base: str) -> str:
    for child in _children(item, "link"):
        told = child.get("href") or child.text or ""
        if told.strip() and child.get("rel", "alternate") == "alternate":
            return absolute(base, told)
    guid = _text(item, "guid")
    return absolute(base, guid) if guid.startswith("http") else ""


def _author(item: Node) -> str:
    for child in _children(item, "author"):
        if name := _text(child, "name"):
            return name
    told = _text(item, "creator", "author")
    hit = _MAIL_AND_NAME.match(told)
    return hit[1] if hit else told


def _time(text: str, now: datetime) -> ShownTime | None:
    return (read_machine_time(text) or read_time(text, now)) if text else None
