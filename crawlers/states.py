"""What is known of a list and of a thread while a source is crawled. Intervals are monotonic seconds, the forum's own times instants."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crawlers.pages import ThreadRow

ListKind = Literal["index", "newthread", "new", "board"]


@dataclass(slots=True)
class ListState:
    """A list that is read again and again."""

    kind: ListKind
    board: str = ""
    #: when page 1 was last asked for, and until when the list rests after a failure
    read_at: float = -math.inf
    rest_until: float = -math.inf
    failures: int = 0
    failed_at: float = -math.inf
    #: another list told of news on it
    wanted: bool = False
    #: next page of a sweep, 0 = none; it ends at rows older than `sweep_until`
    sweep_page: int = 0
    sweep_until: datetime | None = None
    #: threads met in this sweep: some forums serve page 1 again and again past the end, without saying how many there are
    swept: set[str] = field(default_factory=set)
    #: what made it rest, for the report
    failure: str = ""
    #: when its first page was last taken in, and the news found there of late, faded, as of then
    told_at: float = -math.inf
    stir: float = 0.0

    @property
    def key(self) -> str:
        return f"board:{self.board}" if self.kind == "board" else self.kind


@dataclass(slots=True)
class ThreadState:
    """What is known of a thread."""

    tid: str
    board: str = ""
    #: as a list named it: pages of a thread often do not
    board_name: str = ""
    pages: int = 1
    replies: int | None = None
    last_post_at: datetime | None = None
    read_at: float = -math.inf
    #: (replies, last reply) of the row that was acted on last
    seen_row: tuple[int | None, datetime | None] | None = None
    #: fewest replies acted on: a list that lags behind shows fewer again and again
    fewest: int | None = None
    #: what its own page counts and the guide does not: remarks on posts
    uncounted: int = 0
    row: ThreadRow | None = None
    #: its posts of late, faded, as of `read_at`
    activity: float = 0.0
    #: when the next look for edits is planned; an entry of `again` with another time is out of date
    again_at: float = math.inf
    failures: int = 0
    missing: int = 0
    #: further pages that were not there, since its last page was read
    short: int = 0
    #: further pages that were followed as news, since the last page was read or a list told of more
    chased: int = 0
    #: looks without a sign of change: which page comes next
    rereads: int = 0
