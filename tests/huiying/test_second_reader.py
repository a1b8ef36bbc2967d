"""The second reader in the engine, in the findings and on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import policy
from huiying import checks
from huiying.app import App
from huiying.checks import check_all
from huiying.config import load
from huiying.rounds import Rounds
from huiying.wire import policy_of
from nlp import second_reader
from nlp.second_reader import SecondReader
from nlp.training.sources import heldout_rows
from store.clock import FixedClock
from store.models import Assessment
from tests.alerts.town import Town, at

ROOT = Path(__file__).resolve().parents[2]


def home_with(folder: Path, judge: str) -> Path:
    path = folder / "home" / "pipelines.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(f"extends: shipped\njudge: {{{judge}}}\n", encoding="utf-8")
    return path


@pytest.fixture
def kept_policy() -> Iterator[None]:
    before = policy._current
    yield
    policy._current = before


def app_with(folder: Path, judge: str) -> App:
    loaded = load(home_with(folder, judge))
    policy.use(policy_of(loaded.pipelines))
    return App(home=loaded.path.parent, loaded=loaded, clock=FixedClock(at("20:12")), simulated=False)


def judged(app: App, many: int = 40) -> tuple[int, list[Assessment]]:
    """So many held-out titles as new posts, and what a round of the engine made of them."""
    town = Town()
    for row in [row for row in heldout_rows() if row["title"]][:many]:
        town.post(str(row["title"]), flag=False, body=str(row["body"]))
    Assessment.objects.all().delete()
    return Rounds(app).round().assessed, list(Assessment.objects.select_related("post").order_by("post__seq"))


def test_the_engine_reads_the_doubtful_again_and_the_record_says_so(db: None, kept_policy: None, tmp_path: Path) -> None:
    app = app_with(tmp_path, "second_reader: on")
    assessed, rows = judged(app)
    again = [row for row in rows if "/" in row.model]
    assert assessed == len(rows)
    assert 3 <= len(again) < len(rows)
    assert {row.model.partition("/")[2] for row in again} == {SecondReader.load().version}
    lines = [reason["text"] for row in again if row.flag for reason in row.reasons if reason["text"].startswith("二读：")]
    assert 3 <= len(lines) <= sum(row.flag for row in again)
    # who looks at a post whose probability was moved is told so, flagged or not
    told = [Rounds(app).in_force.told(row.post)["reasons"] for row in again if not row.flag]
    assert any(reason["text"].startswith("二读：") for reasons in told for reason in reasons)


@pytest.mark.parametrize("judge", ["second_reader: off", "second_reader: on, second_reader_time: 0s"])
def test_without_leave_or_without_time_nothing_is_read_again(db: None, kept_policy: None, tmp_path: Path, judge: str) -> None:
    assessed, rows = judged(app_with(tmp_path, judge))
    assert assessed == len(rows) == 40
    assert not any("/" in row.model for row in rows)


def test_where_its_weights_are_spoilt_the_engine_judges_as_ever_and_logs_it(
    db: None, kept_policy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(second_reader, "SHIPPED", tmp_path)
    assessed, rows = judged(app_with(tmp_path, "second_reader: on"), many=10)
    assert assessed == len(rows) == 10
    assert not any("/" in row.model for row in rows)
    assert [record.message for record in caplog.records if "second.json" in record.message]


def findings(path: Path) -> dict[str, str]:
    return {
        one.id: f"{one.severity}: {one.message} {one.hint}" for one in check_all(path.parent / "none", path) if one.id in ("C046", "C047")
    }


def test_check_names_it_or_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(home_with(tmp_path / "on", "second_reader: on"))
    assert list(found) == ["C047"]
    assert SecondReader.load().version in found["C047"]
    assert findings(home_with(tmp_path / "off", "second_reader: off")) == {}
    checks._read_by.cache_clear()
    monkeypatch.setattr(second_reader, "SHIPPED", tmp_path)
    found = findings(home_with(tmp_path / "spoilt", "second_reader: on"))
    checks._read_by.cache_clear()
    assert list(found) == ["C046"]
    assert found["C046"].startswith("warning: no second reader: ")
    assert "second.json" in found["C046"]


def assess(*options: str, spoilt: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`huiying assess` over 60 held-out posts in a process of its own, the second reader's weights looked for elsewhere if asked for."""
    lines = "".join(json.dumps({"id": row["id"], "title": row["title"], "body": row["body"]}) + "\n" for row in heldout_rows()[:60])
    moved = f"import nlp.second_reader, pathlib; nlp.second_reader.SHIPPED = pathlib.Path({str(spoilt)!r}); " if spoilt else ""
    program = f"import sys; {moved}sys.argv = ['huiying', 'assess', *sys.argv[1:]]; from huiying.cli.main import entry; entry()"
    return subprocess.run([sys.executable, "-c", program, *options], input=lines, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.mark.slow
def test_assess_reads_twice_only_where_it_is_asked_for() -> None:
    plain, asked = assess(), assess("--second-reader")
    assert (plain.returncode, asked.returncode) == (0, 0)
    assert not any("/" in json.loads(line)["model"] for line in plain.stdout.splitlines())
    assert sum("/" in json.loads(line)["model"] for line in asked.stdout.splitlines()) >= 5


@pytest.mark.slow
def test_assess_says_what_is_wrong_with_its_weights(tmp_path: Path) -> None:
    refused = assess("--second-reader", spoilt=tmp_path)
    assert refused.returncode == 3
    assert refused.stdout == ""
    assert "second.json" in refused.stderr
    assert assess(spoilt=tmp_path).returncode == 0


@pytest.mark.slow
def test_evaluate_reads_twice_as_the_engine_would(tmp_path: Path) -> None:
    path = tmp_path / "labelled.jsonl"
    rows = [{key: row[key] for key in ("id", "title", "body", "needs_response")} for row in heldout_rows()[:60]]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = home_with(tmp_path, "second_reader: off")

    def model(*options: str) -> str:
        command = [sys.executable, "-m", "huiying", "evaluate", str(path), "--json", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        return str(json.loads(done.stdout.splitlines()[-1])["model"])

    assert "/" in model("--home", str(tmp_path / "none"))
    assert "/" not in model("--home", str(tmp_path / "none"), "--no-second-reader")
    assert "/" not in model("--config", str(config))
    assert "/" in model("--config", str(config), "--second-reader")
