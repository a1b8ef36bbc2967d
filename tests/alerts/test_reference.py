"""Every finding, kind of history and placeholder is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alerts import audit, messages
from alerts.policy import Policy
from tests.alerts.town import Town, at

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "reference" / "ledger.md").read_text(encoding="utf-8")


def test_every_finding_of_verify_is_documented() -> None:
    known = set(re.findall(r'kind="(V\d+)"', (ROOT / "alerts" / "verify.py").read_text(encoding="utf-8")))
    assert known == set(re.findall(r"^\| (V\d+) ", TEXT, re.MULTILINE))


def test_every_kind_of_history_is_documented() -> None:
    assert [kind for kind in audit.KINDS if f"`{kind}`" not in TEXT] == []


def test_every_placeholder_and_kind_of_message_is_documented() -> None:
    assert [name for name in messages.PLACEHOLDERS if f"`{{{name}}}`" not in TEXT] == []
    assert [kind for kind in messages.SHIPPED if f"`{kind}`" not in TEXT] == []


def test_the_office_may_write_its_own_words(town: Town) -> None:
    own = Policy(messages={"dispatch": {"subject": "{county}：{title}", "body": "{link}"}})
    assert messages.render("dispatch", town.alert(), at("20:00"), own)[0] == "临海：沿江自来水管爆裂"


def test_a_wrong_placeholder_says_which_there_are(town: Town) -> None:
    wrong = Policy(messages={"rung": {"subject": "{titel}", "body": ""}})
    with pytest.raises(messages.TemplateError, match=r"messages\.rung: 'titel'.*\{title\}"):
        messages.render("rung", town.alert(), at("20:00"), wrong)
