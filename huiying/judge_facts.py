"""What the settings page tells of the judge: weights, what was learned over them, whether it still judges as it used to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from dashboards.wiring import JudgeFacts, Learned
from huiying.app import App
from huiying.home import HomeError
from huiying.in_force import InForce
from store.clock import parse_instant

#: the comparison reads five weeks of judgements, so it is not made anew for every look
FRESH = timedelta(minutes=10)


class JudgeTeller:
    """Tells the facts; they are at most ten minutes old, and new when another model was chosen."""

    def __init__(self, app: App, in_force: InForce, now: Callable[[], datetime]) -> None:
        self.app = app
        self._in_force = in_force
        self._now = now
        self._lock = Lock()
        self._told: tuple[str, JudgeFacts] | None = None

    def __call__(self) -> JudgeFacts:
        from huiying.learning import in_use_id

        now, chosen = self._now(), in_use_id(self.app.home)
        with self._lock:
            if self._told is None or self._told[0] != chosen or not timedelta(0) <= now - self._told[1].at < FRESH:
                self._told = chosen, self._facts(chosen, now)
            return self._told[1]

    def _facts(self, chosen: str, now: datetime) -> JudgeFacts:
        from huiying.drift import rows
        from nlp.model import WeightsError

        drift = tuple(rows(now))
        try:
            judge = self._in_force.judge
        except WeightsError as error:
            return JudgeFacts(weights="", threshold=None, note=f"权重读不了：{error}", drift=drift, at=now)
        weights, _, learned = judge.version.partition("+")
        written = self.app.pipelines.judge.threshold is not None
        notes = ["门槛写在 pipelines.yaml，以它为准"] if written else []
        if chosen != learned and chosen != "shipped":
            notes.append(f"选定的 {chosen} 读不了，或是在别的权重上学的，暂用出厂；请 huiying train 重学")
        return JudgeFacts(
            weights=weights,
            threshold=judge.model.threshold if judge.settings.threshold is None else judge.settings.threshold,
            boards=dict(judge.settings.board_thresholds),
            learned=self._learned(learned) if learned else None,
            note="；".join(notes),
            drift=drift,
            at=now,
        )

    def _learned(self, name: str) -> Learned | None:
        from huiying.learning import read

        try:
            found = read(self.app.home, name)
        except HomeError:  # taken away since the judge was loaded
            return None
        total = found.held_out[-1] if found.held_out else {}
        return Learned(
            id=found.id,
            made_at=parse_instant(found.made_at),
            offset=found.offset,
            confirmed=int(found.labels.get("positives", 0)),
            passed=int(found.labels.get("negatives", 0)),
            people=len(found.labels.get("by", {})),
            held_out=int(total.get("n", 0)),
            f1=total.get("f1"),
            f1_before=total.get("f1_before"),
        )
