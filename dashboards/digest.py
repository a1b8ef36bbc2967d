"""舆情日报: what happened since the last cut-off, each line linked to a stored post; nothing is invented.

The page is a running draft; `issue()` archives what is sent. Groups: 一、负面舆情 二、正面舆情 三、舆情追踪 四、热点话题.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Q

from alerts.models import Alert, Event
from alerts.policy import Policy
from alerts.shown import LEVELS, duration, instant
from alerts.states import LIVE, WAITING, State, label
from dashboards import figures
from dashboards.models import DigestIssue, DigestNote
from dashboards.reading import unread
from store.clock import SHANGHAI, iso
from store.models import Assessment, Post
from store.records import Category

GROUPS = ("负面舆情", "正面舆情", "舆情追踪", "热点话题")
#: lines of one group, worst first; the rest is counted
MOST = 12
HOT = 8


def cut_off(day: date, policy: Policy) -> datetime:
    """The instant at which the issue of `day` is closed."""
    return datetime.combine(day, time(*policy.digest_at), tzinfo=SHANGHAI)


def span(day: date, now: datetime, policy: Policy) -> tuple[datetime, datetime]:
    """What the issue of `day` covers: from the last cut-off to its own, or to now while that is still to come."""
    last = DigestIssue.objects.filter(date__lt=day).order_by("-date").first()
    since = last.until if last is not None else cut_off(day, policy) - timedelta(days=1)
    # After days without an issue the first one covers a week at most, and says since when.
    since = max(since, cut_off(day, policy) - timedelta(days=7))
    return since, min(now, cut_off(day, policy))


def today(now: datetime, policy: Policy) -> date:
    """The day whose issue is being drafted: tomorrow's once today's is cut off."""
    local = now.astimezone(SHANGHAI)
    return local.date() if now < cut_off(local.date(), policy) else local.date() + timedelta(days=1)


def content(since: datetime, until: datetime, now: datetime, policy: Policy) -> dict[str, Any]:
    """{"since","until","items","more","figures","unread"} of an interval; items as `_line` and `_alert_line` make them."""
    items: list[dict[str, Any]] = []
    more: dict[str, int] = {}
    for group, lines in (
        (GROUPS[0], _opened(since, until, now)),
        (GROUPS[1], _praise(since, until)),
        (GROUPS[2], _followed(since, until, now)),
        (GROUPS[3], _hot(since, until)),
    ):
        items += [{"group": group, **line} for line in lines[:MOST]]
        if len(lines) > MOST:
            more[group] = len(lines) - MOST
    return {
        "since": iso(since),
        "until": iso(until),
        "items": items,
        "more": more,
        "figures": _day_figures(since, until, now, policy),
        # A day on which a source was not read must not look like a calm one.
        "unread": unread(now),
    }


def _line(post: Post, **more: Any) -> dict[str, Any]:
    return {
        "title": post.title or post.thread_title or post.body[:40],
        "url": post.url,
        "post": post.ref,
        "thread": f"{post.site}:{post.thread.tid}",
        "board": post.board_name,
        "posted_at": iso(post.posted_at),
        **more,
    }


def _alert_line(alert: Alert, now: datetime, **more: Any) -> dict[str, Any]:
    post = alert.anchor
    return _line(
        post,
        alert=alert.pk,
        summary=excerpt(post.body or post.title),
        place=alert.place or alert.town,
        topic=alert.topic,
        unit=alert.unit or alert.proposed_unit,
        level=LEVELS[alert.level],
        state=label(alert.state, unit=alert.unit, returned=alert.returned),
        outcome=_outcome(alert, now),
        answered_at=iso(alert.answered_at),
        used=duration(alert.answered_at - alert.clock_start) if alert.answered_at else "",
        late=alert.answered_at is not None and alert.answered_at > alert.due_at,
        **more,
    )


def _outcome(alert: Alert, now: datetime) -> str:
    if alert.answered_at is not None:
        took = duration(alert.answered_at - alert.clock_start)
        return f"{instant(alert.answered_at, now)} 已回应，用时 {took}" + ("" if alert.answered_at <= alert.due_at else "，超时")
    if alert.state in WAITING:
        return f"超时 {duration(now - alert.due_at)}未回应" if alert.due_at <= now else "未到时限，待回应"
    return ""


def excerpt(text: str, width: int = 110) -> str:
    """The beginning of a citizen's words, cut at a sentence where one ends in time."""
    words = " ".join(text.split())
    if len(words) <= width:
        return words
    cut = max(words.rfind(mark, 0, width) for mark in "。！？；")
    return words[: cut + 1] if cut >= width // 2 else words[: width - 1] + "…"


def _opened(since: datetime, until: datetime, now: datetime) -> list[dict[str, Any]]:
    rows = Alert.objects.filter(flagged_at__gte=since, flagged_at__lt=until).exclude(state__in=[State.DISMISSED, State.MERGED])
    return [_alert_line(alert, now) for alert in rows.select_related("anchor__thread").order_by("level", "due_at")]


def _praise(since: datetime, until: datetime) -> list[dict[str, Any]]:
    rows = Assessment.objects.filter(
        category=Category.PRAISE.value,
        post__posted_at__gte=since,
        post__posted_at__lt=until,
        post__official=False,
        post__deleted_at=None,
        post__kind="topic",
    )
    return [
        _line(row.post, summary=excerpt(row.post.body), topic=row.topic)
        for row in rows.select_related("post__thread").order_by("-post__posted_at")
    ]


def _followed(since: datetime, until: datetime, now: datetime) -> list[dict[str, Any]]:
    """Alerts opened before, on which something happened: answered, became late, or closed."""
    moved = (
        Q(answered_at__gte=since, answered_at__lt=until)
        | Q(breached_at__gte=since, breached_at__lt=until)
        | Q(closed_at__gte=since, closed_at__lt=until)
    )
    rows = Alert.objects.filter(moved, flagged_at__lt=since).exclude(state__in=[State.DISMISSED, State.MERGED])
    return [_alert_line(alert, now) for alert in rows.select_related("anchor__thread").order_by("level", "due_at")]


def _hot(since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Events on which most was said, counted in posts of their threads within the interval."""
    threads = (
        Post.objects.filter(posted_at__gte=since, posted_at__lt=until, backfill=False)
        .values("thread")
        .annotate(said=Count("pk"), seen=Max("thread__views"))
        .filter(said__gte=3)
        .order_by("-said", F("seen").desc(nulls_last=True))[:HOT]
    )
    lines = []
    for row in threads:
        first = Post.objects.filter(thread=row["thread"], kind="topic").select_related("thread").first()
        if first is not None and not first.official:
            lines.append(
                _line(
                    first,
                    said=row["said"],
                    views=row["seen"],
                    summary=f"期间 {row['said']} 条发言" + (f"，浏览 {row['seen']}" if row["seen"] else ""),
                )
            )
    return lines


def _day_figures(since: datetime, until: datetime, now: datetime, policy: Policy) -> dict[str, Any]:
    items = figures.cohort(since, until)
    counted = figures.figures(items, now, policy.minimum_sample)
    return {
        "posts": Post.objects.filter(posted_at__gte=since, posted_at__lt=until, backfill=False).count(),
        "opened": len(items),
        "events": Event.objects.filter(created_at__gte=since, created_at__lt=until, merged_into=None).count(),
        "due": counted.due,
        "on_time": counted.on_time,
        "answered": counted.answered,
        "unanswered_now": Alert.objects.filter(state__in=[state.value for state in WAITING]).count(),
        "open_overdue": counted.open_overdue,
        "live": Alert.objects.filter(state__in=[state.value for state in LIVE]).count(),
        "median_s": counted.median_s,
    }


def issue(day: date, now: datetime, policy: Policy, *, approved_by: str = "", note: str = "") -> DigestIssue:
    """Archive the issue of `day` as it stands; the archived one when it was issued before."""
    with transaction.atomic():
        found = DigestIssue.objects.filter(date=day).first()
        if found is not None:
            return found
        since, until = span(day, now, policy)
        return DigestIssue.objects.create(
            date=day,
            number=DigestIssue.objects.filter(date__year=day.year).count() + 1,
            total=DigestIssue.objects.count() + 1,
            since=since,
            until=until,
            made_at=now,
            approved_by=approved_by,
            content=content(since, until, now, policy),
            note=note or note_of(day),
        )


def note_of(day: date) -> str:
    """编者的话 as saved for the issue of `day`."""
    return DigestNote.objects.filter(date=day).values_list("text", flat=True).first() or ""


def draft(day: date, now: datetime, policy: Policy) -> DigestIssue:
    """The issue of `day` as it would be archived now; not saved."""
    since, until = span(day, now, policy)
    return DigestIssue(
        date=day,
        number=DigestIssue.objects.filter(date__year=day.year, date__lt=day).count() + 1,
        total=DigestIssue.objects.filter(date__lt=day).count() + 1,
        since=since,
        until=until,
        made_at=now,
        content=content(since, until, now, policy),
        note=note_of(day),
    )


def find(day: date, now: datetime, policy: Policy) -> DigestIssue:
    """The archived issue of `day`, else its draft."""
    return DigestIssue.objects.filter(date=day).first() or draft(day, now, policy)


def grouped(found: DigestIssue) -> list[tuple[str, Sequence[dict[str, Any]], int]]:
    """(group, lines, how many more were left out), all four groups in order."""
    items = found.content["items"]
    more = found.content.get("more", {})
    return [(group, [item for item in items if item["group"] == group], more.get(group, 0)) for group in GROUPS]
