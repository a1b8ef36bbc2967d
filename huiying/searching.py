"""Opening the search index of a home, for the command line and the engine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from huiying.app import App
from store.clock import Clock
from store.search import Filters, SearchIndex, SearchUnavailable, open_index
from store.search.recent import recent
from store.search.rows import rows

#: beside the states of alerts: not flagged, but so near the threshold that people should look
UNSURE = "拿不准"


def state_labels(ids: Sequence[int]) -> Mapping[int, str]:
    """The label of the newest alert that a post anchors or is a further request of; else UNSURE where the judge was in doubt.

    What people then found to need no answer bears the label of a dismissed alert.
    """
    from alerts import doubt, states
    from alerts.models import Alert, AlertPost
    from store.models import Assessment

    further = AlertPost.objects.filter(post_id__in=ids).order_by("alert_id")
    joined = further.values_list("post_id", "alert__state", "alert__unit", "alert__returned")
    own = Alert.objects.filter(anchor_id__in=ids).order_by("pk").values_list("anchor_id", "state", "unit", "returned")
    doubtful = Assessment.objects.filter(post_id__in=ids, unsure=True, flag=False, post__official=False).values_list("post_id", flat=True)
    found = dict.fromkeys(doubtful, UNSURE)
    if found:
        found |= dict.fromkeys(doubt.passed_over(found), states.label(states.State.DISMISSED))
    return found | {post: states.label(state, unit=unit, returned=returned) for post, state, unit, returned in [*joined, *own]}


class Archive:
    """The index of a home, followed to the newest post before it is asked."""

    def __init__(self, index: SearchIndex, backend: str, clock: Clock) -> None:
        self.index = index
        self.backend = backend
        self._clock = clock

    def catch_up(self) -> int:
        """Index every changed post. Raises SearchUnavailable."""
        done = 0
        while step := self.index.follow():
            done += step
        return done

    def rebuild(self, progress: Callable[[int, int], None]) -> int:
        return self.index.rebuild(progress)

    def rows(
        self, query: str, *, since: datetime | None, until: datetime | None, board: str | None, topic: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """The rows of `huiying search`; while the engine is away, those of the last days. Raises QueryError."""
        filters = Filters(since=since, until=until, board=board or "", topic=topic or "")
        try:
            found = self.index.search(query, filters, limit)
        except SearchUnavailable as error:
            print(f"{error}（{error.detail}）", file=sys.stderr)  # noqa: T201 - the command's message to people
            found = recent(query, self._clock.now(), filters, limit)
        return list(rows(found))


def open_search(app: App) -> Archive:
    """The index that pipelines.yaml names."""
    stores = app.pipelines.stores
    return Archive(open_index(stores, states=state_labels, clock=app.clock), stores.search, app.clock)


__all__ = ["Archive", "SearchUnavailable", "open_search", "state_labels"]
