"""Ways to reach people: a channel opens one connection for a batch, and sends what it is given."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message as it goes out; the key is the same at every attempt, so that a receiver can tell a duplicate."""

    key: str
    address: str
    subject: str
    body: str
    #: when it was written
    at: datetime


class ChannelError(Exception):
    """One message was refused; says by whom and why. Others may go through."""


class ChannelDown(ChannelError):
    """Nothing can be sent now: no connection, or it was lost."""


class Connection(Protocol):
    def send(self, message: Outgoing) -> None:
        """Hand the message over; returning means that the other side accepted it. Raises ChannelError, ChannelDown."""
        ...


class Channel(Protocol):
    def connect(self) -> AbstractContextManager[Connection]:
        """One connection for one batch. Raises ChannelDown."""
        ...
