"""The engine's round: judge what changed, open and answer alerts, run the ladders, send, follow with the index.

Each step is repeated safely: what it did and how far it came are written in one transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from huiying.app import App
from huiying.in_force import InForce, text_of, told

if TYPE_CHECKING:
    from alerts.channels import Channel
    from huiying.grouping import EventGrouper
    from nlp.judge import Judge
    from nlp.second_reader import Turn
    from store.models import Post
    from store.search import SearchIndex

log = logging.getLogger(__name__)

#: posts that one transaction takes: short enough that no writer waits long
CHUNK = 200
WATERMARK = "engine"
#: posts that one wake-up indexes, so that a long backlog does not hold the write lock from the alerts
INDEXED_AT_ONCE = 2_000


@dataclass(slots=True)
class RoundReport:
    """What one round did, in numbers."""

    assessed: int = 0
    opened: int = 0
    notified: int = 0
    breached: int = 0
    answered: int = 0
    sent: int = 0
    failed: int = 0

    def add(self, other: RoundReport) -> None:
        for spec in fields(self):
            setattr(self, spec.name, getattr(self, spec.name) + getattr(other, spec.name))


class Rounds:
    """The rounds of one home; judge, grouper and channels are loaded on first use and kept."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.in_force = InForce(app)

    @property
    def judge(self) -> Judge:
        return self.in_force.judge

    @cached_property
    def grouper(self) -> EventGrouper:
        from huiying.grouping import EventGrouper

        return EventGrouper.from_store(days=self.app.pipelines.judge.event_days, now=self.app.clock.now())

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """The configured channels; in a simulated home none: deliveries are rendered and never sent."""
        from alerts.channels.email import EmailChannel

        email = self.app.pipelines.channels.email
        if self.app.simulated or not email.host or "channels.email.password" in self.app.loaded.missing_secrets:
            return {}
        return {
            "email": EmailChannel(
                host=email.host,
                port=email.port,
                tls=email.tls,
                user=email.user,
                password=email.password,
                sender=email.sender,
                timeout_s=email.timeout.total_seconds(),
            )
        }

    @cached_property
    def index(self) -> SearchIndex:
        from huiying.searching import open_search

        return open_search(self.app).index

    def tick_once(self) -> dict[str, Any]:
        """One whole round to its end, as `huiying tick` does it; the row of cli.md."""
        from store.clock import iso

        report = self.round()
        report.add(self.send())
        while self.follow_index() >= INDEXED_AT_ONCE:
            pass
        return {"now": iso(self.app.clock.now()), **asdict(report)}

    def round(self) -> RoundReport:
        """Judge every changed post, open and answer alerts, then run what is due."""
        from alerts import engine
        from alerts.policy import current
        from store.heartbeat import beat

        report = RoundReport()
        second = self.in_force.second
        # a backlog is judged once and read twice only as far as this wake-up's time goes: alerts must not wait for it
        turn = second.turn(self.app.pipelines.judge.second_reader_time.total_seconds()) if second else None
        while self._chunk(report, turn) == CHUNK:
            beat("engine", self.app.clock.now())
        self._by_hand(report)
        ticked = engine.tick(self.app.clock.now(), current())
        report.notified += ticked.notified
        report.breached += ticked.breached
        report.opened += ticked.opened
        report.answered += ticked.answered
        beat("engine", self.app.clock.now())
        return report

    def _chunk(self, report: RoundReport, second: Turn | None) -> int:
        """Take the next changed posts; returns how many there were."""
        from django.db import transaction

        from alerts import evidence, opening
        from alerts.policy import current
        from store import watermark
        from store.models import Assessment

        # A simulated clock stands behind what was imported: the engine must not judge tomorrow's posts.
        seen_by = self.app.clock.now() if self.app.simulated else None
        posts = watermark.changed_posts(WATERMARK, limit=CHUNK, detected_by=seen_by)
        if not posts:
            return 0
        now, policy = self.app.clock.now(), current()
        earlier = {row.post_id: row for row in Assessment.objects.filter(post__in=posts)}
        todo = [post for post in posts if _to_judge(post, earlier.get(post.pk))]
        found = self.judge.assess([text_of(post) for post in todo], second)
        try:
            with transaction.atomic():
                for post, judged in zip(todo, found, strict=True):
                    post.assessment = _write(post, judged, now)
                self.grouper.follow()
                dull = {post.pk for post in todo if post.pk in earlier and not earlier[post.pk].flag}
                opened = opening.consider([post for post in todo if post.assessment.flag], now, policy, self.grouper, dull_before=dull)
                seen = evidence.observe(posts, now, policy)
                watermark.advance(WATERMARK, posts[-1].seq, now=now)
        except BaseException:
            # The grouper may remember posts whose rows were rolled back: read it anew.
            self.__dict__.pop("grouper", None)
            raise
        report.assessed += len(todo)
        report.opened += len(opened.opened) + len(seen.reopened)
        report.answered += len(opened.answered) + len(seen.answered)
        return len(posts)

    def _by_hand(self, report: RoundReport) -> None:
        """Open what commentators flagged by hand."""
        from django.db import transaction

        from alerts import doubt, opening
        from alerts.policy import current

        now, policy = self.app.clock.now(), current()
        if not doubt.due(now, policy.undo).exists():
            return
        try:
            with transaction.atomic():
                self.grouper.follow()
                opened = opening.consider_by_hand(now, policy, self._complete, self.grouper)
        except BaseException:
            self.__dict__.pop("grouper", None)
            raise
        report.opened += len(opened.opened)
        report.answered += len(opened.answered)

    def _complete(self, post: Post) -> None:
        """Level, unit, places and kind of a post that people flagged, as the judge tells them of one it flags; its score stays."""
        row, found = post.assessment, self.in_force.told(post, flagged=True)
        for name, value in found.items():
            setattr(row, name, value)
        row.save(update_fields=list(found))

    def send(self) -> RoundReport:
        """Send what is due; in a simulated home it is rendered and marked."""
        from alerts import sending
        from alerts.policy import current

        sent = sending.send_due(self.app.clock.now(), self.channels, policy=current(), simulated=self.app.simulated, clock=self.app.clock)
        return RoundReport(sent=sent.sent, failed=sent.failed)

    def recover(self) -> None:
        """At the start of the one process that sends: give back what a killed one had claimed."""
        from alerts import sending

        sending.recover(self.app.clock.now())

    def follow_index(self, most: int = INDEXED_AT_ONCE) -> int:
        """Bring the search index on by about `most` posts; an engine that is away is tried again at the next wake-up."""
        from store.search import SearchUnavailable

        done = 0
        try:
            while done < most and (step := self.index.follow()):
                done += step
        except SearchUnavailable as error:
            log.warning("search: %s", error.detail)
        return done

    def watch_sources(self) -> None:
        """Tell the administrators which sources are not read, and which are again."""
        from dashboards.source_alarms import send_due
        from huiying.wire import configured_boards

        send_due(self.app.clock.now(), configured_boards(self.app.pipelines))

    def digest(self) -> None:
        """Make and send the issue of the day when its time has come."""
        from huiying.digests import run_due

        run_due(self.app)


def _to_judge(post: Post, earlier: Any) -> bool:
    if post.official or post.shielded or post.deleted_at is not None:
        return False
    return earlier is None or earlier.post_version != post.version


def _write(post: Post, judged: Any, now: Any) -> Any:
    from store.models import Assessment

    row, _ = Assessment.objects.update_or_create(
        post=post,
        defaults={
            "post_version": post.version,
            "assessed_at": now,
            "needs_response": judged.needs_response,
            "threshold": judged.threshold,
            "flag": judged.flag,
            "unsure": judged.unsure,
            "topic": judged.topic,
            "topics": judged.topics,
            "model": judged.model,
            **told(judged),
        },
    )
    return row
