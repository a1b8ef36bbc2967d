"""What the settings page is told of the judge: the one in force, at most ten minutes old, new at once when another is chosen."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from huiying import learning
from huiying.app import App
from huiying.config import load
from huiying.in_force import InForce
from huiying.judge_facts import JudgeTeller
from nlp.model import Model
from store.clock import FixedClock
from tests.alerts.town import Town, at


@pytest.fixture
def app(db: None, tmp_path: Path) -> App:
    path = tmp_path / "home" / "pipelines.yaml"
    path.parent.mkdir()
    path.write_text("extends: shipped\njudge: {boards: {跳蚤市场: 0.8}}\n", encoding="utf-8")
    return App(home=path.parent, loaded=load(path), clock=FixedClock(at("21:38")), simulated=False)


def learned(app: App, **fields: object) -> str:
    row = {
        "weights": Model.load().version,
        "made_at": "2026-11-20T14:03:00+08:00",
        "offset": -0.31,
        "threshold": 0.6,
        "board_thresholds": {"灌水": 0.7},
        "labels": {"positives": 120, "negatives": 94, "by": {"linxiao": 200, "wuchen": 14}},
        "held_out": [{"board": "total", "n": 64, "f1": 0.86, "f1_before": 0.81}],
    } | fields
    folder = app.home / "models" / "20261120-3f9a1c"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(row), encoding="utf-8")
    return folder.name


def test_as_shipped(app: App) -> None:
    told = JudgeTeller(app, InForce(app), app.clock.now)()
    model = Model.load()
    assert (told.weights, told.threshold, told.learned, told.note) == (model.version, model.threshold, None, "")
    assert told.boards == {"跳蚤市场": 0.8}
    assert told.drift == ()


def test_what_was_learned_is_told_at_once_when_it_is_chosen(app: App) -> None:
    teller = JudgeTeller(app, InForce(app), app.clock.now)
    assert teller().learned is None
    learning.use(app.home, learned(app), at=app.clock.now())
    told = teller()
    assert told.learned is not None
    assert (told.learned.confirmed, told.learned.passed, told.learned.people) == (120, 94, 2)
    assert (told.learned.held_out, told.learned.f1_before, told.learned.f1) == (64, 0.81, 0.86)
    assert (told.threshold, told.boards) == (0.6, {"灌水": 0.7, "跳蚤市场": 0.8})


def test_learned_over_other_weights_it_is_set_aside_and_said(app: App) -> None:
    learning.use(app.home, learned(app, weights="2020.1"), at=app.clock.now())
    told = JudgeTeller(app, InForce(app), app.clock.now)()
    assert told.learned is None
    assert "20261120-3f9a1c 读不了" in told.note


def test_the_comparison_is_kept_for_ten_minutes(app: App) -> None:
    clock = app.clock
    assert isinstance(clock, FixedClock)
    teller = JudgeTeller(app, InForce(app), app.clock.now)
    first = teller()
    Town().post("水管爆了", posted="20:00", seen="20:05")
    clock.advance(timedelta(minutes=9))
    assert teller() is first
    clock.advance(timedelta(minutes=1))
    assert [row["source"] for row in teller().drift] == ["bbs", "total"]
