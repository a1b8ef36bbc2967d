"""A real Chromium before pages that another process serves."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.dashboards.browser.evening import SECRET

ROOT = Path(__file__).resolve().parents[3]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Evening:
    """The serving process and what can be asked of it."""

    child: subprocess.Popen[str]
    base: str = ""
    owned: str = ""

    def ask(self, line: str) -> str:
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        return self.child.stdout.readline().strip()


@pytest.fixture(scope="module")
def evening_server() -> Iterator[Evening]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.dashboards.browser.evening"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert child.stdout is not None
    port, _, owned = child.stdout.readline().strip().partition(" ")
    yield Evening(child=child, base=f"http://127.0.0.1:{port}", owned=owned)
    assert child.stdin is not None
    child.stdin.close()
    child.terminate()
    child.wait(timeout=10)
    child.stdout.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine; install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page of a person, and what the browser complained about."""

    page: Any
    base: str
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> None:
        self.page.goto(self.base + address)
        self.page.wait_for_load_state("load")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def sees(self, words: str, where: str = "body") -> None:
        self.page.locator(where).get_by_text(words).first.wait_for(timeout=8000)


Open = Callable[..., Tab]


@pytest.fixture
def tab(chromium: Any, evening_server: Evening) -> Iterator[Open]:
    contexts = []

    def enter(username: str, *, width: int = 1366, height: int = 768, script: bool = True, dark: bool = False) -> Tab:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        opened = Tab(page=context.new_page(), base=evening_server.base)
        opened.page.on("console", lambda said: opened.complaints.append(said.text) if said.type in ("error", "warning") else None)
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.go("/login")
        opened.page.fill("#u", username)
        opened.page.fill("#p", SECRET)
        opened.page.click("button[type=submit]")
        opened.page.wait_for_url(lambda address: "/login" not in address)
        return opened

    yield enter
    for context in contexts:
        context.close()
