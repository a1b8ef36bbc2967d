"""Documentation is tested: every key, command and error id stands in docs/."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from huiying.cli.main import COMMANDS
from huiying.config.reference import markdown

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"


def test_the_page_of_keys_is_the_models() -> None:
    made = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    assert made == markdown(), "run: python -m huiying.config.reference > docs/reference/configuration.md"


def test_every_error_id_is_explained() -> None:
    ids = set()
    for path in [*(ROOT / "huiying").rglob("*.py"), *(ROOT / "alerts").rglob("*.py")]:
        ids |= set(re.findall(r"""["']([CEV]0\d\d)["']""", path.read_text(encoding="utf-8")))
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| ([CEV]0\d\d) \|", page, flags=re.MULTILINE))
    assert ids
    assert ids == explained


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented(command: str) -> None:
    page = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    assert f"`huiying {command}" in page


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_first_screen_holds_the_two_commands_and_a_picture(name: str) -> None:
    first = "\n".join((ROOT / name).read_text(encoding="utf-8").splitlines()[:40])
    assert "make run" in first
    assert "make test" in first
    assert re.search(r"!\[[^\]]*\]\(docs/screenshots/[\w.-]+\)", first)
