"""`huiying check`: what is wrong with configuration and environment, before it is found at night."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from huiying.config import ConfigError, Finding, Loaded, find_config, load

#: free space under which writing may fail before anybody looks
LOW_DISK = 1_000_000_000
TIMEOUT_S = 5.0


def check_all(home: Path, config: Path | None, *, deep: bool = False) -> list[Finding]:
    """Every finding, worst first; `deep` also connects to sources, mail server and search server."""
    path = find_config(home, config)
    try:
        loaded = load(path)
    except ConfigError as error:
        return [*error.findings, *_environment(home)]
    findings = [*loaded.warnings, *_environment(home), *_sense(loaded), *_people(home, loaded)]
    if deep:
        findings += [*_sources(loaded), *_mail(loaded), *_search(loaded)]
    order = {"error": 0, "warning": 1, "info": 2}
    return sorted(findings, key=lambda finding: order[finding.severity])


def _environment(home: Path) -> Iterator[Finding]:
    if sqlite3.sqlite_version_info < (3, 31):
        yield Finding(id="E002", message=f"SQLite {sqlite3.sqlite_version} is too old", hint="3.31 or later is needed")
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        yield Finding(
            id="E003", file=str(home), message="the home cannot be written", hint="give this user the right, or choose another with --home"
        )
    free = shutil.disk_usage(existing).free
    if free < LOW_DISK:
        yield Finding(
            id="E004",
            severity="warning",
            file=str(home),
            message=f"only {free / 1e6:.0f} MB are free",
            hint="make room: a full disk stops the record",
        )
    if home.exists():
        from store.database import NetworkFileSystem, check_file_system, file_system

        try:
            check_file_system(home)
        except NetworkFileSystem:
            kind = file_system(home)
            yield Finding(
                id="E005",
                file=str(home),
                message=f"lies on a network file system ({kind})",
                hint="SQLite breaks there; choose a local disk with --home",
            )


def _sense(loaded: Loaded) -> Iterator[Finding]:
    pipelines = loaded.pipelines

    def finding(id_: str, path: tuple[str, ...], message: str, hint: str, severity: Literal["error", "warning"] = "warning") -> Finding:
        file, line = loaded.marked.where(path)
        return Finding(id=id_, severity=severity, file=file, line=line, key=".".join(path), message=message, hint=hint)

    if not any(source.enabled for source in pipelines.sources.values()):
        yield finding("C040", ("sources",), "no source is enabled: nothing is crawled", "set enabled: true for one of `sources`")
    if not pipelines.channels.email.host:
        where = ("channels", "email", "host")
        yield finding("C041", where, "no mail server: messages are kept and not sent", "write the SMTP server's address")
    for name, source in pipelines.sources.items():
        if source.enabled and not source.official:
            message = "has no official accounts: no answer on the forum can be recognised"
            yield finding("C042", ("sources", name), message, "list uid: unit under `official`")
        if source.enabled and "example.org" in pipelines.crawl.user_agent and not source.allow_private:
            hint = "put an address there at which the forum's people reach you"
            yield finding("C043", ("crawl", "user_agent"), "still names example.org", hint)
    if pipelines.alerts.duty_unit not in {unit.name for unit in pipelines.units}:
        message = f"'{pipelines.alerts.duty_unit}' is not one of `units`"
        yield finding("C044", ("alerts", "duty_unit"), message, "add it, or name another", "error")
    yield from _second_reader(loaded)
    if not pipelines.ladders:
        yield finding("C045", ("ladders",), "there is no ladder: nobody is reminded", "take over `ladders` of the shipped file")


def _second_reader(loaded: Loaded) -> Iterator[Finding]:
    if loaded.pipelines.judge.second_reader == "off":
        return
    file, line = loaded.marked.where(("judge", "second_reader"))
    version, wrong = _read_by()
    severity: Literal["warning", "info"] = "info"
    if version:
        message, hint = f"doubtful posts are read again by {version}", ""
    else:
        severity, message, hint = "warning", f"no second reader: {wrong}", "install this version again, or second_reader: off"
    id_ = "C046" if severity == "warning" else "C047"
    yield Finding(id=id_, severity=severity, file=file, line=line, key="judge.second_reader", message=message, hint=hint)


@cache
def _read_by() -> tuple[str, str]:
    """The version of the second reader, or what is wrong with it. Really loaded, which takes .3 s, so once in a process."""
    from nlp.second_reader import NoSecondReader, SecondReader

    try:
        return SecondReader.load().version, ""
    except NoSecondReader as error:
        return "", str(error)


def _people(home: Path, loaded: Loaded) -> Iterator[Finding]:
    if not (home / "huiying.sqlite3").exists():
        return
    from huiying.app import open_app

    app = open_app(home, loaded.path, migrate=False)
    from django.db import OperationalError

    from alerts.models import Person

    try:
        active = list(Person.objects.filter(is_active=True))
    except OperationalError as error:
        yield Finding(
            id="E006",
            severity="warning",
            file=str(home / "huiying.sqlite3"),
            message=f"cannot be read ({error})",
            hint="start once with `huiying run`, which brings it up to date",
        )
        return
    if not any(person.triages for person in active):
        yield Finding(id="E010", severity="warning", message="nobody may triage", hint="huiying user add NAME --role commentator")
    spoken = {unit for person in active if person.role == "spokesperson" for unit in person.units}
    silent = [unit.name for unit in loaded.pipelines.units if unit.name not in spoken]
    if silent:
        shown = "、".join(silent[:5]) + (f" … ({len(silent)})" if len(silent) > 5 else "")
        yield Finding(
            id="E011",
            severity="warning",
            message=f"units without a spokesperson: {shown}",
            hint="their messages go to the duty group; huiying user add NAME --role spokesperson --unit …",
        )
    yield from _drift(app.clock.now())


def _drift(now: datetime) -> Iterator[Finding]:
    from huiying.drift import GLANCE, rows

    for row in rows(now, most=GLANCE):
        if row["state"] == "shifted" and row["source"] != "total":
            yield Finding(
                id="E012",
                severity="warning",
                key=row["source"],
                message=f"the judge flags {row['share_flagged']:.1%} of the last week's posts (before: {row['share_flagged_before']:.1%}), "
                f"index of shift {row['index']:.2f}",
                hint="read some of its posts on the triage page; huiying drift tells more, huiying train learns from triage",
            )


def _sources(loaded: Loaded) -> Iterator[Finding]:
    for name, source in loaded.pipelines.sources.items():
        if not source.enabled:
            continue
        file, line = loaded.marked.where(("sources", name, "url"))
        request = urllib.request.Request(source.url, headers={"User-Agent": loaded.pipelines.crawl.user_agent})  # noqa: S310 - http(s) by its type
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                answer.read(1024)
        except (urllib.error.URLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            yield Finding(
                id="E020",
                file=file,
                line=line,
                key=f"sources.{name}.url",
                message=f"{source.url} does not answer ({reason})",
                hint="open it in a browser on this machine; check name and network",
            )


def _mail(loaded: Loaded) -> Iterator[Finding]:
    email = loaded.pipelines.channels.email
    if not email.host:
        return
    file, line = loaded.marked.where(("channels", "email", "host"))
    try:
        kind = smtplib.SMTP_SSL if email.tls == "implicit" else smtplib.SMTP
        with kind(email.host, email.port, timeout=TIMEOUT_S) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            id="E021",
            file=file,
            line=line,
            key="channels.email",
            message=f"{email.host}:{email.port} does not answer ({error})",
            hint="check host, port and tls",
        )


def _search(loaded: Loaded) -> Iterator[Finding]:
    stores = loaded.pipelines.stores
    if stores.search != "elasticsearch":
        return
    file, line = loaded.marked.where(("stores", "elasticsearch", "url"))
    address = urlsplit(stores.elasticsearch.url)
    try:
        with socket.create_connection((address.hostname or "", address.port or 9200), timeout=TIMEOUT_S):
            pass
    except OSError as error:
        yield Finding(
            id="E022",
            severity="warning",
            file=file,
            line=line,
            key="stores.elasticsearch.url",
            message=f"{stores.elasticsearch.url} does not answer ({error})",
            hint="posts are safe and wait; start the server, or set stores.search: sqlite",
        )
