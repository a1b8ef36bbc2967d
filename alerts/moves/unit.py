"""Moves of the spokesperson: sign, give back, record an answer, pause, extend; and closing."""

from __future__ import annotations

from datetime import datetime

from alerts import evidence, outbox, people, workdays
from alerts.models import Alert, Evidence, Pause, Person
from alerts.moves.common import acting, describe, keep_label, moving, need_state, need_unit, owner_of, reason_given, undispatched
from alerts.moves.errors import BadReason, NotAllowed, WrongState
from alerts.moves.undoing import forget
from alerts.states import WAITING, EvidenceKind, EvidenceState, Role, State
from alerts.writes import started_at


def ack(alert_id: int, actor: Person | str, *, version: int | None = None, now: datetime) -> Alert:
    """签收: the person takes the matter on; the clock runs on."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_unit(person, alert, "签收")
        advice = "官方已回应，时钟已停，不用再签收" if alert.state in (State.ANSWERED, State.CLOSED) else "只有待签收的件可以签收"
        if alert.state == State.OWNED:
            owner = people.find(alert.owner).shown if alert.owner else ""
            advice = f"{owner}已签收，可一起办，不用再签"
        need_state(alert, "签收", alert.state == State.OPEN and bool(alert.unit), advice)
        forget(alert)
        alert.state, alert.owner, alert.acked_at = State.OWNED, person.username, now
        alert.dispatched_at = alert.dispatched_at or now
        return held.save("ack", actor=person.username)


def return_(alert_id: int, actor: Person | str, *, reason: str, version: int | None = None, now: datetime) -> Alert:
    """退回: not this unit's matter; it waits for triage again, and the duty group is told."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_unit(person, alert, "退回")
        advice = "已签收的请改派" if alert.state == State.OWNED else "只有待签收的件可以退回"
        need_state(alert, "退回", alert.state == State.OPEN and bool(alert.unit), advice)
        why = reason_given(reason, "退回")
        unit = alert.unit
        outbox.cancel(alert, "已退回")
        forget(alert)
        # no unit is proposed: the judge's first guess was just refused
        alert.unit, alert.proposed_unit, alert.co_units = "", "", []
        alert.returned, alert.returned_at, alert.return_reason = True, now, f"{unit}：{why}"[:300]
        alert.dispatched_at = None
        held.save("return", actor=person.username, unit=unit, reason=why)
        told = people.duty_group()
        outbox.enqueue(
            alert,
            kind="returned",
            cause=f"returned-v{alert.version}",
            people=told.people,
            channels=("email",),
            now=now,
            policy=held.policy,
            reason=alert.return_reason,
        )
        if told.gap:
            held.save("nobody", gap=told.gap)
        return alert


def answer(
    alert_id: int,
    actor: Person | str,
    *,
    url: str,
    at: datetime,
    text: str,
    form: str = "holding",
    version: int | None = None,
    now: datetime,
) -> Alert:
    """登记回应: link, time and words of an answer given elsewhere.

    On a site that is crawled the ladder rests for 30 minutes, once a round, until the answer is seen; elsewhere it stands.
    `form` "result" on an answered alert records the result.
    """
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_unit(person, alert, "登记回应", or_triage=True)
        if form not in ("holding", "result"):
            raise BadReason(f"回应类别「{form}」不存在；写 holding（知晓性回应）或 result（结果回应）")
        if alert.state == State.ANSWERED:
            advice = "已首次回应；登记结果请选「结果回应」"
            need_state(alert, "登记回应", form == "result", advice)
        else:
            need_state(alert, "登记回应", alert.state in WAITING, "只有在办的件可以登记回应")
        _check_answer(person, alert, url, at, text, now)
        result = alert.state == State.ANSWERED
        crawled = alert.anchor.site in held.policy.crawlable_sites
        recorded = Evidence.objects.create(
            alert=alert,
            kind=EvidenceKind.RECORDED,
            state=EvidenceState.PROVISIONAL if crawled and not result else EvidenceState.STANDS,
            url=url.strip(),
            text=text.strip(),
            answered_at=at,
            seen_at=now,
            unit=alert.unit,
            form=form,
            recorded_by=person.username,
        )
        forget(alert)
        if result:
            alert.result_at = at
            return held.save("result", actor=person.username, evidence=recorded.pk)
        if undispatched(alert) and alert.triaged_at is None:
            # 已由官方回复 is a decision of triage: it did call for a response
            alert.triaged_at = now
            keep_label(held, person, "needs_response", "yes", "yes")
        already = Evidence.objects.filter(alert=alert, kind=EvidenceKind.RECORDED).exclude(pk=recorded.pk).exists()
        if crawled and not already:
            alert.provisional_until = now + held.policy.recorded_grace
        held.save("answer", actor=person.username, evidence=recorded.pk, form=form)
        if not crawled:
            evidence.stop_clock(held)
        return alert


def _check_answer(person: Person, alert: Alert, url: str, at: datetime, text: str, now: datetime) -> None:
    if not url.strip().startswith(("http://", "https://")):
        raise BadReason(f"链接「{url.strip()}」不完整；粘贴以 http:// 或 https:// 开头的原帖地址")
    if at > now:
        raise BadReason("回应时间在将来；写论坛上显示的时间")
    if at <= started_at(alert):
        raise BadReason("回应时间早于发帖；写论坛上显示的时间，旧的答复不算本件的回应")
    if not text.strip() and not person.triages:
        # the commentator who notes that an office answered already points to it; the spokesperson says what was answered
        raise BadReason("回应内容为空；粘贴官方账号发出的文字")


def pause(alert_id: int, actor: Person | str, *, reason: str, version: int | None = None, now: datetime) -> Alert:
    """申请暂停: the clock runs on until a second person approves."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_unit(person, alert, "申请暂停", or_triage=True)
        need_state(alert, "申请暂停", alert.state == State.OWNED, "签收后、首次回应前才可申请")
        need_state(alert, "申请暂停", alert.breached_at is None, "已超时，暂停改不了已过的时限")
        need_state(alert, "申请暂停", alert.provisional_until is None, "登记的回应正在待核，催办已停")
        if alert.pauses.filter(ended_at=None).exists():
            raise WrongState(f"告警 {alert.pk} 已有一个暂停在申请或进行；先由第二人批准或恢复计时", alert=alert)
        asked = Pause.objects.create(alert=alert, asked_at=now, asked_by=person.username, reason=reason_given(reason, "暂停"))
        return held.save("pause", actor=person.username, pause=asked.pk, reason=asked.reason)


def approve_pause(alert_id: int, actor: Person | str, *, version: int | None = None, now: datetime) -> Alert:
    """批准暂停, by a second person: the clock stands from the moment it was asked for."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        if not person.triages:
            raise NotAllowed(f"{person.shown}不能批准暂停；由值班的网评员批准，申请人之外的第二个人", owner="值班组")
        asked = alert.pauses.filter(approved_at=None, ended_at=None).first()
        if asked is None:
            raise WrongState(f"告警 {alert.pk} 没有待批准的暂停（现在是「{describe(alert)}」）", alert=alert)
        if asked.asked_by == person.username:
            raise NotAllowed("暂停须由第二个人批准；请另一位网评员批准", owner="值班组")
        need_state(alert, "批准暂停", alert.state == State.OWNED, "只有已签收、待回应的件可以暂停")
        need_state(alert, "批准暂停", alert.breached_at is None, "批准前已超时，暂停改不了已过的时限")
        need_state(alert, "批准暂停", alert.provisional_until is None, "登记的回应正在待核，催办已停")
        asked.approved_at, asked.approved_by = now, person.username
        asked.save()
        alert.paused_at = asked.asked_at
        held.reload_pauses()
        return held.save("approve_pause", actor=person.username, pause=asked.pk)


def resume(alert_id: int, actor: Person | str, *, version: int | None = None, now: datetime) -> Alert:
    """恢复计时: the due time moves by exactly the time that the clock stood; an unapproved request is withdrawn."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_unit(person, alert, "恢复计时", or_triage=True)
        open_pause = alert.pauses.filter(ended_at=None).first()
        if open_pause is None:
            raise WrongState(f"告警 {alert.pk} 没有在暂停（现在是「{describe(alert)}」）", alert=alert)
        before = alert.due_at
        evidence.end_pause(held, now)
        held.derive()
        moved = int((alert.due_at - before).total_seconds())
        return held.save("resume", actor=person.username, pause=open_pause.pk, moved_s=moved)


def extend(alert_id: int, actor: Person | str, *, days: int, reason: str, version: int | None = None, now: datetime) -> Alert:
    """延期: more working days for the result, up to the cap; the first answer's due time is not touched."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        need_unit(person, alert, "延期", or_triage=True)
        need_state(alert, "延期", alert.state in (State.OWNED, State.ANSWERED), "签收后、办结前才可延期")
        most = held.policy.result_cap_days - held.policy.result_days - alert.extended_days
        if days < 1 or days > most:
            left = f"最多还可延 {most} 个工作日" if most > 0 else "延期已用完"
            raise BadReason(f"结果时限不能延 {days} 个工作日；{left}（上限共 {held.policy.result_cap_days} 个工作日）")
        why = reason_given(reason, "延期")
        alert.extended_days += days
        if alert.answered_at is not None:
            alert.result_due_at = workdays.after(alert.answered_at, held.policy.result_days + alert.extended_days, held.policy)
        return held.save("extend", actor=person.username, days=days, reason=why)


def close(alert_id: int, actor: Person | str, *, version: int | None = None, now: datetime) -> Alert:
    """办结, by a commentator or the editor."""
    person = acting(actor)
    with moving(alert_id, now, version) as held:
        alert = held.alert
        if not person.triages and person.role != Role.EDITOR:
            raise NotAllowed(f"{person.shown}不能办结；由网评员或编审办结（此件归{owner_of(alert)}）", owner="网评员、编审")
        need_state(alert, "办结", alert.state == State.ANSWERED, "首次回应之后才可办结")
        alert.state, alert.closed_at = State.CLOSED, now
        return held.save("close", actor=person.username)
