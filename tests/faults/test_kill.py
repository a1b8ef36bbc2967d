"""kill -9 under load, twenty times, of crawl, engine, web and supervisor in turn; then everything is compared."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiosmtpd.controller import Controller

from benchmarks.running import Forum, Home, wait_until
from huiying.ports import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

#: `channels.email.sender` of the shipped configuration
SENDER = "回应 <huiying@localhost>"
KILLS = int(os.environ.get("HUIYING_KILLS", "20"))
SEED = int(os.environ.get("HUIYING_SEED", "20261123"))
NEEDS = (
    ("{place}自来水又停了，没人通知", "从早上停到现在，老人要吃药连热水都没有，打电话没人接，谁来管管？"),
    ("{place}路灯坏了一个月没人修", "晚上黑漆漆的，已经摔了两个人，反映过两次都没有下文，能不能派人来看看？"),
    ("{place}垃圾堆了一个星期没人清", "苍蝇到处飞，臭得窗户都不敢开，请有关部门尽快处理。"),
    ("{place}工地半夜还在打桩", "孩子明天要上学，吵得全家睡不着，投诉了也没人来，到底归谁管？"),
    ("{place}饭店后面着火了，有人被困", "浓烟很大，请赶快派人来，楼上还住着老人！"),
)
PLACES = ("杜桥镇", "东塍镇", "白水洋镇", "沿江镇", "桃渚镇", "大田街道", "江南街道", "汛桥镇", "涌泉镇", "小芝镇")


class Sink:
    """A real SMTP server that remembers the Message-ID of everything it accepted."""

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.accepted[str(message_from_bytes(envelope.content)["Message-ID"]).strip()] += 1
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    handler = Sink()
    port = free_port("127.0.0.1", 18025)
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def children_of(home: Path) -> dict[str, psutil.Process]:
    """The running processes of a home by role."""
    found: dict[str, psutil.Process] = {}
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if str(home) not in line or process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        role = next(
            (part.rsplit(".", 1)[1] for part in line if part.startswith("huiying.children.")), "supervisor" if "run" in line else "command"
        )
        found[role] = process
    return found


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{home}/huiying.sqlite3?mode=ro", uri=True, timeout=20) as connection:
        return list(connection.execute(sql))


def test_twenty_kills_lose_nothing(tmp_path: Path, sink: tuple[Sink, int], capsys: pytest.CaptureFixture[str]) -> None:
    handler, mail_port = sink
    random_ = random.Random(SEED)
    forum = Forum(tmp_path / "forum")
    home = Home(tmp_path / "home", forum.url, mail=mail_port, rate=600, delay="0", poll="1s", port=free_port("127.0.0.1", 8470))
    for name, role, units in (("wuchen", "commentator", ()), ("zhouming", "leader", ())):
        home.person(name, role, *units, duty=role == "commentator")
    stop = threading.Event()
    posted: list[int] = []

    def residents() -> None:
        own = random.Random(SEED + 1)
        while not stop.wait(own.uniform(0.1, 0.6)):
            title, body = own.choice(NEEDS)
            thread = forum.post(title.format(place=own.choice(PLACES)), body, fid=own.randint(1, 3), uid=own.randint(101, 140))
            posted.append(int(thread["pid"]))

    started: list[float] = []

    def start() -> None:
        began = time.monotonic()
        home.start()
        started.append(time.monotonic() - began)

    start()
    load = threading.Thread(target=residents, daemon=True)
    load.start()
    engine_kills = 0
    kills = []
    try:
        for number in range(KILLS):
            victim = ("crawl", "engine", "web", "supervisor")[number % 4]
            time.sleep(random_.uniform(0.5, 2.5))
            assert wait_until(15, lambda role=victim: role in children_of(home.directory)), f"{victim} is not running"
            processes = children_of(home.directory)
            processes[victim].send_signal(signal.SIGKILL)
            kills.append(victim)
            engine_kills += victim in ("engine", "supervisor")
            if victim == "supervisor":
                assert wait_until(6, lambda: not children_of(home.directory)), "an orphan stayed behind"
                start()
        stop.set()
        load.join()
        assert wait_until(60, lambda: query(home.directory, "select count(*) from store_post where kind='topic'")[0][0] == len(posted)), (
            "posts are missing"
        )
        settled = "select (select seq from store_watermark where name='engine') >= (select max(seq) from store_post)"
        assert wait_until(60, lambda: bool(query(home.directory, settled)[0][0])), "the engine did not catch up"
        waiting = (
            "select count(*) from alerts_delivery where state in ('pending','claimed') and next_try_at <= datetime('now', '+3 minutes')"
        )
        # a claim of a killed engine comes back at its next start, so this takes no longer than a few rounds
        assert wait_until(90, lambda: query(home.directory, waiting)[0][0] == 0), "deliveries are stuck"
    finally:
        stop.set()
        home.stop()
        forum.close()
    assert not children_of(home.directory), "a process stayed behind"

    stored = {int(pid) for (pid,) in query(home.directory, "select pid from store_post where kind='topic'")}
    assert stored == set(posted)
    anchors = Counter(anchor for (anchor,) in query(home.directory, "select anchor_id from alerts_alert"))
    flagged = {post for (post,) in query(home.directory, "select post_id from store_assessment where flag")}
    assert max(anchors.values()) == 1, "an alert was doubled"
    assert set(anchors) == flagged
    sent = [key for (key,) in query(home.directory, "select key from alerts_delivery where state='sent'")]
    assert sent, "the load made no message"
    from alerts.channels.email import message_id

    lost = [key for key in sent if not handler.accepted[message_id(key, SENDER)]]
    doubled = sum(count - 1 for count in handler.accepted.values())
    known = {message_id(key, SENDER) for (key,) in query(home.directory, "select key from alerts_delivery")}
    assert lost == []
    assert set(handler.accepted) <= known, "a message went out that the ledger does not know"
    assert doubled <= engine_kills
    assert max(started) <= 10, started
    done = home.huiying("verify", "--json")
    assert done.returncode == 0, done.stdout
    with capsys.disabled():
        report = {
            "seed": SEED,
            "kills": Counter(kills),
            "posts": len(posted),
            "alerts": len(anchors),
            "sent": len(sent),
            "doubled": doubled,
            "slowest_start_s": round(max(started), 2),
        }
        print("\n" + json.dumps(report))
