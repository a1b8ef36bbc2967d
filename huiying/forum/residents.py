"""Residents and official accounts that post by themselves: a Poisson process, lively at first, then slow."""

from __future__ import annotations

import random
import threading
from datetime import datetime, timedelta

from huiying.forum.accounts import OFFICIAL_UID, RESIDENTS
from huiying.forum.opening import answer_of
from huiying.forum.store import ForumStore, NoSuchPost
from huiying.forum.texts import COMMON_REPLIES, Draft, drafts, filled, scripted

#: mean seconds between two acts of a kind: in the first minutes, later
_MEANS: dict[str, tuple[float, float]] = {"thread": (28, 150), "reply": (22, 60), "answer": (75, 180), "change": (240, 900)}
#: seconds until the first act of a kind after a start
_FIRST: dict[str, float] = {"thread": 6, "reply": 12, "answer": 45, "change": 150}
_LIVELY = timedelta(minutes=6)
_FRESH = timedelta(minutes=15)
#: official accounts answer every second of the threads that need it; the others are left to the people who try the demo
_LEFT_TO_PEOPLE = 2


class Residents:
    """Acts that fall due as the store's clock goes on; `step` performs them."""

    def __init__(self, store: ForumStore, seed: int) -> None:
        self.store = store
        begun = int(store.note("residents:starts") or 0)
        store.set_note("residents:starts", str(begun + 1))
        # A restart goes on with other choices than the start before it.
        self.rng = random.Random(f"{seed}/{begun}")
        self.since = store.clock.now()
        self.due: dict[str, datetime] = {kind: self.since + timedelta(seconds=wait) for kind, wait in _FIRST.items()}

    def live(self, stop: threading.Event) -> None:
        """Steps until `stop` is set."""
        while not stop.wait(0.5):
            self.step()

    def step(self) -> list[str]:
        """Performs what is due now, each kind at most once; returns the kinds."""
        now = self.store.clock.now()
        done = []
        for kind, at in self.due.items():
            if at <= now:
                getattr(self, f"_{kind}")(now)
                mean = _MEANS[kind][0 if now - self.since < _LIVELY else 1]
                # Never a burst and never a silence of more than two and a half means: the demo must move, and be followed.
                wait = min(max(self.rng.expovariate(1 / mean), mean / 4), 2.5 * mean)
                self.due[kind] = now + timedelta(seconds=wait)
                done.append(kind)
        return done

    # -- acts -----------------------------------------------------------------------------------------------------

    def _thread(self, now: datetime) -> None:
        draft = self._next_draft()
        slots = draft.slots(self.rng)
        self.store.add_thread(
            fid=draft.fid,
            uid=self.rng.choice(RESIDENTS).uid,
            title=filled(draft.title, slots),
            body=filled(draft.body, slots),
            kind=draft.kind,
            needs_response=draft.needs,
            script=draft.script(slots),
        )

    def _next_draft(self) -> Draft:
        """One not used yet, in two of five cases one that needs a response; when all are used they come again."""
        used = (self.store.note("used") or "").split(",")
        fresh = [draft for draft in drafts().values() if draft.id not in used]
        if not fresh:
            used, fresh = [], list(drafts().values())
        first = self.store.note("residents:first") is None
        wanted = first or self.rng.random() < 0.4
        fitting = [draft for draft in fresh if draft.needs is wanted] or fresh
        if first:
            # The very first new thread joins a matter that is open already.
            self.store.set_note("residents:first", "yes")
            fitting = [draft for draft in fitting if draft.event == "water-yanjiang"] or fitting
        draft = self.rng.choice(fitting)
        self.store.set_note("used", ",".join([*filter(None, used), draft.id]))
        return draft

    def _reply(self, now: datetime) -> None:
        rows = self.store.reader.execute(
            "SELECT tid, script, replies, created FROM thread WHERE deleted = 0"
            " AND locked = 0 AND moved_to = 0 ORDER BY last_at DESC LIMIT 25"
        ).fetchall()
        if not rows:
            return
        tid, script, replies, _ = self.rng.choice(rows)
        made = scripted(script)
        fitting = made is not None and replies < len(made[0].replies)
        body = filled(made[0].replies[replies], made[1]) if made and fitting else self.rng.choice(COMMON_REPLIES)
        quotes = 0
        if self.rng.random() < 0.2:
            quotes = self.store.reader.execute("SELECT MAX(pid) FROM post WHERE tid = ? AND deleted = 0", (tid,)).fetchone()[0] or 0
        self._try_reply(tid, self.rng.choice(RESIDENTS).uid, body, quotes)

    def _answer(self, now: datetime) -> None:
        """The unit in charge answers one of the older open threads, the longest waiting of five."""
        rows = self.store.reader.execute(
            "SELECT tid, script, created, answered FROM thread WHERE needs = 1 AND deleted = 0 AND moved_to = 0 ORDER BY tid"
        ).fetchall()
        freshest = (now - _FRESH).timestamp()
        waiting = [row for number, row in enumerate(rows) if number % _LEFT_TO_PEOPLE == 0 and not row[3] and row[2] <= freshest]
        if not waiting:
            return
        tid, script, _, _ = self.rng.choice(waiting[:5])
        made = scripted(script)
        if made is None:
            self.store.mark_answered(tid)
            return
        draft, slots = made
        self._try_reply(tid, OFFICIAL_UID[draft.unit], answer_of(draft, slots, self.rng), 0)

    def _change(self, now: datetime) -> None:
        """A resident adds to a post, or takes a short reply back."""
        since = (now - timedelta(hours=6)).timestamp()
        rows = self.store.reader.execute(
            "SELECT pid, body, first FROM post WHERE deleted = 0 AND shielded = 0 AND uid BETWEEN 101"
            " AND 8999 AND posted_at > ? AND edited_at = 0 ORDER BY pid DESC LIMIT 40",
            (since,),
        ).fetchall()
        if not rows:
            return
        pid, body, first = self.rng.choice(rows)
        try:
            if first or self.rng.random() < 0.6:
                self.store.edit(
                    pid=pid, body=body + self.rng.choice(("\n补充一下：刚才又去看了，还是这样。", "\n（改了个错别字）", "\n谢谢大家关注。"))
                )
            else:
                self.store.delete(pid=pid)
        except NoSuchPost:
            # Somebody deleted it between the two statements; there is nothing left to change.
            return

    def _try_reply(self, tid: int, uid: int, body: str, quotes: int) -> None:
        try:
            self.store.add_reply(tid=tid, uid=uid, body=body, quotes=quotes)
        except NoSuchPost:
            # The thread was deleted in between.
            return
