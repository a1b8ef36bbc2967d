"""A forum to crawl: 500 threads and 5,500 replies with everything that forums hold, written into the sample forum's store."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from huiying.forum.accounts import OFFICIAL_UID, RESIDENTS
from huiying.forum.store import ForumStore
from huiying.forum.texts import COMMON_ANSWERS, COMMON_REPLIES, drafts, filled
from store.clock import SystemClock

#: said here and there: what a reader of pages stumbles over
_ODD = (
    "电话:(0576 8500 0000 打不通 ;P00",
    "[img]202611/21/pond.jpg[/img]\n拍了一张，水有这么深 :L",
    "[code]ping 127.0.0.1[/code]\n见 http://127.0.0.1/a?b=1&c=2 :lol",
    "<script>alert(1)</script> 这样写会怎样？ </div></td>",
    "昨天 12:30 就报了，2026-1-3 07:05 又报了一次，发表于 2019-1-1 00:00:00",
    "😂 谢谢 &amp; 辛苦了",
    "1",
    "顶",
    "\n\n  空行  很多\n\n\n也要留着",
    "回复 3 楼：我在 2 楼说过了 #5",
    "标题: 这不是标题\n作者: 不是作者\n时间: 不是时间",
)


def build(directory: Path, threads: int = 500, posts: int = 6_000, seed: int = 1, days: int = 25) -> None:
    """Fill a new forum under `directory`: `threads` begun in the last `days` days, `posts` of them and their replies."""
    store = ForumStore(directory, SystemClock())
    try:
        _fill(store, random.Random(seed), threads, posts, days)
        store.set_note("opened", "empty")
    finally:
        store.close()


def _fill(store: ForumStore, draw: random.Random, threads: int, posts: int, days: int) -> None:
    now = store.clock.now()
    texts = list(drafts().values())
    sizes = _sizes(draw, threads, posts - threads)
    begun = sorted(now - timedelta(seconds=days * 86_400 * draw.random() ** 2 + 90) for _ in range(threads))
    for at, replies in zip(begun, sizes, strict=True):
        draft = draw.choice(texts)
        slots = draft.slots(draw)
        uid = draw.choice(RESIDENTS).uid if draw.random() > 0.04 else 0
        first = store.add_thread(
            fid=draft.fid,
            uid=uid,
            title=filled(draft.title, slots) if draw.random() > 0.03 else "标题里有 <b>标签</b> & - 横线 - 与“引号”",
            body=draw.choice(_ODD) if draw.random() < 0.1 else filled(draft.body, slots),
            posted_at=at,
            kind=draft.kind,
            needs_response=draft.needs,
            shielded=draw.random() < 0.01,
            sticky=3 if draw.random() < 0.004 else 0,
            views=draw.randrange(5_000),
        )
        _replies(store, draw, first.tid, first.pid, draft, slots, _times(draw, at, now, replies))
        if draw.random() < 0.03:
            store.lock_thread(first.tid)


def _replies(store: ForumStore, draw: random.Random, tid: int, first: int, draft: Any, slots: Any, times: list[datetime]) -> None:
    pids = [first]
    for number, at in enumerate(times):
        body = draw.choice((*draft.replies, *COMMON_REPLIES)) if draw.random() > 0.12 else draw.choice(_ODD)
        uid = draw.choice(RESIDENTS).uid if draw.random() > 0.03 else 0
        if number < 4 and draw.random() < 0.12:
            uid, body = OFFICIAL_UID[draft.unit or "临海发布"], draft.answer or draw.choice(COMMON_ANSWERS)
        quotes = draw.choice(pids) if draw.random() < 0.15 else 0
        made = store.add_reply(tid=tid, uid=uid, body=filled(body, slots), posted_at=at, quotes=quotes, shielded=draw.random() < 0.01)
        pids.append(made.pid)
    for pid in pids[1:]:
        if draw.random() < 0.02:
            store.edit(pid=pid, body="改过的话，说清楚一些。")
        elif draw.random() < 0.01:
            store.delete(pid=pid)


def _sizes(draw: random.Random, threads: int, replies: int) -> list[int]:
    """Replies by thread: most have few, some have many pages, a fifth none at all."""
    weights = [0.0 if draw.random() < 0.2 else draw.paretovariate(1.1) for _ in range(threads)]
    total = sum(weights)
    sizes = [min(400, int(replies * weight / total)) for weight in weights]
    while sum(sizes) < replies:
        sizes[draw.randrange(threads)] += 1 if draw.random() < 0.5 else min(25, replies - sum(sizes))
    return sizes


def _times(draw: random.Random, begun: datetime, now: datetime, replies: int) -> list[datetime]:
    span = (now - begun).total_seconds() - 30
    return sorted(begun + timedelta(seconds=1 + span * draw.random() ** 3) for _ in range(replies))


def truth(directory: Path) -> dict[str, dict[str, Any]]:
    """pid → what a guest can see of each post now: deleted ones left out, edits taken in."""
    told: dict[str, dict[str, Any]] = {}
    for line in (directory / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["what"] == "delete":
            gone = [pid for pid, one in told.items() if one["tid"] == row["tid"]] if row["first"] else [str(row["pid"])]
            for pid in gone:
                told.pop(pid, None)
        else:
            told[str(row["pid"])] = row
    return told
