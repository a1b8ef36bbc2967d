"""Names that are derived: the keyed pseudonym of an author, and the id of an event."""

from __future__ import annotations

import hashlib
import hmac
import re

ANONYMOUS = "匿名"
#: name of an official account whose unit is not known (an imported answer)
OFFICIAL = "官方账号"
_EVENT = re.compile(r"(\d{4})-(\d{2})(\d{2})-(\d{2,})\Z")


def author_key(home_key: str, site: str, uid: str) -> str:
    """HMAC-SHA256 of site and uid under the home's key, 64 hex digits; "" for an anonymous author.

    Each site has its own key space: one person on two sites has two keys that nothing links.
    """
    if not uid:
        return ""
    # NUL between the parts: ("a", "bc") and ("ab", "c") must not meet.
    return hmac.new(home_key.encode(), f"{site}\0{uid}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def pseudonym(key: str) -> str:
    """What people see of an author: `网友 9D41`, or `匿名` without a key."""
    return f"网友 {key[:4].upper()}" if key else ANONYMOUS


def event_id(year: int, month: int, day: int, number: int) -> str:
    """`2026-1122-07`: the seventh event first seen on that day in Shanghai."""
    return f"{year:04d}-{month:02d}{day:02d}-{number:02d}"


def event_number(event: str) -> int:
    """The running number within its day of an event id. Raises ValueError."""
    found = _EVENT.match(event)
    if found is None:
        raise ValueError(f"{event!r} is not an event id; they look like 2026-1122-07")
    return int(found[4])
