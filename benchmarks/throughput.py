"""Fetch, parse and store against fetching alone: pages a second of a whole crawl beside a bare Scrapy spider on the same addresses.

Both are processes of their own against one sample forum, with the same Scrapy settings (robots.txt, address guard, budget
gate, cookies, limits), in alternating rounds; the medians are compared. The crawl counts until its last page is on disk.
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
from benchmarks.running import Forum

ROUNDS = int(os.environ.get("HUIYING_THROUGHPUT_ROUNDS", "5"))
#: requests under way at a time
TOGETHER = (1, 4)


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks throughput`."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="huiying-throughput-") as folder:
        build(Path(folder) / "forum")
        forum = Forum(Path(folder) / "forum")
        try:
            addresses = Path(folder) / "addresses"
            crawl(Path(folder) / "warm", forum.url, addresses=str(addresses))
            for together in TOGETHER:
                rows += _rows(Path(folder), forum.url, addresses, together)
        finally:
            forum.close()
    return rows


def _rows(folder: Path, url: str, addresses: Path, together: int) -> list[dict[str, Any]]:
    ours, bare = [], []
    for _ in range(ROUNDS):
        bare.append(_bare(url, addresses, together))
        ours.append(crawl(folder / "home", url, concurrency=together))
        shutil.rmtree(folder / "home")
    rate = statistics.median(one["requests"] / one["seconds"] for one in ours)
    base = statistics.median(one["requests"] / one["seconds"] for one in bare)
    cpu = statistics.median(1000 * one["cpu"] / one["requests"] for one in ours)
    base_cpu = statistics.median(1000 * one["cpu"] / one["requests"] for one in bare)
    return [
        {
            "figure": f"fetch, parse and store, {together} at a time, {ours[0]['requests']} pages, {ours[0]['posts']} posts, "
            f"median of {ROUNDS} rounds ({cpu:.1f} ms processor time a page, bare {base_cpu:.1f})",
            "value": round(rate, 1),
            "unit": "pages/s",
            "baseline": round(base, 1),
            "ratio": round(rate / base, 3),
            "goal": "≥ 0.8 of a bare Scrapy spider",
            "met": rate >= 0.8 * base,
        }
    ]


def _bare(url: str, addresses: Path, together: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._bare", url, str(addresses), str(together)], stdout=subprocess.PIPE, check=True, cwd=ROOT
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))
