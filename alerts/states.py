"""States, their labels, and the words of the ledger (rules.md, «States, labels, moves»)."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    OPEN = "OPEN"
    OWNED = "OWNED"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"
    DISMISSED = "DISMISSED"
    MERGED = "MERGED"


#: waiting for a first answer
WAITING = (State.OPEN, State.OWNED)
#: one of these per event
LIVE = (State.OPEN, State.OWNED, State.ANSWERED)


class Role(StrEnum):
    COMMENTATOR = "commentator"
    SPOKESPERSON = "spokesperson"
    EDITOR = "editor"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"


ROLE_LABELS = {
    Role.COMMENTATOR: "网评员",
    Role.SPOKESPERSON: "发言人",
    Role.EDITOR: "编审",
    Role.LEADER: "市领导",
    Role.ADMINISTRATOR: "管理员",
}


class Leg(StrEnum):
    DISCOVERY = "发现"
    TRIAGE = "研判"
    DISPATCH = "派发"
    RESPONSE = "回应"


class EvidenceKind(StrEnum):
    OBSERVED = "observed"
    RECORDED = "recorded"


class EvidenceState(StrEnum):
    STANDS = "stands"
    PROVISIONAL = "provisional"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class DeliveryState(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    #: rendered in a simulated home, never sent
    SIMULATED = "simulated"


#: a delivery that may still go out
UNSENT = (DeliveryState.PENDING, DeliveryState.CLAIMED)


def label(state: str, *, unit: str = "", returned: bool = False) -> str:
    """The state in the words of the pages."""
    if state == State.OPEN:
        if not unit:
            return "已退回" if returned else "待研判"
        return "已退回" if returned else "待签收"
    return {
        State.OWNED: "已签收，待回应",
        State.ANSWERED: "已首次回应",
        State.CLOSED: "已办结",
        State.DISMISSED: "不需回应",
        State.MERGED: "已并入",
    }[State(state)]
