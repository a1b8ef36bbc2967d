"""查阅记录: who looked at, searched, unmasked or exported what, and whether the chain is whole. Opening it is an entry too."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from alerts.models import Person
from alerts.states import ROLE_LABELS, Role
from dashboards import clock, reasons, trail
from dashboards.access_query import GROUPS, PAGE, SPANS, WORDS, Shown
from dashboards.record_query import PERIODS, WHATS
from dashboards.rights import page
from dashboards.words import hour_minute
from store.access import ChainReport, verify_chain
from store.clock import SHANGHAI
from store.models import AccessEntry, Post, Thread

#: a walk along the whole chain is not repeated for so long
FRESH = timedelta(minutes=1)
AMBER, RED = ("export", "unmask"), ("denied",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    report: ChainReport
    at: datetime


_checked: Checked | None = None
_lock = threading.Lock()


def checked(now: datetime, *, again: bool = False) -> Checked:
    """The newest walk along the chain; at most a minute old, or anew when asked."""
    global _checked
    with _lock:
        if again or _checked is None or not timedelta(0) <= now - _checked.at < FRESH:
            _checked = Checked(report=verify_chain(), at=now)
        return _checked


@require_GET
@page("log")
def access_log(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    shown = Shown.of(request.GET)
    counts = shown.counts(now)
    entries = list(shown.entries(now)[: PAGE + 1])
    people = {person.username: person for person in Person.objects.all()}
    chain = checked(now)
    trail.note(request, "open", "log" + (f":{shown.address()}" if request.GET else ""))
    context = {
        "chain": chain.report,
        "chain_at": hour_minute(chain.at),
        "segments": [
            ("", "全部", counts[""], shown.address(group="")),
            *[
                (group, words, counts[group], shown.address(group=group))
                for group, (words, _) in GROUPS.items()
                if group != "other" or counts[group]
            ],
        ],
        "shown": shown,
        "spans": SPANS.items(),
        "names": sorted((person.username, person.shown) for person in people.values()),
        "days": _days(entries[:PAGE], people, now),
        "more": shown.address(before=entries[PAGE - 1].pk) if len(entries) > PAGE else "",
        "listed": len(entries[:PAGE]),
        "total": counts[shown.group],
    }
    return render(request, "dashboards/log.html", context)


@require_POST
@page("log")
def verify(request: HttpRequest) -> HttpResponse:
    """现在核对: walks the chain again."""
    report = checked(clock.now(), again=True).report
    trail.note(request, "verify", "log", count=report.rows)
    return redirect("/log")


def _days(entries: list[AccessEntry], people: dict[str, Person], now: datetime) -> list[dict[str, Any]]:
    """Entries under their day, newest day first."""
    today = now.astimezone(SHANGHAI).date()
    days: dict[Any, list[dict[str, Any]]] = {}
    posts = _titles(entries)
    for entry in entries:
        days.setdefault(entry.at.astimezone(SHANGHAI).date(), []).append(_row(entry, people, posts))
    names = {today: "今天", today - timedelta(days=1): "昨天"}
    return [{"name": names.get(day, f"{day.month} 月 {day.day} 日"), "rows": rows} for day, rows in days.items()]


def _row(entry: AccessEntry, people: dict[str, Person], posts: dict[str, str]) -> dict[str, Any]:
    person = people.get(entry.person)
    role = ROLE_LABELS[Role(entry.role)] if entry.role in list(Role) else entry.role
    unit = f" · {person.units[0]}" if person and person.role == Role.SPOKESPERSON and person.units else ""
    words, link = what(entry.what, posts)
    return {
        "entry": entry,
        "time": hour_minute(entry.at),
        "name": person.shown if person else entry.person or "命令行",
        "role": role + unit,
        "action": WORDS.get(entry.action, entry.action),
        "look": "tag-soon" if entry.action in AMBER else "tag-late" if entry.action in RED else "",
        "what": words if entry.action != "search" else entry.what,
        "link": link if entry.action != "search" else "",
        "empty_reason": entry.action in AMBER and bool(entry.why) and bool(reasons.refused(entry.why)),
        "count": "—" if entry.count is None else f"{entry.count:,}",
    }


def _titles(entries: list[AccessEntry]) -> dict[str, str]:
    """`site:pid` or `site:tid` → the address of its thread, for the posts and threads that entries name."""
    refs = {entry.what.removeprefix("post:") for entry in entries if entry.what.count(":") and entry.action != "search"}
    last = [ref.partition(":")[2] for ref in refs]
    posts = Post.objects.filter(pid__in=last).select_related("thread") if last else ()
    threads = Thread.objects.filter(tid__in=last) if last else ()
    found = {f"{thread.site}:{thread.tid}": f"/threads/{thread.site}/{thread.tid}" for thread in threads}
    return found | {post.ref: f"/threads/{post.site}/{post.thread.tid}" for post in posts}


PAGES = {"sources": ("来源", "/sources"), "log": ("查阅记录", "/log"), "people": ("人员", "/people"), "settings": ("设置", "/settings")}


def what(text: str, posts: dict[str, str]) -> tuple[str, str]:
    """The words and the address for an id in the log: `alert:1842` → 告警 1842, /alerts/1842."""
    kind, _, rest = text.partition(":")
    if kind == "alert" and rest.isdigit():
        return f"告警 {rest}", f"/alerts/{rest}"
    if kind == "post":
        return f"帖 {rest}", posts.get(rest, "")
    if kind == "thread":
        site, _, tid = rest.partition(":")
        return f"原帖存档 {rest}", f"/threads/{site}/{tid}" if tid else ""
    if kind == "event":
        return f"事件 {rest}", f"/events/{rest}"
    if kind == "digest":
        return f"日报 {rest}", f"/digest?date={rest}" if re.fullmatch(r"\d{4}-\d\d-\d\d", rest) else "/digest"
    if kind == "record":
        name, _, key = rest.partition(":")
        words = PERIODS.get(name) or ("名单，" + WHATS[name] if name in WHATS else name)
        return f"时效 {words}" + (f"，{key}" if key else ""), "/record"
    if kind == "ledger":
        return f"台账 {rest}".strip(), "/record"
    if kind == "page":
        return f"页面 {PAGES.get(rest, (rest, ''))[0]}", ""
    if kind == "person":
        return f"账号 {rest}", "/people"
    if text in posts:
        return f"帖 {text}", posts[text]
    return PAGES.get(kind, (text, ""))
