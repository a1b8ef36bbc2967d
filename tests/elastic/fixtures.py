"""A real Elasticsearch for the tests: one node a session, started by scripts/start-elasticsearch, killed at the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "start-elasticsearch"
FOLDERS = ROOT / ".elasticsearch"
#: Exit of the script when something is not installed on this machine.
MISSING = 3


class ElasticServer:
    """The node of this session; it may be killed and started again on the same data and port."""

    def __init__(self) -> None:
        self.folder = FOLDERS / f"tests-{os.getpid()}"
        self.url = ""

    def start(self, *, keep: bool = False) -> None:
        """Start the node; skips where it is not installed, except on CI."""
        environment = os.environ | ({"KEEP": "1"} if keep else {})
        done = subprocess.run([SCRIPT, self.folder], env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            folder, self.url = done.stdout.split()
            self.folder = Path(folder)
            return
        said = (done.stderr.strip().splitlines() or ["said nothing"])[-1]
        if done.returncode == MISSING and os.environ.get("CI") != "true":
            pytest.skip(f"no Elasticsearch here: {said}")
        pytest.fail(f"Elasticsearch did not start: {done.stderr.strip()[-2000:]}")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End the node at once, as a power cut would, and wait until it is gone."""
        end_node(self.folder, number)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def end_node(folder: Path, number: int = signal.SIGKILL) -> None:
    """End the node that runs in a folder, if any."""
    try:
        pid = int((folder / "node" / "pid").read_text(encoding="ascii"))
        command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return
    if str(folder) not in command:
        return  # the number belongs to another process by now
    os.kill(pid, number)
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        time.sleep(0.02)


def sweep() -> None:
    """End and remove what sessions that were themselves killed have left behind."""
    # The second place is where the script goes when its account cannot read the checkout.
    for folder in (*FOLDERS.glob("tests-*"), *(Path(tempfile.gettempdir()) / "huiying-elasticsearch").glob("tests-*")):
        owner = folder.name.removeprefix("tests-")
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            end_node(folder)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def elastic_server() -> Iterator[ElasticServer]:
    sweep()
    server = ElasticServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def elastic_url(elastic_server: ElasticServer) -> str:
    """Address of a real server on loopback."""
    return elastic_server.url
