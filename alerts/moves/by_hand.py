"""Moves on posts that the judge was unsure of and did not flag: 需回应, 不需回应, and taking either back.

需回应 keeps the decision only; the engine opens the alert once the seconds of undo are over (`alerts.opening`), with the
judge's reading of level, unit and place, so that what is taken back never stood in the ledger.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from alerts import doubt, shown
from alerts.models import Label, Person
from alerts.moves.common import acting, need_triage
from alerts.moves.errors import TooLate, Unknown, WrongState
from store.models import Assessment

WORDS = {"yes": "需回应", "no": "不需回应"}


def flag(post_id: int, actor: Person | str, *, now: datetime) -> Label:
    """需回应: an alert will be opened, its clock counted from the post. Raises Unknown, NotAllowed, WrongState."""
    return _decide(post_id, actor, "yes", now)


def pass_over(post_id: int, actor: Person | str, *, now: datetime) -> Label:
    """不需回应: the post leaves the list, and `huiying train` learns from it. Raises Unknown, NotAllowed, WrongState."""
    return _decide(post_id, actor, "no", now)


def take_back(post_id: int, actor: Person | str, *, now: datetime) -> str:
    """Take the last decision back, and say which it was; once there is an alert, its own moves lead on. Raises TooLate too."""
    person = acting(actor)
    with transaction.atomic():
        _held(post_id)
        need_triage(person, None, "撤销")
        last = doubt.decisions().filter(post=post_id).order_by("-at", "-pk").first()
        if last is None:
            raise WrongState("这一帖没有可撤销的决定")
        alert = doubt.alert_of(post_id)
        if last.decided == "yes" and alert is not None:
            raise TooLate(f"撤不回：已开告警 {alert.pk}；不需回应请在研判里定")
        last.delete()
        return last.decided


def _decide(post_id: int, actor: Person | str, decided: str, now: datetime) -> Label:
    person = acting(actor)
    with transaction.atomic():
        judged = _held(post_id)
        need_triage(person, None, f"定为{WORDS[decided]}")
        if not doubt.waiting(now).filter(pk=post_id).exists():
            raise WrongState(_why_not(judged, now))
        return Label.objects.create(
            post_id=post_id, field=doubt.FIELD, judged=doubt.JUDGED, decided=decided, by=person.username, at=now, model=judged.model
        )


def _held(post_id: int) -> Assessment:
    """The judgement of a post, locked: of two who decide the second waits, and is then told. Raises Unknown."""
    found = Assessment.objects.select_for_update(of=("self",)).select_related("post").filter(post=post_id).first()
    if found is None:
        raise Unknown(f"没有研判过的帖 {post_id}")
    return found


def _why_not(judged: Assessment, now: datetime) -> str:
    """Why a post is not on the list."""
    last = doubt.decisions().filter(post=judged.post_id).order_by("-at", "-pk").first()
    if (alert := doubt.alert_of(judged.post_id)) is not None:
        return f"这一帖已有告警 {alert.pk}，请在研判或告警页里办"
    if last is not None:
        who = Person.objects.filter(username=last.by).first()
        return f"{who.shown if who else last.by} {shown.instant(last.at, now)} 已定为{WORDS[last.decided]}；你的没有生效"
    if judged.post.deleted_at is not None:
        return "这一帖已不在原站"
    days = doubt.SHOWN_FOR.days
    return f"这一帖不在「拿不准」之列：已标出、是官方的，或发现已过 {days} 天"
