from __future__ import annotations

import pytest

from store.ids import author_key, event_id, event_number, pseudonym


def test_a_pseudonym_is_stable_per_home_and_site():
    key = author_key("home", "bbs", "83")
    assert key == author_key("home", "bbs", "83")
    assert len(key) == 64
    assert len({key, author_key("other", "bbs", "83"), author_key("home", "tieba", "83"), author_key("home", "bbs8", "3")}) == 4


def test_people_see_four_hex_digits():
    assert pseudonym("9d41" + "0" * 60) == "网友 9D41"
    assert pseudonym(author_key("home", "bbs", "")) == "匿名"


def test_event_ids_carry_day_and_number():
    assert event_id(2026, 11, 22, 7) == "2026-1122-07"
    assert event_number("2026-1122-107") == 107
    with pytest.raises(ValueError, match="2026-1122-07"):
        event_number("7")
