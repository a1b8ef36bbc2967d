"""Page numbers that no known name announces: the part of a page that holds nothing but numbers and words of turning over."""

from __future__ import annotations

import re

from crawlers.dom import Node, attr, squeeze, text_of
from crawlers.sites.discuz.urls import Target, target_of

_ONLY = re.compile(r"(?:[\d\s.…<>«»‹›|/,·]|共|第|页|条|上一?|下一?|首|末|尾|前|后|最|一|prev(?:ious)?|next|first|last)*", re.IGNORECASE)
_OF = re.compile(r"(\d{1,7})\s*/\s*(\d{1,7})")
_TOTAL = re.compile(r"共\s*(\d{1,7})\s*页")
_LONGEST = 200


def foreign_pages(root: Node, url: str) -> tuple[int, int]:
    """(this page, number of pages); (1, 1) where nothing of the page turns over."""
    target = target_of(url)
    for link in root.iter("a"):
        there = target_of(attr(link, "href"))
        if (there.kind, there.id) == (target.kind, target.id) and there.kind != "other" and _turns(link):
            pager = _around(link)
            if pager is not None and (told := _read(pager, target)) is not None:
                return told
    return 1, 1


def _turns(link: Node) -> bool:
    told = text_of(link)
    return bool(told) and len(told) < 12 and _ONLY.fullmatch(told) is not None


def _around(link: Node) -> Node | None:
    """The largest element around a link that says nothing else."""
    found = None
    for above in link.iterancestors():
        told = text_of(above)
        if len(told) > _LONGEST or not _ONLY.fullmatch(told):
            break
        found = above
    return found


def _read(pager: Node, target: Target) -> tuple[int, int] | None:
    linked = [there.page for link in pager.iter("a") if (there := target_of(attr(link, "href"))).kind == target.kind and attr(link, "href")]
    bare = [int(told) for node in pager.iter() if (told := _bare(node)).isdigit() and len(told) < 8]
    told = text_of(pager)
    pages = max(linked, default=1)
    if hit := _OF.search(told):
        return max(1, int(hit[1])), max(pages, int(hit[1]), int(hit[2]))
    if hit := _TOTAL.search(told):
        pages = max(pages, int(hit[1]))
    if not bare:
        return None
    page = target.page if target.page in bare else next((number for number in bare if number <= pages + 1), 1)
    return page, max(page, pages)


def _bare(node: Node) -> str:
    """The own text of an element that leads nowhere."""
    if not isinstance(node.tag, str) or attr(node, "href") or any(attr(above, "href") for above in node.iterancestors("a")):
        return ""
    return squeeze(node.text or "")
