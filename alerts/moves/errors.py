"""What a move can be refused for; each message says what happened and what to do, in the words of the pages.

MoveError
├── NotAllowed    not this person's to do: names who owns it
├── WrongState    the alert stands where this move does not lead from
├── Conflict      somebody was faster; carries the alert as it is now
├── TooLate       the undo has run out
├── BadReason     a reason, unit or text that does not say enough
└── Unknown       no such alert, person or proposal
"""

from __future__ import annotations

from alerts.models import Alert


class MoveError(Exception):
    """A move was refused and nothing was changed."""


class NotAllowed(MoveError):
    """The person may not make this move; `owner` = who may."""

    def __init__(self, message: str, *, owner: str = "") -> None:
        super().__init__(message)
        self.owner = owner


class WrongState(MoveError):
    """The alert's state does not allow this move."""

    def __init__(self, message: str, *, alert: Alert | None = None) -> None:
        super().__init__(message)
        self.alert = alert


class Conflict(MoveError):
    """The alert changed since the person saw it; `alert` is it as it is now."""

    def __init__(self, message: str, *, alert: Alert) -> None:
        super().__init__(message)
        self.alert = alert


class TooLate(MoveError):
    """撤不回，可改派."""


class BadReason(MoveError):
    """What was written or chosen does not say enough."""


class Unknown(MoveError):
    """There is no alert, person or proposal of that name."""
