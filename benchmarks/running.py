"""The product and its sample forum as real processes on loopback, for benchmarks and tests that drive them from outside."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PASSWORD = "only-for-tests-3h"
CONFIG = """\
extends: shipped
sources:
  sample:
    engine: discuz
    name: 示例论坛
    url: {forum}
    allow_private: true
    requests_per_minute: {rate}
    min_delay: {delay}
    poll: {poll}
    official:
{official}
channels:
  email: {{host: 127.0.0.1, port: {mail}, tls: none}}
"""


class NotAnswering(RuntimeError):
    """A process did not say what it should within its time; its output is in the message."""


def first_json(process: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
    """The first JSON object a process prints. Raises NotAnswering."""
    lines: queue.Queue[str] = queue.Queue()
    stream = process.stdout
    assert stream is not None

    def read() -> None:
        for line in stream:
            lines.put(line)

    threading.Thread(target=read, daemon=True).start()
    try:
        return dict(json.loads(lines.get(timeout=seconds)))
    except queue.Empty:
        raise NotAnswering(f"{process.args!r}: nothing printed within {seconds} s") from None


def spawn(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """A Python module of this tree in a session of its own, its standard output piped."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if "HUIYING_QUIET" in environment else None,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        cwd=Path(__file__).resolve().parent.parent,
    )


def end(process: subprocess.Popen[Any], seconds: float = 8.0) -> int:
    """Ask a process to end; kill it when it does not. Returns its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def processor_s(pid: int) -> float:
    """Processor time of a process so far in seconds, its threads included; 0.0 where the system does not tell (Linux does)."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def queued_s() -> float:
    """For how long the calling thread was ready and stood in line for a processor; 0.0 where the system does not tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class Forum:
    """A served sample forum that one can post on as anybody."""

    def __init__(self, directory: Path, *options: str) -> None:
        self.directory = directory
        self.process = spawn("huiying.forum", "--dir", str(directory), "--opening", "empty", "--parent-pipe", *options, HUIYING_QUIET="1")
        self.url = str(first_json(self.process, 20)["url"])
        self._client = httpx.Client(base_url=self.url, timeout=10, headers={"Accept": "application/json"})

    def post(self, title: str, body: str, *, fid: int = 1, uid: int = 101) -> dict[str, Any]:
        """Begin a thread; {"tid","pid","posted_at"}."""
        answer = self._client.post("/sample/thread", data={"fid": fid, "uid": uid, "title": title, "body": body})
        answer.raise_for_status()
        return dict(answer.json())

    def reply(self, tid: int, body: str, *, uid: int) -> dict[str, Any]:
        answer = self._client.post("/sample/reply", data={"tid": tid, "uid": uid, "body": body})
        answer.raise_for_status()
        return dict(answer.json())

    def close(self) -> None:
        self._client.close()
        end(self.process)


class Home:
    """A home with people in it, and `huiying run` on it."""

    def __init__(
        self, directory: Path, forum_url: str, *, mail: int = 2525, rate: float = 10, delay: str = "2s", poll: str = "10s", port: int = 8460
    ) -> None:
        from huiying.forum.accounts import OFFICIAL

        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.port = port
        self.process: subprocess.Popen[str] | None = None
        official = "\n".join(f'      "{uid}": {unit}' for uid, unit in OFFICIAL.items())
        (directory / "pipelines.yaml").write_text(
            CONFIG.format(forum=forum_url, rate=rate, delay=delay, poll=poll, official=official, mail=mail), encoding="utf-8"
        )

    def huiying(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command on this home to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "huiying", "--home", str(self.directory), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).resolve().parent.parent,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "huiying.settings"},
            timeout=120,
        )
        if check and done.returncode not in (0, 1):
            raise NotAnswering(f"huiying {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """The JSON rows that a command prints."""
        return [json.loads(line) for line in self.huiying(*arguments, "--json").stdout.splitlines()]

    def person(self, username: str, role: str, *units: str, duty: bool = False) -> None:
        given = [option for unit in units for option in ("--unit", unit)]
        self.huiying(
            *("user", "add", username, "--role", role, "--email", f"{username}@example.org", "--password", PASSWORD),
            *given,
            *(("--duty",) if duty else ()),
        )

    def start(self, *options: str) -> str:
        """Start everything; the address once a page answers. Raises NotAnswering."""
        self.process = spawn(
            "huiying", "--home", str(self.directory), "run", "--port", str(self.port), "--json", *options, HUIYING_QUIET="1"
        )
        return str(first_json(self.process, 60)["url"])

    def stop(self) -> int:
        return end(self.process) if self.process is not None else 0


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium, with the flags that keep it quiet on an offline machine."""
    import shutil

    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield chromium
        chromium.close()


def log_in(chromium: Any, url: str, username: str, width: int = 1366, height: int = 768) -> Any:
    """A page of its own, logged in, on the person's first page."""
    page = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai").new_page()
    page.goto(f"{url}/login")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    return page


def wait_until(seconds: float, condition: Any, every: float = 0.2) -> bool:
    """Whether `condition()` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(every)
    return bool(condition())
