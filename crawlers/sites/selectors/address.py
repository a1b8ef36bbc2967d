"""Addresses of a configured site: one template makes them and reads ids out of them.

    t/{tid}[?page={page}]           page 1 has no part in brackets
    forum/{board:n}-{page}.html     `:n` = digits only, so that a title after the id (7-street-light) is no part of it
    read.php?tid={tid}[&page={page}]
    topic/{tid:n}/{title}/[?page={page}]    words that some sites insist on: taken over from links, "-" until one was seen
    viewtopic.php?t={tid}[&start={skip:15}] a page told by the number of records before it, here 15 a page
    latest[?after={next}]                   told by the link to the next page alone: page 3 is where page 2 links to
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from crawlers.settings_types import SourceSettingsError

_HOLE = re.compile(r"\{(tid|board|page|title|skip|next)(:n|:\d{1,3})?\}")
_WORD = r"[\w-]+"
_NUMBERS = ("page", "skip")


@dataclass(frozen=True, slots=True)
class Found:
    """What an address says: the id ("" when its template holds none) and the page, None when it names none."""

    id: str
    page: int | None
    #: what stands in the places of `{title}`
    words: tuple[str, ...] = ()
    #: records before the page, None when it names none
    skipped: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Address:
    """A template below the site's root."""

    root: str
    template: str
    #: the hole that is the id, "" = none
    id_hole: str
    _path: re.Pattern[str] = field(init=False)
    _query: dict[str, str] = field(init=False)
    #: records of a page, 0 = pages are told by their number
    _size: int = field(init=False)

    def __post_init__(self) -> None:
        holes = {name for name, _ in _HOLE.findall(self.template)}
        if self.id_hole and self.id_hole not in holes:
            hole = f"{{{self.id_hole}}}"
            raise SourceSettingsError(f"address {self.template!r} has no {hole}; write e.g. t/{hole}[?page={{page}}]")
        if self.template.count("[") != self.template.count("]") or self.template.count("[") > 1:
            raise SourceSettingsError(f"address {self.template!r}: at most one part in brackets, closed again")
        sizes = {int(size[1:] or 0) if size != ":n" else 0 for name, size in _HOLE.findall(self.template) if name == "skip"}
        if 0 in sizes or len(sizes) > 1:
            raise SourceSettingsError(f"address {self.template!r}: write how many records a page has, e.g. {{skip:15}}")
        if "next" in holes and (self.id_hole == "tid" or "page" in holes or sizes):
            raise SourceSettingsError(f"address {self.template!r}: {{next}} is for lists, and instead of {{page}}")
        object.__setattr__(self, "_size", next(iter(sizes), 0))
        path, _, query = self.template.partition("?")
        pairs = [pair.partition("=") for pair in query.replace("[", "").replace("]", "").split("&") if pair]
        below = urlsplit(urljoin(self.root, path.removesuffix("[") if query else path)).path
        if not self.template:
            below = urlsplit(self.root).path
        object.__setattr__(self, "_query", {_decoded(name): _decoded(value) for name, _, value in pairs})
        object.__setattr__(self, "_path", re.compile(self._pattern(_decoded(below))))

    def _pattern(self, path: str) -> str:
        out, end, met, words = [], 0, set(), 0
        for hit in re.finditer(rf"{_HOLE.pattern}|\[|\]", path):
            out.append(re.escape(path[end : hit.start()]))
            end = hit.end()
            if hit[0] in "[]":
                out.append("(?:" if hit[0] == "[" else ")?")
            elif hit[1] == "title":
                out.append(f"(?P<title{words}>[^/]*)")
                words += 1
            elif hit[1] in met:
                out.append(f"(?P={hit[1]})")
            else:
                met.add(hit[1])
                out.append(f"(?P<{hit[1]}>{'[0-9]+' if hit[1] in _NUMBERS or hit[2] else _WORD})")
        out.append(re.escape(path[end:]))
        if not self.id_hole:
            return "".join(out) + r"/?$"
        return "".join(out) + (r"(?!\w)" if path and path[-1] in "}]" else "")  # after a slash a title may follow

    @property
    def size(self) -> int:
        """Records of a page, where its address counts those before it; else 0."""
        return self._size

    @property
    def linked(self) -> bool:
        """Further pages are where the link to the next one leads."""
        return "{next}" in self.template

    @property
    def worded(self) -> bool:
        """Words of the title are part of the address."""
        return "{title}" in self.template

    def make(self, id_: str, page: int, words: Iterable[str] = ()) -> str:
        """The address of a page; the part in brackets is left out for page 1."""
        text = self.template
        text = re.sub(r"\[.*?\]", "", text) if page <= 1 or self.linked else text.replace("[", "").replace("]", "")
        given = iter(words)

        def filled(hit: re.Match[str]) -> str:
            if hit[1] == "title":
                return next(given, "-") or "-"
            if hit[1] == "skip":
                return str((max(1, page) - 1) * self._size)
            return str(page) if hit[1] == "page" else "" if hit[1] == "next" else id_

        return urljoin(self.root, _HOLE.sub(filled, text))

    def read(self, url: str) -> Found | None:
        """The id and page of an address of this kind, None when it is of another."""
        try:
            parts = urlsplit(urljoin(self.root, url))
        except ValueError:
            return None
        path = _decoded(parts.path)
        hit = self._path.match(path)
        if hit is None or parts.netloc.removeprefix("www.") != urlsplit(self.root).netloc.removeprefix("www."):
            return None
        told = {name: value for name, value in hit.groupdict().items() if value}
        given = parse_qs(parts.query)
        for name, wanted in self._query.items():
            value = given.get(name, [""])[-1]
            hole = _HOLE.fullmatch(wanted)
            if hole is None and _HOLE.search(wanted):
                told |= self._several(wanted, value)  # 7.15: the thread and the records before its page
            elif hole is None:
                if value != wanted and self.id_hole not in told:
                    return None  # with the id in the path the rest (?sort=oldest) only says how it is shown
            elif re.fullmatch("[0-9]+" if hole[2] or hole[1] in _NUMBERS else _WORD, value):
                told[hole[1]] = value
        id_ = told.get(self.id_hole, "")
        if self.id_hole and not id_:
            return None
        page = told.get("page", "") or self._page_behind(path)
        skipped = int(told["skip"]) if self._size and 0 < len(told.get("skip", "")) < 9 else None
        if skipped is not None:
            page = str(skipped // self._size + 1)
        words = tuple(_quoted(value) for name, value in hit.groupdict().items() if name.startswith("title"))
        return Found(id_, max(1, int(page)) if page and len(page) < 9 else None, words, skipped)

    def _several(self, wanted: str, value: str) -> dict[str, str]:
        """What a value says that holds more than one thing, at least the first of them; nothing when it is of another form."""
        end = next(hit.end() for hit in _HOLE.finditer(wanted))
        hit = re.match(self._pattern(wanted), value) or re.match(self._pattern(wanted[:end]) + r"(?!\w)", value)
        return {name: told for name, told in hit.groupdict().items() if told} if hit else {}

    def _page_behind(self, path: str) -> str:
        """The page of a path with a title between the id and the page: /t/7-title/page/2."""
        part = re.search(r"\[([^\]?]*)\{page\}", self.template)
        hit = re.search(re.escape(part[1]) + r"([0-9]+)", path) if part and part[1] else None
        return hit[1] if hit else ""


def _decoded(text: str) -> str:
    """Letters in place of %E5%B8…, as a browser shows an address; what is no UTF-8 stays as it is."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def _quoted(word: str) -> str:
    """As a browser sends it, so that a link and the address it leads to say the same."""
    return re.sub("%[0-9a-f]{2}", lambda hit: hit[0].upper(), quote(word, safe="%-._~!$&'()*+,;=@"), flags=re.IGNORECASE)
