"""The issue as an office sheet: the same words for the page, the text message and Word. Nothing is said that is not stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from alerts.models import Person
from alerts.policy import Policy
from alerts.shown import duration
from dashboards import digest
from dashboards.models import DigestIssue
from store.clock import SHANGHAI, iso, parse_instant

NUMERALS = "一二三四五六七八九十"
NOTHING = "本日无。"
FIGURES = (
    ("posts", "监测帖文"),
    ("opened", "需回应"),
    ("answered", "已回应"),
    ("due", "到期"),
    ("on_time", "按时"),
    ("open_overdue", "超时未回应"),
    ("median_s", "中位用时"),
)
#: lines of 本期要目
CONTENTS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """Words of a sentence, with the page that they rest on ("" = joining words)."""

    text: str
    link: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One matter: its heading and the sentences under it."""

    anchor: str
    number: str
    title: str
    title_link: str
    sentences: tuple[tuple[Piece, ...], ...]
    post: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    heading: str
    lines: tuple[Line, ...]
    more: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    number: int
    total: int
    office: str
    day: str
    draft: bool
    #: "" or 未审
    unreviewed: str
    contents: tuple[tuple[str, str, str], ...]
    figures: tuple[tuple[str, str, str], ...]
    span: str
    rate_words: str
    sections: tuple[Section, ...]
    note: tuple[str, ...]
    editor: str
    #: sentences, and how many of them name a stored post
    sentences: int
    linked: int


def sheet(issue: DigestIssue, policy: Policy, *, base: str = "", archive: bool = True) -> Sheet:
    """The sheet of an issue; `base` stands before every link; without `archive` links lead to the forum's own pages."""
    sections = tuple(_section(at, name, lines, more, base, archive) for at, (name, lines, more) in enumerate(digest.grouped(issue)))
    sentences = [sentence for section in sections for line in section.lines for sentence in line.sentences]
    counted = issue.content["figures"]
    return Sheet(
        number=issue.number,
        total=issue.total,
        office=f"{policy.county}市网络诉求办公室" if policy.duty_unit == "市网络诉求办" else policy.duty_unit,
        day=f"{issue.date.year} 年 {issue.date.month} 月 {issue.date.day} 日",
        draft=issue.pk is None,
        unreviewed="" if issue.approved_by or issue.pk is None else "未审",
        contents=_contents(sections),
        figures=tuple((title, _figure(key, counted), _figure_link(key, issue, base)) for key, title in FIGURES),
        span=f"{_moment(issue.since)}至 {_moment(issue.until)}",
        rate_words=_rate_words(counted, policy) + _unread_words(issue),
        sections=sections,
        note=tuple(line.strip() for line in issue.note.splitlines() if line.strip()),
        editor=_editor(issue),
        sentences=len(sentences),
        linked=sum(any(piece.link for piece in sentence) for sentence in sentences),
    )


def _editor(issue: DigestIssue) -> str:
    person = Person.objects.filter(username=issue.approved_by).first() if issue.approved_by else None
    return person.shown if person else issue.approved_by


def _contents(sections: tuple[Section, ...]) -> tuple[tuple[str, str, str], ...]:
    """(numeral, title, anchor) of the first matters, three of the negative ones at most before the others get a place."""
    negative = sections[0].lines[: CONTENTS - 2]
    others = [(section, line) for section in sections[1:] for line in section.lines[:1]]
    prefix = {sections[1].heading: "正面：", sections[2].heading: "追踪：", sections[3].heading: "热点："}
    titles = [(line.title, line.anchor) for line in negative]
    titles += [(prefix[section.heading] + line.title, line.anchor) for section, line in others]
    return tuple((NUMERALS[at], title, anchor) for at, (title, anchor) in enumerate(titles[:CONTENTS]))


def _section(at: int, name: str, lines: Any, more: int, base: str, archive: bool) -> Section:
    made = tuple(_line(at, number, line, base, archive) for number, line in enumerate(lines))
    rest = f"另有 {more} 件，见平台名单。" if more else ""
    return Section(heading=f"{NUMERALS[at]}、{name}", lines=made, more=rest)


def _line(at: int, number: int, line: dict[str, Any], base: str, archive: bool) -> Line:
    thread = _thread_link(line, base) if archive else line.get("url") or _thread_link(line, base)
    answer = f"{base}/alerts/{line['alert']}" if archive and line.get("alert") else thread
    return Line(
        anchor=f"s{at + 1}-{number + 1}",
        number=f"（{_numeral(number + 1)}）",
        title=line["title"],
        title_link=thread,
        sentences=(_negative, _praise, _followed, _hot)[at](line, thread, answer),
        post=line["post"],
    )


def _negative(line: dict[str, Any], thread: str, answer: str) -> tuple[tuple[Piece, ...], ...]:
    first = (
        Piece(text=f"{_moment(parse_instant(line['posted_at']))}，网民在{_board(line)}发帖："),
        Piece(text=f"「{line.get('summary') or line['title']}」", link=thread),
        Piece(text=_where(line)),
    )
    return (first, (Piece(text=_answer(line), link=answer),)) if _answer(line) else (first,)


def _praise(line: dict[str, Any], thread: str, answer: str) -> tuple[tuple[Piece, ...], ...]:
    words = Piece(text=f"「{line.get('summary') or line['title']}」", link=thread)
    return ((Piece(text=f"网民在{_board(line)}发帖："), words, Piece(text="无请求，不计入应回应。")),)


def _followed(line: dict[str, Any], thread: str, answer: str) -> tuple[tuple[Piece, ...], ...]:
    said = Piece(text=f"{_moment(parse_instant(line['posted_at']))}在{_board(line)}发的帖", link=thread)
    told = _answer(line) or f"{line.get('state', '')}。"
    return ((said, Piece(text="："), Piece(text=told, link=answer)),)


def _hot(line: dict[str, Any], thread: str, answer: str) -> tuple[tuple[Piece, ...], ...]:
    # the counts are stored with the line: see digest._hot
    said = line.get("summary") or line.get("outcome") or ""
    return ((Piece(text=f"{_board(line)}：{said}" if said else f"{_board(line)}。", link=thread),),)


def _answer(line: dict[str, Any]) -> str:
    """`11 月 24 日 1 时 30 分，市水务集团在原帖回应，用时 26 分，按时。`, or how far it is."""
    unit, outcome, state = line.get("unit", ""), line.get("outcome", ""), line.get("state", "")
    if line.get("answered_at"):
        verdict = "超时" if line.get("late") else "按时"
        closed = "，已办结" if state == "已办结" else ""
        return f"{_moment(parse_instant(line['answered_at']))}，{unit or '官方账号'}在原帖回应，用时 {line['used']}，{verdict}{closed}。"
    if not outcome:
        return ""
    where = {
        "待研判": "尚在研判",
        "待签收": f"已派{unit}，待签收",
        "已签收，待回应": f"{unit}已签收，尚未回应",
        "已退回": f"{unit}已退回，待改派",
    }
    return f"{where.get(state, state)}，{outcome.split('，')[0]}。"


def _where(line: dict[str, Any]) -> str:
    parts = [part for part in (line.get("place", ""), line.get("topic", ""), line.get("level", "")) if part]
    return f"（{'，'.join(parts)}）" if parts else ""


def _board(line: dict[str, Any]) -> str:
    return f"「{line['board']}」" if line.get("board") else "论坛"


def _thread_link(line: dict[str, Any], base: str) -> str:
    site, _, tid = str(line.get("thread", line["post"])).partition(":")
    return f"{base}/threads/{quote(site, safe='')}/{quote(tid, safe='')}"


def _numeral(number: int) -> str:
    """一 … 九十九, as office papers count."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens - 1]}十"
    return head + (NUMERALS[ones - 1] if ones else "")


def _moment(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.month} 月 {local.day} 日 {local.hour} 时" + (f" {local.minute} 分" if local.minute else "")


def _figure(key: str, counted: dict[str, Any]) -> str:
    value = counted.get(key)
    if key == "median_s":
        return "—" if value is None else duration(timedelta(seconds=value))
    return f"{value or 0:,}"


def _figure_link(key: str, issue: DigestIssue, base: str) -> str:
    """The alerts behind a figure; posts are counted, and have no list of their own."""
    if key == "posts":
        return ""
    what = {"opened": "all", "median_s": "answered"}.get(key, key)
    span = {"from": iso(issue.since), "to": iso(issue.until), "what": what, "at": iso(issue.made_at)}
    return f"{base}/record/list?{urlencode(span)}"


def _unread_words(issue: DigestIssue) -> str:
    """The sources that were not being read when the issue was made."""
    missed = [f"{one['name']}（{one['since']}）" for one in issue.content.get("unread", [])]
    return f"成稿时读不到：{'、'.join(missed)}，其间的帖不在内。" if missed else ""


def _rate_words(counted: dict[str, Any], policy: Policy) -> str:
    start = "发帖" if policy.clock == "posted" else "发现"
    words = f"按时 = {start}后 {duration(policy.target)}内首次公开回应；到期 {counted['due']} 件中按时 {counted['on_time']} 件"
    if counted["due"] >= policy.minimum_sample:
        return f"{words}，{counted['on_time'] / counted['due']:.1%}。"
    return f"{words}，不足 {policy.minimum_sample} 件，不算率。"
