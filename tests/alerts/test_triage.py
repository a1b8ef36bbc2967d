"""A commentator's evening: confirm, dismiss, correct, take back."""

from __future__ import annotations

import pytest

from alerts.models import Alert, Audit, Delivery, Label
from alerts.moves import BadReason, Conflict, NotAllowed, TooLate, WrongState, ack, assign, claim, dismiss, reassign, return_, undo
from alerts.states import DeliveryState, State, label
from tests.alerts.town import ECOLOGY, WATER, Town, at


def words(alert: Alert) -> str:
    return label(alert.state, unit=alert.unit, returned=alert.returned)


def test_a_post_becomes_an_alert_whose_clock_runs_from_the_post(town: Town) -> None:
    alert = town.alert(posted="19:38", seen="19:45")
    assert words(alert) == "待研判"
    assert alert.clock_start == at("19:38")
    assert alert.due_at == at("22:38")


def test_wuchen_confirms_and_chenli_is_told_after_the_seconds_of_undo(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    assert (words(alert), alert.unit, alert.triaged_at) == ("待签收", WATER, at("20:02"))
    message = Delivery.objects.get()
    assert message.key == f"alert/{alert.pk}/r1/dispatch/email/chenli"
    assert message.not_before == at("20:02:12")
    assert message.subject == "【回应】沿江自来水管爆裂，剩 2 小时 36 分"


def test_a_correction_becomes_a_label_with_what_was_judged(town: Town) -> None:
    assign(town.alert().pk, "wuchen", unit=ECOLOGY, level=3, topic="环境保护", now=at("20:02"))
    found = {row.field: (row.judged, row.decided) for row in Label.objects.all()}
    assert found == {
        "needs_response": ("yes", "yes"),
        "unit": (WATER, ECOLOGY),
        "level": ("4", "3"),
        "topic": ("城乡建设", "环境保护"),
    }


def test_undo_within_twelve_seconds_leaves_nothing_behind(town: Town) -> None:
    before = town.alert()
    assign(before.pk, town.wuchen, unit=ECOLOGY, now=at("20:02"))
    alert = undo(before.pk, town.wuchen, now=at("20:02:11"))
    assert (words(alert), alert.unit, alert.proposed_unit, alert.due_at) == ("待研判", "", WATER, before.due_at)
    assert not Label.objects.exists()
    assert [row.state for row in Delivery.objects.all()] == [DeliveryState.CANCELLED]


def test_after_twelve_seconds_it_can_only_be_reassigned(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    with pytest.raises(TooLate, match="撤不回，可改派"):
        undo(alert.pk, town.wuchen, now=at("20:02:13"))
    moved = reassign(alert.pk, town.wuchen, unit=ECOLOGY, now=at("20:03"))
    assert (moved.unit, words(moved), moved.due_at) == (ECOLOGY, "待签收", alert.due_at)
    assert Delivery.objects.get(person="luomin").key == f"alert/{alert.pk}/r1/dispatch-2/email/luomin"
    assert Delivery.objects.get(person="chenli").state == DeliveryState.CANCELLED


def test_after_the_unit_signed_undo_says_so(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    ack(alert.pk, town.chenli, now=at("20:02:05"))
    with pytest.raises(TooLate, match="撤不回，可改派"):
        undo(alert.pk, town.wuchen, now=at("20:02:06"))


def test_a_dispatch_undone_and_made_again_has_a_message_of_its_own(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    undo(alert.pk, town.wuchen, now=at("20:02:05"))
    assign(alert.pk, town.wuchen, now=at("20:03"))
    assert list(Delivery.objects.filter(state=DeliveryState.PENDING).values_list("key", flat=True)) == [
        f"alert/{alert.pk}/r1/dispatch-2/email/chenli"
    ]


def test_two_press_y_at_once_and_the_second_reads_what_was_chosen(town: Town) -> None:
    alert = town.alert()
    assign(alert.pk, town.linxiao, version=alert.version, now=at("20:02"))
    with pytest.raises(Conflict, match="林晓 20:02 确认并派发") as refused:
        assign(alert.pk, town.wuchen, unit=ECOLOGY, version=alert.version, now=at("20:02:01"))
    assert refused.value.alert.unit == WATER
    assert Delivery.objects.count() == 1


def test_time_passing_is_no_conflict(town: Town) -> None:
    alert = town.alert()
    late = assign(alert.pk, town.wuchen, version=alert.version, now=at("22:40"))
    assert late.breached_at == at("22:38")


def test_a_dismissal_needs_one_of_the_negative_categories(town: Town) -> None:
    alert = town.alert()
    with pytest.raises(BadReason, match="新闻、通知、宣传 · 买卖、招聘、广告"):
        dismiss(alert.pk, town.wuchen, reason="重复", now=at("20:00"))
    with pytest.raises(BadReason, match="须写明事由"):
        dismiss(alert.pk, town.wuchen, reason="其他", note=" ", now=at("20:00"))
    gone = dismiss(alert.pk, town.wuchen, reason="闲聊、玩笑、游戏", now=at("20:00"))
    assert (gone.state, words(gone), gone.next_rung_at) == (State.DISMISSED, "不需回应", None)
    assert Label.objects.get(field="needs_response").decided == "no"


def test_undoing_a_dismissal_restores_the_original_due_time_even_hours_later(town: Town) -> None:
    alert = town.alert()
    dismiss(alert.pk, town.wuchen, reason="外地的事", now=at("20:00"))
    back = undo(alert.pk, town.linxiao, now=at("22:50"))
    assert (words(back), back.due_at, back.breached_at, back.dismiss_reason) == ("待研判", at("22:38"), at("22:38"), "")


def test_a_post_dismissed_after_its_due_time_stays_breached(town: Town) -> None:
    gone = dismiss(town.alert().pk, town.wuchen, reason="外地的事", now=at("22:50"))
    assert gone.breached_at == at("22:38")


def test_a_spokesperson_does_not_triage_and_reads_who_does(town: Town) -> None:
    with pytest.raises(NotAllowed, match="值班组（吴晨、周明）"):
        assign(town.alert().pk, town.chenli, now=at("20:02"))


def test_an_administrator_triages_only_when_given_it(town: Town) -> None:
    alert = town.alert()
    with pytest.raises(NotAllowed):
        assign(alert.pk, town.shenjie, now=at("20:02"))
    town.shenjie.may_triage = True
    town.shenjie.save()
    assert assign(alert.pk, "shenjie", now=at("20:02")).unit == WATER


def test_luomin_may_not_sign_for_the_water_company(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    with pytest.raises(NotAllowed, match="此件归市水务集团（陈立）"):
        ack(alert.pk, town.luomin, now=at("20:09"))


def test_what_is_not_ours_goes_back_to_triage_and_the_clock_runs_on(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    with pytest.raises(BadReason, match="「工作需要」不算"):
        return_(alert.pk, town.chenli, reason="工作需要", now=at("20:08"))
    back = return_(alert.pk, town.chenli, reason="小区内的管道归物业", now=at("20:09"))
    assert (words(back), back.state, back.due_at) == ("已退回", State.OPEN, alert.due_at)
    assert set(Delivery.objects.filter(cause__startswith="returned").values_list("person", flat=True)) == {"wuchen", "zhouming"}
    with pytest.raises(BadReason, match="请选定牵头单位"):
        assign(alert.pk, town.wuchen, now=at("20:10"))
    assert words(reassign(alert.pk, town.wuchen, unit=ECOLOGY, now=at("20:10"))) == "待签收"


def test_after_signing_it_cannot_be_returned(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    ack(alert.pk, town.chenli, now=at("20:09"))
    with pytest.raises(WrongState, match="已签收的请改派"):
        return_(alert.pk, town.chenli, reason="不归我们", now=at("20:10"))


def test_a_unit_without_a_spokesperson_is_stood_in_for_and_the_history_says_so(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, unit="沿江镇", now=at("20:02"))
    assert set(Delivery.objects.values_list("person", flat=True)) == {"wuchen", "zhouming"}
    assert Audit.objects.get(kind="nobody").detail["gap"] == "沿江镇 没有发言人，改发值班组"
    assert words(alert) == "待签收"


def test_a_claim_is_a_courtesy_that_ends_by_itself(town: Town) -> None:
    alert = town.alert()
    claim(alert.pk, town.linxiao, now=at("20:00"))
    with pytest.raises(Conflict, match="林晓在看"):
        claim(alert.pk, town.wuchen, now=at("20:01"))
    assert claim(alert.pk, town.wuchen, now=at("20:02:01")).claimed_by == "wuchen"


def test_an_unknown_unit_is_refused(town: Town) -> None:
    with pytest.raises(BadReason, match=r"不在 pipelines\.yaml"):
        assign(town.alert().pk, town.wuchen, unit="水务局", now=at("20:02"))
