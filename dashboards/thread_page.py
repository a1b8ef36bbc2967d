"""原帖存档: what the forum showed, when, and what changed; a deleted floor opens only with a reason, which is logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods

from alerts import policy
from alerts.models import Alert, AlertPost, EventMember, Evidence, Person
from alerts.states import Role, State
from dashboards import clock, reasons, trail
from dashboards.due import due_of
from dashboards.rights import Denied, own_alert, page, person_of
from dashboards.spans import plain
from dashboards.thread_chart import chart
from dashboards.words import PRECISION, instant
from store.models import Edit, Post, Thread
from store.posts import ThreadView, thread_view

#: replies drawn at once
SHOWN = 150


@dataclass(frozen=True, kw_only=True, slots=True)
class Floor:
    post: Post
    number: str
    when: str
    precision: str
    op: bool
    #: 官方账号，牵头单位 and the like; "" for citizens
    office: str
    #: deleted, and its text is not opened
    shut: bool
    changes: tuple[tuple[str, SafeString], ...]
    #: check sum of the page that stopped the clock
    proof: str
    #: the alert this request was added to
    added_to: int | None
    seen: str


def alerts_of(thread: Thread) -> list[Alert]:
    """The alerts that speak for posts of this thread, newest first."""
    anchored = Q(anchor__thread=thread) | Q(event__members__post__thread=thread)
    return list(Alert.objects.filter(anchored).exclude(state=State.MERGED).select_related("event").distinct().order_by("-id"))


def require_thread(person: Person, thread: Thread, found: Sequence[Alert]) -> None:
    """A spokesperson may read what no alert speaks for, and what their own unit has. Raises Denied."""
    if person.role != Role.SPOKESPERSON or not found or any(own_alert(person, alert) for alert in found):
        return
    owner = found[0].unit or "研判值班组"
    mine = "、".join(person.units)
    raise Denied(
        f"thread:{thread.site}:{thread.tid}",
        heading=f"这一帖的告警 {found[0].pk} 归 {owner}",
        advice=f"你是 {mine} 的发言人，这一件没有派给你们。若应协办，请对方在件上加你们。",
    )


def _changes(post: Post, old: Sequence[Edit], now: datetime) -> tuple[tuple[str, SafeString], ...]:
    """Each edit that was seen: when, and old and new words."""
    out = []
    texts = [(edit.seen_at, "\n".join(filter(None, (edit.title, edit.body)))) for edit in old]
    newest = "\n".join(filter(None, (post.title, post.body)))
    for place, (seen, text) in enumerate(texts):
        after = texts[place + 1][1] if place + 1 < len(texts) else newest
        out.append((instant(seen, now), diff(text, after)))
    return tuple(out)


def diff(old: str, new: str) -> SafeString:
    """Old words in <del>, new ones in <ins>, with a little of what stands around them."""
    pieces = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            same = old[a:b]
            pieces.append(("", same if len(same) < 24 else f"{same[:10]}…{same[-10:]}"))
            continue
        if b > a:
            pieces.append(("del", old[a:b]))
        if d > c:
            pieces.append(("ins", new[c:d]))
    return format_html_join(
        "",
        "{}",
        ((format_html("<{}>{}</{}>", tag, mark_safe(plain(text)), tag) if tag else mark_safe(plain(text)),) for tag, text in pieces),  # noqa: S308
    )


def _office(post: Post, alert: Alert | None) -> str:
    if not post.official:
        return ""
    if alert is None or not alert.unit:
        return "官方账号"
    if post.official_unit == alert.unit:
        return "官方账号，牵头单位"
    return "官方账号，协办单位" if post.official_unit in alert.co_units else "官方账号，非牵头单位"


def _floors(view: ThreadView, alert: Alert | None, now: datetime, opened: int | None) -> list[Floor]:
    posts = [*([view.topic] if view.topic else []), *view.replies]
    proofs = {row.post_id: row for row in Evidence.objects.filter(post__in=[post.pk for post in posts if post.official], stops_clock=True)}
    added = dict(AlertPost.objects.filter(post__thread=view.thread).values_list("post", "alert"))
    op = view.topic.author_key if view.topic else ""
    out = []
    for post in posts:
        proof = proofs.get(post.pk)
        coarse = post.precision in ("hour", "day", "unknown")
        out.append(
            Floor(
                post=post,
                number=f"{post.floor} 楼" if post.floor else "",
                when=("约 " if coarse else "") + instant(post.posted_at, now),
                precision=PRECISION[post.precision] if coarse or post.kind == "topic" or post.official else "",
                op=bool(op) and post.author_key == op,
                office=_office(post, alert),
                shut=post.deleted_at is not None and post.pk != opened,
                changes=_changes(post, view.edits.get(post.pk, []), now) if post.deleted_at is None else (),
                proof=(proof.raw_sha256 or post.raw_sha256)[:12] if proof else "",
                added_to=added.get(post.pk),
                seen=instant(post.detected_at, now),
            )
        )
    return out


def _open_floor(request: HttpRequest, view: ThreadView) -> tuple[int | None, str]:
    """The deleted floor that the reason of a POST opens, and what is wrong with the reason."""
    reason, wanted = request.POST.get("reason", "").strip(), request.POST.get("floor", "")
    post = next((one for one in (view.topic, *view.replies) if one is not None and one.deleted_at and str(one.pk) == wanted), None)
    if post is None:
        return None, "没有这一楼"
    if reasons.says_nothing(reason):
        return None, f"「{reason or '空'}」说不明白为什么看；写一句让人看得懂的话"
    trail.note(request, "unmask", post.ref, why=reason)
    return post.pk, ""


@require_http_methods(["GET", "POST"])
@page("thread")
def thread_page(request: HttpRequest, site: str, tid: str) -> HttpResponse:
    view = thread_view(f"{site}:{tid}")
    if view is None:
        raise Http404
    person, now, found = person_of(request), clock.now(), alerts_of(view.thread)
    require_thread(person, view.thread, found)
    opened, refused = _open_floor(request, view) if request.method == "POST" else (None, "")
    alert = found[0] if found else None
    floors = _floors(view, alert, now, opened)
    who = request.GET.get("who", "")
    chosen = [one for one in floors if {"op": one.op, "official": one.post.official}.get(who, True)]
    number = request.GET.get("n", "")
    limit = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else SHOWN
    trail.note(request, "open", f"{site}:{tid}", count=len(floors))
    officials = [one for one in floors if one.post.official and one.post.kind == "reply"]
    first_answer = alert.answered_at if alert else None
    context: dict[str, Any] = {
        "view": view,
        "thread": view.thread,
        "title": view.thread.title or (view.topic.title if view.topic else ""),
        "floors": chosen[:limit],
        "more": limit + SHOWN if len(chosen) > limit else 0,
        "who": who,
        "counts": {"all": len(floors), "op": sum(one.op for one in floors), "official": sum(one.post.official for one in floors)},
        "first_official": officials[0] if officials else None,
        "alert": alert,
        "others": found[1:],
        "due": due_of(alert, now) if alert else None,
        "members": EventMember.objects.filter(event=alert.event, post__kind="topic").count() if alert else 0,
        "chart": chart(view, first_answer, now),
        "edited": [one for one in floors if one.changes],
        "gone": [one for one in floors if one.post.deleted_at],
        "refused": refused,
        "refused_floor": request.POST.get("floor", ""),
        "site_name": policy.current().site_names.get(site, site),
        "now": now,
        "late": now - (view.thread.last_read_at or now) > timedelta(hours=1),
    }
    return render(request, "dashboards/thread.html", context, status=422 if refused else 200)
