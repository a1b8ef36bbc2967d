"""Drift of the judge: sums over stored judgements, this week beside the weeks before."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from huiying import drift
from huiying.app import App
from huiying.cli.common import Shared
from huiying.cli.main import huiying
from huiying.config import load
from store.clock import FixedClock
from store.models import Assessment
from store.records import Category
from tests.alerts.town import Town, at

NOW = "23 09:00"


def a_period(posts: int, flagged: int, unsure: int = 0) -> drift.Period:
    """`flagged` posts at .9, the others at .1, `unsure` of these at .45."""
    judged = [(0.9, 0.5, True, False)] * flagged + [(0.45, 0.5, False, True)] * unsure
    return drift.period(judged + [(0.1, 0.5, False, False)] * (posts - flagged - unsure))


def test_the_same_mix_is_no_drift() -> None:
    row = drift.compared(a_period(1_000, 50), a_period(4_000, 210))
    assert row["state"] == "ok"
    assert row["moved"] == []
    assert row["share_flagged"] == 0.05
    assert row["confidence"] == pytest.approx(0.4)


def test_twice_the_flags_are_drift() -> None:
    row = drift.compared(a_period(1_000, 150), a_period(4_000, 200))
    assert row["state"] == "shifted"
    assert "share_flagged" in row["moved"]


def test_more_doubt_is_drift_though_no_more_is_flagged() -> None:
    row = drift.compared(a_period(1_000, 50, unsure=300), a_period(4_000, 200, unsure=200))
    assert row["moved"] == ["share_unsure", "index"]


def test_a_few_posts_prove_nothing() -> None:
    assert drift.compared(a_period(99, 90), a_period(4_000, 200))["state"] == "few"


def test_the_index_is_zero_for_equal_shares_and_grows_with_distance() -> None:
    assert drift.stability((100, 900), (1_000, 9_000)) == pytest.approx(0, abs=1e-4)
    near, far = drift.stability((200, 800), (100, 900)), drift.stability((800, 200), (100, 900))
    assert 0 < near < drift.STABLE < far


@pytest.fixture
def app(db: None, tmp_path: Path) -> App:
    path = tmp_path / "home" / "pipelines.yaml"
    path.parent.mkdir()
    path.write_text("extends: shipped\n", encoding="utf-8")
    return App(home=path.parent, loaded=load(path), clock=FixedClock(at(NOW)), simulated=False)


@pytest.fixture
def judged(app: App) -> App:
    """130 posts in each of two periods; of the last week's half are flagged, before a twentieth."""
    town = Town()
    for number in range(260):
        post = town.post(f"帖子{number}号说的事")
        late = number < 130
        post.posted_at = at(NOW) - timedelta(days=1 if late else 20, minutes=number)
        post.save(update_fields=["posted_at"])
        flag = number % (2 if late else 20) == 0
        row = {"flag": flag, "unsure": False, "needs_response": 0.9 if flag else 0.1, "threshold": 0.61, "level": 4}
        Assessment.objects.update_or_create(
            post=post,
            defaults={**row, "post_version": 1, "assessed_at": at(NOW), "category": Category.CHAT.value, "model": "m1"},
        )
    return app


def run(app: App, *words: str) -> Result:
    """A command on this home, its database being the test's."""
    return CliRunner().invoke(huiying, ["--home", str(app.home), *words], obj=Shared(_app=app))


def test_the_rows_of_a_home_count_by_source_and_in_all(judged: App) -> None:
    *sources, total = drift.rows(at(NOW))
    assert total["source"] == "total"
    assert (total["posts"], total["posts_before"]) == (130, 130)
    assert sum(row["posts"] for row in sources) == 130
    assert total["share_flagged"] == 0.5
    assert total["state"] == "shifted"
    assert total["models"] == ["m1"]


def test_old_posts_and_official_ones_are_left_out(judged: App) -> None:
    from store.models import Post

    Post.objects.filter(posted_at__gt=at(NOW) - timedelta(days=7)).update(backfill=True)
    Post.objects.filter(posted_at__lte=at(NOW) - timedelta(days=7)).update(official=True)
    assert list(drift.rows(at(NOW))) == []


def test_the_command_tells_and_ends_with_a_finding(judged: App) -> None:
    found = run(judged, "drift", "--json")
    assert found.exit_code == 1
    total = json.loads(found.stdout.splitlines()[-1])
    assert total["moved"] == ["share_flagged", "index"]
    spoken = run(judged, "drift")
    assert "合计" in spoken.stdout
    assert "50.0%  4.6%" in spoken.stdout


def test_an_empty_home_has_no_drift(app: App) -> None:
    found = run(app, "drift")
    assert found.exit_code == 0
    assert "还没有研判过的帖" in found.output


def test_of_many_posts_a_glance_reads_a_bounded_number_and_finds_the_same(judged: App) -> None:
    *_sources, whole = drift.rows(at(NOW))
    *_sources, glanced = drift.rows(at(NOW), most=100_000)
    assert glanced == whole
    *_sources, glanced = drift.rows(at(NOW), most=100)
    # 260 posts: every third
    assert 86 <= glanced["posts"] + glanced["posts_before"] <= 87


def test_a_certain_post_lies_in_the_last_bin() -> None:
    assert drift.period([(1.0, 0.5, True, False), (0.0, 0.5, False, False)]).bins == (1, *[0] * (drift.BINS - 2), 1)
