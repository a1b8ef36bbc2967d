"""A crawl asks nobody but the forum, and leaves nothing in the home folder of the person who runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crawlers.served import ROOT, tiny_server

_CRAWL = """
import json, socket, sys
asked, real = [], socket.getaddrinfo
def watched(host, *rest, **options):
    asked.append(str(host))
    return real(host, *rest, **options)
socket.getaddrinfo = watched
from tests.crawlers.served import MemorySink, crawl_once, source
sink = MemorySink()
crawl_once(sink, source(sys.argv[1]))
print(json.dumps({"asked": sorted(set(asked)), "pages": len(sink.reports)}))
"""


@pytest.mark.slow
def test_nothing_outside(tmp_path: Path) -> None:
    page = (Path(__file__).parent / "fixtures" / "discuz" / "list-guide" / "page.html").read_bytes()
    headers = {"Content-Type": "text/html; charset=utf-8", "Set-Cookie": "sid=1; domain=localhost"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TLDEXTRACT", "XDG"))}
    with tiny_server(lambda path: (200, headers, page)) as url:
        done = subprocess.run(
            [sys.executable, "-c", _CRAWL, url.replace("127.0.0.1", "localhost")],
            cwd=ROOT,
            env=environment | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    told = json.loads(done.stdout)
    assert told["pages"] > 0
    assert told["asked"] == ["localhost"]
    assert list(tmp_path.rglob("*")) == []
