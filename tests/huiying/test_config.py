"""pipelines.yaml: what is wrong is said with file, line, key, id and what to write."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from huiying.config import SHIPPED, ConfigError, Finding, load
from huiying.config.types import read_duration, show_duration
from huiying.wire import official_accounts, policy_of
from store.records import Level


def errors_of(tmp_path: Path, text: str, **environment: str) -> list[Finding]:
    path = tmp_path / "pipelines.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, environment=environment)
    return list(caught.value.findings)


def only(findings: list[Finding], id_: str) -> Finding:
    found = [finding for finding in findings if finding.id == id_]
    assert len(found) == 1, findings
    return found[0]


def test_the_shipped_file_has_no_finding() -> None:
    loaded = load(SHIPPED, environment={})
    assert loaded.warnings == ()
    assert not any(source.enabled for source in loaded.pipelines.sources.values()), "every real source is shipped disabled"


def test_a_wrong_duration_names_line_key_and_form(tmp_path: Path) -> None:
    finding = only(errors_of(tmp_path, "extends: shipped\nsla:\n  target: 3hours\n"), "C012")
    assert str(finding) == "pipelines.yaml:3: sla.target: '3hours' is not a duration; write 3h, 90m or 45s [C012]"


def test_all_errors_are_said_at_once(tmp_path: Path) -> None:
    found = {finding.id for finding in errors_of(tmp_path, "extends: shipped\nslaa: {}\nsla: {clock: seen}\nweb: {port: 99999999}\n")}
    assert found == {"C004", "C013", "C010"}


def test_an_unknown_key_is_answered_with_the_nearest(tmp_path: Path) -> None:
    finding = only(errors_of(tmp_path, "extends: shipped\nsla:\n  tarhet: 3h\n"), "C004")
    assert (finding.line, finding.key, finding.hint) == (3, "sla.tarhet", "did you mean target?")


def test_a_key_that_stands_twice_is_an_error_with_both_lines(tmp_path: Path) -> None:
    finding = only(errors_of(tmp_path, "extends: shipped\nsla: {target: 3h}\nsla: {target: 4h}\n"), "C003")
    assert finding.line == 3
    assert "line 2" in finding.message


@pytest.mark.parametrize("text", ["sla: [", "\t- x", "a: b: c"])
def test_what_is_not_yaml_names_its_line(tmp_path: Path, text: str) -> None:
    assert only(errors_of(tmp_path, text), "C002").line is not None


def test_a_file_that_is_not_there_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read .*--config.* \[C001\]"):
        load(tmp_path / "none.yaml")


def test_a_binary_file_is_no_configuration(tmp_path: Path) -> None:
    path = tmp_path / "pipelines.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigError, match=r"not UTF-8.*\[C002\]"):
        load(path)


@pytest.mark.parametrize(
    ("text", "seconds"), [("7:30", None), ("3h", 10800), ("1h30m", 5400), ("+15m", 900), ("0", 0), ("-1h", None), ("", None)]
)
def test_durations(text: str, seconds: int | None) -> None:
    if seconds is None:
        with pytest.raises(Exception, match="is not a duration"):
            read_duration(text)
    else:
        assert read_duration(text) == timedelta(seconds=seconds)
        assert read_duration(show_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_numbers_of_yaml_stay_text(tmp_path: Path) -> None:
    """`0123` is no octal number, `7:30` no 450, `on` no True."""
    path = tmp_path / "pipelines.yaml"
    path.write_text(
        "extends: shipped\ndigest: {draft_at: 7:30}\nsources:\n"
        "  a:\n    url: http://127.0.0.1/\n    guide: on\n    official: {0123: 市水务集团}\n",
        encoding="utf-8",
    )
    pipelines = load(path, environment={}).pipelines
    assert pipelines.digest.draft_at.strftime("%H:%M") == "07:30"
    assert official_accounts(pipelines) == {("a", "0123"): "市水务集团"}


def test_a_missing_secret_is_a_warning_that_names_the_variable(tmp_path: Path) -> None:
    path = tmp_path / "pipelines.yaml"
    path.write_text("extends: shipped\nchannels:\n  email:\n    host: mail.example.org\n    password: ${SMTP_PASSWORD}\n", encoding="utf-8")
    loaded = load(path, environment={})
    assert [finding.id for finding in loaded.warnings] == ["C030"]
    assert "export SMTP_PASSWORD" in loaded.warnings[0].hint
    assert load(path, environment={"SMTP_PASSWORD": "x"}).pipelines.channels.email.password == "x"


def test_units_may_be_a_table_beside_it(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("name,short,kind,town\n市网络诉求办,,office,\n县水务局,水务,,\n", encoding="utf-8")
    path = tmp_path / "pipelines.yaml"
    path.write_text("units: units.csv\n", encoding="utf-8")
    assert [unit.name for unit in load(path, environment={}).pipelines.units] == ["市网络诉求办", "县水务局"]
    (tmp_path / "units.csv").write_text("name,kind\n县水务局,ministry\n", encoding="utf-8")
    finding = only(errors_of(tmp_path, "units: units.csv\n"), "C013")
    assert (finding.file, finding.line) == ("units.csv", 2)


def test_a_name_that_points_nowhere_is_said(tmp_path: Path) -> None:
    text = "extends: shipped\nsources:\n  a:\n    url: http://127.0.0.1/\n    official: {'7': 市水务集圈}\n"
    finding = only(errors_of(tmp_path, text), "C020")
    assert (finding.line, finding.hint) == (5, "did you mean 市水务集团?")


def test_a_ladder_out_of_order_is_an_error(tmp_path: Path) -> None:
    text = "extends: shipped\nladders:\n  ordinary:\n    levels: [3, 4]\n    rungs:\n      - {after: 2h}\n      - {after: 1h}\n"
    assert only(errors_of(tmp_path, text), "C025").line == 7


def test_a_user_agent_that_trips_the_mobile_page_is_an_error(tmp_path: Path) -> None:
    assert only(errors_of(tmp_path, "extends: shipped\ncrawl: {user_agent: scrapy-based}\n"), "C028").key == "crawl.user_agent"


def test_extending_in_a_circle_is_an_error(tmp_path: Path) -> None:
    assert only(errors_of(tmp_path, "extends: pipelines.yaml\n"), "C004").key == "extends"


def test_the_policy_has_a_ladder_for_every_level() -> None:
    policy = policy_of(load(SHIPPED, environment={}).pipelines)
    assert set(policy.ladders) == set(Level)
    assert [rung.name for rung in policy.ladders[Level.IV]][:3] == ["rung-0", "rung-15m", "rung-1h"]
