"""The supervisor with real child processes, and the engine's wake-ups when the wall clock goes back."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, timedelta
from pathlib import Path

import psutil
import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from benchmarks.running import wait_until
from huiying.children import engine
from huiying.supervise import Child, Supervisor
from store.clock import SystemClock

ENDS_WITH_PIPE = "import sys; sys.stdin.read()"


def supervised(home: Path, *children: Child) -> tuple[Supervisor, list[str], threading.Thread]:
    said: list[str] = []
    supervisor = Supervisor(children, home=home, clock=SystemClock(), say=said.append)
    thread = threading.Thread(target=supervisor.watch, daemon=True)
    thread.start()
    return supervisor, said, thread


@pytest.mark.slow
def test_a_child_that_dies_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    child = Child("crawl", [sys.executable, "-c", ENDS_WITH_PIPE])
    supervisor, said, thread = supervised(tmp_path, child)
    assert wait_until(5, lambda: child.running, every=0.05)
    first = child.process
    assert first is not None
    first.kill()
    assert wait_until(5, lambda: child.running and child.process is not first, every=0.05)
    assert any("crawl 停了（信号 9）" in line and "crawl.log" in line for line in said)
    supervisor.stop.set()
    thread.join(6)
    assert not thread.is_alive()


@pytest.mark.slow
def test_a_stop_ends_every_child_also_one_that_does_not_listen(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    child = Child("engine", [sys.executable, "-c", deaf])
    supervisor, _, thread = supervised(tmp_path, child)
    assert wait_until(
        5, lambda: (tmp_path / "logs" / "engine.log").exists() and (tmp_path / "logs" / "engine.log").stat().st_size > 0, every=0.05
    )
    assert child.process is not None
    pid = child.process.pid
    supervisor.stop.set()
    thread.join(8)
    assert not psutil.pid_exists(pid)


def test_a_clock_that_went_back_does_not_stop_the_rounds() -> None:
    now = SystemClock().now()
    scheduler = BackgroundScheduler(timezone=UTC)
    job = scheduler.add_job(lambda: None, "interval", seconds=1, next_run_time=now + timedelta(hours=2))
    scheduler.start(paused=True)
    try:
        engine.catch_up(scheduler, now)
        assert job.next_run_time == now
        engine.catch_up(scheduler, now)
        assert job.next_run_time == now
    finally:
        scheduler.shutdown(wait=False)
