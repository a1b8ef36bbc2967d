"""A crawl process that reads 100,000 pages ($HUIYING_SOAK) of one served forum, round after round: its memory stays flat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks._crawl import ROOT
from benchmarks._town import build
from benchmarks.running import Forum

PAGES = int(os.environ.get("HUIYING_SOAK", "100000"))
#: megabytes, and the growth after the first tenth
MOST, GROWTH = 250.0, 1.05
_POINTS = 10


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks soak`."""
    with tempfile.TemporaryDirectory(prefix="huiying-soak-") as name:
        folder = Path(name)
        build(folder / "forum")
        forum = Forum(folder / "forum")
        try:
            curve = _curve(folder / "home", forum.url)
        finally:
            forum.close()
    points = [curve[min(len(curve) - 1, round(len(curve) * step / _POINTS))] for step in range(_POINTS + 1)]
    shown = ", ".join(f"{pages:,}: {memory:.0f}" for pages, memory in points)
    tenth = [memory for pages, memory in curve if pages >= PAGES / 10]
    growth = sorted(tenth[-len(tenth) // 10 :])[len(tenth[-len(tenth) // 10 :]) // 2] / tenth[0]
    return [
        _row(
            f"{curve[-1][0]:,} pages, resident memory at ten points in MB ({shown}), most", max(memory for _, memory in curve), "MB", MOST
        ),
        _row("growth after the first tenth", round(growth, 3), "", GROWTH),
    ]


def _curve(home: Path, url: str) -> list[tuple[int, float]]:
    """(pages read, MB) of the crawl process as it goes."""
    wanted = json.dumps({"home": str(home), "url": url, "pages": PAGES})
    child = subprocess.Popen([sys.executable, "-m", "benchmarks.soak", wanted], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    curve: list[tuple[int, float]] = []
    assert child.stdout is not None
    for line in child.stdout:
        row = json.loads(line)
        curve.append((row["pages"], row["memory"]))
    if child.wait() or not curve:
        raise RuntimeError(f"the crawl process ended with {child.returncode}")
    return curve


def main() -> None:
    """The crawl process: rounds over the forum, every list and thread asked for again, until so many pages are read."""
    wanted = json.loads(sys.argv[1])
    from benchmarks._crawl import SITE, prepare

    sink = prepare(Path(wanted["home"]))
    from datetime import timedelta

    from crawlers.rounds import CrawlEvent
    from crawlers.run import run_sources
    from crawlers.settings_types import SourceSettings
    from store.clock import SystemClock

    source = SourceSettings(
        name=SITE, url=wanted["url"], requests_per_minute=6e6, min_delay_s=0, poll_s=0.01, allow_private=True, max_age=timedelta(days=3650)
    )
    pages, stop, me, told = 0, threading.Event(), psutil.Process(), 0.0

    def on_event(event: CrawlEvent) -> None:
        nonlocal pages, told
        if event.kind in ("list", "thread"):
            pages += 1
            if time.monotonic() - told > 0.5 or pages >= wanted["pages"]:
                told = time.monotonic()
                print(json.dumps({"pages": pages, "memory": me.memory_info().rss / 1e6}), flush=True)
            if pages >= wanted["pages"]:
                stop.set()

    run_sources([source], sink, SystemClock(), stop=stop, on_event=on_event)


def _row(figure: str, value: float, unit: str, goal: float) -> dict[str, Any]:
    return {"figure": f"soak: {figure}", "value": value, "unit": unit, "baseline": None, "ratio": None, "goal": goal, "met": value <= goal}


if __name__ == "__main__":
    main()
