"""Two templates over the same ids: `stock` follows the outline of Discuz! X, `county` names its classes otherwise."""

from __future__ import annotations

from typing import Protocol

from huiying.forum.rows import PostRow, ThreadRow
from huiying.forum.skins import county, stock
from huiying.forum.view import View


class Skin(Protocol):
    """How one template writes a list, a list entry and a post."""

    def thread_list(self, rows: str, with_board: bool) -> str: ...
    def list_row(self, view: View, thread: ThreadRow, with_board: bool, list_page: int) -> str: ...
    def post(self, view: View, thread: ThreadRow, post: PostRow, quoted: PostRow | None) -> str: ...


STOCK: Skin = stock.Stock()
COUNTY: Skin = county.County()


def skin_of(view: View) -> Skin:
    return COUNTY if view.look.template == "county" else STOCK
