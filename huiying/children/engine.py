"""The engine child: APScheduler wakes its rounds; what is due stands in rows, so a missed wake-up loses nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from huiying.children.parent import begin

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

    from huiying.rounds import Rounds

log = logging.getLogger("huiying.engine")

#: seconds between wake-ups
ROUND_S, SEND_S, INDEX_S, DIGEST_S, SOURCES_S, WATCH_S = 1, 2, 2, 20, 30, 5


def main() -> None:
    options, stop = begin(__doc__, drain_s=3.5)
    from huiying.app import open_app
    from huiying.children.role import hold
    from huiying.rounds import Rounds

    app = open_app(options.home, options.config, migrate=False)
    with hold(app, "engine"):
        rounds = Rounds(app)
        rounds.recover()
        _run(
            {
                "round": (rounds.round, ROUND_S),
                "send": (rounds.send, SEND_S),
                "index": (rounds.follow_index, INDEX_S),
                "digest": (rounds.digest, DIGEST_S),
                "sources": (rounds.watch_sources, SOURCES_S),
            },
            stop,
            rounds,
        )


def _run(jobs: dict[str, tuple[Callable[[], object], int]], stop: threading.Event, rounds: Rounds) -> None:
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    # misfire_grace_time: the default drops a job that is one second late
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, (job, seconds) in jobs.items():
        scheduler.add_job(_guarded(name, job, stop), "interval", seconds=seconds, id=name, next_run_time=rounds.app.clock.now())
    scheduler.start()
    try:
        while not stop.wait(WATCH_S):
            catch_up(scheduler, rounds.app.clock.now())
    finally:
        scheduler.shutdown(wait=True)


def catch_up(scheduler: BackgroundScheduler, now: datetime) -> None:
    """A wall clock that was set back leaves every next run far in the future; bring them back to `now`."""
    for job in scheduler.get_jobs():
        if job.next_run_time is not None and job.next_run_time - now > 3 * job.trigger.interval + timedelta(seconds=5):
            log.warning("the clock went back; %s is woken now", job.id)
            job.modify(next_run_time=now)


def _guarded(name: str, job: Callable[[], object], stop: threading.Event) -> Callable[[], None]:
    """A failing round is logged and tried again at the next wake-up; the process ends only for a full or broken store."""

    def run() -> None:
        if stop.is_set():
            return
        try:
            job()
        except Exception:
            log.exception("%s failed; it is repeated from its watermark", name)

    return run


if __name__ == "__main__":
    main()
