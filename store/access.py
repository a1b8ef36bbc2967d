"""The access log: who searched, opened, unmasked or exported what; append-only, each row chained to the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from store import sequence
from store.clock import SystemClock
from store.models import AccessEntry, Counter

GENESIS = "0" * 64
_COUNTER = "access-log"
_CHUNK = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainReport:
    """What a walk along the chain found."""

    rows: int
    #: id of the first row that does not fit (changed, or one before it is gone); 0 = rows at the end are gone; None = whole
    broken_at: int | None

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def record(
    person: str,
    role: str,
    action: str,
    what: str,
    why: str = "",
    count: int | None = None,
    address: str = "",
    now: datetime | None = None,
) -> AccessEntry:
    """Append one entry: `action` is login, search, open, unmask, export, denied or list; `what` holds ids, never texts."""
    entry = AccessEntry(
        at=now or SystemClock().now(),
        person=person[:150],
        role=role[:20],
        action=action[:20],
        what=what[:300],
        why=why[:300],
        count=count,
        address=address[:60],
    )
    with transaction.atomic():
        # The counter's row lock orders the writers; on SQLite the immediate transaction does already.
        sequence.reserve(1, _COUNTER)
        entry.previous = AccessEntry.objects.order_by("-pk").values_list("hash", flat=True).first() or GENESIS
        entry.hash = _hash(entry)
        entry.save(force_insert=True)
    return entry


def _hash(entry: AccessEntry) -> str:
    fields: list[Any] = [
        entry.previous,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.person,
        entry.role,
        entry.action,
        entry.what,
        entry.why,
        entry.count,
        entry.address,
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")).hexdigest()


def verify_chain() -> ChainReport:
    """Walk the whole chain, 2,000 rows at a time, so that no cursor stays open."""
    rows, last, previous = 0, 0, GENESIS
    with transaction.atomic():  # one snapshot: rows that are appended meanwhile are not half seen
        written = Counter.objects.filter(name=_COUNTER).values_list("value", flat=True).first() or 0
        while chunk := list(AccessEntry.objects.filter(pk__gt=last).order_by("pk")[:_CHUNK]):
            for entry in chunk:
                if entry.previous != previous or entry.hash != _hash(entry):
                    return ChainReport(rows=rows, broken_at=entry.pk)
                rows, last, previous = rows + 1, entry.pk, entry.hash
    return ChainReport(rows=rows, broken_at=None if rows >= written else 0)
