"""How long a source or a list rests after a failure: longer each time, and at least as long as the server asks."""

from __future__ import annotations

from crawlers.pages import NotAForum, Notice, NoticeKind, PageError, ParserFailure, Wall, WallKind
from store.snapshots import FetchOutcome


def outcome_of(error: PageError) -> tuple[FetchOutcome, str]:
    """(kind of failure for source health, its name)."""
    if isinstance(error, Wall):
        return (FetchOutcome.LOGIN if error.kind is WallKind.LOGIN else FetchOutcome.WALL), error.kind.value
    if isinstance(error, Notice):
        return FetchOutcome.NOTICE, error.kind.value
    if isinstance(error, NotAForum):
        return FetchOutcome.NOT_A_FORUM, ""
    assert isinstance(error, ParserFailure), error
    return FetchOutcome.PARSER, error.expected


def source_rest_s(outcome: FetchOutcome, detail: str, strikes: int, *, status: int = 0, asked_s: float = 0.0) -> float:
    """Seconds that the whole source rests after its `strikes`-th failure in a row; 0.0 = the failure is not the source's."""
    grown = 2.0 ** min(max(strikes - 1, 0), 12)
    if outcome is FetchOutcome.UNREACHABLE:
        return min(300.0, 5.0 * grown)
    if outcome is FetchOutcome.HTTP:
        first, longest = (60.0, 3600.0) if status in (401, 403, 429) else (15.0, 900.0)
        own = min(longest, first * grown)
        return max(asked_s, own) if strikes > 1 or not asked_s else asked_s
    if outcome is FetchOutcome.WALL:
        # too fast: slow down; any other wall: blocked, try rarely
        return max(asked_s, min(1800.0, 30.0 * grown) if detail == WallKind.FLOOD else min(6 * 3600.0, 900.0 * grown))
    if outcome is FetchOutcome.NOTICE and detail == NoticeKind.CLOSED:
        return min(3600.0, 120.0 * grown)
    if outcome is FetchOutcome.NOT_A_FORUM:
        return min(1800.0, 60.0 * grown)
    return 0.0


def list_rest_s(outcome: FetchOutcome, failures: int) -> float:
    """Seconds that one list rests after its `failures`-th failure in a row."""
    grown = 2.0 ** min(max(failures - 1, 0), 8)
    if outcome is FetchOutcome.PARSER:
        return min(600.0, 20.0 * grown)
    return min(3600.0, 120.0 * grown)
