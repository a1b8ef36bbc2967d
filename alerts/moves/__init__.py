"""The moves of rules.md: each `(alert_id, actor, *, …, version=None, now) -> Alert`, all or nothing, or a `MoveError`.

`version` is the one the person saw; when the alert changed since, nothing is written and `Conflict` tells who did what.
`flag`, `pass_over` and `take_back` are about a post that has no alert: `(post_id, actor, *, now)`.
"""

from __future__ import annotations

from alerts.moves.by_hand import flag, pass_over, take_back
from alerts.moves.errors import BadReason, Conflict, MoveError, NotAllowed, TooLate, Unknown, WrongState
from alerts.moves.events import confirm_join, merge, reject_join, reopen, split
from alerts.moves.triage import REASONS, assign, claim, dismiss, reassign, release, undo
from alerts.moves.unit import ack, answer, approve_pause, close, extend, pause, resume, return_

__all__ = [
    "REASONS",
    "BadReason",
    "Conflict",
    "MoveError",
    "NotAllowed",
    "TooLate",
    "Unknown",
    "WrongState",
    "ack",
    "answer",
    "approve_pause",
    "assign",
    "claim",
    "close",
    "confirm_join",
    "dismiss",
    "extend",
    "flag",
    "merge",
    "pass_over",
    "pause",
    "reassign",
    "reject_join",
    "release",
    "reopen",
    "resume",
    "return_",
    "split",
    "take_back",
    "undo",
]
