"""Source health: every read of a page is folded into its board's row and into the hour's bar."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from store.clock import iso
from store.models import BoardHealth, HealthHour
from store.rates import learn
from store.records import SourceState
from store.snapshots import FetchOutcome, FetchReport
from store.verdict import SLOW_S, SLOW_TIMES, Facts, Verdict, decide

#: data older than this is called stale wherever counts are shown
STALE = timedelta(minutes=5)
#: a doubt about what was read stays on the page for so long
WARNING_STAYS = timedelta(hours=24)
#: weights of the newest answer time in the recent and the usual one
_RECENT, _USUAL = 0.4, 0.02
#: a thread page tells about its board only by these; a missing or closed thread is that thread's own affair
_TELLS = frozenset(
    {FetchOutcome.OK, FetchOutcome.UNREACHABLE, FetchOutcome.HTTP, FetchOutcome.WALL, FetchOutcome.PARSER, FetchOutcome.NOT_A_FORUM}
)


class Configured(NamedTuple):
    """A board as pipelines.yaml names it; board "" is the source itself (its guide page)."""

    source: str
    board: str
    name: str
    enabled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Stale:
    """A source whose newest successful read is too old (None = never)."""

    source: str
    since: datetime | None


def begin(source: str, at: datetime) -> datetime:
    """The start of a source's first crawl: `at`, unless it began before."""
    row, _ = BoardHealth.objects.get_or_create(source=source, board="", defaults={"first_crawl_at": at})
    if row.first_crawl_at is None:
        row.first_crawl_at = at
        row.save(update_fields=["first_crawl_at"])
    return row.first_crawl_at


def add_backfilled(numbers: Mapping[tuple[str, str], int]) -> None:
    """Count old posts that went to the archive without an alert, by (source, board): for the boards and for their sources."""
    added: dict[tuple[str, str], int] = {}
    for (source, board), number in numbers.items():
        for name in {board, ""}:
            added[source, name] = added.get((source, name), 0) + number
    known = {(row.source, row.board): row for row in BoardHealth.objects.filter(source__in={source for source, _ in added})}
    for (source, board), number in added.items():
        row = known.get((source, board)) or BoardHealth(source=source, board=board)
        row.backfilled += number
        row.save(update_fields=None if row.pk is None else ["backfilled"])


def cover(source: str, boards: Mapping[str, datetime]) -> None:
    """Remember of which boards everything was read as of an instant: a later crawl takes their lists up from there."""
    with transaction.atomic():
        for board, at in boards.items():
            BoardHealth.objects.update_or_create(source=source, board=board, defaults={"covered_at": at})


def warn(source: str, board: str, text: str, at: datetime) -> None:
    """Keep a doubt about something that was read, for the operator."""
    BoardHealth.objects.update_or_create(source=source, board=board, defaults={"warning": text, "warning_at": at})


def fold(*reports: FetchReport) -> None:
    """Remember how pages were read, in their order and in one transaction: the boards' rows, and the bars of their hours."""
    with transaction.atomic():
        sources = {report.source for report in reports}
        rows = {(row.source, row.board): row for row in BoardHealth.objects.filter(source__in=sources)}
        hours = {_hour(report) for report in reports}
        bars = {(bar.source, bar.board, bar.hour): bar for bar in HealthHour.objects.filter(source__in=sources, hour__in=hours)}
        told: dict[int, BoardHealth | HealthHour] = {}
        for report in reports:
            row = rows.setdefault((report.source, report.board), BoardHealth(source=report.source, board=report.board))
            told[id(row)] = row
            if report.page_kind == "canary":
                _fold_canary(row, report)
                continue
            hour = _hour(report)
            bar = bars.setdefault((report.source, report.board, hour), HealthHour(source=report.source, board=report.board, hour=hour))
            _fold_hour(bar, report, slow=_fold_row(row, report))
            told[id(bar)] = bar
            if report.waiting is not None:
                whole = rows.setdefault((report.source, ""), BoardHealth(source=report.source, board=""))
                whole.waiting = report.waiting
                told[id(whole)] = whole
        for one in told.values():
            one.save()


def _hour(report: FetchReport) -> datetime:
    return report.at.replace(minute=0, second=0, microsecond=0)


def _fold_canary(row: BoardHealth, report: FetchReport) -> None:
    """A canary thread was compared: a changed template stays said until one is read in full again; a quiet board is a note."""
    told = "" if report.outcome == FetchOutcome.OK else "。".join(filter(None, (report.failure, report.advice)))
    if not (row.canary and told):
        row.canary_at = report.at  # of a trouble that lasts: its beginning
    row.canary = told
    if report.outcome == FetchOutcome.OK and report.failure:
        row.warning, row.warning_at = report.failure, report.at
    row.state = decide(facts_of(row), report.at).state.value


def _tells(report: FetchReport) -> bool:
    """Whether a read says something about its board."""
    return report.page_kind == "list" or report.outcome in _TELLS


def _fold_row(row: BoardHealth, report: FetchReport) -> bool:
    ok = report.outcome == FetchOutcome.OK
    row.last_attempt_at = _later(row.last_attempt_at, report.at)
    row.quiet_until = report.quiet_until
    if ok:
        row.first_crawl_at = row.first_crawl_at or report.at
        row.last_success_at = _later(row.last_success_at, report.at)
        if report.newest_at is not None:
            row.last_post_at = _later(row.last_post_at, min(report.newest_at, report.at))
        row.outcome, row.detail, row.failure, row.advice, row.failures_in_row = report.outcome.value, "", "", "", 0
    elif _tells(report):
        row.outcome, row.detail = report.outcome.value, report.detail[:60]
        row.failure, row.advice = report.failure, report.advice
        if report.detail == "hang":  # the next page may be read well: this stays said for a day
            row.warning, row.warning_at = f"{report.url}：{report.failure}；{report.advice}", report.at
        row.failures_in_row += 1
    slow = _fold_seconds(row, report.seconds) if ok and report.seconds > 0 else False
    if ok and report.counts.get("wanted"):
        found = report.counts.get("found", 0) / report.counts["wanted"]
        row.yield_recent = _folded(row.yield_recent, found, _RECENT)
        row.yield_usual = _folded(row.yield_usual, found, _USUAL)
    learn(row, report.at)
    row.state = decide(facts_of(row), report.at).state.value
    return slow


def _fold_seconds(row: BoardHealth, seconds: float) -> bool:
    usual = seconds if row.seconds_usual is None else row.seconds_usual
    slow = seconds > SLOW_S and seconds > SLOW_TIMES * usual
    row.seconds_recent = _folded(row.seconds_recent, seconds, _RECENT)
    row.seconds_usual = _folded(row.seconds_usual, seconds, _USUAL)
    return slow


def _folded(so_far: float | None, value: float, weight: float) -> float:
    """A running mean, begun with its first value."""
    return value if so_far is None else so_far + weight * (value - so_far)


def _fold_hour(bar: HealthHour, report: FetchReport, *, slow: bool) -> None:
    bar.reads += 1
    bar.failures += report.outcome != FetchOutcome.OK and _tells(report)
    bar.slow += slow
    bar.posts += report.yielded if report.page_kind == "thread" else 0


def facts_of(row: BoardHealth, *, enabled: bool = True) -> Facts:
    """What the decision about a board rests on."""
    return Facts(
        enabled=enabled,
        first_crawl_at=row.first_crawl_at,
        last_success_at=row.last_success_at,
        last_post_at=row.last_post_at,
        outcome=row.outcome,
        detail=row.detail,
        failures_in_row=row.failures_in_row,
        failure=row.failure,
        advice=row.advice,
        seconds_recent=row.seconds_recent,
        seconds_usual=row.seconds_usual,
        rates=tuple(row.rates),
        rates_evidence=row.rates_evidence,
        backfilled=row.backfilled,
        canary=row.canary,
        waiting=row.waiting,
    )


def verdict_of(row: BoardHealth, now: datetime, *, enabled: bool = True) -> Verdict:
    """State and advice of a board at `now`, a fresh doubt included."""
    verdict = decide(facts_of(row, enabled=enabled), now)
    if enabled and row.warning and row.warning_at is not None and now - row.warning_at < WARNING_STAYS:
        return Verdict(state=verdict.state, advice=f"{verdict.advice}。注意：{row.warning}")
    return verdict


def sources_rows(now: datetime, configured: Sequence[Configured]) -> list[dict[str, Any]]:
    """The rows of `huiying sources --json`, in the order of the configuration, then boards that are no longer in it."""
    known = {(row.source, row.board): row for row in BoardHealth.objects.all()}
    rows = []
    for source, board, name, enabled in configured:
        rows.append(_row(known.pop((source, board), BoardHealth(source=source, board=board)), now, name=name, enabled=enabled))
    enabled_sources = {source for source, _, _, enabled in configured if enabled}
    for (source, _), row in sorted(known.items()):
        # A board that was met on the way (through the guide page) is told about only once it was read for itself.
        if row.outcome and source in enabled_sources:
            rows.append(_row(row, now, name=row.board_name, enabled=True))
    return rows


def _row(row: BoardHealth, now: datetime, *, name: str, enabled: bool) -> dict[str, Any]:
    verdict = verdict_of(row, now, enabled=enabled)
    return {
        "source": row.source,
        "board": row.board,
        "name": name or row.board_name,
        "state": verdict.state.value,
        "last_success": iso(row.last_success_at),
        "last_post": iso(row.last_post_at),
        "expected_s": None if row.expected_s is None else round(row.expected_s, 1),
        "failure": row.failure,
        "advice": verdict.advice,
        "since": iso(_since(row, verdict.state)),
        "yield": None if row.yield_recent is None else round(row.yield_recent, 3),
        "canary": {"at": iso(row.canary_at), "told": row.canary} if row.canary_at else None,
        "yield_usual": None if row.yield_usual is None else round(row.yield_usual, 3),
        "seconds": None if row.seconds_recent is None else round(row.seconds_recent, 2),
        "seconds_usual": None if row.seconds_usual is None else round(row.seconds_usual, 2),
        "rests_until": iso(row.quiet_until) if row.quiet_until is not None and row.quiet_until > now else None,
        "first_crawl": iso(row.first_crawl_at),
        "archived": row.backfilled,
        "waiting": row.waiting,
        "covered": iso(row.covered_at),
    }


def _since(row: BoardHealth, state: SourceState) -> datetime | None:
    """Since when nothing new came in full: the newest post of a silent board, the first canary that failed, else the newest good read."""
    if state == SourceState.CHANGED and row.canary and row.outcome == FetchOutcome.OK:
        return row.canary_at
    return row.last_post_at if state == SourceState.SILENT else row.last_success_at or row.first_crawl_at


def stale_sources(now: datetime, sources: Collection[str] | None = None) -> list[Stale]:
    """Sources without a successful read for five minutes; of those named, else of all that were ever read and are not disabled."""
    newest: dict[str, datetime | None] = {}
    for source, at, outcome, state in BoardHealth.objects.values_list("source", "last_success_at", "outcome", "state"):
        if (outcome and state != SourceState.DISABLED) if sources is None else source in sources:
            newest[source] = max(filter(None, (at, newest.get(source))), default=None)
    newest = {source: newest.get(source) for source in (sources if sources is not None else newest)}
    return [Stale(source=source, since=at) for source, at in sorted(newest.items()) if at is None or now - at > STALE]


def sync(configured: Sequence[Configured]) -> None:
    """Bring names and the disabled state of the rows in line with the configuration; run at start."""
    known = {(row.source, row.board): row for row in BoardHealth.objects.all()}
    changed = []
    for source, board, name, enabled in configured:
        row = known.get((source, board)) or BoardHealth(source=source, board=board)
        state = SourceState.STARTING.value if row.state == SourceState.DISABLED else row.state
        wanted = (state if enabled else SourceState.DISABLED.value, name[:120] or row.board_name)
        if row.pk is None or wanted != (row.state, row.board_name):
            row.state, row.board_name = wanted
            changed.append(row)
    if changed:  # most starts change nothing, and should not take the write lock for it
        with transaction.atomic():
            for row in changed:
                row.save()


def _later(old: datetime | None, new: datetime) -> datetime:
    return new if old is None or new > old else old
