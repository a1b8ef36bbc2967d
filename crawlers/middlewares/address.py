"""No request leaves for anything but http(s) on a public address of the source's own host, also after a redirect."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.settings_types import SourceSettings


class Refused(IgnoreRequest):
    """We do not send this request, or do not read its answer."""


class Elsewhere(Refused):
    """The site sends us to another host."""


class LoginRequired(IgnoreRequest):
    """The forum sends guests to its login page."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not ip.is_multicast


def same_site(first: str, second: str) -> bool:
    """Whether two host names are one forum's: equal, but for a leading www."""
    return first.lower().removeprefix("www.") == second.lower().removeprefix("www.")


class AddressGuard:
    """Checks scheme, host and address before the request, and the address that answered after it."""

    def __init__(self, source: SourceSettings) -> None:
        self._private = source.allow_private
        self._host = urlsplit(source.url).hostname or ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.spider.source)  # type: ignore[union-attr]

    async def process_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused(f"不是 http(s) 网址：{request.url[:120]}")
        if request.meta.get("redirect_times") and "mod=logging" in request.url:
            raise LoginRequired(request.url)
        if not same_site(parts.hostname, self._host):
            raise Elsewhere(f"转向了别的网站 {parts.hostname}")
        if not self._private:
            await self._check_public(parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))

    async def _check_public(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return  # the download reports that the name does not resolve
        for *_, address in found:
            if not is_public(str(address[0])):
                raise Refused(f"{host} 指向内网地址 {address[0]}；确属本单位论坛时设 allow_private: true")

    def process_response(self, request: Request, response: Response) -> Response:
        answered_by = str(response.ip_address or "")
        if answered_by and not self._private and not is_public(answered_by):
            raise Refused(f"应答来自内网地址 {answered_by}")  # the name changed its address after the check
        return response
