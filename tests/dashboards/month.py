"""A month of the town for the reports: alerts with known figures, written as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.models import Alert, Event
from alerts.states import State
from store.models import Assessment, Post, Thread
from tests.alerts.town import ECOLOGY, WATER, Town, at

TARGET = timedelta(hours=3)
WORDS = "从下午四点多停到现在，电话一直占线。"


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One alert posted at that hour of November and answered after so many minutes."""

    unit: str
    day: int
    hour: int
    answered: int | None
    leg: str = ""
    topic: str = "城乡建设"
    title: str = "水管爆裂"
    state: State | None = None
    body: str = WORDS


@dataclass
class Month:
    town: Town

    def __post_init__(self) -> None:
        # 市水务集团: 22 due, 21 on time, one after four hours
        matters = [
            Matter(unit=WATER, day=2 + n % 15, hour=8 + n % 12, answered=20 + n if n else 240, leg="" if n else "回应") for n in range(22)
        ]
        # too few to be ranked
        matters += [Matter(unit=ECOLOGY, day=10 + n, hour=20, answered=30, topic="环境保护") for n in range(5)]
        matters += [
            Matter(unit=WATER, day=21, hour=9, answered=None, leg="派发"),  # open and overdue
            Matter(unit="", day=22, hour=10, answered=None, leg="研判"),  # 待研判, overdue
            Matter(unit=ECOLOGY, day=22, hour=20, answered=None),  # not due yet
            Matter(unit=WATER, day=22, hour=20, answered=15),  # answered before it was due
            Matter(unit=WATER, day=12, hour=9, answered=None, state=State.DISMISSED),  # in time: not counted
        ]
        self.write(matters)

    def alert(self, unit: str, *, day: int, hour: int, answered: int | None, title: str = "水管爆裂", body: str = WORDS) -> Alert:
        return self.write([Matter(unit=unit, day=day, hour=hour, answered=answered, title=title, body=body)])[0]

    def write(self, matters: Sequence[Matter]) -> list[Alert]:
        numbers = range(self.town.posts + 1, self.town.posts + 1 + len(matters))
        self.town.posts += len(matters)
        pairs = list(zip(numbers, matters, strict=True))
        threads = Thread.objects.bulk_create([_thread(number, one) for number, one in pairs])
        posts = Post.objects.bulk_create([_post(number, one, thread) for (number, one), thread in zip(pairs, threads, strict=True)])
        Assessment.objects.bulk_create([_assessment(one, post) for one, post in zip(matters, posts, strict=True)])
        events = Event.objects.bulk_create(
            [Event(id=f"2026-11{one.day:02d}-{number}", created_at=_posted(one), title=one.title) for number, one in pairs]
        )
        return Alert.objects.bulk_create([_alert(one, post, event) for one, post, event in zip(matters, posts, events, strict=True)])


def _posted(one: Matter) -> datetime:
    return at(f"{one.day:02d} {one.hour:02d}:00")


def _thread(number: int, one: Matter) -> Thread:
    posted = _posted(one)
    return Thread(site="bbs", tid=f"m{number}", source="bbs", title=one.title, first_seen_at=posted, posted_at=posted, replies=3, views=70)


def _post(number: int, one: Matter, thread: Thread) -> Post:
    posted = _posted(one)
    return Post(
        site="bbs",
        pid=str(9000 + number),
        thread=thread,
        source="bbs",
        kind="topic",
        board="2",
        board_name="百姓呼声",
        title=one.title,
        thread_title=one.title,
        body=one.body,
        author="网友 9D41",
        posted_at=posted,
        precision="minute",
        detected_at=posted + timedelta(minutes=1),
        seen_at=posted,
        url=f"http://bbs.example/thread-m{number}-1-1.html",
        text_sha256="0" * 64,
        seq=number,
    )


def _assessment(one: Matter, post: Post) -> Assessment:
    judged = {"needs_response": 0.9, "threshold": 0.5, "flag": True, "category": "报修", "level": 4, "model": "test"}
    return Assessment(post=post, post_version=1, assessed_at=post.posted_at, topic=one.topic, **judged)


def _alert(one: Matter, post: Post, event: Event) -> Alert:
    posted = post.posted_at
    answered = None if one.answered is None else posted + timedelta(minutes=one.answered)
    dismissed = posted + timedelta(minutes=9) if one.state == State.DISMISSED else None
    due = posted + TARGET
    late = (answered or at("21:38")) > due and dismissed is None
    return Alert(
        event=event,
        anchor=post,
        title=one.title,
        category="报修",
        level=4,
        topic=one.topic,
        unit=one.unit,
        town="沿江镇",
        source="bbs",
        score=0.9,
        state=one.state or (State.CLOSED if answered else State.OWNED if one.unit else State.OPEN),
        posted_at=posted,
        precision="minute",
        detected_at=posted,
        assessed_at=posted,
        flagged_at=posted + timedelta(minutes=1),
        triaged_at=posted + timedelta(minutes=2) if one.unit else None,
        dispatched_at=posted + timedelta(minutes=3) if one.unit else None,
        answered_at=answered,
        clock_start=posted,
        target_s=10800,
        due_at=due,
        dismissed_at=dismissed,
        breached_at=due if late else None,
        breach_leg=one.leg,
    )
