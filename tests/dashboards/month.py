"""A month of the town for the reports: alerts with known figures, written as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from alerts.models import Alert, Event
from alerts.states import State
from store.models import Assessment, Post, Thread
from tests.alerts.town import ECOLOGY, WATER, Town, at

TARGET = timedelta(hours=3)


@dataclass
class Month:
    town: Town

    def __post_init__(self) -> None:
        for number in range(22):  # 市水务集团: 22 due, 21 on time, one 4 h
            self.alert(
                WATER,
                day=2 + number % 15,
                hour=8 + number % 12,
                answered=240 if number == 0 else 20 + number,
                leg="回应" if number == 0 else "",
            )
        for number in range(5):  # too few to be ranked
            self.alert(ECOLOGY, day=10 + number, hour=20, answered=30, topic="环境保护")
        self.alert(WATER, day=21, hour=9, answered=None, leg="派发")  # open and overdue
        self.alert("", day=22, hour=10, answered=None, leg="研判")  # 待研判, overdue
        self.alert(ECOLOGY, day=22, hour=20, answered=None)  # not due yet
        self.alert(WATER, day=22, hour=20, answered=15)  # answered before it was due
        self.alert(WATER, day=12, hour=9, answered=None, state=State.DISMISSED)  # in time: not counted

    def alert(
        self,
        unit: str,
        *,
        day: int,
        hour: int,
        answered: int | None,
        leg: str = "",
        topic: str = "城乡建设",
        title: str = "水管爆裂",
        state: State | None = None,
        body: str = "从下午四点多停到现在，电话一直占线。",
    ) -> Alert:
        """One alert posted at that hour of November and answered after so many minutes."""
        self.town.posts += 1
        number = self.town.posts
        posted = at(f"{day:02d} {hour:02d}:00")
        thread = Thread.objects.create(
            site="bbs", tid=f"m{number}", source="bbs", title=title, first_seen_at=posted, posted_at=posted, replies=3, views=70
        )
        post = Post.objects.create(
            site="bbs",
            pid=str(9000 + number),
            thread=thread,
            source="bbs",
            kind="topic",
            board="2",
            board_name="百姓呼声",
            title=title,
            thread_title=title,
            body=body,
            author="网友 9D41",
            posted_at=posted,
            precision="minute",
            detected_at=posted + timedelta(minutes=1),
            seen_at=posted,
            url=f"http://bbs.example/thread-m{number}-1-1.html",
            text_sha256="0" * 64,
            seq=number,
        )
        Assessment.objects.create(
            post=post,
            post_version=1,
            assessed_at=posted,
            needs_response=0.9,
            threshold=0.5,
            flag=True,
            category="报修",
            topic=topic,
            level=4,
            model="test",
        )
        event = Event.objects.create(id=f"2026-11{day:02d}-{number}", created_at=posted, title=title)
        when = None if answered is None else posted + timedelta(minutes=answered)
        dismissed = posted + timedelta(minutes=9) if state == State.DISMISSED else None
        due = posted + TARGET
        late = (when or at("21:38")) > due and dismissed is None
        return Alert.objects.create(
            event=event,
            anchor=post,
            title=title,
            category="报修",
            level=4,
            topic=topic,
            unit=unit,
            town="沿江镇",
            source="bbs",
            score=0.9,
            state=state or (State.CLOSED if when else State.OWNED if unit else State.OPEN),
            posted_at=posted,
            precision="minute",
            detected_at=posted,
            assessed_at=posted,
            flagged_at=posted + timedelta(minutes=1),
            triaged_at=posted + timedelta(minutes=2) if unit else None,
            dispatched_at=posted + timedelta(minutes=3) if unit else None,
            answered_at=when,
            clock_start=posted,
            target_s=10800,
            due_at=due,
            dismissed_at=dismissed,
            breached_at=due if late else None,
            breach_leg=leg,
        )
