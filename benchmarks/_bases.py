"""The whole pages that mutations begin with: of the sample forum in every template, and of the readers' own fixtures."""

from __future__ import annotations

import codecs
import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawlers.pages import Fetched, PageError, ThreadList, ThreadPage
from crawlers.run import ENGINES
from crawlers.settings_types import SourceSettings
from crawlers.sites.decode import decode_page
from crawlers.sites.engine import Engine
from huiying.forum.accounts import OFFICIAL_UID
from huiying.forum.app import ForumApp
from huiying.forum.scenarios import scenarios_named
from huiying.forum.site import Site
from huiying.forum.store import ForumStore
from huiying.forum.web import Request, undrawable
from store.clock import FixedClock, parse_instant

FIXTURES = Path(__file__).resolve().parents[1] / "tests" / "crawlers" / "fixtures"
NOON = parse_instant("2026-11-22T12:00:20+08:00")
#: scenarios of the sample forum
SKINS = ("plain", "absolute", "templates", "rewrite", "article", "cards", "classic", "touch", "gbk", "classic,gbk")
#: bodies with traps for copiers: without its class or style a trap is a text like any other
TRAPPED = frozenset(("discuz/thread-stock",))


@dataclass(frozen=True)
class Base:
    """A page as it should come, and what is read of it."""

    name: str
    page: str
    url: str
    charset: str
    at: datetime
    engine: Engine
    true: ThreadPage | ThreadList

    def encode(self, text: str) -> bytes:
        return text.encode(self.charset, "sample_gbk" if self.charset == "gbk" else "replace")

    def read(self, raw: bytes) -> ThreadPage | ThreadList:
        """What the reader makes of some bytes. Raises PageError."""
        fetched = Fetched(self.url, raw, "", 0.0)
        read = self.engine.read_thread if isinstance(self.true, ThreadPage) else self.engine.read_list
        return read(fetched, self.at)


    def source(self, raw: bytes) -> str:
        """A mutant's bytes as text, however broken."""
        return raw.decode("gb18030" if self.charset == "gbk" else self.charset, "replace")


def bases() -> list[Base]:
    """Every base page; each is read in full."""
    codecs.register_error("sample_gbk", undrawable)
    return [*_sample_pages(), *_fixtures()]


def _sample_pages() -> Iterator[Base]:
    engine = ENGINES["discuz"](SourceSettings(name="bbs", url="http://bbs.example/"))
    with tempfile.TemporaryDirectory(prefix="huiying-mutations-") as folder:
        clock = FixedClock(NOON)
        store = ForumStore(Path(folder), clock)
        long, alone, early = _posts(store, clock)
        for skin in SKINS:
            site = Site(store, clock, "utf-8", threading.Event(), scenarios_named(skin), url="http://bbs.example/")
            for query in (
                f"mod=viewthread&tid={long}",
                f"mod=viewthread&tid={long}&page=2",
                f"mod=viewthread&tid={alone}",
                f"mod=viewthread&tid={early}",
                "mod=forumdisplay&fid=1",
                "mod=guide&view=newthread",
            ):
                text, charset = _served(ForumApp(site), query)
                yield _base(f"{skin}: {query}", text, f"http://bbs.example/forum.php?{query}", charset, NOON, engine)
        store.close()


def _served(app: ForumApp, query: str) -> tuple[str, str]:
    answer = app.answer(Request({"PATH_INFO": "/forum.php", "QUERY_STRING": query, "HTTP_HOST": "127.0.0.1"}))
    assert isinstance(answer.body, bytes)
    charset = answer.content_type.partition("charset=")[2]
    return answer.body.decode("gbk" if charset == "gbk" else "utf-8"), charset


def _posts(store: ForumStore, clock: FixedClock) -> tuple[int, int, int]:
    """A thread of two pages with everything, one post alone, and a short thread of long ago."""
    unit = OFFICIAL_UID["市水务集团"]
    morning, day = NOON - timedelta(hours=3), timedelta(days=1)
    long = store.add_thread(fid=1, uid=101, title="柏叶路水管爆了", body="早上六点就在冒水 :(\n已经淹到人行道", posted_at=morning)
    pids = [long.pid]
    for number in range(12):
        body = f"第 {number + 2} 楼说的话，编号{number * 7 + 11}号井"
        uid = unit if number in (2, 9) else 0 if number == 5 else 110 + number
        at = morning + timedelta(minutes=13 * number + 5)
        quotes = pids[number // 2] if number % 4 == 3 else 0
        pids.append(store.add_reply(tid=long.tid, uid=uid, body=body, quotes=quotes, posted_at=at, shielded=number == 7).pid)
    store.edit(pid=pids[3], body="改过的一句，现在有人来了")
    alone = store.add_thread(fid=1, uid=120, title="路灯不亮", body="赤城路一排灯都不亮，晚上走路怕", posted_at=morning - day)
    early = store.add_thread(fid=1, uid=121, title="公园什么时候修好", body="围了半年了\n有没有人管", posted_at=NOON - 40 * day)
    store.add_reply(tid=early.tid, uid=unit, body="预计下月底完工", posted_at=NOON - 39 * day)
    store.edit(pid=alone.pid, body="赤城路一排灯都不亮，晚上走路怕")
    return long.tid, alone.tid, early.tid


def _fixtures() -> Iterator[Base]:
    for folder in sorted(path for path in FIXTURES.glob("*/*") if path.is_dir()):
        name = f"{folder.parent.name}/{folder.name}"
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        wanted = json.loads((folder / "post.json").read_text(encoding="utf-8"))
        raw = next(folder.glob("page.*")).read_bytes()
        if "error" in wanted or name in TRAPPED or meta["kind"] not in ("thread", "list") or raw[:1] in b"{[":
            continue
        own = folder.parent / "source.json"
        given = json.loads(own.read_text(encoding="utf-8")) if own.is_file() else {}
        source = SourceSettings(**{"name": "site", "engine": folder.parent.name, "url": "http://site.example/"} | given)
        decoded = decode_page(raw, meta.get("header_charset", ""), meta.get("charset", ""))
        charset = "gbk" if decoded.charset == "gb18030" else "utf-8"
        base = _base(name, decoded.text, meta["url"], charset, parse_instant(meta["fetched_at"]), ENGINES[source.engine](source))
        if base is not None:
            yield base


def _base(name: str, text: str, url: str, charset: str, at: datetime, engine: Engine) -> Base:
    read: Callable[[Fetched, datetime], ThreadPage | ThreadList]
    read = engine.read_thread if engine.page_kind(url) == "thread" else engine.read_list
    encoded = text.encode(charset, "sample_gbk" if charset == "gbk" else "replace")
    try:
        true = read(Fetched(url, encoded, "", 0.0), at)
    except PageError as refusal:
        raise ValueError(f"{name}: {refusal}") from refusal
    return Base(name, text, url, charset, at, engine, true)
