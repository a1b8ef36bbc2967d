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


class NotAllowed(MoveError):  # noqa: N818 - the tree's names read as sentences
    """The person may not make this move; `owner` = who may."""

    def __init__(self, message: str, *, owner: str = "") -> None:
        super().__init__(message)
        self.owner = owner


class WrongState(MoveError):  # noqa: N818
    """The alert's state does not allow this move."""

    def __init__(self, message: str, *, alert: Alert | None = None) -> None:
        super().__init__(message)
        self.alert = alert


class Conflict(MoveError):  # noqa: N818
    """The alert changed since the person saw it; `alert` is it as it is now."""

    def __init__(self, message: str, *, alert: Alert) -> None:
        super().__init__(message)
        self.alert = alert


class TooLate(MoveError):  # noqa: N818
    """撤不回，可改派."""


class BadReason(MoveError):  # noqa: N818
    """What was written or chosen does not say enough."""


class Unknown(MoveError):  # noqa: N818
    """There is no alert, person or proposal of that name."""
