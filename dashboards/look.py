"""拿不准: commentators look through what the judge did not flag and was unsure of; each post is 需回应 or 不需回应.

Without a script each decision is a form that leads to the next post; to the script it answers in JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from alerts import doubt, moves, policy
from dashboards import clock, doubt_list, trail
from dashboards.doubt_list import View
from dashboards.look_pane import pane as pane_of
from dashboards.rights import page, person_of
from dashboards.toasts import leave, take, toast
from store.masking import MASK
from store.models import Post

UNDO = "/triage/look/undo"


@require_GET
@page("triage")
def look(request: HttpRequest) -> HttpResponse:
    now, view = clock.now(), View.of(request.GET)
    listed = doubt_list.listed(view, now)
    chosen = view.post or (listed.rows[0].post.pk if listed.rows else None)
    context: dict[str, Any] = {
        "listed": listed,
        "counts": doubt_list.counts(now),
        "more": view.address(after=listed.rows[-1].key) if listed.rest else "",
        "selected": chosen,
        "days": doubt.SHOWN_FOR.days,
        "toast": take(request),
        "post": None,
        **_given(view),
    }
    return render(request, "dashboards/look.html", context | (_opened(request, chosen, now) if chosen else {}))


@require_GET
@page("triage")
def pane(request: HttpRequest, number: int) -> HttpResponse:
    """One post with the judge's reasons, put into the page when its row is selected."""
    return render(request, "dashboards/_look.html", {**_given(View.of(request.GET)), **_opened(request, number, clock.now())})


def _given(view: View) -> dict[str, Any]:
    return {"view": view, "address": view.address(), "undo_s": int(policy.current().undo.total_seconds())}


def _opened(request: HttpRequest, number: int, now: datetime) -> dict[str, Any]:
    post = _found(number)
    trail.note(request, "open", post.ref)
    return pane_of(post, now)


def _found(number: int) -> Post:
    post = Post.objects.select_related("thread", "assessment").filter(pk=number, assessment__isnull=False).first()
    if post is None:
        raise Http404
    return post


def _asked(request: HttpRequest) -> Post:
    """The post that a form is about."""
    text = request.POST.get("post", "")
    return _found(int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0)


def _short(post: Post, length: int = 12) -> str:
    text = (post.title or " ".join(post.body.split()) or post.thread_title).replace(MASK, "已隐去")
    return text if len(text) <= length else text[:length] + "…"


def _decide(request: HttpRequest, move: Callable[..., Any], words: str) -> HttpResponse:
    """One decision, then the next post; `words` speak of {title}."""
    now, post = clock.now(), _asked(request)
    try:
        move(post.pk, person_of(request).username, now=now)
    except moves.MoveError as error:
        return _refused(request, str(error))
    shown = toast(words.format(title=f"「{_short(post)}」"), [post.pk], policy.current().undo, action=UNDO, name="post")
    if request.headers.get("X-Fragment"):
        return JsonResponse({"toast": shown, "counts": doubt_list.counts(now)})
    leave(request, shown)
    return redirect(f"/triage/look?{View().address(post=doubt_list.following(post, now))}")


def _refused(request: HttpRequest, error: str) -> HttpResponse:
    if request.headers.get("X-Fragment"):
        return JsonResponse({"error": error}, status=409)
    return render(request, "dashboards/409.html", {"error": error, "back": "/triage/look"}, status=409)


@require_POST
@page("triage")
def flag(request: HttpRequest) -> HttpResponse:
    """需回应."""
    return _decide(request, moves.flag, f"需回应：{{title}}{int(policy.current().undo.total_seconds())} 秒后进待研判")


@require_POST
@page("triage")
def pass_over(request: HttpRequest) -> HttpResponse:
    """不需回应."""
    return _decide(request, moves.pass_over, "不需回应：{title}已记为标注")


@require_POST
@page("triage")
def undo(request: HttpRequest) -> HttpResponse:
    """Back among those to be looked at; the page stays on the list it was sent from."""
    now, post, view = clock.now(), _asked(request), View.of(QueryDict(request.POST.get("view", "")))
    try:
        moves.take_back(post.pk, person_of(request).username, now=now)
    except moves.MoveError as error:
        return _refused(request, str(error))
    leave(request, toast(f"已撤销，「{_short(post)}」回到待看"))
    to = f"/triage/look?{view.address(post=None if view.show else post.pk)}"
    return JsonResponse({"go": to}) if request.headers.get("X-Fragment") else redirect(to)
