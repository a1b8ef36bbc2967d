"""What the tests read from a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.http import HttpResponse


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script" and data.strip():
            self.scripts += 1
        self.words.append(data)


def read(response: HttpResponse) -> _Reader:
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader


def text(response: HttpResponse) -> str:
    """The words of a page, white space folded."""
    return re.sub(r"\s+", " ", "".join(read(response).words))


def rows(response: HttpResponse) -> list[str]:
    """The alerts that a list draws, in its order."""
    return [
        attrs["data-alert"] or "" for tag, attrs in read(response).tags if attrs.get("data-alert") and "row" in (attrs.get("class") or "")
    ]
