"""RSS 0.9 – 2.0 and Atom → the newest threads, each carried in full. Pure; raises `crawlers.pages.PageError`.

Entities are never resolved and nothing is loaded. A feed shows first posts only and has no user ids: it tells of
topics, not of answers. Discuz!'s own is empty at the first look after its hour is over, so an empty feed is no failure.
"""

from __future__ import annotations

import hashlib
import html as entities
import re
from datetime import datetime
from html.entities import html5 as HTML_NAMES

from lxml import etree  # type: ignore[import-untyped]

from crawlers.dom import Node, find, outer_html, parse, squeeze, text_of
from crawlers.pages import Fetched, NotAForum, ParserFailure, ThreadList, ThreadPage, ThreadRow
from crawlers.sites.assemble import Heading, RawPost, thread_page
from crawlers.sites.decode import decode_page
from crawlers.sites.discuz.notices import wall_of
from crawlers.sites.discuz.urls import absolute, target_of
from crawlers.sites.own_text import fragment, own_words
from crawlers.sites.times import ShownTime, read_machine_time, read_time
from store.records import Precision

_DECLARED = re.compile(r"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w-]{2,20})["']""")
_PROLOG = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_MAIL_AND_NAME = re.compile(r"\S+@\S+ \((.+)\)$")
_ID_IN_LINK = re.compile(r"[?&]tid=(\d+)|/(?:topic|thread|t|d)/(\d+)(?:\D|$)")
#: signs that feeds of old programs leave unescaped, names that only HTML knows, and characters that no XML may hold
_AMPERSAND = re.compile(r"&(?:(#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)?")
_XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_ROOT = re.compile(r"<((?:\w+:)?(?:rss|feed|RDF))\b[^<>]*>", re.IGNORECASE)
_ITEM = re.compile(r"<((?:\w+:)?(?:item|entry))\b[^<>]*>.*?</\1\s*>", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_SIGNS = re.compile(r"&#|[<>]")
_HTML = frozenset("a article b br div em h1 h2 h3 i img li p section span strong table td tr ul".split())  # noqa: SIM905
_MOST = 500


def read_feed(page: Fetched, site: str, board: str, fetched_at: datetime, charset: str = "") -> ThreadList:
    """The feed's items as rows, and as the threads they carry."""
    root, items, text, valid = _document(page, charset)
    kind = _name(root)
    if kind not in ("rss", "feed", "rdf"):
        shown, _ = parse(text)
        title = text_of(find(shown, "//title"))
        raise wall_of(shown, text, title, page.url) or NotAForum("RSS 或 Atom", title)
    if not valid and not items:
        raise ParserFailure("合乎 XML 的订阅源", f"没有一条读得出，{len(text)} 字")
    items = items[:_MOST]
    findings = [] if items else ["订阅源没有条目"]
    if not re.search(rf"</(?:\w+:)?{kind}\s*>\s*$", text[-400:], re.IGNORECASE):
        findings = ["订阅源不完整：最后一条未采用"]
    elif not valid:
        findings = ["订阅源不合 XML：有错误的条目未采用"]
    rows: dict[str, ThreadRow] = {}
    carried: list[ThreadPage] = []
    odd = undated = 0
    numbered = any(_number_in(_link(item, page.url)) for item in items)
    for item in items:
        link = _link(item, page.url)
        identity = _text(item, "guid", "id") or link
        posted = _time(_text(item, "pubDate", "published", "date", "issued"), fetched_at)
        changed = _time(_text(item, "updated", "modified"), fetched_at)
        # what was changed last may have been posted long before
        shown_at = posted or (ShownTime(changed.at, Precision.UNKNOWN) if changed else None)
        title = squeeze(entities.unescape(_text(item, "title")))
        if not identity or shown_at is None or not title or _torn(item, identity, link, numbered=numbered):
            odd += 1
            continue
        tid = thread_id(link, identity)
        if tid in rows:
            continue
        author = _author(item)
        undated += posted is None
        category = _text(item, "category")
        rows[tid] = ThreadRow(
            tid=tid,
            title=title,
            url=link,
            board=board,
            board_name=category,
            author=author,
            posted_at=min(posted.at, fetched_at) if posted else None,
            precision=shown_at.precision,
            last_post_at=changed.at if changed else None,
        )
        heading = Heading(site=site, tid=tid, title=title, board=board, board_name=category, raw=page.body)
        carried.append(thread_page(heading, [_post(item, tid, link, author, shown_at)], fetched_at))
    if items and not rows:
        raise ParserFailure("条目的 title、guid 或 link、pubDate", f"{len(items)} 条都不全")
    if odd:
        findings.append(f"{odd} 条没有标题、编号或时间，未采用")
    if undated:
        findings.append(f"{undated} 条只有更新时间：发表不晚于此")
    return ThreadList(rows=tuple(rows.values()), board=board, findings=tuple(findings), carried=tuple(carried))


def _torn(item: Node, identity: str, link: str, *, numbered: bool) -> bool:
    """Whether what names an item was lost on the way: a link that leads nowhere, signs of markup, a tag of HTML in the place of its own.

    Among items whose links have a number, one without has a name of its own.
    """
    if numbered and identity == link and not _number_in(link):
        return True
    if (not link and _children(item, "link")) or _SIGNS.search(identity):
        return True
    return any(isinstance(child.tag, str) and child.tag.lower() in _HTML for child in item)


def thread_id(link: str, identity: str) -> str:
    """The forum's thread id when the link shows one, else a short hash of what names the item."""
    return _number_in(link) or hashlib.sha256(identity.encode()).hexdigest()[:16]


def _number_in(link: str) -> str:
    target = target_of(link)
    if target.kind == "thread":
        return target.id
    hit = _ID_IN_LINK.search(link)
    return (hit[1] or hit[2]) if hit else ""


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


def _document(page: Fetched, charset: str) -> tuple[Node, list[Node], str, bool]:
    """(root, items, source, all of it is XML). Of a feed that is none each item is read for itself: a parser that goes on loses signs."""
    head = _DECLARED.match(page.body[:300].decode("latin-1"))
    text = decode_page(page.body, page.header_charset or (head[1] if head else ""), charset).text
    source = _AMPERSAND.sub(_escaped, _CONTROL.sub("", _PROLOG.sub("", text))).strip()
    root = _parsed(source)
    if root is not None:
        return root, root.xpath("//*[local-name()='item' or local-name()='entry']"), text, True
    opened = _ROOT.search(source)
    if opened is None:
        return etree.Element("nothing"), [], text, False
    alone = (_parsed(f"{opened[0]}{hit[0]}</{opened[1]}>") for hit in _ITEM.finditer(source))
    return etree.Element(opened[1].rpartition(":")[2]), [one[0] for one in alone if one is not None and len(one)], text, False


def _parsed(source: str) -> Node | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        return etree.fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _escaped(hit: re.Match[str]) -> str:
    """An ampersand that begins nothing XML knows as the sign itself; HTML's own names as what they stand for."""
    name = hit[1]
    if name is None:
        return "&amp;"
    return hit[0] if name[0] == "#" or name in _XML_NAMES else HTML_NAMES.get(f"{name};", f"&amp;{name};")


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
    """The item's page; of several addresses the first that holds a thread's number."""
    told = [child.get("href") or child.text or "" for child in _children(item, "link") if child.get("rel", "alternate") == "alternate"]
    links = [absolute(base, one) for one in told if one.strip()]
    if links:
        return next((link for link in links if _number_in(link)), links[0])
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
