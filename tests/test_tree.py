"""Rules about the tree itself: file length, secrets of the place of work, sentences of texts that are not ours."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = (".py", ".html", ".css", ".js", ".sh")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: the list of tracked files is not known")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix in CODE
        and "/migrations/" not in str(path)
        and "/vendor/" not in str(path)
        and (lines := path.read_bytes().count(b"\n")) > 400
    }
    assert long == {}


def test_the_median_file_has_at_most_120_lines() -> None:
    lengths = sorted(
        len(path.read_text(encoding="utf-8").splitlines()) for path in tracked() if path.suffix == ".py" and path.stat().st_size
    )
    assert lengths[len(lengths) // 2] <= 120


def test_no_paths_of_a_machine_stand_in_the_tree() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in (*CODE, ".md", ".yaml", ".cfg", ".toml", ".txt", ".json", ".jsonl") and ".min." not in path.name
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if re.search(r"(^|[^\w.])/(work|farm|root)/", line)
    ]
    assert found == []
