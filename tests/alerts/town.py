"""A small town for the tests: its cast, its forum, and one evening of November."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts.models import Alert, Person
from alerts.opening import OpenReport, consider
from alerts.policy import Policy, Unit
from alerts.states import Role
from store.clock import parse_instant
from store.models import Assessment, Post, Thread

WATER = "市水务集团"
ECOLOGY = "市生态环境局"
YANJIANG = "沿江镇"
POLICY = Policy(
    units=(
        Unit(name=WATER, kind="company"),
        Unit(name=ECOLOGY),
        Unit(name=YANJIANG, kind="town", town=YANJIANG),
        Unit(name="市网络诉求办", kind="office"),
    ),
    topics=("城乡建设", "环境保护", "交通运输"),
    towns=(YANJIANG, "东塍镇"),
    crawlable_sites=frozenset({"bbs"}),
    product_url="http://huiying.example",
)


def at(clock: str) -> datetime:
    """`at("19:38")` on Sunday 22 November 2026; `at("23 00:10")` on another day of it."""
    day, _, time = clock.rpartition(" ")
    return parse_instant(f"2026-11-{day or '22'}T{time if time.count(':') == 2 else time + ':00'}+08:00")


@dataclass
class Town:
    """Who is who, and a forum on which things are posted."""

    policy: Policy = POLICY
    posts: int = 0
    wuchen: Person = field(init=False)
    linxiao: Person = field(init=False)
    zhouming: Person = field(init=False)
    chenli: Person = field(init=False)
    luomin: Person = field(init=False)
    zhaoning: Person = field(init=False)
    zheng: Person = field(init=False)
    shenjie: Person = field(init=False)

    def __post_init__(self) -> None:
        self.wuchen = self._person("wuchen", "吴晨", Role.COMMENTATOR, on_duty=True)
        self.linxiao = self._person("linxiao", "林晓", Role.COMMENTATOR)
        self.zhouming = self._person("zhouming", "周明", Role.COMMENTATOR, on_duty=True)
        self.chenli = self._person("chenli", "陈立", Role.SPOKESPERSON, units=[WATER])
        self.luomin = self._person("luomin", "罗敏", Role.SPOKESPERSON, units=[ECOLOGY])
        self.zhaoning = self._person("zhaoning", "赵宁", Role.EDITOR)
        self.zheng = self._person("zheng", "郑副市长", Role.LEADER)
        self.shenjie = self._person("shenjie", "沈洁", Role.ADMINISTRATOR)

    def _person(self, username: str, display: str, role: Role, **fields: Any) -> Person:
        return Person.objects.create(username=username, display=display, role=role, email=f"{username}@example.org", **fields)

    def post(
        self,
        title: str = "沿江自来水管爆裂",
        *,
        posted: str = "19:38",
        seen: str = "19:45",
        flag: bool = True,
        thread: Thread | None = None,
        level: int = 4,
        unit: str = WATER,
        **fields: Any,
    ) -> Post:
        """A citizen's topic, or a reply when `thread` is given, judged as `flag`."""
        post = self._write(title, posted, seen, thread, **fields)
        Assessment.objects.create(
            post=post,
            post_version=1,
            assessed_at=at(seen),
            needs_response=0.88 if flag else 0.1,
            threshold=0.5,
            flag=flag,
            category="报修" if flag else "闲聊、玩笑、游戏",
            topic="城乡建设",
            department=unit,
            level=level,
            places=[{"name": YANJIANG, "town": YANJIANG}],
            model="test",
        )
        return post

    def official_reply(self, thread: Thread, *, posted: str, seen: str, unit: str = WATER, **fields: Any) -> Post:
        """An answer by an office on the forum."""
        return self._write("", posted, seen, thread, official=True, official_unit=unit, **fields)

    def _write(self, title: str, posted: str, seen: str, thread: Thread | None, **fields: Any) -> Post:
        self.posts += 1
        number = str(1000 + self.posts)
        kind = "reply" if thread is not None else "topic"
        if thread is None:
            official = bool(fields.get("official"))
            thread = Thread.objects.create(
                site="bbs", tid=f"t{number}", source="bbs", title=title, first_seen_at=at(seen), official=official, posted_at=at(posted)
            )
        defaults: dict[str, Any] = {"body": title, "precision": "minute", "text_sha256": "0" * 64, "site": "bbs", "source": "bbs"}
        return Post.objects.create(
            **{**defaults, **fields},
            pid=number,
            thread=thread,
            kind=kind,
            title=title if kind == "topic" else "",
            thread_title=thread.title,
            posted_at=at(posted),
            detected_at=at(seen),
            seen_at=at(seen),
            url=f"http://bbs.example/thread-{thread.tid}-1-1.html#pid{number}",
            seq=self.posts,
        )

    def open(self, *posts: Post, now: str = "19:45:10", grouper: Any = None, **options: Any) -> OpenReport:
        return consider(posts, at(now), self.policy, grouper, **options)

    def alert(self, title: str = "沿江自来水管爆裂", *, posted: str = "19:38", seen: str = "19:45", **fields: Any) -> Alert:
        """An alert on a fresh topic."""
        post = self.post(title, posted=posted, seen=seen, **fields)
        report = consider([post], at(seen) + timedelta(seconds=10), self.policy)
        return Alert.objects.get(pk=report.opened[0])
