"""The real crawl (spider, readers, writer thread, database on disk) as a process of its own, on a home of its own.

    python -m benchmarks._crawl '{"home": …, "url": …}'  →  one JSON object: requests, posts, seconds, processor time

Only the politeness is taken away: the budget that a forum is promised would be all that is measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.running import queued_s

ROOT = Path(__file__).resolve().parents[1]
#: the site's key in the store
SITE = "bench"


def crawl(home: Path, url: str, *, concurrency: int = 4, timeout: float = 1800, **options: Any) -> dict[str, Any]:
    """One round over the forum at `url` into `home`; raises CalledProcessError when the process fails."""
    wanted = json.dumps({"home": str(home), "url": url, "concurrency": concurrency, **options})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._crawl", wanted], stdout=subprocess.PIPE, check=True, cwd=ROOT, timeout=timeout
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def prepare(home: Path) -> Any:
    """Django on a fresh or known home; returns the crawl's sink into it, with the sample forum's official accounts."""
    from huiying.home import make_home, read_secret

    make_home(home)
    os.environ["HUIYING_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "huiying.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from huiying.forum.accounts import OFFICIAL
    from store.intake import StoreSink

    return StoreSink(home_key=read_secret(home, "authors.key"), official={(SITE, str(uid)): unit for uid, unit in OFFICIAL.items()})


def main() -> None:
    wanted = json.loads(sys.argv[1])
    sink = prepare(Path(wanted.pop("home")))
    from datetime import timedelta

    from crawlers.rounds import CrawlEvent
    from crawlers.run import run_sources
    from crawlers.settings_types import SourceSettings
    from store.clock import SystemClock

    listed = wanted.pop("addresses", "")
    wanted["max_age"] = timedelta(days=wanted.pop("days", 3650))
    source = SourceSettings(name=SITE, requests_per_minute=6e6, min_delay_s=0, poll_s=5, allow_private=True, timeout_s=60, **wanted)
    troubles: list[str] = []
    asked: list[str] = []

    def on_event(event: CrawlEvent) -> None:
        if event.kind in ("list", "thread"):
            asked.append(event.url)
        if event.kind in ("failure", "rest", "trouble") and len(troubles) < 20:
            troubles.append(f"{event.url} {event.text}")

    began, spent, queued = time.perf_counter(), time.process_time(), queued_s()
    reports = run_sources([source], sink, SystemClock(), once=True, on_event=on_event)
    told = {
        "requests": sum(row.requests for row in reports),
        "posts": sum(row.posts_new for row in reports),
        "failures": sum(row.failures for row in reports),
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - spent,
        "queued": queued_s() - queued,
        "troubles": troubles,
    }
    if listed:
        Path(listed).write_text("\n".join(asked), encoding="utf-8")
    print(json.dumps(told, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
