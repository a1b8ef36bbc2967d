"""Asking a configured site's rules of a page, with a note of which rule took what from which element."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from crawlers.dom import Node, attr, find, squeeze, text_of
from crawlers.sites.engine import ExtractedField
from crawlers.sites.selectors.rules import Rule, Rules
from crawlers.sites.times import ShownTime, earlier_bound, read_machine_time, read_time
from store.clock import iso
from store.records import Precision

_NUMBER = re.compile(r"(?<![\d.,])\d[\d,]{0,12}(?![\d.,]*\s*[kKmMwW万千亿])")
_NUMBERED = re.compile(r"[A-Za-z-]*-(\d+)(?:\.\w+)?")
_POST_ID = re.compile(r"(?:[A-Za-z][A-Za-z_-]*)?(\d+)")
_TIME_ATTRIBUTES = ("datetime", "data-timestamp", "data-time", "title")
_TORN = re.compile(r"[<>\"]|^'|'$")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found: an element, or a text with the element that holds it."""

    node: Node | None
    text: str
    is_text: bool


@dataclass
class Reading:
    """One page and the rules it is read by."""

    rules: Rules
    root: Node
    now: datetime
    #: None = nobody wants to know
    notes: list[ExtractedField] | None = None
    record: str = "页面"

    def hits(self, name: str, node: Node | None = None) -> list[Hit]:
        """What the first of a rule's selectors that hits at all found below `node` (or on the page)."""
        for rule in self.rules.selectors.get(name, ()):
            found = rule.xpath(self.root if node is None else node)
            hits = [hit for one in (found if isinstance(found, list) else [found]) if (hit := _hit(one, rule)) is not None]
            if hits:
                return hits
        return []

    def every(self, name: str, node: Node) -> list[Hit]:
        """What all of a rule's selectors found: what is to be left out may be of several kinds."""
        found = [rule.xpath(node) for rule in self.rules.selectors.get(name, ())]
        return [Hit(one, "", is_text=False) for hits in found if isinstance(hits, list) for one in hits if isinstance(one, etree._Element)]

    def first(self, name: str, node: Node | None = None) -> Hit | None:
        """The first hit of a rule; notes it, also when there is none."""
        hits = self.hits(name, node)
        if self.notes is not None and self.rules.selectors.get(name):
            self.note(name, hits[0] if hits else None)
        return hits[0] if hits else None

    def note_all(self, name: str) -> None:
        """Note how many elements a rule for rows or posts found."""
        hits = self.hits(name)
        self.note(name, hits[0] if hits else None, f"{len(hits)} 个")

    def note(self, name: str, hit: Hit | None, value: str | None = None) -> None:
        """Remember what a rule took from where."""
        if self.notes is None:
            return
        element = "（没有找到）" if hit is None else _path(hit.node)
        shown = (hit.text if hit else "") if value is None else value
        self.notes.append(ExtractedField(self.record, name, shown[:_SHOWN], self.rules.text(name), element))

    def text(self, name: str, node: Node | None = None) -> str:
        """The text of a rule's first hit, "" without one."""
        hit = self.first(name, node)
        return hit.text if hit else ""

    def number(self, name: str, node: Node | None = None) -> int | None:
        """A whole number; None when there is none, or only a rounded one (1.2k)."""
        told = _NUMBER.search(self.text(name, node))
        return int(told[0].replace(",", "")) if told else None

    def time(self, name: str, node: Node | None = None) -> ShownTime | None:
        """The instant of a rule's hit: of what is meant for programs first, else as a reader sees it."""
        hits = self.hits(name, node)
        told = self._time_of(hits[0]) if hits else None
        if self.notes is not None and self.rules.selectors.get(name):
            self.note(name, hits[0] if hits else None, iso(told.at) if told else f"{hits[0].text}（读不出时间）" if hits else "")
        return told

    def _time_of(self, hit: Hit) -> ShownTime | None:
        if hit.is_text or hit.node is None:
            return self._instant(hit.text)
        titled = None
        for holder in [hit.node, *(hit.node.iterdescendants() if len(hit.node) else [])]:
            for attribute in _TIME_ATTRIBUTES:
                if titled is None and attr(holder, attribute):
                    titled = self._instant(attr(holder, attribute))
        return earlier_bound(titled, self._instant(hit.text))

    def _instant(self, text: str) -> ShownTime | None:
        if self.rules.time_format:
            try:
                at = datetime.strptime(text.strip(), self.rules.time_format)  # noqa: DTZ007 - the site's zone follows
            except ValueError:
                at = None
            if at is not None:
                exact = Precision.SECOND if "%S" in self.rules.time_format or "%X" in self.rules.time_format else Precision.MINUTE
                exact = exact if "%H" in self.rules.time_format or "%I" in self.rules.time_format else Precision.DAY
                return ShownTime((at if at.tzinfo else at.replace(tzinfo=self.rules.zone)).astimezone(UTC), exact)
        return read_machine_time(text, self.rules.zone) or read_time(text, self.now, self.rules.zone)


def _hit(found: object, rule: Rule) -> Hit | None:
    if isinstance(found, (bool, float)):
        return Hit(None, "", is_text=True) if found else None
    if isinstance(found, str):
        holder = found.getparent() if hasattr(found, "getparent") else None
        hit = Hit(holder, squeeze(found), is_text=True)
    elif isinstance(found, etree._Element):
        hit = Hit(found, text_of(found), is_text=False)
    else:
        return None
    if rule.pattern is None:
        return hit if hit.text or not hit.is_text else None
    told = rule.pattern.search(hit.text)
    if told is None:
        return None
    taken = told[1] if rule.pattern.groups else told[0]
    return Hit(hit.node, squeeze(taken or ""), is_text=True) if taken else None


def _path(node: Node | None) -> str:
    return str(node.getroottree().getpath(node)) if node is not None else ""


def href_of(hit: Hit | None) -> str:
    """The address of a hit: its text when the rule took an attribute, else that of the link in or around it."""
    if hit is None:
        return ""
    if hit.is_text:
        return hit.text
    return attr(find(hit.node, "descendant-or-self::a[@href]", "ancestor::a[@href][1]"), "href")


def post_id_of(hit: Hit | None) -> str:
    """`post-123`, `pid123`, `#p123`, `123` → 123; else the whole word."""
    if hit is None:
        return ""
    told = hit.text if hit.is_text else attr(hit.node, "id") or attr(hit.node, "data-id") or attr(hit.node, "data-pid") or hit.text
    told = told.strip().rpartition("#")[2]
    plain = _POST_ID.fullmatch(told)
    return plain[1] if plain else told if re.fullmatch(r"[\w.:-]{1,80}", told) else ""


def person_id_of(told: str) -> str:
    """The id in the address of a person's page: /user/15/name/ → 15, u.php?uid=15 → 15, user-15.html → 15, /u/name → name.

    "" for an address that markup ran into.
    """
    if _TORN.search(told):
        return ""
    try:
        parts = urlsplit(told)
        values = [value[-1] for value in parse_qs(parts.query).values()]
    except ValueError:
        return ""
    segments = [segment for segment in parts.path.split("/") if segment]
    for candidate in [*values, *segments]:
        if candidate.isascii() and candidate.isdigit():
            return candidate
    if segments and (numbered := _NUMBERED.fullmatch(segments[-1])):
        return numbered[1]
    names = values or segments
    return names[-1][:80] if names else ""
