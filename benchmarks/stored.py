"""From posting to stored, in real time, at 10 requests a minute for the whole forum: six boards, one new thread and four replies a minute.

The whole product on a served forum; half of the replies go to threads with an open alert, every eighth of them a unit's answer. What
is asked of the forum is counted in front of it. Baseline: the same posts read by uniform polling of the six boards at the same
budget, computed (`benchmarks.virtual.uniform`), because a second crawler would double the load on the machine.
"""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks._relay import CountingRelay
from benchmarks.latency import flagged_texts
from benchmarks.running import Forum, Home, NotAnswering, wait_until
from benchmarks.virtual.arrivals import Arrival
from benchmarks.virtual.outcome import densest, percentile
from benchmarks.virtual.uniform import uniform
from huiying.ports import free_port

MINUTES = float(os.environ.get("HUIYING_STORED_MINUTES", "15"))
SETTLE_S = 60.0
SEED, RATE, BOARDS, OPEN = 20261122, 10, 6, 12
_REPLIES = ("同感，我们这边也一样。", "楼主说得对，顶一下。", "现在怎么样了？", "昨天路过看到了，还没好。", "谢谢楼主，已转给邻居。")
_ANSWER = "网友您好，您反映的问题已收悉，我单位已派人到现场核实处理，感谢您的监督。"


@dataclass
class Run:
    """The posts of a run and what was asked of the forum for them."""

    arrivals: list[Arrival] = field(default_factory=list)
    answers: list[Arrival] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="huiying-stored-") as folder:
        forum = Forum(Path(folder) / "forum")
        relay = CountingRelay(forum.url)
        home = Home(Path(folder) / "home", relay.url, rate=RATE, delay="2s", poll="8s", port=free_port("127.0.0.1", 8460))
        try:
            home.person("wuchen", "commentator", duty=True)
            home.start()
            made = _measure(forum, relay, Path(folder) / "home" / "huiying.sqlite3")
        finally:
            home.stop()
            relay.close()
            forum.close()
    return _rows(made)


class _Store:
    """The home's database, only read."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
        self._last = 0

    def new_pids(self) -> list[str]:
        rows = self._connection.execute("SELECT id, pid FROM store_post WHERE id > ? ORDER BY id", (self._last,)).fetchall()
        self._last = rows[-1][0] if rows else self._last
        return [pid for _, pid in rows]

    def posts(self) -> int:
        return int(self._connection.execute("SELECT COUNT(*) FROM store_post").fetchone()[0])

    def open_threads(self) -> list[str]:
        """Threads of open alerts, oldest first."""
        rows = self._connection.execute(
            "SELECT thread.tid FROM alerts_alert AS alert JOIN store_post AS post ON post.id = alert.anchor_id"
            " JOIN store_thread AS thread ON thread.id = post.thread_id WHERE alert.state IN ('OPEN', 'OWNED') ORDER BY alert.id"
        )
        return [tid for (tid,) in rows.fetchall()]


def _measure(forum: Forum, relay: CountingRelay, path: Path) -> Run:
    random_ = random.Random(SEED)
    texts = flagged_texts(random_, OPEN + round(MINUTES) + 10)
    boards: dict[str, str] = {}

    def begin(title: str, body: str) -> tuple[str, str]:
        board = random_.randint(1, BOARDS)
        made = forum.post(title, body, fid=board)
        boards[str(made["tid"])] = str(board)
        return str(made["tid"]), str(made["pid"])

    for _ in range(OPEN):
        begin(*texts.pop())
        begin(f"周末去哪里玩 {len(boards)}", "天气好，想带孩子出去走走。")
    store = _Store(path)
    if not wait_until(240, lambda: len(store.open_threads()) >= OPEN * 2 // 3, every=1.0):
        raise NotAnswering(f"only {len(store.open_threads())} of {OPEN} threads have an open alert after four minutes")
    # what was posted all at once is read to its end, and the minute that it filled is over
    if not wait_until(240, lambda: store.posts() >= 2 * OPEN, every=1.0):
        raise NotAnswering(f"only {store.posts()} of {2 * OPEN} opening posts are stored")
    time.sleep(SETTLE_S)
    store.new_pids()
    made, waiting = Run(began=time.monotonic()), dict[str, Arrival]()
    coming = _times(random_)
    while (now := time.monotonic()) < made.began + MINUTES * 60 + 120 and (waiting or coming):
        for pid in store.new_pids():
            if pid in waiting:
                waiting.pop(pid).seen = time.monotonic() - made.began
        while coming and now >= made.began + coming[0][0]:
            _, first = coming.pop(0)
            arrival, pid = (_thread if first else _reply)(forum, store, random_, begin, texts, boards, made)
            arrival.at = time.monotonic() - made.began
            made.arrivals.append(arrival)
            waiting[pid] = arrival
        time.sleep(0.2)
    made.ended = time.monotonic()
    made.sent = [at for at in relay.sent if at >= made.began]
    return made


def _times(random_: random.Random) -> list[tuple[float, bool]]:
    """When something is posted, and whether it is a thread: as Poisson processes that came to one and four a minute."""
    threads = [(random_.uniform(0, MINUTES * 60), True) for _ in range(round(MINUTES))]
    return sorted(threads + [(random_.uniform(0, MINUTES * 60), False) for _ in range(round(4 * MINUTES))])


def _thread(forum: Forum, store: _Store, random_: random.Random, begin: Any, texts: Any, boards: dict[str, str], made: Run) -> Any:
    idle = f"周末去哪里玩 {len(boards)}", "天气好，想带孩子出去走走。"
    tid, pid = begin(*(texts.pop() if random_.random() < 0.5 else idle))
    return Arrival(0.0, tid, boards[tid], True), pid


def _reply(forum: Forum, store: _Store, random_: random.Random, begin: Any, texts: Any, boards: dict[str, str], made: Run) -> Any:
    """Half of the replies go to threads with an open alert, every eighth of these is a unit's answer."""
    from huiying.forum.accounts import OFFICIAL

    hot = [tid for tid in store.open_threads() if tid in boards]
    others = [tid for tid in boards if tid not in hot]
    tid = random_.choice(hot if hot and (not others or random_.random() < 0.5) else others)
    answers = tid in hot and sum(arrival.hot for arrival in made.arrivals) % 8 == 7
    uid = random_.choice(list(OFFICIAL)) if answers else random_.randint(101, 120)
    pid = str(forum.reply(int(tid), _ANSWER if answers else random_.choice(_REPLIES), uid=int(uid))["pid"])
    arrival = Arrival(0.0, tid, boards[tid], False, tid in hot)
    if answers:
        made.answers.append(arrival)
    return arrival, pid


def _rows(made: Run) -> list[dict[str, Any]]:
    end = made.ended - made.began
    late = [(arrival, (arrival.seen if arrival.seen is not None else end) - arrival.at) for arrival in made.arrivals]
    lost = sum(arrival.seen is None for arrival in made.arrivals)
    again = [Arrival(arrival.at, arrival.tid, arrival.board, arrival.first, arrival.hot) for arrival in made.arrivals]
    uniform(again, lists=[str(board + 1) for board in range(BOARDS)], per_minute=RATE, start_s=0.0, end_s=end)
    base = [(arrival, (arrival.seen if arrival.seen is not None else end) - arrival.at) for arrival in again]
    kinds: dict[str, tuple[Callable[[Arrival], bool], float | None, float | None]] = {
        "new threads": (lambda arrival: arrival.first, 15.0, 40.0),
        "replies in threads with an open alert": (lambda arrival: arrival.hot, 30.0, 90.0),
        "other replies": (lambda arrival: not arrival.first and not arrival.hot, None, None),
    }
    rows = []
    for kind, (chosen, *goals) in kinds.items():
        ours, theirs = ([delay for arrival, delay in delays if chosen(arrival)] for delays in (late, base))
        for name, share, goal in zip(("median", "p95"), (0.5, 0.95), goals, strict=True):
            rows.append(_row(f"post → stored, {kind} ({len(ours)}), {name}", percentile(ours, share), "s", percentile(theirs, share), goal))
    answered = max((end if arrival.seen is None else arrival.seen) - arrival.at for arrival in made.answers) if made.answers else 0.0
    rows.append(_row(f"post → stored, official answers ({len(made.answers)}), longest", answered, "s", None, 120.0))
    rows.append(_row("posts not stored when the run ended", lost, "posts", sum(arrival.seen is None for arrival in again), 0))
    rows.append(_row("requests in the densest 60 s", densest(made.sent), "requests", RATE, RATE))
    rows.append(_row("requests a new post, all that was asked of the forum", len(made.sent) / len(made.arrivals), "requests", None, 2.0))
    return rows


def _row(figure: str, value: float, unit: str, baseline: float | None, goal: float | None) -> dict[str, Any]:
    return {
        "figure": f"{figure}; {MINUTES:g} min, seed {SEED}",
        "value": round(value, 2),
        "unit": unit,
        "baseline": None if baseline is None else round(baseline, 2),
        "ratio": round(value / baseline, 3) if baseline else None,
        "goal": "none" if goal is None else f"≤ {goal:g}",
        "met": goal is None or round(value, 2) <= goal,
    }
