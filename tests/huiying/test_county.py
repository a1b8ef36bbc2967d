"""Another county by one command: found by name, its towns known to the judge, nothing overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from huiying import county
from huiying.cli.main import huiying
from huiying.config import load
from huiying.wire import judge_settings
from nlp.judge import Judge
from store.records import Text


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("仙居县", "仙居县"),
        ("仙居", "仙居县"),
        ("331024", "仙居县"),
        ("台州/仙居", "仙居县"),
        ("温岭", "温岭市"),
        ("景宁", "景宁畲族自治县"),
    ],
)
def test_a_county_is_found_by_name_short_name_or_code(asked: str, name: str) -> None:
    if asked == "景宁":
        with pytest.raises(county.CountyError, match="没有叫"):
            county.find(asked)
        asked = name
    assert county.find(asked).name == name


def test_equal_names_are_told_apart_by_what_lies_above() -> None:
    with pytest.raises(county.CountyError, match="不止一处") as error:
        county.find("朝阳区")
    assert "北京市" in str(error.value)
    assert county.find("长春/朝阳区").city == "长春市"


def test_the_judge_knows_the_other_county(home: Path) -> None:
    villages = home / "villages.csv"
    villages.write_text("code,name,town,kind\n,下张村,白塔镇,village\n", encoding="utf-8")
    done = county.set_up(home, "仙居县", villages)
    assert done["towns"] == 20
    assert done["places"] == 21
    loaded = load(home / "pipelines.yaml")
    assert loaded.pipelines.county.name == "仙居"
    assert "白塔镇" in loaded.pipelines.towns
    units = {unit.name for unit in loaded.pipelines.units}
    assert {"县住房和城乡建设局", "国网仙居县供电公司", "白塔镇"} <= units
    assert not {"大田街道", "市住房和城乡建设局"} & units
    assert loaded.pipelines.alerts.duty_unit in units
    judge = Judge.load(judge_settings(loaded.pipelines, home))
    here = judge.explain(Text(id="1", title="白塔下张村的路灯坏了半个月没人修"))
    assert {place.name for place in here.places} >= {"白塔镇", "下张村"}
    there = judge.explain(Text(id="2", title="临海大田这边又停水"))
    assert any(reason.about == "place" for reason in there.reasons)


def test_what_stands_in_the_file_is_kept(home: Path) -> None:
    path = home / "pipelines.yaml"
    path.write_text("extends: shipped\ncounty:\n  name: 甲\n", encoding="utf-8")
    with pytest.raises(county.CountyError, match="已有设置"):
        county.set_up(home, "仙居县", None)
    assert path.read_text(encoding="utf-8").count("county") == 1
    assert not (home / "gazetteer.csv").exists()


def test_a_bad_table_is_named_with_its_line(home: Path) -> None:
    table = home / "places.csv"
    table.write_text("code,name,town,kind\n,甲村,白塔镇,village\n,乙村,白塔镇,hamlet\n", encoding="utf-8")
    with pytest.raises(county.CountyError, match=r"places\.csv:3"):
        county.set_up(home, "仙居县", table)
    assert not (home / "pipelines.yaml").exists()


def test_the_command(home: Path) -> None:
    done = CliRunner().invoke(huiying, ["--home", str(home), "county", "温岭市", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["name"] == "温岭市"
    again = CliRunner().invoke(huiying, ["--home", str(home), "county", "温岭市"])
    assert again.exit_code == 2
    assert "已有" in again.output
