from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from store.clock import FixedClock
from store.lease import Lease, LeaseHeld, held_by
from store.models import Lease as Row
from tests.store.readings import NOON

pytestmark = pytest.mark.django_db

HOLDER = """
import sys
from pathlib import Path
from store import locking
from store.lease import Lease
lease = Lease(Path(sys.argv[1]), "engine")
lease._tell = lambda holder: None
lease.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_instance_is_told_who_holds_the_role(tmp_path: Path):
    with Lease(tmp_path, "engine", clock=FixedClock(NOON)):
        with pytest.raises(LeaseHeld) as caught:
            Lease(tmp_path, "engine").acquire()
        text = str(caught.value)
        assert f"进程 {os.getpid()}" in text
        assert "2026-11-22 12:00:00 起" in text
        assert "--home" in text
        assert os.uname().nodename in text
        row = Row.objects.get(name="engine")
        assert (row.pid, row.since) == (os.getpid(), NOON)
    held_by(tmp_path, "engine")


def test_roles_and_homes_do_not_disturb_each_other(tmp_path: Path):
    with Lease(tmp_path, "engine"), Lease(tmp_path, "crawl"), Lease(tmp_path / "other", "engine"):
        with pytest.raises(LeaseHeld):
            held_by(tmp_path, "crawl")
        held_by(tmp_path, "web")


def test_kill_9_does_not_block_the_restart(tmp_path: Path):
    env = os.environ | {"PYTHONPATH": str(Path.cwd())}
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(LeaseHeld, match=str(child.pid)):
            held_by(tmp_path, "engine")
    finally:
        child.send_signal(signal.SIGKILL)
        child.communicate()
    with Lease(tmp_path, "engine"):
        assert Row.objects.get(name="engine").pid == os.getpid()


def test_release_twice_is_no_fault(tmp_path: Path):
    lease = Lease(tmp_path, "web")
    lease.acquire()
    lease.acquire()
    lease.release()
    lease.release()
    held_by(tmp_path, "web")
