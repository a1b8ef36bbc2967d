"""Real forum programs for the tests: installed once into a cache outside the tree, started on loopback, ended with the block."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huiying-tests"
#: the newest release that the registry has
NODEBB = "1.4.0"


def need(*commands: str, install: str) -> None:
    """Skip with what to install where a command is missing; fail on CI, which installs it."""
    missing = [command for command in commands if shutil.which(command) is None]
    if missing:
        unavailable(f"{'、'.join(missing)} missing on this machine: {install}")


def unavailable(why: str) -> None:
    """What the test needs cannot be had: no fault of the code, yet CI must have it."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def done(
    command: Sequence[str | Path],
    folder: Path,
    *,
    stdin: str = "",
    timeout_s: float = 240,
    refuse: Callable[[str], None] = pytest.fail,
    variables: Mapping[str, str] | None = None,
) -> str:
    """Run to the end; its stdout. Fails the test (or what `refuse` does) with the end of its stderr."""
    ended = subprocess.run(
        command, cwd=folder, env=_outside(variables), input=stdin, capture_output=True, text=True, timeout=timeout_s, check=False
    )
    if ended.returncode != 0:
        refuse(f"{' '.join(map(str, command))[:200]}: {ended.stderr.strip()[-1500:]}")
    return ended.stdout


def _outside(variables: Mapping[str, str] | None) -> dict[str, str]:
    """The environment without what makes a program take our settings and modules for its own, and with `variables`."""
    ours = ("DJANGO_SETTINGS_MODULE", "PYTHONPATH", "HUIYING_HOME")
    return {name: value for name, value in os.environ.items() if name not in ours} | dict(variables or {})


@contextmanager
def only_one(name: str) -> Iterator[Path]:
    """The cache folder of a program, for one test run at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield CACHE / name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> tuple[int, str]:
    """(status, body) of an address."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return int(answer.status), answer.read().decode("utf-8")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", errors="replace")


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, url: str, log: Path, *, answers_s: float = 60, variables: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A server in the background until the block ends; fails when it does not answer in time."""
    with log.open("wb") as out, subprocess.Popen(command, cwd=folder, env=_outside(variables), stdout=out, stderr=out) as process:
        try:
            deadline = time.monotonic() + answers_s
            while not url_answers(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"{command[0]} does not answer: {log.read_text(encoding='utf-8', errors='replace')[-1500:]}")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def url_answers(url: str) -> bool:
    try:
        return get(url)[0] < 500
    except OSError:
        return False


@dataclass(frozen=True)
class Filled:
    """A program that runs and holds the plan: its address, and which id each part of the plan got."""

    url: str
    threads: dict[str, str]
    posts: dict[str, str]
    people: dict[str, str]
    boards: dict[str, str]
    #: of its administrator
    password: str = ""


def filled(url: str, told: str, password: str = "") -> Filled:
    """What a filler answered in its last line."""
    ids: dict[str, dict[str, Any]] = json.loads(told.strip().splitlines()[-1])
    parts = {name: {key: str(value) for key, value in part.items()} for name, part in ids.items()}
    return Filled(url, parts["threads"], parts["posts"], parts["people"], parts["boards"], password)


def nodebb_folder() -> Path:
    """NodeBB with its libraries; fetched by npm the first time (half a minute, 150 MB)."""
    with only_one(f"nodebb-{NODEBB}") as folder:
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            done(["npm", "pack", "--silent", f"nodebb@{NODEBB}"], folder, refuse=unavailable)
            done(["tar", "xzf", f"nodebb-{NODEBB}.tgz", "--strip-components=1"], folder)
            quiet = ("--no-audit", "--no-fund", "--loglevel=error")
            done(["npm", "install", "--omit=dev", "--omit=optional", "--ignore-scripts", *quiet], folder, refuse=unavailable)
            for name in ("sounds", "category", "profile", "files", "system"):
                (folder / "public" / "uploads" / name).mkdir(parents=True)
            for name in ("nodebb.min.js", "acp.min.js", "stylesheet.css", "admin.css"):  # for browsers; the JSON does without
                (folder / "public" / name).touch()
            (folder / ".complete").touch()
        return folder


@contextmanager
def nodebb(plan: dict[str, Any], home: Path) -> Iterator[Filled]:
    """A NodeBB on a Redis of its own, with the plan in it."""
    need("node", "npm", "redis-server", install="apt-get install nodejs npm redis-server")
    folder = nodebb_folder()
    redis, port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    config = {"url": url, "secret": secrets.token_hex(8), "database": "redis", "bind_address": "127.0.0.1"}
    settings = config | {"redis": {"host": "127.0.0.1", "port": redis}}
    at, data = home / "config.json", home / "redis"
    data.mkdir()
    server = ["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--dir", str(data), "--save", ""]
    with subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as database:
        try:
            password = secrets.token_hex(8)
            given = {"config": settings | {"config": str(at)}, "password": password, "plan": plan}
            told = filled(f"{url}/", done(["node", str(HERE / "fill_nodebb.js")], folder, stdin=json.dumps(given)), password)
            at.write_text(json.dumps(settings), encoding="utf-8")
            start = ["node", "app.js", "--config", str(at), "--dep-check=false"]
            with running(start, folder, f"{url}/api/config", home / "nodebb.log"):
                yield told
        finally:
            database.terminate()
            database.wait(10)


def on_nodebb(forum: Filled, *acts: tuple[str, dict[str, Any]]) -> list[Any]:
    """What its administrator does in a browser, over its socket; the forum's answers."""
    given = {"url": forum.url, "username": "admin", "password": forum.password, "acts": acts}
    answers: list[Any] = json.loads(done(["node", str(HERE / "act_nodebb.js")], nodebb_folder(), stdin=json.dumps(given)))
    return answers


def python_with(name: str, *packages: str) -> Path:
    """A Python of its own with a forum program, from PyPI the first time; not the project's."""
    with only_one(name) as folder:
        python = folder / "bin" / "python"
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            done([sys.executable, "-m", "venv", str(folder)], HERE, refuse=unavailable)
            done([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages], HERE, refuse=unavailable)
            (folder / ".complete").touch()
        return python


_SPIRIT_SETTINGS = """from .base import *

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "{secret}"
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
ST_SITE_URL = "{url}"
HAYSTACK_SIGNAL_PROCESSOR = "haystack.signals.BaseSignalProcessor"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DATABASES = {{"default": {{
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": os.path.join(BASE_DIR, "db.sqlite3"),
    "OPTIONS": {{"init_command": "PRAGMA synchronous=OFF"}},
}}}}
"""


@contextmanager
def spirit(plan: dict[str, Any], home: Path) -> Iterator[Filled]:
    """A Spirit forum on SQLite (`home/bbs/db.sqlite3`), as its own project template makes it, with the plan in it."""
    python = python_with("spirit-0.14.3", "django-spirit==0.14.3")
    done([str(python), "-m", "django", "startproject", "bbs", "--template", _spirit_template(python)], home)
    port = free_port()
    url, password = f"http://127.0.0.1:{port}/", secrets.token_hex(8)
    local = home / "bbs" / "bbs" / "settings" / "local.py"
    local.write_text(_SPIRIT_SETTINGS.format(secret=secrets.token_hex(16), url=url), encoding="utf-8")
    given = json.dumps({"plan": plan, "password": password})
    told = filled(url, done([str(python), str(HERE / "fill_spirit.py")], home / "bbs", stdin=given), password)
    serve = [str(python), "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}", "--settings", "bbs.settings.local"]
    with running(serve, home / "bbs", url, home / "spirit.log"):
        yield told


def on_spirit(home: Path, *acts: tuple[str, dict[str, Any]]) -> None:
    """What its administrator sends from the program's pages: (path, fields)."""
    python = python_with("spirit-0.14.3")
    done([str(python), str(HERE / "fill_spirit.py")], home / "bbs", stdin=json.dumps({"acts": acts}))


def _spirit_template(python: Path) -> str:
    where = "import spirit, os; print(os.path.join(os.path.dirname(spirit.__file__), 'extra', 'project_template'))"
    return done([str(python), "-c", where], HERE).strip()


@contextmanager
def machina(plan: dict[str, Any], home: Path) -> Iterator[Filled]:
    """A site with django-machina on SQLite (`home/db.sqlite3`), with the plan in it."""
    python = python_with("machina-1.3.1", "django-machina==1.3.1")
    url, password = f"http://127.0.0.1:{(port := free_port())}/", secrets.token_hex(8)
    variables = {"MACHINA_HOME": str(home), "MACHINA_SECRET": secrets.token_hex(16)}
    given = json.dumps({"plan": plan, "password": password})
    told = filled(url, done([str(python), "fill_machina.py"], HERE, stdin=given, variables=variables), password)
    serve = [str(python), "-m", "django", "runserver", "--noreload", f"127.0.0.1:{port}", "--settings", "machina_settings"]
    with running(serve, HERE, url, home / "machina.log", variables=variables):
        yield told


def on_machina(home: Path, *acts: tuple[str, dict[str, Any]]) -> None:
    """What its administrator sends from the program's pages: (path, fields)."""
    variables = {"MACHINA_HOME": str(home), "MACHINA_SECRET": secrets.token_hex(16)}
    done([str(python_with("machina-1.3.1")), "fill_machina.py"], HERE, stdin=json.dumps({"acts": acts}), variables=variables)
