"""What the pages know of the home they serve, handed over at start: the index, the configured boards, the checked settings.

    wiring.use(index=…, configured_boards=…)   →   wiring.current().index()

Nothing is asked of a part before a page needs it: `index` and `findings` are called, not held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from store.health import Configured
from store.models import Post
from store.search import SearchIndex, SearchUnavailable


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFinding:
    """One line of `huiying check`, as the settings page shows it."""

    id: str
    #: error, warning or info
    severity: str
    #: `pipelines.yaml:41`
    where: str
    key: str
    message: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """One key of pipelines.yaml: where it stands, what it says, what it means; secrets are already left out."""

    section: str
    key: str
    value: str
    meaning: str = ""
    #: None = not in the file, the shipped value holds
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """What this home learned from its triage over the shipped weights."""

    id: str
    made_at: datetime
    #: logits added to the shipped score
    offset: float
    #: decisions it rests on, and of how many people
    confirmed: int
    passed: int
    people: int
    #: decisions it was compared on, F1 there, and that of the model before
    held_out: int
    f1: float | None
    f1_before: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgeFacts:
    """The judge in force, and how this week's judgements compare with those before (rows of `huiying drift`)."""

    weights: str
    threshold: float | None
    boards: Mapping[str, float] = field(default_factory=dict)
    #: None = as shipped
    learned: Learned | None = None
    note: str = ""
    drift: Sequence[Mapping[str, Any]] = ()
    #: when this was put together
    at: datetime


def _no_index() -> SearchIndex:
    raise SearchUnavailable("no index was handed over; huiying.app calls dashboards.wiring.use(index=…)")


def _nothing_found() -> Sequence[FoundFinding]:
    return ()


def _no_settings() -> Sequence[Setting]:
    return ()


def _no_judge() -> JudgeFacts | None:
    return None


def _nothing_told(_post: Post) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wiring:
    #: opens the search index; raises SearchUnavailable
    index: Callable[[], SearchIndex] = _no_index
    configured_boards: Sequence[Configured] = ()
    config_path: Path | None = None
    #: the check's findings and the settings, read anew at each call, so that an edited file is seen
    findings: Callable[[], Sequence[FoundFinding]] = _nothing_found
    settings: Callable[[], Sequence[Setting]] = _no_settings
    #: what the judge tells of a post that it did not flag: reasons, level, unit, places as `Assessment` stores them; empty = it cannot
    explain: Callable[[Post], Mapping[str, Any]] = _nothing_told
    #: the judge in force and its drift; None = not known to this process
    judge: Callable[[], JudgeFacts | None] = _no_judge
    simulated: bool = False


_current = Wiring()


def use(
    *,
    index: Callable[[], SearchIndex] = _no_index,
    configured_boards: Sequence[Configured] = (),
    config_path: Path | None = None,
    findings: Callable[[], Sequence[FoundFinding]] = _nothing_found,
    settings: Callable[[], Sequence[Setting]] = _no_settings,
    explain: Callable[[Post], Mapping[str, Any]] = _nothing_told,
    judge: Callable[[], JudgeFacts | None] = _no_judge,
    simulated: bool = False,
) -> None:
    """Hand over what the pages of this process need."""
    global _current
    _current = Wiring(
        index=index,
        configured_boards=tuple(configured_boards),
        config_path=config_path,
        findings=findings,
        settings=settings,
        explain=explain,
        judge=judge,
        simulated=simulated,
    )


def current() -> Wiring:
    """What was handed over; an empty one before that, in which search is unavailable and no board is configured."""
    return _current
