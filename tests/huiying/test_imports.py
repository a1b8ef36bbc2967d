"""What a command imports is what it costs: `--help` and `assess` stay free of the heavy libraries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
REPORT = "\nimport sys, json; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"


def modules_after(script: str, given: str = "") -> set[str]:
    done = subprocess.run([sys.executable, "-c", script + REPORT], input=given, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.slow
def test_help_imports_neither_django_nor_numpy() -> None:
    loaded = modules_after("from huiying.cli.main import main; main(['--help'])")
    assert not loaded & {"django", "numpy", "pandas", "sklearn", "scrapy", "jieba", "elasticsearch"}


@pytest.mark.slow
def test_assess_imports_neither_pandas_nor_scikit_learn_nor_django() -> None:
    line = '{"id":"1","title":"河水又黑了","body":""}\n'
    loaded = modules_after("from huiying.cli.main import main; main(['assess'])", line)
    assert not loaded & {"django", "pandas", "sklearn", "scrapy", "jieba", "elasticsearch"}
