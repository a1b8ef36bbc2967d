"""What a home learns from its triage, and how it goes back: labels in a real database, the real judge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alerts import policy
from alerts.models import Alert, Label, Person
from alerts.moves import triage
from huiying import learning
from huiying.app import App
from huiying.cli.main import huiying
from huiying.config import load
from huiying.home import HomeError
from huiying.rounds import Rounds
from nlp.model import Model
from nlp.settings import JudgeSettings
from store.clock import FixedClock
from store.models import Assessment, Post
from store.records import Text
from tests.alerts.town import Town, at

ASKING = ("路灯坏了半个月没人修", "自来水又停了，谁来管管", "河水又黑了请环保局查查", "小区垃圾没人清请处理", "工资拖欠三个月求助")
#: asked in a board where nobody answers: the judge cannot tell them from the others by their words
DULL = ("小区门口路灯坏了没人修", "自来水停了三天，请尽快处理", "河里都是死鱼，请环保来查", "楼下垃圾堆了一周没人清", "老板拖欠工资谁来管")


@pytest.fixture
def app(db: None, tmp_path: Path) -> Iterator[App]:
    path = tmp_path / "home" / "pipelines.yaml"
    path.parent.mkdir()
    path.write_text("extends: shipped\n", encoding="utf-8")
    before = policy._current
    yield App(home=path.parent, loaded=load(path), clock=FixedClock(at("23 09:00")), simulated=False)
    policy._current = before


@pytest.fixture
def town(app: App, town_policy: None) -> Town:
    return Town()


@pytest.fixture
def town_policy() -> None:
    from tests.alerts.town import POLICY

    policy.use(POLICY)


def label(town: Town, title: str, decided: str, number: int, board: str, **fields: Any) -> Post:
    post = town.post(title, board_name=board, posted="20 08:00", seen="20 08:10", **fields)
    moment = at("20 09:00") + timedelta(minutes=number)
    Label.objects.create(post=post, field="needs_response", judged="yes", decided=decided, by="linxiao", at=moment, model="test")
    return post


def labels(town: Town, positives: int = 40, negatives: int = 40) -> None:
    """Decisions of people who want the matters of one board and dismiss the questions of another."""
    for number in range(positives):
        label(town, f"{ASKING[number % 5]}（{number}）", "yes", number, "百姓话题")
    for number in range(negatives):
        label(town, f"{DULL[number % 5]}（{number}）", "no", number, "灌水专区")


def learned_of(app: App, **fields: object) -> learning.LearnedSettings:
    """A learned model written by hand into the home."""
    row = {
        "weights": Model.load().version,
        "made_at": "2026-11-22T10:00:00+08:00",
        "offset": -0.7,
        "threshold": 0.6,
        "board_thresholds": {"灌水专区": 0.9},
    } | fields
    folder = app.home / "models" / "20261122-aaaaaa"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(row), encoding="utf-8")
    return learning.read(app.home, folder.name)


def run(app: App, *arguments: str) -> Result:
    """A command on this home, its database being the test's."""
    from huiying.cli.common import Shared

    return CliRunner().invoke(huiying, ["--home", str(app.home), *arguments], obj=Shared(_app=app))


def test_too_few_decisions_say_how_many_are_missing(app: App, town: Town) -> None:
    labels(town, positives=31, negatives=12)
    found = run(app, "train", "--json")
    assert found.exit_code == 1
    row = json.loads(found.stdout)
    assert (row["promoted"], row["missing"]) == (False, {"positives": 0, "negatives": 18})
    assert "不需回应的还差 18 条（现有 12）" in found.stderr
    assert learning.ids(app.home) == []


def test_what_is_better_on_later_decisions_is_used_and_every_judgement_says_so(app: App, town: Town) -> None:
    labels(town)
    thread = town.post("沿江的路灯", posted="20 08:00", seen="20 08:10").thread
    label(town, "我家门口也是", "no", 90, "百姓话题", thread=thread)
    found = run(app, "train", "--json")
    assert found.exit_code == 0, found.output
    *boards, total = [json.loads(line) for line in found.stdout.splitlines()]
    assert {row["board"]: row["n"] for row in boards} == {"百姓话题": 12, "灌水专区": 12}
    assert total["promoted"]
    assert total["log_loss"] < total["log_loss_before"]
    assert total["f1"] >= total["f1_before"]
    assert total["labels"] == {
        "positives": 40,
        "negatives": 40,
        "since": "2026-11-20T09:00:00+08:00",
        "until": "2026-11-20T09:39:00+08:00",
        "by": {"linxiao": 80},
        "replies": 1,
    }
    assert re.fullmatch(r"20261123-[0-9a-f]{6}", total["id"])
    kept = (app.home / "models" / total["id"] / "settings.json").read_text(encoding="utf-8")
    assert not any(title in kept for title in (*ASKING, *DULL))
    assert total["board_thresholds"]["灌水专区"] > total["board_thresholds"]["百姓话题"]

    post = town.post("沿江自来水又停了没人管", board_name="百姓话题")
    Assessment.objects.filter(post=post).delete()
    Rounds(app).round()
    row = Assessment.objects.get(post=post)
    # where the second reader is installed, it adds its name behind a stroke
    assert row.model.split("/")[0] == f"{Model.load().version}+{total['id']}"
    assert row.threshold == total["board_thresholds"]["百姓话题"]


def test_what_is_not_better_is_kept_beside_and_not_used(app: App, town: Town) -> None:
    labels(town)
    first = learning.learn(app)
    path = app.home / "models" / first.learned.id / "settings.json"
    kept = path.read_bytes()
    again = learning.learn(app)
    assert again.learned.id == first.learned.id, "the same decisions give the same model"
    assert not again.promoted
    assert "相同" in again.verdict
    assert path.read_bytes() == kept, "the comparison that spoke for it stays"
    assert path.parent.parent.stat().st_mode & 0o077 == 0
    # People dismissed all of a board, and of late confirm some of it: to go on dismissing would lose those.
    learning.use(app.home, "shipped", at=app.clock.now())
    Label.objects.filter(post__board_name="灌水专区").update(decided="yes")
    Label.objects.filter(post__board_name="百姓话题", post__pk__lte=Post.objects.first().pk + 36).update(decided="no")  # type: ignore[union-attr]
    worse = learning.learn(app)
    assert not worse.promoted
    assert learning.in_use_id(app.home) == "shipped"
    assert worse.learned.id in learning.ids(app.home)


def test_the_last_decision_on_a_post_counts(app: App, town: Town) -> None:
    post = label(town, ASKING[0], "no", 1, "")
    Label.objects.create(post=post, field="needs_response", judged="yes", decided="yes", by="wuchen", at=at("21 10:00"))
    Label.objects.create(post=post, field="topic", judged="交通运输", decided="城乡建设", by="wuchen", at=at("21 11:00"))
    (row,) = learning.decisions()
    assert (row.label, row.by, row.text.id) == (1, "wuchen", post.ref)


def test_moves_of_triage_become_decisions_and_undo_takes_them_back(app: App, town: Town) -> None:
    confirmed, dismissed, undone = (town.alert(f"第 {n} 处水管爆裂") for n in range(3))
    triage.assign(confirmed.pk, town.linxiao, now=at("20:00"))
    triage.dismiss(dismissed.pk, town.wuchen, reason="表扬，无请求", now=at("20:01"))
    triage.dismiss(undone.pk, town.wuchen, reason="表扬，无请求", now=at("20:02"))
    triage.undo(undone.pk, town.wuchen, now=at("20:03"))
    assert {(row.text.id, row.label, row.by) for row in learning.decisions()} == {
        (Alert.objects.get(pk=confirmed.pk).anchor.ref, 1, "linxiao"),
        (Alert.objects.get(pk=dismissed.pk).anchor.ref, 0, "wuchen"),
    }
    assert Person.objects.count() == 8


def test_a_running_engine_takes_the_switch_and_goes_back(app: App) -> None:
    learned = learned_of(app)
    rounds = Rounds(app)
    shipped = rounds.judge
    assert rounds.judge is shipped
    text = Text(id="1", title=DULL[0], board="灌水专区")
    assert learning.use(app.home, learned.id, at=app.clock.now()) == "shipped"
    switched = rounds.judge
    assert switched.version == f"{shipped.version}+{learned.id}"
    before, after = shipped.assess([text])[0], switched.assess([text])[0]
    assert after.threshold == 0.9
    assert after.needs_response < before.needs_response
    assert learning.use(app.home, "shipped", at=app.clock.now()) == learned.id
    assert rounds.judge.assess([text])[0] == before
    history = [json.loads(line) for line in (app.home / "models" / "history.jsonl").read_text().splitlines()]
    assert [(row["use"], row["was"]) for row in history] == [(learned.id, "shipped"), ("shipped", learned.id)]


def test_models_lists_switches_and_refuses_the_unknown(app: App) -> None:
    learned = learned_of(app)
    found = run(app, "models", "--use", learned.id, "--json")
    assert found.exit_code == 0, found.output
    rows = {row["id"]: row for row in map(json.loads, found.stdout.splitlines())}
    assert {name: row["in_use"] for name, row in rows.items()} == {"shipped": False, learned.id: True}
    assert rows[learned.id]["threshold"] == 0.6
    unknown = run(app, "models", "--use", "../x")
    assert unknown.exit_code == 2
    assert learned.id in unknown.stderr
    assert run(app, "models", "--use", "shipped").exit_code == 0
    assert learning.in_use(app.home) is None


def test_thresholds_written_by_a_person_stand_above_what_was_learned(app: App) -> None:
    learned = learned_of(app)
    assert learning.settings_with(JudgeSettings(), learned).board_thresholds == {"灌水专区": 0.9}
    by_hand = learning.settings_with(JudgeSettings(board_thresholds={"灌水专区": 0.7, "x": 0.5}), learned)
    assert (by_hand.threshold, by_hand.board_thresholds) == (0.6, {"灌水专区": 0.7, "x": 0.5})
    fixed = learning.settings_with(JudgeSettings(threshold=0.4), learned)
    assert (fixed.threshold, fixed.board_thresholds) == (0.4, {})


def test_settings_over_other_weights_are_set_aside(app: App, caplog: pytest.LogCaptureFixture) -> None:
    learned = learned_of(app, weights="huiying-judge-0.older")
    learning.use(app.home, learned.id, at=app.clock.now())
    judge = learning.chosen_judge(app.pipelines, app.config_dir, app.home)
    assert judge.version == Model.load().version
    assert "run huiying train" in caplog.text
    shipped, old = learning.models_rows(app)
    assert shipped["in_use"]
    assert not old["in_use"]
    assert "重训" in old["note"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"weights":"x"}', '{"threshold": 7}', "\udc80"])
def test_damaged_settings_do_not_stop_the_judging(app: App, content: str, caplog: pytest.LogCaptureFixture) -> None:
    learned = learned_of(app)
    learning.use(app.home, learned.id, at=app.clock.now())
    path = app.home / "models" / learned.id / "settings.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(HomeError, match="--use shipped"):
        learning.in_use(app.home)
    assert learning.chosen_judge(app.pipelines, app.config_dir, app.home).version == Model.load().version
    assert "--use shipped" in caplog.text
    assert [row["in_use"] for row in learning.models_rows(app)] == [True, False]


@pytest.mark.parametrize("choice", [b"../../etc\n", b"\xff\x00", "模型".encode(), b"a" * 99])
def test_a_damaged_choice_names_no_file_outside(app: App, choice: bytes) -> None:
    learned_of(app)
    (app.home / "models" / "in-use").write_bytes(choice)
    with pytest.raises(HomeError, match="no id of a model"):
        learning.in_use(app.home)
    with pytest.raises(ValueError, match="outside"):
        learning._read_settings({"weights": "", "made_at": "", "offset": 99, "threshold": 0.5, "board_thresholds": {}}, "x")
    assert replace(learned_of(app), better=True).better


@pytest.mark.slow
def test_evaluate_prints_figures_and_only_people_see_texts(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    lines = [
        json.dumps({"id": f"{kind}{number}", "title": title, "body": "", "needs_response": kind == "p", "source": kind}, ensure_ascii=False)
        for kind, titles in (("p", ASKING), ("n", DULL))
        for number, title in enumerate(titles)
    ]
    file.write_text("\n".join([*lines, "broken"]), encoding="utf-8")
    # No home: `evaluate` neither makes nor needs one.
    home = str(tmp_path / "none")
    told = CliRunner().invoke(huiying, ["--home", home, "evaluate", str(file), "--budget", "5"])
    assert told.exit_code == 1
    assert "labelled.jsonl:11" in told.stderr
    assert "合计" in told.stdout
    assert any(title in told.stdout for title in DULL), "the worst errors are there to read"
    found = CliRunner().invoke(huiying, ["--home", home, "evaluate", str(file), "--json", "--recall", "1"])
    refused, n, p, total = [json.loads(line) for line in found.stdout.splitlines()]
    assert refused["line"] == 11
    assert (n["source"], p["source"], total["source"], total["n"]) == ("n", "p", "total", 10)
    assert total["for_recall"]["recall"] == 1.0
    assert not any(title in found.stdout + found.stderr for title in (*ASKING, *DULL))
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_evaluate_of_nothing_usable_is_no_figure(tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text("\n", encoding="utf-8")
    found = CliRunner().invoke(huiying, ["--home", str(tmp_path / "none"), "evaluate", str(file)])
    assert found.exit_code == 1
    assert "没有一行可用" in found.stderr
