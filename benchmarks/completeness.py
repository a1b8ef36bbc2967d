"""A crawl of a served forum of 500 threads and 6,000 posts, field by field, in templates the reader was not written against.

Each template is crawled by the real spider into a database on disk and compared with what the forum says it posted. A post
counts when its thread, author, text, kind and quotation are right, it is stored once, and its time holds within what the
page shows. Baseline, on the same pages: the selectors of the stock template, which published Discuz! spiders use.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from lxml import html  # type: ignore[import-untyped]

from benchmarks._crawl import SITE, crawl
from benchmarks._town import build, truth
from benchmarks.running import Forum
from huiying.home import read_secret
from store.cleaning import stored_body, stored_title
from store.clock import parse_instant
from store.ids import author_key

#: template → options of the forum
TEMPLATES: dict[str, tuple[str, ...]] = {
    "stock": (),
    "article": ("--scenario", "article"),
    "cards": ("--scenario", "cards"),
    "classic, GBK": ("--scenario", "classic", "--charset", "gbk"),
    "touch": ("--scenario", "touch"),
    "cards, GBK, boards only": ("--scenario", "cards,gbk,guideoff"),
}
#: seconds by which a time may be read early: a page that tells minutes or hours allows no more (crawlers.sites.times)
EARLY_S = {"second": 0, "minute": 120, "hour": 3_720, "day": 86_400, "unknown": -1}
_COLUMNS = "p.pid, t.tid, p.author_key, p.official, p.posted_at, p.precision, p.body, p.thread_title, p.kind, p.quotes, p.shielded"


def run() -> list[dict[str, Any]]:
    """Rows of `benchmarks completeness`."""
    threads = int(os.environ.get("HUIYING_COMPLETENESS_THREADS", "500"))
    rows = []
    with tempfile.TemporaryDirectory(prefix="huiying-completeness-") as folder:
        town = Path(folder) / "town"
        build(town, threads, threads * 12 + threads // 6)
        for number, (name, options) in enumerate(TEMPLATES.items()):
            rows += _template(name, options, town, Path(folder) / str(number))
    return rows


def _template(name: str, options: tuple[str, ...], town: Path, folder: Path) -> list[dict[str, Any]]:
    shutil.copytree(town, folder / "forum")
    forum = Forum(folder / "forum", *options)
    try:
        told = crawl(folder / "home", forum.url)
        wanted = truth(folder / "forum")
        baseline = _stock_selectors(forum.url, {str(row["tid"]) for row in wanted.values()}, wanted)
    finally:
        forum.close()
    found = stored(folder / "home")
    key = read_secret(folder / "home", "authors.key")
    losses = [*_losses(wanted, found, key), *(f"page: {trouble}" for trouble in told["troubles"] if "导读功能尚未开启" not in trouble)]
    for loss in losses[:12]:
        print(f"  {name}: {loss}", flush=True)
    by_kind = Counter(loss.split(":", 1)[0] for loss in losses)
    right = len(wanted) - len({loss.split()[1] for loss in losses if not loss.startswith(("extra", "page", "twice"))})
    official = sum(row["official"] and not row["first"] for row in wanted.values())
    read = sum(bool(row["official"]) and row["kind"] == "reply" for rows in found.values() for row in rows)
    goal = "100 %"
    told_losses = ", ".join(f"{count} {kind}" for kind, count in by_kind.most_common()) or "none"
    times = Counter(row["precision"] for rows in found.values() for row in rows)
    return [
        {
            "figure": f"{name}: posts whole and right, of {len(wanted):,} on {told['requests']:,} pages (losses: {told_losses})",
            "value": round(100 * right / len(wanted), 3),
            "unit": "%",
            "baseline": round(100 * baseline / len(wanted), 1),
            "goal": goal,
            "met": not losses,
        },
        {
            "figure": f"{name}: official replies; times to the second {times['second']:,}, minute {times['minute']:,}, hour "
            f"{times['hour']:,}, day {times['day']:,}",
            "value": read,
            "unit": f"of {official}",
            "baseline": None,
            "goal": goal,
            "met": read == official,
        },
    ]


def stored(home: Path) -> dict[str, list[dict[str, Any]]]:
    """pid → the rows stored under it (one, unless something is stored twice)."""
    found: dict[str, list[dict[str, Any]]] = {}
    with closing(sqlite3.connect(home / "huiying.sqlite3")) as database:
        database.row_factory = sqlite3.Row
        for row in database.execute(
            f"SELECT {_COLUMNS} FROM store_post p JOIN store_thread t ON t.id = p.thread_id WHERE p.site = ?", (SITE,)
        ):
            found.setdefault(row["pid"], []).append(dict(row))
    return found


def _losses(wanted: dict[str, dict[str, Any]], found: dict[str, list[dict[str, Any]]], key: str) -> list[str]:
    """One line a loss: what is wrong, with which post."""
    losses = [f"extra: {pid} in thread {found[pid][0]['tid']}" for pid in found.keys() - wanted.keys()]
    # the forum shows no quotation of a post that was deleted, nor within one that it hides
    quotes = {pid: told["quotes"] if str(told["quotes"]) in wanted and not told["shielded"] else 0 for pid, told in wanted.items()}
    wanted = {pid: told | {"quotes": quotes[pid]} for pid, told in wanted.items()}
    for pid, told in sorted(wanted.items()):
        rows = found.get(pid, [])
        if not rows:
            losses.append(f"missing: {pid} of thread {told['tid']}")
            continue
        losses += [f"twice: {pid}"] * (len(rows) - 1)
        losses += [f"{name}: {pid} {got!r}, not {want!r}"[:200] for name, got, want in _fields(rows[0], told, key) if got != want]
        shown = datetime.fromisoformat(rows[0]["posted_at"]).replace(tzinfo=UTC)
        early = (parse_instant(told["posted_at"]) - shown).total_seconds()
        # without a clock in the footer relative times are read against ours, after the page came
        late = 0 if rows[0]["precision"] == "second" else 5
        if not -late <= early <= EARLY_S[rows[0]["precision"]]:
            losses.append(f"time: {pid} read {early:.0f} s early at precision {rows[0]['precision']}")
    return losses


def _fields(row: dict[str, Any], told: dict[str, Any], key: str) -> list[tuple[str, Any, Any]]:
    return [
        ("thread", row["tid"], str(told["tid"])),
        ("author", row["author_key"], author_key(key, SITE, str(told["uid"] or ""))),
        ("official", bool(row["official"]), told["official"]),
        ("title", row["thread_title"], stored_title(told["title"])),
        ("kind", row["kind"], "topic" if told["first"] else "reply"),
        ("quotes", row["quotes"], str(told["quotes"] or "")),
        ("shielded", bool(row["shielded"]), told["shielded"]),
        ("body", _words(row["body"]), _words(stored_body(told["body"])[0])),
    ]


def _words(text: str) -> str:
    """A browser shows any run of spaces as one, and so does the reader."""
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def _stock_selectors(url: str, tids: set[str], wanted: dict[str, dict[str, Any]]) -> int:
    """Posts of the first pages whose author, time and text stock selectors find, scaled to all posts."""
    seen = got = 0
    with httpx.Client(base_url=url, timeout=30) as client:
        for tid in sorted(tids)[::10]:
            page = html.fromstring(client.get(f"/forum.php?mod=viewthread&tid={tid}").content)
            seen += min(10, sum(str(row["tid"]) == tid for row in wanted.values()))
            for node in page.xpath("//div[starts-with(@id,'post_')][.//table]"):
                body = node.xpath(".//td[starts-with(@id,'postmessage_')]") or node.xpath(".//div[@class='locked']")
                got += bool(node.xpath(".//a[@class='xw1']/@href") and node.xpath(".//em[starts-with(@id,'authorposton')]") and body)
    return round(len(wanted) * got / max(1, seen))
