"""What a page needs to be drawn: the store, the server's clock and the look that a scenario chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from huiying.forum.store import ForumStore
from huiying.forum.times import TimeStyle, day, epoch_of, minute, second, shown

SITE_NAME = "示例论坛"


@dataclass(frozen=True, slots=True)
class Look:
    """How pages are drawn; scenarios replace single fields."""

    times: TimeStyle = TimeStyle.TITLED
    template: Literal["stock", "county", "article", "cards", "classic", "touch"] = "stock"
    #: links as thread-T-P-x.html and forum-F-P.html
    rewrite: bool = False
    #: noise that copying picks up and people do not see
    jammer: bool = False
    #: no page total, and always a next link
    endless: bool = False
    guide: bool = True
    #: the guide names each thread's board
    guide_board: bool = True
    #: threads that the guide shows, by its view, as of the moment when it was last made up; None = made up at each request
    guide_copy: dict[str, tuple[int, ...]] | None = None
    #: the lists of boards are filled by a script: the page itself says that there is no thread
    hollow: bool = False
    #: threads stand newest reply first unless asked otherwise
    newest_first: bool = False
    #: floors and filters vanish, as for known robots
    robot: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One request's drawing context. `now` is the server's clock, whole seconds since 1970."""

    store: ForumStore
    charset: str
    look: Look
    now: int

    @staticmethod
    def of(store: ForumStore, charset: str, look: Look) -> View:
        return View(store, charset, look, epoch_of(store.clock.now()))

    def second(self, epoch: int) -> str:
        return shown(epoch, self.now, second(epoch), self.look.times)

    def minute(self, epoch: int) -> str:
        return shown(epoch, self.now, minute(epoch), self.look.times)

    def day(self, epoch: int) -> str:
        """List times of a thread: relative words, but only the date in `title`."""
        return shown(epoch, self.now, day(epoch), self.look.times)

    def thread_href(self, tid: int, page: int = 1, list_page: int = 1) -> str:
        if self.look.rewrite:
            return f"thread-{tid}-{page}-{list_page}.html"
        tail = f"&amp;page={page}" if page > 1 else f"&amp;extra=page%3D{list_page}"
        return f"forum.php?mod=viewthread&amp;tid={tid}{tail}"

    def board_href(self, fid: int, page: int = 1) -> str:
        if self.look.rewrite:
            return f"forum-{fid}-{page}.html"
        return f"forum.php?mod=forumdisplay&amp;fid={fid}" + (f"&amp;page={page}" if page > 1 else "")


def space_href(uid: int) -> str:
    return f"home.php?mod=space&amp;uid={uid}"
