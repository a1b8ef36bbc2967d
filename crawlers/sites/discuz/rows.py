"""What the rows of a list have in common: in which of them author and time of posting can be told from those of the last reply.

Every template names the author and the time of posting before the last reply's, and in every row at the same place. A row that names
fewer people or times than its neighbours lost some on the way, and nobody can say which: it keeps its title and has no author.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from crawlers.dom import Node, attr, find, squeeze, text_of
from crawlers.sites.damage import torn_markup
from crawlers.sites.discuz.blocks import holder
from crawlers.sites.times import ShownTime
from store.records import Precision

#: where the first of some elements stands, and how many there are
Found = tuple[tuple[str, ...], int]
#: levels of a row that are looked at
_DEEPEST = 8
_LAST = re.compile(r"最后|最新回复|末帖")
#: by which a time may be later than shown
_WIDTH = {
    Precision.SECOND: timedelta(minutes=2),
    Precision.MINUTE: timedelta(minutes=2),
    Precision.HOUR: timedelta(hours=1, minutes=2),
    Precision.DAY: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a row shows: columns of people and times (0 in templates without any), people, times, replies as far as it counts them."""

    columns: int
    people: Found
    times: Found
    replies: int | None


@dataclass(frozen=True, slots=True)
class Usual:
    """What most rows of a list show; None where no two of them agree."""

    columns: int
    people: Found | None
    times: Found | None


def found_in(row: Node, nodes: Sequence[Node]) -> Found:
    """Place of the first within its row, and number, of some elements; the row's own classes tell that it is pinned or new."""
    where: list[str] = []
    line = holder(nodes[0]) if nodes else None
    for above in (line, *islice(line.iterancestors(), _DEEPEST)) if line is not None else ():
        if above is row:
            break
        where.append(f"{above.tag}.{attr(above, 'class')}")
    return tuple(where), len(nodes)


def usual_shape(shapes: Sequence[Shape]) -> Usual:
    """What rows with replies share, else all rows; the richer of two shapes that are as frequent."""
    answered = [one for one in shapes if one.replies != 0]
    columns = Counter(one.columns for one in shapes)
    return Usual(
        max(columns, key=lambda number: (columns[number], number), default=0),
        _usual([one.people for one in answered]) or _usual([one.people for one in shapes]),
        _usual([one.times for one in answered]) or _usual([one.times for one in shapes]),
    )


def _usual(found: Sequence[Found]) -> Found | None:
    counted = Counter(found)
    best = max(counted, key=lambda one: (counted[one], one[1]), default=None)
    return best if best is not None and (counted[best] > 1 or len(found) == 1) else None


def tells(found: Found, usual: Found | None, replies: int | None) -> bool:
    """Whether the first of a row's people or times is the author's: as many as in other rows, the first at the same place.

    Without replies the last post is the first. More than usual are those of another row, whose beginning was lost.
    """
    return found[1] == 0 or found == usual or (replies == 0 and found[1] == 1)


def title_text(link: Node) -> str:
    """A title's words; of a link that was not closed only what stands before other parts of the row, "" of one torn into words."""
    if torn_markup(link):
        return ""
    if find(link, ".//a | .//td | .//tr | .//time") is not None:
        return squeeze(link.text or "")
    return text_of(link)


def of_the_last(node: Node | None) -> bool:
    """Whether the words right before an element say that it tells of the last reply."""
    if node is None:
        return False
    before = node.getprevious()
    told = before.tail if before is not None else node.getparent().text if node.getparent() is not None else ""
    return bool(_LAST.search(told or ""))


def contradict(posted: ShownTime | None, replied: ShownTime | None) -> bool:
    """Whether a thread was posted after its last reply: the times of two rows were mixed, or their order was lost."""
    if posted is None or replied is None or replied.precision not in _WIDTH:
        return False
    return posted.at > replied.at + _WIDTH[replied.precision]
