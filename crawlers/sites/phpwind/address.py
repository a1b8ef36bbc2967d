"""Addresses of a phpwind site: plain ones, and the 8.x form without a question mark (`read-htm-tid-12-page-2.html`)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

_PLAIN = re.compile(r"\b(tid|fid|page)-(\d{1,10}|e)(?=[-.&#]|$)")
#: links with a board's number that lead to something else: a form, its members, a group of boards, a feed
_NO_BOARD = re.compile(r"(?:^|/)(?:cate|post|rss|notice|profile|forumcp|searcher|job)\.php|[?&](?:c|a)=(?:cate|post|user|rss|my|join)\b")


def ids_of(href: str) -> tuple[str, str, int]:
    """(tid, fid, page) of an address, "" and 1 where it names none."""
    try:
        parts = urlsplit(href)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    except ValueError:
        return "", "", 1
    if "-" in href and not {"tid", "fid"} & query.keys():
        query |= dict(_PLAIN.findall(f"{parts.path}?{parts.query}"))
    tid, fid, page = query.get("tid", ""), query.get("fid", ""), query.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    return tid if tid.isascii() and tid.isdigit() else "", fid if fid.isascii() and fid.isdigit() else "", max(1, number)


def board_in(href: str) -> str:
    """The board that a link leads to, "" for any other link."""
    tid, fid, _ = ids_of(href)
    return fid if fid and not tid and not _NO_BOARD.search(href) else ""
