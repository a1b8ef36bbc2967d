"""A believable evening of the town in a fresh home, made by the product's own intake, judge and ledger, then served.

python -m scripts.evening HOME PORT     prints one JSON line {"ready": …} once it serves; ends with its input
"""

from __future__ import annotations

import heapq
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from scripts.evening_posts import (
    ANSWERED,
    CALM,
    JOINED,
    LIKE,
    MONTH,
    NOTE,
    OF_WATER,
    OFFICIAL,
    PRESSURE,
    SMELL,
    TOWNS,
    WAITING,
    WATER,
)
from store.clock import FixedClock, parse_instant
from store.records import Post, PostKind, Precision
from store.snapshots import ThreadSnapshot

SECRET = "only-for-pictures-3h"  # noqa: S105 - the home is made for one run and thrown away
SITE = "linhai-bbs"
BOARDS = {
    name: str(2 + place)
    for place, name in enumerate(("百姓呼声", "咨询求助", "建言献策", "交通出行", "灌水", "房产家居", "消费维权", "跳蚤市场"))
}
OFFICES = {str(9001 + place): unit for place, unit in enumerate(MONTH)}
CONFIG = """\
extends: shipped
sources:
  linhai-bbs:
    engine: discuz
    name: 临海论坛
    url: https://bbs.example.org/
    official: {%s}
  tieba-export:
    engine: discuz
    name: 临海贴吧
    url: https://tieba.example.org/
    enabled: false
crawl:
  user_agent: "Mozilla/5.0 (compatible; huiying/0.1; +https://example.org/huiying)"
channels:
  email: {host: 127.0.0.1, port: 2525, tls: none}
"""
PEOPLE = (
    ("wuchen", "吴晨", "commentator", (), True),
    ("linxiao", "林晓", "commentator", (), True),
    ("zhouming", "周明", "commentator", (), False),
    ("chenli", "陈立", "spokesperson", ("市水务集团",), False),
    ("luomin", "罗敏", "spokesperson", ("生态环境局临海分局",), False),
    ("qianfeng", "钱峰", "spokesperson", ("市住房和城乡建设局",), False),
    ("zhaoning", "赵宁", "editor", (), False),
    ("zheng", "郑副市长", "leader", (), False),
    ("shenjie", "沈洁", "administrator", (), False),
)


def at(clock: str) -> datetime:
    """`at("19:38")` on Sunday 22 November 2026; `at("20 19:38")` on another day of it."""
    day, _, time = clock.rpartition(" ")
    return parse_instant(f"2026-11-{day or '22'}T{time}:00+08:00")


NOW = at("21:38")


class Mailbox:
    """A channel that accepts every message and keeps none."""

    @contextmanager
    def connect(self) -> Iterator[Mailbox]:
        yield self

    def send(self, message: object) -> None:
        """Accepted."""


class Evening:
    """Things that happen at their instants; each goes through the product's own doors, then the engine makes its round."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        official = ", ".join(f'"{uid}": {unit}' for uid, unit in OFFICES.items())
        (home / "pipelines.yaml").write_text(CONFIG % official, encoding="utf-8")
        from huiying.app import open_app, store_sink
        from huiying.rounds import Rounds

        self.clock = FixedClock(at("01 00:00") - timedelta(days=10))
        self.app = open_app(home, clock=self.clock)
        self.sink = store_sink(self.app)
        self.rounds = Rounds(self.app)
        self.rounds.__dict__["channels"] = {"email": Mailbox()}
        self.random = Random(3)
        self._numbers = count(50_900)
        self._order = count()
        self._agenda: list[tuple[datetime, int, Callable[[], Any]]] = []
        self._threads: dict[str, ThreadSnapshot] = {}
        #: the highest floor a thread ever had: a floor that vanished keeps its number
        self._floors: Counter[str] = Counter()

    def plan(self, when: datetime, what: Callable[[], Any]) -> None:
        heapq.heappush(self._agenda, (when, next(self._order), what))

    def run(self) -> None:
        """Everything planned, in its order, an engine's round after each."""
        while self._agenda:
            when, _, what = heapq.heappop(self._agenda)
            self.clock.instant = when
            what()
            self.rounds.round()
            self.clock.instant = when + timedelta(seconds=14)
            self.rounds.send()
        self.clock.instant = NOW
        self.rounds.round()

    def write(self, when: datetime, board: str, title: str, body: str, *, after: int = 4) -> str:
        """A topic, read `after` minutes later; its thread's number."""
        tid = str(next(self._numbers))
        self._floors[tid] = 1
        post = self._post(tid, when, board, title, body, uid=str(100 + int(tid) % 97), floor=1, kind=PostKind.TOPIC)
        self._threads[tid] = self._snapshot(tid, board, title, (post,), when, views=self.random.randrange(20, 90))
        self.plan(when + timedelta(minutes=after), lambda: self.read(tid))
        return tid

    def reply(self, tid: str, when: datetime, uid: str, body: str, *, after: int = 2) -> None:
        """A reply; an office's when `uid` is one of its accounts."""

        def said() -> None:
            old = self._threads[tid]
            self._floors[tid] += 1
            post = self._post(tid, when, old.board_name, old.title, body, uid=uid, floor=self._floors[tid], kind=PostKind.REPLY)
            self._renew(tid, posts=(*old.posts, post))

        self.plan(when + timedelta(minutes=after), said)

    def edit(self, tid: str, when: datetime, body: str) -> None:
        self.plan(when, lambda: self._renew(tid, posts=(_with(self._threads[tid].posts[0], body=body), *self._threads[tid].posts[1:])))

    def delete(self, tid: str, when: datetime, floor: int) -> None:
        """A floor vanishes: believed once two reads did not show it."""
        self.plan(when, lambda: self._renew(tid, posts=tuple(post for post in self._threads[tid].posts if post.floor != floor)))
        self.plan(when + timedelta(minutes=3), lambda: self.read(tid))

    def move(self, when: datetime, name: str, tid: str, actor: str, **fields: Any) -> None:
        """A move on the alert of a thread, by somebody. What the judge left alone has no alert: nothing is done."""

        def moved() -> None:
            from alerts import moves
            from alerts.models import Alert

            alert = Alert.objects.filter(anchor__thread__tid=tid).order_by("-pk").first()
            if alert is not None and (name != "close" or alert.state == "ANSWERED") and (name != "dismiss" or alert.state == "OPEN"):
                if "into" in fields:
                    fields["into"] = Alert.objects.get(anchor__thread__tid=fields["into"]).pk
                getattr(moves, name)(alert.pk, actor, now=self.clock.now(), **fields)

        self.plan(when, moved)

    def _post(self, tid: str, when: datetime, board: str, title: str, body: str, *, uid: str, floor: int, kind: PostKind) -> Post:
        return Post(
            **{"site": SITE, "pid": f"{tid}{floor:02d}", "tid": tid, "kind": kind, "board": BOARDS[board], "board_name": board},
            **{"title": title if kind == PostKind.TOPIC else "", "thread_title": title, "body": body, "uid": uid, "author": f"u{uid}"},
            **{"floor": floor, "posted_at": when, "precision": Precision.MINUTE, "url": f"https://bbs.example.org/thread-{tid}-1-1.html"},
        )

    def _snapshot(self, tid: str, board: str, title: str, posts: tuple[Post, ...], when: datetime, views: int) -> ThreadSnapshot:
        return ThreadSnapshot(
            **{"site": SITE, "tid": tid, "board": BOARDS[board], "board_name": board, "title": title, "posts": posts, "views": views},
            **{"url": f"https://bbs.example.org/thread-{tid}-1-1.html", "replies": len(posts) - 1, "fetched_at": when},
            raw_sha256=sha256(tid.encode()).hexdigest(),
        )

    def _renew(self, tid: str, posts: tuple[Post, ...]) -> None:
        self._threads[tid] = _with(self._threads[tid], posts=posts, replies=len(posts) - 1)
        self.read(tid)

    def read(self, tid: str) -> None:
        """Read the thread as it now stands."""
        old = self._threads[tid]
        grown = (old.views or 0) + self.random.randrange(15, 90)
        self._threads[tid] = _with(old, fetched_at=self.clock.now(), views=grown)
        self.sink.take([self._threads[tid]])


def _with(record: Any, **fields: Any) -> Any:
    from dataclasses import replace

    return replace(record, **fields)


def tonight(town: Evening) -> None:
    """The posts that wait, the calm ones, one matter running, one answered, one paused, one event."""
    smell = ""
    for clock, board, title, body in (*WAITING, *CALM, LIKE):
        tid = town.write(at(clock), board, title, body, after=3 + len(body) % 5)
        if title.startswith("东塍镇夜里") and not smell:
            smell = tid
            for when, uid, words in SMELL:
                town.reply(tid, at(when), str(100 + int(tid) % 97) if uid == "105" else uid, words)
        if title.startswith("大田菜场"):
            town.move(at("21:37"), "claim", tid, "linxiao")
    for clock, board, title, body in JOINED:
        tid = town.write(at(clock), board, title, body)
        town.move(at(clock) + timedelta(minutes=8), "merge", tid, "linxiao", into=smell)
    running = town.write(at("19:38"), "百姓呼声", *WATER[:2], after=7)
    town.move(at("20:02"), "assign", running, "wuchen", unit="市水务集团", co_units=["沿江镇"], level=3)
    town.move(at("20:09"), "ack", running, "chenli")
    town.move(at("20:48"), "pause", running, "chenli", reason="水务抢修车辆在高速上遇事故绕行，到场前无法核实")
    town.move(at("20:50"), "approve_pause", running, "zhouming")
    town.move(at("21:02"), "resume", running, "chenli")
    for when, uid, words in WATER[2]:
        town.reply(running, at(when), uid, words)
    town.plan(at("21:36"), lambda: town.read(running))
    answered = town.write(at("17:20"), "百姓呼声", ANSWERED[0], ANSWERED[1], after=6)
    town.move(at("17:41"), "assign", answered, "linxiao", unit="市住房和城乡建设局", co_units=["古城街道"], level=3)
    town.move(at("17:50"), "ack", answered, "qianfeng")
    town.reply(answered, at("17:58"), "401", "我的车也在里面，谁来赔？")
    town.reply(answered, at("18:05"), "402", "物业的人态度很差，骂人。")
    town.edit(answered, at("18:20"), ANSWERED[2])
    town.delete(answered, at("18:40"), 3)
    town.reply(answered, at("19:24"), "9005", OFFICIAL)
    town.reply(answered, at("19:40"), "403", "看到泵在抽了，谢谢。")
    town.reply(answered, at("20:10"), "404", "那泡坏的车怎么办，能不能也给个说法？")
    other = town.write(at("18:05"), "百姓呼声", *PRESSURE)
    town.move(at("18:20"), "assign", other, "wuchen", unit="市水务集团")
    town.move(at("18:31"), "ack", other, "chenli")
    town.move(at("19:00"), "pause", other, "chenli", reason="要等小区物业开泵房门，物业电话约定 22 时到")
    town.move(at("19:04"), "approve_pause", other, "zhouming")
    for clock, title, body in OF_WATER:
        tid = town.write(at(clock), "百姓呼声", title, body)
        town.move(at(clock) + timedelta(minutes=15), "assign", tid, "linxiao", unit="市水务集团")
        if clock == "17:40":
            town.move(at("18:10"), "ack", tid, "chenli")
            town.reply(tid, at("19:02"), "9001", "已派人围挡，明早九点回填夯实，完工在本帖告知。市水务集团 24 小时热线可询。")


def month(town: Evening) -> None:
    """Thirty days before: five units with enough matters for a rate, some with few; most on time, a few late, some dismissed."""
    accounts = {unit: uid for uid, unit in OFFICES.items()}
    rota = [unit for unit in MONTH for _ in range(5 if unit in list(accounts)[:5] else 1)]
    total = 170
    for number in range(total):
        unit = rota[number * 11 % len(rota)]
        title, body = town.random.choice(MONTH[unit])
        place = town.random.choice(TOWNS)
        posted = at("22 00:00") - timedelta(days=30 - number * 30 // total, minutes=-int(town.random.triangular(420, 1380, 1180)))
        tid = town.write(posted, town.random.choice(list(BOARDS)[:5]), title.format(place), body.format(place), after=2 + number % 11)
        triaged = posted + timedelta(minutes=town.random.randrange(16, 34))
        if number % 14 == 5:
            town.move(triaged, "dismiss", tid, "linxiao", reason="个人纠纷，未求助监管")
            continue
        who = town.random.choice(("wuchen", "linxiao", "zhouming"))
        town.move(triaged, "assign", tid, who, unit=unit)
        late = number % (11 if unit == "市住房和城乡建设局" else 23) == 3
        took = timedelta(minutes=town.random.randrange(190, 420) if late else int(town.random.triangular(40, 175, 95)))
        town.reply(tid, posted + took, accounts[unit], "已到现场核实，正在处理，结果在本帖告知。联系本单位值班室。")
        if posted + timedelta(days=4) < NOW:
            town.move(posted + timedelta(days=town.random.randrange(2, 5)), "close", tid, who)


def people(town: Evening) -> None:
    from alerts.people import create

    for username, display, role, units, duty in PEOPLE:
        fields: dict[str, Any] = {"display": display, "units": units, "email": f"{username}@example.org", "on_duty": duty}
        create(username, role=role, password=SECRET, now=town.clock.now(), must_change=False, **fields)


def around(town: Evening) -> None:
    """What stands beside the ledger: messages sent, sources read, who looked at what, the words of the editor, the index."""
    from dashboards.models import DigestNote
    from huiying.wire import configured_boards
    from store.access import record
    from store.health import begin, sync
    from store.heartbeat import beat
    from store.models import BoardHealth, HealthHour

    beat("engine", NOW - timedelta(seconds=4))
    begin(SITE, at("01 08:00") - timedelta(days=9))
    sync(configured_boards(town.app.pipelines))
    odd = {
        "交通出行": ("parser", 9, "ParserError：主题列表读到 0 行"),
        "消费维权": ("wall", 3, "flood"),
        "跳蚤市场": ("unreachable", 5, "connection refused"),
    }
    for name, board in [("", ""), *BOARDS.items()]:
        outcome, failures, failure = odd.get(name, ("ok", 0, ""))
        read = NOW - timedelta(minutes=0.4 if not failures else 20 * failures)
        fields = {"board_name": name, "first_crawl_at": at("01 08:00"), "last_attempt_at": NOW, "last_success_at": read, "outcome": outcome}
        fields |= {
            "last_post_at": read - timedelta(minutes=6),
            "expected_s": 400.0 + 90 * len(name),
            "failures_in_row": failures,
            "failure": failure,
        }
        fields |= {"detail": "flood" if outcome == "wall" else "", "seconds_recent": 0.8, "seconds_usual": 0.7}
        if name == "房产家居":
            fields |= {"seconds_recent": 9.4}
        BoardHealth.objects.update_or_create(source=SITE, board=board, defaults=fields)
        for back in range(24):
            bad = back * 60 < 20 * failures
            slow = name == "房产家居" and back < 3
            hour = NOW.replace(minute=0) - timedelta(hours=back)
            HealthHour.objects.create(source=SITE, board=board, hour=hour, reads=60, failures=58 * bad, slow=50 * slow, posts=4)
    for clock, person, role, action, what, why, n in (
        ("18:02", "wuchen", "commentator", "login", "", "", None),
        ("18:44", "linxiao", "commentator", "search", "刺鼻气味", "", 6),
        ("19:15", "linxiao", "commentator", "unmask", f"{SITE}:5120002", "核对官方是否答复过这一问", 1),
        ("20:05", "luomin", "spokesperson", "denied", "alert:212", "", None),
        ("20:40", "zheng", "leader", "export", "record:2026-10-24..2026-11-22", "市府办月度通报用", 158),
        ("21:12", "shenjie", "administrator", "open", "people", "", None),
    ):
        record(person, role, action, what, why, n, now=at(clock))
    DigestNote.objects.create(date=at("23 08:00").date(), text=NOTE, by="zhaoning", at=NOW)
    town.rounds.follow_index()


def main() -> None:
    home, port = Path(sys.argv[1]), sys.argv[2]
    town = Evening(home)
    people(town)
    month(town)
    tonight(town)
    town.run()
    around(town)
    from alerts.models import Alert

    running = Alert.objects.get(title=WATER[0])
    answered = Alert.objects.filter(title=ANSWERED[0]).earliest("pk")
    smell = Alert.objects.filter(title__startswith="东塍镇夜里").earliest("posted_at")
    found = {
        "alert": running.pk,
        "answered": answered.pk,
        "smell": smell.pk,
        "event": smell.event_id,
        "thread": f"{SITE}/{answered.anchor.thread.tid}",
    }
    # The serving child opens the home anew and keeps this clock, on which the evening stands still.
    from huiying.children import web
    from huiying.pages import hand_over

    hand_over(town.app)
    print(json.dumps({"ready": found}), flush=True)  # noqa: T201
    sys.argv = ["web", "--home", str(home), "--port", port]
    web.main()


if __name__ == "__main__":
    main()
