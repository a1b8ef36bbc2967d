"""Where everything that was read enters the store: masked, pseudonymised, once.

crawlers.writer, huiying.imports → StoreSink.take → threads, posts, edits, observations (one transaction a batch)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta

from django.db import transaction

from store import health, rates
from store.canaries import canaries
from store.models import BoardHealth, Thread
from store.officials import OfficialAccounts
from store.rhythm import Rhythm
from store.snapshots import Canary, FetchReport, TakeResult, ThreadMark, ThreadSnapshot
from store.taking import Taking
from store.verdict import YOUNG

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
        first_crawl: Mapping[str, timedelta] | None = None,
        detected_when_posted: bool = False,
    ) -> None:
        """`official` maps (site, uid) to a unit; `sources` maps a site to its source where the names differ; `hot` tells the
        threads with an open alert; `first_crawl`: by source, how far back its first crawl reads; `detected_when_posted` is for
        imports into a simulated home only (rules.md)."""
        self.officials = OfficialAccounts(home_key, official)
        self.max_age = max_age
        self._sources = dict(sources or {})
        self._hot = hot
        self._first_crawl = dict(first_crawl or {})
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
            begun = self._begun(batch)
            taking = Taking(
                officials=self.officials,
                source_of=self.source_of,
                backfill_before={source: at - self.max_age for source, at in begun.items()},
                detected_when_posted=self._detected_when_posted,
                answers=answers,
            )
            counts = taking.take(batch)
            rates.count(taking.new, {source: at - self._first_crawl.get(source, self.max_age) for source, at in begun.items()})
            if taking.backfilled:
                health.add_backfilled(taking.backfilled)
            for warning in taking.warnings:
                health.warn(warning.source, warning.board, warning.text, warning.at)
        for warning in taking.warnings:
            log.warning("%s:%s: %s", warning.source, warning.ref, warning.text)
        return TakeResult(counts=tuple(counts))

    def source_of(self, site: str) -> str:
        return self._sources.get(site, site)

    def _begun(self, batch: Sequence[ThreadSnapshot]) -> dict[str, datetime]:
        """By source, the start of its first crawl; its posts from long before that open no alerts."""
        first_reads: dict[str, datetime] = {}
        for snapshot in batch:
            source = self.source_of(snapshot.site)
            first_reads[source] = min(snapshot.fetched_at, first_reads.get(source, snapshot.fetched_at))
        known = dict(BoardHealth.objects.filter(source__in=first_reads, board="").values_list("source", "first_crawl_at"))
        return {source: known.get(source) or health.begin(source, at) for source, at in first_reads.items()}

    def threads(self, site: str) -> dict[str, ThreadMark]:
        """What is known of every stored thread of a site, by thread id."""
        columns = ("tid", "board", "replies", "last_post_at", "last_read_at", "pages", "pages_read", "deleted_at", "activity", "url")
        threads = Thread.objects.filter(site=site).values_list(*columns)
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
                activity=activity,
                url=url,
            )
            for tid, board, replies, last_post, last_read, pages, read, deleted, activity, url in threads
        }

    def hot(self, site: str) -> Collection[str]:
        """Ids of the threads with an open alert."""
        return self._hot(site) if self._hot is not None else ()

    def cover(self, site: str, boards: Mapping[str, datetime]) -> None:
        """Remember of which boards ("" = the lists over all of them) everything was read as of an instant."""
        health.cover(self.source_of(site), boards)

    def covered(self, site: str) -> Mapping[str, datetime]:
        """What `cover` was told last."""
        rows = BoardHealth.objects.filter(source=self.source_of(site)).exclude(covered_at=None)
        return {board: at for board, at in rows.values_list("board", "covered_at") if at is not None}

    def rhythms(self, site: str, now: datetime) -> Mapping[str, Rhythm]:
        """How often the boards of a site have posts, by board, "" = all of it; empty before it was watched for a day."""
        source = self.source_of(site)
        begun = BoardHealth.objects.filter(source=source, board="").values_list("first_crawl_at", flat=True).first()
        return rates.rhythms(source, now) if begun is not None and now - begun >= YOUNG else {}

    def canaries(self, site: str, now: datetime, board: str = "") -> Sequence[Canary]:
        """Old threads that were read in full, to compare with when pages yield less."""
        return canaries(site, now, board)

    def doubted(self, site: str) -> Collection[str]:
        """Boards ("" = the threads of the site) whose pages a canary found changed, and no later one as before."""
        rows = BoardHealth.objects.filter(source=self.source_of(site)).exclude(canary="")
        return set(rows.values_list("board", flat=True))

    def health(self, *reports: FetchReport) -> None:
        """Remember how pages were read."""
        health.fold(*reports)

    def reread_official(self) -> int:
        """After the list of official accounts changed: derive `official` over the past; how many posts changed."""
        return self.officials.reread()
