"""Templates over the same posts: `stock` follows the outline of Discuz! X, `county` names its classes otherwise, the rest are foreign."""

from __future__ import annotations

from typing import Literal, Protocol

from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins import article, cards, classic, county, stock, touch
from huiying.forum.skins.frame import Href
from huiying.forum.view import View


class Skin(Protocol):
    """How one template writes a page, a list, a list entry, a thread and a post."""

    def page(self, view: View, title: str, content: str, trail: str = "", head: str = "") -> str: ...
    def pager(self, view: View, current: int, pages: int, href: Href) -> str: ...
    def thread_list(self, rows: str, with_board: bool) -> str: ...
    def list_row(self, view: View, thread: ThreadRow, with_board: bool, list_page: int) -> str: ...
    def thread(self, view: View, row: ThreadRow, views: int, listed: str, numbers: str, other: str) -> str: ...
    def post(self, view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str: ...


SKINS: dict[Literal["stock", "county", "article", "cards", "classic", "touch"], Skin] = {
    "stock": stock.Stock(),
    "county": county.County(),
    "article": article.Article(),
    "cards": cards.Cards(),
    "classic": classic.Classic(),
    "touch": touch.Touch(),
}


def skin_of(view: View) -> Skin:
    return SKINS[view.look.template]
