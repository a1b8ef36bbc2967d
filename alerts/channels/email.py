"""Mail over SMTP: one connection for a batch, a Message-ID that stays the same at every attempt."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from typing import Literal

from alerts.channels import ChannelDown, ChannelError, Outgoing


@dataclass(frozen=True, kw_only=True)
class EmailChannel:
    """A mail server; `tls`: "starttls" upgrades the connection, "implicit" begins with it, "none" is for the own machine."""

    host: str
    port: int = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    user: str = ""
    password: str = ""
    #: 回应 <huiying@example.org>
    sender: str
    timeout_s: float = 10.0
    #: certificates that are trusted besides the system's: a PEM file
    ca_file: str | None = None

    @contextmanager
    def connect(self) -> Iterator[MailConnection]:
        """Greet, secure and log in; leave politely."""
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelDown(
                f"{self.host}:{self.port}: {_words(error)}; check channels.email (host, port, tls, user, password)"
            ) from error
        try:
            yield MailConnection(server, self.sender)
        finally:
            try:
                server.quit()
            except (OSError, smtplib.SMTPException):
                server.close()

    def _open(self) -> smtplib.SMTP:
        # Named, because smtplib otherwise asks the resolver for this machine's name, which may take seconds offline.
        name = _domain(self.sender)
        context = ssl.create_default_context(cafile=self.ca_file) if self.tls != "none" else None
        if self.tls == "implicit":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, local_hostname=name, timeout=self.timeout_s, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=self.timeout_s)
        try:
            if self.tls == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


class MailConnection:
    """An open session with a mail server."""

    def __init__(self, server: smtplib.SMTP, sender: str) -> None:
        self._server = server
        self._sender = sender

    def send(self, message: Outgoing) -> None:
        letter = compose(message, self._sender)
        try:
            self._server.send_message(letter)
        except smtplib.SMTPServerDisconnected as error:
            raise ChannelDown(_words(error)) from error
        except smtplib.SMTPResponseException as error:
            # 421: the server is closing the connection
            raise (ChannelDown if error.smtp_code == 421 else ChannelError)(_words(error)) from error
        except smtplib.SMTPException as error:
            raise ChannelError(_words(error)) from error
        except OSError as error:
            raise ChannelDown(_words(error)) from error


def compose(message: Outgoing, sender: str) -> EmailMessage:
    """The letter: plain text, UTF-8."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = formataddr(parseaddr(sender)) if parseaddr(sender)[0].isascii() else sender
    letter["To"] = message.address
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(message.at)
    letter["Message-ID"] = message_id(message.key, sender)
    letter["X-Huiying-Key"] = message.key if message.key.isascii() else message_id(message.key, sender).strip("<>")
    # Machines do not answer: no out-of-office notes back to the office.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.body, charset="utf-8")
    return letter


def message_id(key: str, sender: str) -> str:
    """`<alert.17.r1.rung-60m.email.chenli@example.org>`; a key with other signs ends in its digest instead."""
    safe = key.replace("/", ".")
    if not re.fullmatch(r"[A-Za-z0-9._-]+", safe) or ".." in safe:
        safe = "huiying." + hashlib.sha256(key.encode()).hexdigest()[:40]
    return f"<{safe}@{_domain(sender)}>"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{address}: {code} {text.decode(errors='replace')}" for address, (code, text) in error.recipients.items())
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
        return f"{error.smtp_code} {text}"
    return f"{type(error).__name__}: {error}"
