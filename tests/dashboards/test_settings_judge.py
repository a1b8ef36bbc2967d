"""The block on the judge on the settings page: weights, what was learned, drift in words, the commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dashboards import wiring
from dashboards.wiring import JudgeFacts, Learned
from store.health import Configured
from tests.alerts.town import Town, at
from tests.dashboards.conftest import Login
from tests.dashboards.pages import text

ROW: dict[str, Any] = {
    "source": "bbs",
    "posts": 1200,
    "posts_before": 4100,
    "share_flagged": 0.052,
    "share_flagged_before": 0.049,
    "share_unsure": 0.031,
    "share_unsure_before": 0.03,
    "state": "ok",
    "moved": [],
}
FACTS = JudgeFacts(weights="2026.11-a1b2", threshold=0.54, drift=(ROW, {**ROW, "source": "total"}), at=at("21:30"))
OTHER = {**ROW, "source": "tieba", "posts": 60, "state": "few"}


@pytest.fixture
def told() -> Iterator[Any]:
    """Hands facts over to the page."""
    boards = [Configured(source="bbs", board="", name="临海论坛", enabled=True)]
    yield lambda facts: wiring.use(judge=lambda: facts, configured_boards=boards)
    wiring.use()


def test_shipped_and_steady(town: Town, login: Login, told: Any) -> None:
    told(FACTS)
    words = text(login("shenjie").get("/settings"))
    for said in (
        "2026.11-a1b2 出厂，随软件升级换",
        "没有，照出厂的判",
        "门槛54%",
        "21:30 算的",
        "与此前 28 天一样，不用管",
        "临海论坛1200 帖5.2%4.9%3.1%3.0%如常",
    ):
        assert said in words


def test_what_was_learned_says_from_whom_and_how_much_better(town: Town, login: Login, told: Any) -> None:
    learned = Learned(
        id="20261120-3f9a1c",
        made_at=at("20 14:03"),
        offset=-0.31,
        confirmed=120,
        passed=94,
        people=3,
        held_out=64,
        f1=0.864,
        f1_before=0.81,
    )
    told(replace(FACTS, learned=learned, boards={"灌水": 0.7}))
    words = text(login("shenjie").get("/settings"))
    assert "20261120-3f9a1c，11 月 20 日 14:03 从 3 人的 214 个决定学来 需回应 120，不需回应 94" in words
    assert "没有拿来学的 64 个决定上，F1 由 0.81 到 0.86；总的偏 −0.31" in words
    assert "另定：灌水 70%" in words


def test_a_shift_is_named_with_what_to_do(town: Town, login: Login, told: Any) -> None:
    told(replace(FACTS, drift=({**ROW, "state": "shifted", "moved": ["share_flagged", "index"]}, {**ROW, "source": "total"})))
    words = text(login("shenjie").get("/settings"))
    assert "临海论坛 变了" in words
    assert "标出的比例、把握的分布" in words
    assert "不一定错了" in words
    assert "huiying drift" in words


def test_too_few_posts_prove_nothing(town: Town, login: Login, told: Any) -> None:
    told(replace(FACTS, drift=(OTHER, {**OTHER, "source": "total"})))
    words = text(login("shenjie").get("/settings"))
    assert "两段都满 100 帖才比得出" in words
    assert "tieba60 帖—4.9%—3.0%帖少，不比" in words
    assert "合计" not in words


def test_two_sources_have_a_sum(town: Town, login: Login, told: Any) -> None:
    told(replace(FACTS, drift=(ROW, OTHER, {**ROW, "source": "total", "posts": 1260})))
    assert "合计1260 帖5.2%" in text(login("shenjie").get("/settings"))


def test_weights_that_cannot_be_read_are_said(town: Town, login: Login, told: Any) -> None:
    told(JudgeFacts(weights="", threshold=None, note="权重读不了：weights.npz", at=at("21:30")))
    words = text(login("shenjie").get("/settings"))
    assert "没有读到" in words
    assert "权重读不了：weights.npz" in words


def test_without_facts_there_is_no_block(town: Town, login: Login, told: Any) -> None:
    told(None)
    assert "机器研判" not in text(login("shenjie").get("/settings"))
