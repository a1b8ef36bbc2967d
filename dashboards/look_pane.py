"""What the page 拿不准 shows of one post: its words, why the judge did not flag it, what became or would become of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.safestring import mark_safe

from alerts import clocks, doubt, policy, rounds
from alerts.moves.by_hand import WORDS
from alerts.states import LIVE
from dashboards import wiring
from dashboards.detail import replies_of
from dashboards.people import names
from dashboards.spans import marked, plain
from dashboards.words import instant
from store.models import Post

#: the strongest reasons for and against that are shown
REASONS = 8


def pane(post: Post, now: datetime) -> dict[str, Any]:
    """The context of `_look.html`; `post` comes with thread and assessment."""
    told = wiring.current().explain(post)
    reasons = _strongest([one for one in told.get("reasons", ()) if one.get("about", "needs_response") == "needs_response"])
    title, body = marked(post.title, post.body, told.get("reasons", ()))
    return {
        "post": post,
        "title": title if post.title else mark_safe(plain(post.thread_title or "（无标题）")),  # noqa: S308 - plain() escapes
        "body": body,
        "replies": replies_of(post),
        "assessment": post.assessment,
        "reasons": reasons,
        "most": max((abs(one["weight"]) for one in reasons), default=1.0),
        "decided": decision(post, now),
        "waiting": doubt.waiting(now).filter(pk=post.pk).exists(),
        "after": _after(post, now),
        "site_name": policy.current().site_names.get(post.site, post.site),
        "now": now,
    }


def _strongest(reasons: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those for it first, each side from its strongest on."""
    kept = sorted(reasons, key=lambda one: -abs(one["weight"]))[:REASONS]
    return sorted(kept, key=lambda one: (one["weight"] < 0, -abs(one["weight"])))


def _after(post: Post, now: datetime) -> dict[str, Any]:
    """What 需回应 would lead to: the alert it would join, or the due time of one of its own."""
    standing = rounds.of_thread(post.thread_id)
    if standing is not None and standing.state in LIVE:
        return {"joins": standing.pk}
    rules = policy.current()
    start = clocks.starts_at(clock=rules.clock, posted_at=post.posted_at, precision=post.precision, detected_at=post.detected_at)
    due_at = start + rules.target
    return {"due_at": due_at, "late": due_at <= now}


def decision(post: Post, now: datetime) -> dict[str, Any] | None:
    """What was decided of a post, by whom and when; `open` = it can still be taken back."""
    last = doubt.decisions().filter(post=post).order_by("-at", "-pk").first()
    alert = doubt.alert_of(post.pk)
    if last is None:
        return {"words": f"已有告警 {alert.pk}", "alert": alert.pk, "open": False} if alert else None
    return {
        "words": f"{names([last.by]).get(last.by, last.by)} {instant(last.at, now)} 定为{WORDS[last.decided]}",
        "alert": alert.pk if alert else None,
        "coming": last.decided == "yes" and alert is None,
        "open": last.decided == "no" or alert is None,
    }
