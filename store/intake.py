"""Where everything that was read enters the store: masked, pseudonymised, once.

crawlers.writer, huiying.imports → StoreSink.take → threads, posts, edits, observations (one transaction a batch)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta

from django.db import transaction

from store import health
from store.models import BoardHealth, Thread
from store.officials import OfficialAccounts
from store.snapshots import FetchReport, TakeResult, ThreadMark, ThreadSnapshot
from store.taking import Taking

log = logging.getLogger(__name__)


class StoreSink:
    """The store's end of `snapshots.Sink`."""

    def __init__(
        self,
        *,
        home_key: str,
        official: Mapping[tuple[str, str], str] | None = None,
        max_age: timedelta = timedelta(hours=24),
        sources: Mapping[str, str] | None = None,
        hot: Callable[[str], Collection[str]] | None = None,
        detected_when_posted: bool = False,
    ) -> None:
        """`official` maps (site, uid) to a unit; `sources` maps a site to its source where the names differ; `hot` tells the
        threads with an open alert; `detected_when_posted` is for imports into a simulated home only (rules.md)."""
        self.officials = OfficialAccounts(home_key, official)
        self.max_age = max_age
        self._sources = dict(sources or {})
        self._hot = hot
        self._detected_when_posted = detected_when_posted

    @property
    def detects_when_posted(self) -> bool:
        """Whether `detected_at` is set to `posted_at` (an import into a simulated home)."""
        return self._detected_when_posted

    def detecting_when_posted(self) -> StoreSink:
        """The same sink for an import into a simulated home."""
        twin = copy(self)
        twin._detected_when_posted = True
        return twin

    def take(self, batch: Sequence[ThreadSnapshot], *, answers: Mapping[tuple[str, str], str] | None = None) -> TakeResult:
        """Store a batch in one transaction, or none of it; taking the same batch again changes nothing.

        `answers` maps (site, pid) to a unit ("" = unknown) for posts that are official because an import says so.
        """
        with transaction.atomic():
            taking = Taking(
                officials=self.officials,
                source_of=self.source_of,
                backfill_before=self._backfill_before(batch),
                detected_when_posted=self._detected_when_posted,
                answers=answers,
            )
            counts = taking.take(batch)
            for (source, board), number in taking.backfilled.items():
                health.add_backfilled(source, board, number)
            for warning in taking.warnings:
                health.warn(warning.source, warning.board, warning.text, warning.at)
        for warning in taking.warnings:
            log.warning("%s:%s: %s", warning.source, warning.ref, warning.text)
        return TakeResult(counts=tuple(counts))

    def source_of(self, site: str) -> str:
        return self._sources.get(site, site)

    def _backfill_before(self, batch: Sequence[ThreadSnapshot]) -> dict[str, datetime]:
        """By source, the instant before which a post is older than anything its first crawl may open an alert for."""
        first_reads: dict[str, datetime] = {}
        for snapshot in batch:
            source = self.source_of(snapshot.site)
            first_reads[source] = min(snapshot.fetched_at, first_reads.get(source, snapshot.fetched_at))
        known = dict(BoardHealth.objects.filter(source__in=first_reads, board="").values_list("source", "first_crawl_at"))
        for source, at in first_reads.items():
            if known.get(source) is None:
                known[source] = health.begin(source, at)
        return {source: first - self.max_age for source, first in known.items() if first is not None}

    def threads(self, site: str) -> dict[str, ThreadMark]:
        """What is known of every stored thread of a site, by thread id."""
        columns = ("tid", "board", "replies", "last_post_at", "last_read_at", "pages", "pages_read", "deleted_at")
        return {
            tid: ThreadMark(
                tid=tid,
                board=board,
                replies=replies,
                last_post_at=last_post,
                last_read_at=last_read,
                pages=pages,
                missing_pages=tuple(page for page in range(1, pages + 1) if page not in read) if len(read) < pages else (),
                gone=deleted is not None,
            )
            for tid, board, replies, last_post, last_read, pages, read, deleted in Thread.objects.filter(site=site).values_list(*columns)
        }

    def hot(self, site: str) -> Collection[str]:
        """Ids of the threads with an open alert."""
        return self._hot(site) if self._hot is not None else ()

    def health(self, report: FetchReport) -> None:
        """Remember how a page was read."""
        health.fold(report)

    def reread_official(self) -> int:
        """After the list of official accounts changed: derive `official` over the past; how many posts changed."""
        return self.officials.reread()
