"""检索: all posts, as the query was read, with counts that add up; each search stands in the access log."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from alerts import doubt
from alerts.models import Alert, EventMember, Person
from alerts.states import Role
from dashboards import clock, trail, wiring
from dashboards.rights import Denied, page, person_of
from dashboards.search_query import Asked, facet_links
from dashboards.spans import plain
from dashboards.thread_page import alerts_of, require_thread
from dashboards.words import instant
from store.masking import mask
from store.models import Assessment, Post, Thread
from store.search import QueryError, SearchIndex, SearchResult, SearchUnavailable
from store.search.query import Node
from store.search.recent import DAYS
from store.search.recent import recent as look_through
from store.search.rows import posts_of
from store.search.snippet import Marked, highlight, snippet

log = logging.getLogger("huiying.web")
PAGE = 20
#: the index may lie behind by so many changed posts before the page says so
BEHIND = 50


@require_GET
@page("search")
def search(request: HttpRequest) -> HttpResponse:
    """`?q=…` and filters."""
    now = clock.now()
    asked = Asked.of(request.GET)
    context: dict[str, Any] = {"asked": asked, "chosen": asked.chosen(), "began": _began(now), "days": DAYS}
    if not asked.q:
        return render(request, "dashboards/search.html", context)
    try:
        context |= _found(asked, now, person_of(request))
    except QueryError as error:
        return render(request, "dashboards/search.html", {**context, "error": str(error)}, status=422)
    # A number that somebody typed is as private as one that a citizen wrote.
    trail.note(request, "search", mask(asked.words()), count=context["result"].total)
    return render(request, "dashboards/search.html", context)


def _found(asked: Asked, now: datetime, person: Person) -> dict[str, Any]:
    index: SearchIndex | None = None
    away = ""
    try:
        index = wiring.current().index()
        result = index.search(asked.q, asked.filters(now), PAGE, asked.after, asked.order, facets_at=now)
        behind = index.status()
        if behind.behind > BEHIND:
            away = f"索引正在补，还差 {behind.behind:,} 帖，结果可能不全。帖文都在，没有丢。"
    except SearchUnavailable as error:
        log.warning("search engine away: %s", error.detail)
        index, result = None, look_through(asked.q, now, asked.filters(now), PAGE)
        away = f"检索引擎没有应答，改查近 {DAYS} 天的本机存档。帖文都在，没有丢。"
    last = asked.seen + len(result.ids)
    more = index is not None and result.ids and last < result.total
    return {
        "result": result,
        "rows": _rows(result, now, person),
        "facets": facet_links(asked, result.facets) if index is not None else [],
        "away": away,
        "first": asked.seen + 1,
        "last": last,
        "more": asked.address(after=result.ids[-1], seen=last) if more else "",
        "start": asked.address() if asked.after else "",
        "by_relevance": "?" + asked.address(order="relevance"),
        "by_time": "?" + asked.address(order="time"),
        "sortable": index is not None,
        "emptying": _emptying(index, asked, now) if index is not None and not result.total else [],
    }


def _emptying(index: SearchIndex, asked: Asked, now: datetime) -> list[dict[str, Any]]:
    """The filters that leave nothing, each with how many posts there are without it; all together when no single one does."""
    single = []
    for group, words in asked.chosen():
        wider = asked.without(group)
        if count := index.search(asked.q, wider.filters(now), 1).total:
            single.append({"words": words, "count": count, "link": "?" + wider.address()})
    if single or not asked.chosen():
        return single
    free = Asked(q=asked.q, order=asked.order)
    count = index.search(asked.q, free.filters(now), 1).total
    return [{"words": "全部筛选", "count": count, "link": "?" + free.address()}] if count else []


def _rows(result: SearchResult, now: datetime, person: Person) -> list[dict[str, Any]]:
    posts = posts_of(result.ids)
    newest = {alert.anchor_id: alert for alert in Alert.objects.filter(anchor__in=[post.pk for post in posts]).order_by("pk")}
    events = dict(EventMember.objects.filter(post__in=[post.pk for post in posts]).values_list("post", "event"))
    doubtful = set(Assessment.objects.filter(post__in=posts, unsure=True, flag=False).values_list("post", flat=True))
    rows = [_row(post, result.node, newest.get(post.pk), events.get(post.pk, ""), now, person) for post in posts]
    passed = doubt.passed_over(doubtful)
    return [{**row, "doubtful": row["post"].pk in doubtful, "passed": row["post"].pk in passed} for row in rows]


def _row(post: Post, node: Node, alert: Alert | None, member: str, now: datetime, person: Person) -> dict[str, Any]:
    reply = post.kind == "reply"
    title = post.thread_title if reply else post.title
    # Public words are found by everybody; our own copy of a thread belongs to the unit whose alert it is.
    archived = person.role != Role.SPOKESPERSON or may_read(person, post.thread)
    return {
        "post": post,
        "title": mark(highlight(title or "（无标题）", node)),
        "reply": reply,
        # what is gone from the forum is opened in the archive, with a reason
        "snippet": "原站已删，文字在存档里写事由才看得到。" if post.deleted_at else mark(snippet(post.body, node, 96)),
        "link": f"/threads/{post.site}/{post.thread.tid}" + (f"#f{post.pk}" if reply else "") if archived else post.url,
        "archived": archived,
        "when": instant(post.posted_at, now),
        "board": (post.board_name or post.board or post.source) + (f" {post.floor} 楼" if reply and post.floor else ""),
        "alert": alert,
        # a post that was joined stands in the event it was joined to
        "event": member or (alert.event_id if alert else ""),
        "gone": post.deleted_at is not None,
    }


def may_read(person: Person, thread: Thread) -> bool:
    """Whether the archived thread is within a spokesperson's rights."""
    try:
        require_thread(person, thread, alerts_of(thread))
    except Denied:
        return False
    return True


def mark(runs: Marked) -> SafeString:
    """Runs of a citizen's words as HTML: escaped, hidden numbers said as such, what was searched for in <mark>."""
    parts = ((mark_safe(plain(text)), hit) for text, hit in runs)  # noqa: S308 - plain() escapes
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", text) if hit else text,) for text, hit in parts))


def _began(now: datetime) -> str:
    first = Post.objects.order_by("posted_at").values_list("posted_at", flat=True).first()
    return instant(first, now) if first else ""
