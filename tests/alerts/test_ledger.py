"""What the ledger shows, and whether it is what its history says."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from alerts import ledger
from alerts.engine import tick
from alerts.evidence import observe
from alerts.models import Alert, Audit
from alerts.moves import ack, assign, dismiss, merge
from alerts.verify import verify
from tests.alerts.town import WATER, Town, at

KEYS = [
    *("id", "state", "label", "round", "level", "topic", "department", "place", "title", "url"),
    *("posted_at", "detected_at", "due_at", "left_s", "overdue", "owner", "event", "posts", "answered_at", "clock"),
]


def test_a_row_has_the_shape_of_the_contract(town: Town) -> None:
    alert = town.alert()
    row = ledger.rows(now=at("20:00"))[0]
    assert [key for key in row if key in KEYS] == KEYS
    assert (row["id"], row["state"], row["label"], row["department"]) == (alert.pk, "OPEN", "待研判", WATER)
    assert (row["posted_at"], row["due_at"]) == ("2026-11-22T19:38:00+08:00", "2026-11-22T22:38:00+08:00")
    assert (row["left_s"], row["overdue"], row["posts"], row["owner"], row["answered_at"]) == (9480, False, 1, "", None)


def test_rows_can_be_narrowed(town: Town) -> None:
    first = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    second = town.alert("路灯不亮", posted="12:00", seen="12:05", unit="市生态环境局")
    dismiss(second.pk, town.wuchen, reason="外地的事", now=at("12:10"))
    assert [row["id"] for row in ledger.rows(now=at("23:00"), state="DISMISSED")] == [second.pk]
    assert [row["id"] for row in ledger.rows(now=at("23:00"), unit=WATER)] == [first.pk]
    assert [row["id"] for row in ledger.rows(now=at("23:00"), overdue=True)] == [first.pk]
    assert [row["id"] for row in ledger.rows(now=at("23:00"), limit=1)] == [second.pk]


def test_one_alert_tells_its_whole_story(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    ack(alert.pk, town.chenli, now=at("20:05"))
    observe([town.official_reply(alert.anchor.thread, posted="21:54", seen="21:55")], at("21:55"), town.policy)
    alert.refresh_from_db()
    told = ledger.detail(alert, at("22:00"))
    assert told["legs"] == {"发现": 420, "研判": 1020, "派发": 180, "回应": 6540}
    assert sum(told["legs"].values()) == (at("21:54") - at("19:38")).total_seconds()
    assert [(entry["who"], entry["what"]) for entry in told["history"]] == [
        ("系统", "立件"),
        ("吴晨", "确认并派发"),
        ("陈立", "签收"),
        ("系统", "看到官方回复"),
        ("系统", "首次回应，时钟停"),
    ]
    assert [item["state"] for item in told["deliveries"]] == ["cancelled"]
    assert told["evidence"][0]["stops_clock"] is True
    assert told["left_s"] is None


def test_the_queue_stands_under_its_headings(town: Town) -> None:
    for posted in ("18:00", "18:20", "18:50", "20:00"):
        town.alert(posted=posted, seen="20:01")
    found = ledger.queue(at("21:05"))
    assert [(section.name, len(section.alerts)) for section in found] == [
        ("超时", 1),
        ("半小时内", 1),
        ("1 小时内", 1),
        ("1 小时以上", 1),
    ]


def test_a_members_own_waiting_is_listed(town: Town) -> None:
    first, second = town.alert(), town.alert("老镇区没水", posted="20:20", seen="20:25")
    merge(second.pk, town.linxiao, into=first.pk, now=at("21:40"))
    assert [(row["post"], row["label"]) for row in ledger.members(first)] == [(second.anchor.ref, "同事未复")]


def test_an_untouched_ledger_verifies(town: Town) -> None:
    alert = assign(town.alert().pk, town.wuchen, now=at("20:02"))
    tick(at("22:40"), town.policy)
    report = verify()
    assert report.findings == []
    assert (report.alerts, report.audit) == (1, Audit.objects.count())
    assert Alert.objects.get(pk=alert.pk).breached_at == at("22:38")


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"unit": "市生态环境局"}, "V004"), ({"answered_at": at("20:00")}, "V004"), ({"due_at": at("23:59")}, "V005")],
)
def test_a_row_changed_behind_its_back_is_found(town: Town, change: dict[str, object], kind: str) -> None:
    alert = town.alert()
    Alert.objects.filter(pk=alert.pk).update(**change)
    assert kind in {finding.kind for finding in verify().findings}


def test_the_audit_refuses_to_be_changed_or_shortened(town: Town) -> None:
    town.alert()
    for statement in ("UPDATE alerts_audit SET actor = 'chenli'", "DELETE FROM alerts_audit"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        ("UPDATE alerts_audit SET actor = 'chenli' WHERE kind = 'assign'", {"V001", "V003"}),
        ("DELETE FROM alerts_audit WHERE kind = 'opened'", {"V001", "V002", "V003", "V004"}),
    ],
)
def test_whoever_takes_the_triggers_away_is_found_by_the_chain(town: Town, deed: str, found: set[str]) -> None:
    assign(town.alert().pk, town.wuchen, now=at("20:02"))
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER alerts_audit_refuses_update")
        cursor.execute("DROP TRIGGER alerts_audit_refuses_delete")
        cursor.execute(deed)
    assert {finding.kind for finding in verify().findings} == found


def test_rows_cut_off_at_the_end_are_missed(town: Town) -> None:
    town.alert()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER alerts_audit_refuses_delete")
        cursor.execute("DELETE FROM alerts_audit")
    assert "V002" in {finding.kind for finding in verify().findings}
