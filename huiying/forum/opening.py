"""What the forum holds when the demo begins: three days of threads, some of them near their due time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from huiying.forum.accounts import OFFICIAL_UID, RESIDENTS
from huiying.forum.store import ForumStore
from huiying.forum.texts import COMMON_ANSWERS, COMMON_REPLIES, Draft, drafts, filled

#: minutes since posting of the open threads: rungs of a three-hour ladder (15, 60, 120, 150, 180) fall due within two minutes
NEAR_DUE = (178.5, 170, 160, 149, 140, 119, 70, 59, 25, 14)
_ANSWERED = 14
_CHATTER = 36
_MINUTE = timedelta(minutes=1)


@dataclass
class _Plan:
    """A thread to come with its replies: (minutes after the thread, uid, body, quotes the first post)."""

    draft: Draft
    age: timedelta
    uid: int
    slots: dict[str, str]
    replies: list[tuple[timedelta, int, str, bool]] = field(default_factory=list)
    tid: int = 0
    first_pid: int = 0
    views: int = 0


def open_forum(store: ForumStore, opening: str, seed: int) -> None:
    """Fills a new forum once; `opening` is "demo" or "empty". Raises ValueError for another word."""
    if opening not in ("demo", "empty"):
        raise ValueError(f"opening '{opening}' is neither demo nor empty")
    if store.note("opened") is None:
        # Noted first: after a kill half a filling stays, and is not doubled by a second one.
        store.set_note("opened", opening)
        if opening == "demo":
            _fill(store, random.Random(seed))


def _fill(store: ForumStore, rng: random.Random) -> None:
    now = store.clock.now()
    plans = _plans(rng)
    acts: list[tuple[datetime, int, Callable[[], None]]] = []
    for number, plan in enumerate(plans):
        began = now - plan.age
        acts.append((began, number, partial(_begin, store, plan, began)))
        for after, uid, body, quoting in plan.replies:
            if began + after < now:
                acts.append((began + after, number, partial(_reply, store, plan, began + after, uid, body, quoting)))
    for _, _, act in sorted(acts, key=lambda entry: entry[:2]):
        act()
    store.set_note("used", ",".join(plan.draft.id for plan in plans))


def _begin(store: ForumStore, plan: _Plan, at: datetime) -> None:
    draft = plan.draft
    posted = store.add_thread(
        fid=draft.fid,
        uid=plan.uid,
        title=filled(draft.title, plan.slots),
        body=filled(draft.body, plan.slots),
        posted_at=at,
        kind=draft.kind,
        needs_response=draft.needs,
        script=draft.script(plan.slots),
        views=plan.views,
    )
    plan.tid, plan.first_pid = posted.tid, posted.pid


def _reply(store: ForumStore, plan: _Plan, at: datetime, uid: int, body: str, quoting: bool) -> None:
    store.add_reply(tid=plan.tid, uid=uid, body=body, posted_at=at, quotes=plan.first_pid if quoting else 0)


def _plans(rng: random.Random) -> list[_Plan]:
    needing = [draft for draft in drafts().values() if draft.needs]
    chatter = [draft for draft in drafts().values() if not draft.needs]
    rng.shuffle(needing)
    rng.shuffle(chatter)
    # Two threads on one matter stand open, so that events are seen at once; a third is left for the residents.
    water = [draft for draft in needing if draft.event == "water-yanjiang"][:2]
    single = [draft for draft in needing if not draft.event]
    near = [*single[: len(NEAR_DUE) - 2]]
    near[1:1] = water[:1]
    near[5:5] = water[1:]
    plans = [_plan(draft, timedelta(minutes=age), rng, crowd=2) for draft, age in zip(near, NEAR_DUE, strict=True)]
    for number, draft in enumerate(single[len(NEAR_DUE) : len(NEAR_DUE) + _ANSWERED]):
        plan = _plan(draft, timedelta(hours=rng.uniform(6, 70)), rng, crowd=5)
        # One answer came late (4 h 10 min); the others within the three hours.
        after = timedelta(minutes=250) if number == 3 else timedelta(minutes=rng.uniform(18, 165))
        plan.replies.append((after, OFFICIAL_UID[draft.unit], answer_of(draft, plan.slots, rng), number % 3 == 0))
        plan.replies.append(
            (after + _MINUTE * rng.uniform(10, 200), plan.uid, rng.choice(("好的，谢谢", "收到，希望尽快", "等结果")), False)
        )
        plans.append(plan)
    plans.append(_plan(single[-1], timedelta(hours=4, minutes=20), rng, crowd=4))
    for number, draft in enumerate(chatter[:_CHATTER]):
        plans.append(_plan(draft, timedelta(hours=rng.uniform(0.1, 71)), rng, crowd=26 if number == 5 else 4))
    return plans


def _plan(draft: Draft, age: timedelta, rng: random.Random, crowd: int) -> _Plan:
    plan = _Plan(draft, age, rng.choice(RESIDENTS).uid, draft.slots(rng))
    said = [*draft.replies[:crowd], *(rng.choice(COMMON_REPLIES) for _ in range(max(0, crowd - 3)))]
    spread = max(age.total_seconds() * 0.6, 60.0)
    for body in said:
        after = timedelta(seconds=rng.uniform(20, spread))
        plan.replies.append((after, rng.choice(RESIDENTS).uid, filled(body, plan.slots), rng.random() < 0.15))
    plan.views = int(age.total_seconds() ** 0.5 * rng.uniform(0.4, 3)) + 4 * len(said)
    return plan


def answer_of(draft: Draft, slots: dict[str, str], rng: random.Random) -> str:
    """What the unit's account answers first."""
    return filled(draft.answer, slots) or rng.choice(COMMON_ANSWERS)
