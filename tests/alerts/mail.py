"""A real mail server on loopback, as tests want it: it keeps what it accepts, and can behave badly."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from alerts.channels.email import EmailChannel


@dataclass
class PostOffice:
    """A mail server that keeps what it accepts; `refuses` and `hangs_up_after` make it behave badly."""

    letters: list[EmailMessage] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    hangs_up_after: int | None = None
    #: seconds that it takes to accept a letter
    slow_s: float = 0.0
    sessions: int = 0
    channel: EmailChannel = field(init=False)

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuses:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hangs_up_after is not None and len(self.letters) >= self.hangs_up_after:
            server.transport.close()
            return "421 closing"
        if self.slow_s:
            await asyncio.sleep(self.slow_s)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@contextmanager
def open_office(**manners: Any) -> Iterator[PostOffice]:
    """A post office that is open for the length of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    office = PostOffice(**manners)
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    office.channel = EmailChannel(host="127.0.0.1", port=port, tls="none", sender="回应 <huiying@linhai.example>", timeout_s=5)
    try:
        yield office
    finally:
        controller.stop()
