"""What every Discuz! page has around its records: server clock, page numbers, charset, board."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice
from urllib.parse import parse_qsl

from crawlers.dom import Node, attr, find, find_all, has_class, parse, short_text, squeeze, text_of
from crawlers.pages import ParserFailure
from crawlers.sites.damage import swallowed
from crawlers.sites.decode import decode_page
from crawlers.sites.discuz.pager import foreign_pages
from crawlers.sites.discuz.urls import root_of, target_of
from crawlers.sites.times import ShownTime, earlier_bound, footer_clock, read_time

_TOTAL = re.compile(r"共\s*(\d{1,7})\s*页|/\s*(\d{1,7})\s*页")
_DIGITS = re.compile(r"\d{1,9}")
#: elements within one that tells a time; one with more holds a part of the page
_MOST_WITHIN = 40
#: a page this unreadable was decoded with the wrong charset
_UNREADABLE = 0.05


@dataclass(frozen=True, slots=True)
class Frame:
    """A parsed page with what its footer and pager tell."""

    root: Node
    text: str
    url: str
    #: folder of the forum
    base: str
    #: the clock that relative times are read against: the server's, else the crawler's
    now: datetime
    server_now: datetime | None
    zone: timezone
    page: int
    pages: int
    charset: str
    raw_sha256: str
    #: the end of the document came
    whole: bool

    def time(self, node: Node | None) -> ShownTime | None:
        """The time of a node: its absolute title, sharpened by its relative text."""
        if node is None:
            return None
        titled = None
        for holder in islice(node.iter(), _MOST_WITHIN):
            if attr(holder, "title"):
                titled = self._read(attr(holder, "title"))
                if titled:
                    break
        return earlier_bound(titled, self._read(short_text(node, _MOST_WITHIN) or squeeze(node.text or "")))

    def _read(self, text: str) -> ShownTime | None:
        return read_time(text, self.now, self.zone)


def read_frame(raw: bytes | str, url: str, fetched_at: datetime, header_charset: str = "", charset: str = "") -> Frame:
    """Decode and parse a page; raises ParserFailure when its text cannot be read in any charset."""
    as_bytes = raw.encode("utf-8", errors="replace") if isinstance(raw, str) else raw
    if isinstance(raw, str):
        text, used = raw, "utf-8"
    else:
        decoded = decode_page(raw, header_charset, charset)
        text, used = decoded.text, decoded.charset
        if decoded.unreadable > _UNREADABLE:
            named = charset or header_charset or "声明的"
            raise ParserFailure(f"{named} 字符集", f"{decoded.unreadable:.0%} 的字符读不出来（核对 charset）")
    root, all_parsed = parse(text)
    server_now, zone = footer_clock(_footer(root, text))
    page, pages = page_numbers(root, url)
    return Frame(
        root=root,
        text=text,
        url=url,
        base=root_of(url),
        now=server_now or fetched_at,
        server_now=server_now,
        zone=zone,
        page=page,
        pages=pages,
        charset=used,
        raw_sha256=hashlib.sha256(as_bytes).hexdigest(),
        whole=all_parsed and ("</html>" in text[-4096:].lower() or server_now is not None) and not swallowed(root, text),
    )


def _footer(root: Node, text: str) -> str:
    footer = find(root, "//*[@id='ft']", f"//*[{has_class('footer')} or @id='footer']")
    told = text_of(footer) if footer is not None else ""
    if "GMT" in told or "</html>" not in text[-4096:].lower():
        return told
    # a template without a known footer: the last such line of a whole document, which no post can follow
    return re.sub(r"<[^>]{0,200}>|&nbsp;", " ", text[-4096:])


def page_numbers(root: Node, url: str) -> tuple[int, int]:
    """(this page, number of pages) as the pager says; (asked page or 1, …) when it shows none."""
    pager = find(root, f"//div[{has_class('pg')}]", f"//*[{has_class('pages')} or {has_class('page')} or {has_class('pagination')}]")
    if pager is None:
        return foreign_pages(root, url)
    current = find(pager, f".//strong | .//*[{has_class('current')} or {has_class('active')}] | .//option[@selected]")
    hit = _DIGITS.search(text_of(current))
    asked = target_of(url).page
    page = int(hit[0]) if hit else asked
    pages = page
    told = [attr(node, "title") for node in find_all(pager, ".//*[@title]")] + [text_of(pager)]
    for words in told:
        if total := _TOTAL.search(words):
            return max(1, page), max(page, int(total[1] or total[2]))
    for link in find_all(pager, ".//a[@href]"):
        pages = max(pages, target_of(attr(link, "href")).page)
    return max(1, page), max(1, pages)


def number_of(node: Node | None) -> int | None:
    """The first whole number of a node's text, None when it shows none."""
    hit = _DIGITS.search(text_of(node).replace(",", "")) if node is not None else None
    return int(hit[0]) if hit else None


def board_of(root: Node, tid: str = "") -> tuple[str, str]:
    """(fid, name) of the page's own board: the last board of the breadcrumb, else what forms and scripts hold."""
    crumbs = find_all(root, "//*[@id='pt']//a[@href]", f"//*[{has_class('breadcrumb')} or {has_class('nav')} or @id='nav']//a[@href]")
    for link in reversed(crumbs):
        target = target_of(attr(link, "href"))
        if target.kind == "board":
            return target.id, text_of(link)
    if tid:
        # links to answer name thread and board
        for node in find_all(root, f"//*[contains(@href,'tid={tid}') and contains(@href,'fid=')]"):
            query = dict(parse_qsl(attr(node, "href").partition("?")[2]))
            if query.get("tid") == tid and query.get("fid", "").isdigit():
                return query["fid"], _board_name(root, query["fid"])
    form = find(root, "//form[contains(@action,'fid=')]", "//a[contains(@href,'mod=post') and contains(@href,'fid=')]")
    hit = re.search(r"fid=(\d+)", attr(form, "action") or attr(form, "href")) if form is not None else None
    touch = [link for link in find_all(root, f"//*[{has_class('header')}]//h2//a[@href]") if target_of(attr(link, "href")).kind == "board"]
    if hit is None and touch:
        return target_of(attr(touch[0], "href")).id, text_of(touch[0])
    if hit is None:
        scripts = " ".join(str(node.text or "") for node in find_all(root, "//script[contains(.,'fid')]"))
        hit = re.search(r"\bfid\s*=\s*(?:parseInt\()?['\"]?(\d+)", scripts)
    return (hit[1], "") if hit else ("", "")


def _board_name(root: Node, fid: str) -> str:
    for link in find_all(root, f"//a[contains(@href,'fid={fid}') or contains(@href,'forum-{fid}-')]"):
        if target_of(attr(link, "href")).id == fid and text_of(link):
            return text_of(link)
    return ""
