"""The rules of a configured site: CSS or XPath for what stands where, checked before the first request.

    a.title                      CSS: the element
    a.title::attr(href)          CSS: an attribute; ::text its own text
    .//time/@datetime            XPath, always read from the row or post it is asked of
    a.by::attr(href) => u/(\\d+)  and of that what the regular expression's first group holds
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from cssselect import SelectorError
from lxml import etree  # type: ignore[import-untyped]
from parsel.csstranslator import HTMLTranslator

from crawlers.settings_types import SourceSettings, SourceSettingsError
from crawlers.sites.selectors.address import Address

#: rules that are selectors; the others are addresses or plain words
_OF_LISTS = "row link title row_author row_author_id row_posted row_time replies views sticky board_link next last empty"
_OF_THREADS = "post post_id author author_id time edited body shielded floor subject quoted strip gone login wall"
SELECTORS = (*_OF_LISTS.split(), *_OF_THREADS.split())
_NEEDED = ("row", "link", "post", "post_id", "author", "time", "body")
_ADDRESSES = ("list", "board", "thread")
_WORDS = ("end", "zone", "time_format")
_XPATH = re.compile(r"\(*\.{0,2}/|\.$|(?:descendant|ancestor|self|following|preceding)[\w-]*::|(?:string|normalize-space|concat)\(")
_ABSOLUTE = re.compile(r"(^|\(|\|\s*)(?=//)")


@dataclass(frozen=True)
class Rule:
    """One selector."""

    text: str
    xpath: Any
    pattern: re.Pattern[str] | None


@dataclass(frozen=True)
class Rules:
    """All of a site's rules."""

    listing: Address | None
    board: Address | None
    thread: Address
    selectors: Mapping[str, tuple[Rule, ...]]
    #: words that every whole page ends with, "" = its end cannot be known
    end: str
    zone: timezone
    time_format: str

    def text(self, name: str) -> str:
        """The rule as the operator wrote it."""
        return " / ".join(rule.text for rule in self.selectors.get(name, ()))


def compile_rules(source: SourceSettings, root: str) -> Rules:
    """Read a source's rules; raises SourceSettingsError naming the rule and what to write."""
    given = source.rules

    def wrong(name: str, why: str) -> SourceSettingsError:
        return SourceSettingsError(f"sources.{source.name}.rules.{name}: {why}")

    for name in given:
        if name not in (*SELECTORS, *_ADDRESSES, *_WORDS):
            raise wrong(name, "is no rule")
    for name in (*_NEEDED, "thread"):
        if not given.get(name):
            raise wrong(name, "is needed; see docs/guide/add-a-forum.md")
    if not given.get("list") and not given.get("board"):
        raise wrong("list", "give the address of a list over all boards, or `board`")

    def address(name: str, hole: str) -> Address | None:
        try:
            return Address(root, given[name][0], hole) if given.get(name) else None
        except (SourceSettingsError, re.error) as error:
            raise wrong(name, str(error)) from error

    compiled: dict[str, tuple[Rule, ...]] = {}
    for name in SELECTORS:
        try:
            compiled[name] = tuple(compile_rule(text) for text in given.get(name, ()))
        except (SelectorError, etree.XPathError, re.error) as error:
            raise wrong(name, f"{given[name]!r} cannot be read: {error}") from error
    thread = address("thread", "tid")
    assert thread is not None
    end, zone, shape = (given.get(name, (default,)) for name, default in zip(_WORDS, ("</html>", "+08:00", ""), strict=True))
    try:
        return Rules(
            address("list", ""), address("board", "board"), thread, compiled, (end or ("",))[0], _zone(zone[0]), (shape or ("",))[0]
        )
    except ValueError as error:
        raise wrong("zone", "write the offset of the site's times, e.g. +08:00") from error


def _zone(text: str) -> timezone:
    offset = datetime.strptime(text, "%z").utcoffset()
    return timezone(offset or timedelta(0))


def compile_rule(text: str) -> Rule:
    """One selector; raises what cssselect, lxml and re raise."""
    selector, _, pattern = text.partition(" => ")
    selector = selector.strip()
    if not selector:
        raise re.error("empty selector")
    if _XPATH.match(selector):
        xpath = _ABSOLUTE.sub(r"\1.", selector)  # "//a" would leave the row it is asked of
    else:
        xpath = HTMLTranslator().css_to_xpath(selector, prefix="descendant-or-self::")
    compiled = re.compile(pattern.strip()) if pattern else None
    return Rule(text, etree.XPath(xpath), compiled)
