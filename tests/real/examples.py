"""The examples of docs/examples, at the address of a forum that runs here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crawlers.settings_types import SourceSettings
from huiying.config import load
from huiying.wire import source_settings
from tests.crawlers.served import ROOT


def configured(example: str, url: str, folder: Path) -> SourceSettings:
    """The source of an example of the docs, at another address and without politeness."""
    text = (ROOT / "docs" / "examples" / example).read_text(encoding="utf-8")
    path = folder / example
    path.write_text(text.replace("enabled: false", "enabled: true").replace("https://bbs.example.org/", url), encoding="utf-8")
    one = next(one for one in source_settings(load(path, environment={}).pipelines) if one.name == "jiefang")
    return replace(one, requests_per_minute=60_000, min_delay_s=0, poll_s=0.2, allow_private=True, concurrency=4, timeout_s=20)
