"""Fetch, parse and store against fetching alone: pages a second of a whole crawl beside a bare Scrapy spider on the same addresses.

Both are processes of their own against one sample forum, with the same Scrapy settings (robots.txt, address guard, budget
gate, cookies, limits), in alternating rounds; the medians are compared. The crawl counts until its last page is on disk.

A page of a real forum costs its server some 20 ms at best (PHP and a database behind it), so the sample forum waits for as
long; the last figure is without that wait: then both are bound by the processor, and reading is no longer hidden behind it.

The clock is the neighbours' too: where other programs keep the processors busy, whoever needs more of them waits longer. So
the processor time of a page stands beside it, of both and of the forum that serves them, and how long the thread that
downloads stood in line for a processor. What all three use of one processor together is the worst case of the ratio.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks._crawl import ROOT, crawl
from benchmarks._town import build
from benchmarks.running import Forum, processor_s

ROUNDS = int(os.environ.get("HUIYING_THROUGHPUT_ROUNDS", "5"))
#: (what the server does, its scenario, requests under way at a time; the product asks for one)
CASES = (
    ("a forum that takes 20 ms for a page", "slow:0.02", 1),
    ("a forum that takes 20 ms for a page", "slow:0.02", 4),
    ("the sample forum as fast as it answers", "plain", 1),
)


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks throughput`."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="huiying-throughput-") as name:
        folder = Path(name)
        build(folder / "forum")
        for what, scenario, together in CASES:
            forum = Forum(folder / "forum", "--scenario", scenario)
            try:
                rows.append(_row(folder, forum, what, together))
            finally:
                forum.close()
    return rows


def _row(folder: Path, forum: Forum, what: str, together: int) -> dict[str, Any]:
    addresses = folder / "addresses"
    ours, bare, served = [], [], []
    for _ in range(ROUNDS):
        ours.append(crawl(folder / "home", forum.url, concurrency=together, addresses=str(addresses)))
        shutil.rmtree(folder / "home")
        before = processor_s(forum.process.pid)
        bare.append(_bare(forum.url, addresses, together))
        served.append(1000 * (processor_s(forum.process.pid) - before) / bare[-1]["requests"])
    rates = [[one["requests"] / one["seconds"] for one in some] for some in (ours, bare)]
    rate, base = map(statistics.median, rates)
    cpu, base_cpu = (_a_page(some, "cpu") for some in (ours, bare))
    server = statistics.median(served)
    spent = f"processor time {cpu:.2f} ms a page, bare {base_cpu:.2f}, the forum {server:.2f}"
    alone = f"on one processor for all, .{100 * (base_cpu + server) / (cpu + server):.0f} of bare"
    in_line = f"in line for a processor {_a_page(ours, 'queued'):.1f} ms a page, bare {_a_page(bare, 'queued'):.1f}"
    return {
        "figure": f"fetch, parse and store from {what}, {together} at a time, {ours[0]['requests']} pages, {ours[0]['posts']} posts, "
        f"median of {ROUNDS} rounds (best {max(rates[0]):.0f}, bare {max(rates[1]):.0f}; {spent}: {alone}; {in_line})",
        "value": round(rate, 1),
        "unit": "pages/s",
        "baseline": round(base, 1),
        "ratio": round(rate / base, 3),
        "goal": "≥ 0.8 of a bare Scrapy spider",
        "met": rate >= 0.8 * base,
    }


def _a_page(rounds: list[dict[str, Any]], name: str) -> float:
    """Milliseconds of a page, the median of the rounds."""
    return float(statistics.median(1000 * one[name] / one["requests"] for one in rounds))


def _bare(url: str, addresses: Path, together: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._bare", url, str(addresses), str(together)], stdout=subprocess.PIPE, check=True, cwd=ROOT
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))
