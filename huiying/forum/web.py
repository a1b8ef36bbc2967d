"""Requests and responses of the sample forum, over WSGI."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
_ENTITY = re.compile(r"&#\d{2,7};")
_MAX_FORM = 20_000_000


def undrawable(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: what GBK cannot hold becomes `&amp;#128514;`, escaped twice, as Discuz! in GBK sends it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(f"&amp;#{ord(char)};" for char in error.object[error.start : error.end]), error.end


@dataclass(frozen=True)
class Response:
    """An answer. A `body` that is an iterable of bytes is streamed without a length."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    content_type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()
    #: Content-Length to claim instead of the true one
    claimed_length: int | None = None

    @staticmethod
    def html(text: str, charset: str, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Response:
        encoded = text.encode("gbk", "sample_gbk") if charset == "gbk" else text.encode("utf-8", "replace")
        return Response(status, encoded, f"text/html; charset={charset}", headers)

    @staticmethod
    def redirect(where: str, status: int = 302) -> Response:
        return Response(status, b"", "text/html", (("Location", where),))

    @staticmethod
    def json(row: Mapping[str, object], status: int = 200) -> Response:
        return Response(status, json.dumps(row, ensure_ascii=False).encode(), "application/json")

    def send(self, start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = [("Content-Type", self.content_type), *self.headers]
        if isinstance(self.body, bytes):
            headers.append(("Content-Length", str(len(self.body) if self.claimed_length is None else self.claimed_length)))
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", headers)
        return [self.body] if isinstance(self.body, bytes) else self.body


@dataclass
class Request:
    """What came in; query and form are decoded once, on demand."""

    environ: Mapping[str, Any]
    path: str = field(init=False)
    method: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = str(self.environ.get("PATH_INFO", "/")) or "/"
        self.method = str(self.environ.get("REQUEST_METHOD", "GET"))

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(str(self.environ.get("QUERY_STRING", "")), keep_blank_values=True))

    @property
    def query_string(self) -> str:
        return str(self.environ.get("QUERY_STRING", ""))

    @cached_property
    def form(self) -> dict[str, str]:
        """Fields of a posted form (urlencoded or JSON); `_charset_` names a browser's encoding, UTF-8 without it."""
        length = int(self.environ.get("CONTENT_LENGTH") or 0)
        if length > _MAX_FORM:
            raise ValueError(f"form of {length} bytes, at most {_MAX_FORM}")
        raw: bytes = self.environ["wsgi.input"].read(length)
        if "json" in str(self.environ.get("CONTENT_TYPE", "")):
            row = json.loads(raw)
            if not isinstance(row, dict):
                raise ValueError("the JSON body is not an object")
            return {str(key): "" if value is None else str(value) for key, value in row.items()}
        text = raw.decode("ascii", "replace")
        fields = dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=50))
        if fields.get("_charset_", "").lower() in {"gbk", "gb2312", "gb18030"}:
            # A browser writes what GBK cannot hold as &#128514;
            decoded = parse_qsl(text, keep_blank_values=True, encoding="gb18030", errors="replace", max_num_fields=50)
            fields = {key: _ENTITY.sub(lambda found: unescape(found[0]), value) for key, value in decoded}
        return {key: value.replace("\r\n", "\n") for key, value in fields.items()}

    def header(self, name: str) -> str:
        return str(self.environ.get("HTTP_" + name.upper().replace("-", "_"), ""))

    @property
    def wants_json(self) -> bool:
        return "application/json" in self.header("Accept")

    @cached_property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.header("Cookie").split(";"))
        return {name: value for name, _, value in pairs if name}

    def number(self, name: str, default: int = 0) -> int:
        """A number of the query; anything else is the default."""
        value = self.query.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default

    @property
    def local(self) -> bool:
        """Whether the host asked for, and the page that sent a form, are of this machine."""
        return _host(self.header("Host")) in LOOPBACK and (not (origin := self.header("Origin")) or urlsplit(origin).hostname in LOOPBACK)


def _host(value: str) -> str:
    if value.startswith("["):
        return value.partition("]")[0] + "]"
    return value.partition(":")[0].lower()
