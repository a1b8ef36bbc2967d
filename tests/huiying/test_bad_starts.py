"""What stands in the way of a start, each for real: a busy port, a second instance, a newer database, a full disk, a missing secret."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.running import end, first_json, spawn

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ROOT = Path(__file__).resolve().parent.parent.parent


def huiying(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "huiying", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=100,
        env={name: value for name, value in os.environ.items() if name != "SMTP_PASSWORD"},
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert huiying(tmp_path / "home", "init").returncode == 0
    return tmp_path / "home"


def test_a_busy_port_moves_on_and_is_printed(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = spawn("huiying", "--home", str(home), "run", "--port", str(port), "--json", "--no-crawl")
        try:
            url = first_json(process, 60)["url"]
        finally:
            assert end(process) == 0
    assert url != f"http://127.0.0.1:{port}"


def test_a_second_instance_says_who_holds_the_home(home: Path) -> None:
    first = spawn("huiying", "--home", str(home), "run", "--json", "--no-crawl", HUIYING_QUIET="1")
    try:
        first_json(first, 60)
        second = huiying(home, "run")
    finally:
        end(first)
    assert second.returncode == 3
    assert f"进程 {first.pid}" in second.stderr
    assert "--home" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_database_of_a_newer_release_is_left_alone(home: Path) -> None:
    with sqlite3.connect(home / "huiying.sqlite3") as connection:
        connection.execute("insert into django_migrations(app, name, applied) values ('alerts', '0999_from_the_future', '2030-01-01')")
    refused = huiying(home, "posts")
    assert refused.returncode == 3
    assert "0999_from_the_future" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_missing_secret_is_named_and_the_rest_goes_on(home: Path) -> None:
    (home / "pipelines.yaml").write_text(
        "extends: shipped\nchannels:\n  email: {host: 127.0.0.1, user: huiying, password: '${SMTP_PASSWORD}'}\n", encoding="utf-8"
    )
    checked = huiying(home, "check")
    assert "C030" in checked.stdout
    assert "export SMTP_PASSWORD" in checked.stdout
    assert huiying(home, "tick").returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("a small disk cannot be mounted here (needs root): run the tests as root to fill a disk for real")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_said_and_what_was_stored_stays(small_disk: Path, tmp_path: Path) -> None:
    home = small_disk / "home"
    assert huiying(home, "init").returncode == 0
    line = '{"id":"%s","title":"第 %s 号路灯不亮","body":"%s","posted_at":"2026-11-20T10:00:00+08:00"}\n'
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    few.write_text("".join(line % (n, n, "晚上很黑，" * 40) for n in range(20)), encoding="utf-8")
    many.write_text("".join(line % (n, n, "字" * 4000) for n in range(100, 700)), encoding="utf-8")
    assert huiying(home, "import", str(few)).returncode == 0
    full = huiying(home, "import", str(many))
    assert full.returncode == 3, full.stderr
    assert "磁盘已满" in full.stderr
    assert "Traceback" not in full.stderr
    with sqlite3.connect(f"file:{home}/huiying.sqlite3?mode=ro", uri=True) as connection:
        assert connection.execute("select count(*) from store_post").fetchone()[0] == 20
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
