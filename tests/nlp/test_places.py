from __future__ import annotations

from pathlib import Path

import pytest

from nlp.judge import Judge
from nlp.settings import JudgeSettings
from store.records import PlaceMention, Text


def places(judge: Judge, title: str, body: str = "") -> dict[str, PlaceMention]:
    return {place.name: place for place in judge.explain(Text(id="1", title=title, body=body)).places}


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("杜桥镇眼镜城门口的路灯不亮", {"杜桥镇", "眼镜城"}),
        ("杜桥的公交太少了", {"杜桥镇"}),
        ("紫阳街地砖松动", {"紫阳街", "古城街道"}),
        ("白水洋那边停水", {"白水洋镇"}),
        ("东方大道堵车", {"东方大道", "大洋街道"}),
        ("今天天气真好", set()),
    ],
)
def test_places_by_full_and_short_names(judge: Judge, title: str, wanted: set[str]) -> None:
    assert set(places(judge, title)) == wanted


def test_a_village_of_several_towns_is_settled_by_the_town_beside_it(judge: Judge) -> None:
    gazetteer = judge._gazetteer
    double = next(word for word, rows in gazetteer._places.items() if len({row.town for row in rows}) > 1)
    town = gazetteer._places[double][0].town
    found = places(judge, f"{town}{double}没水")
    assert found[double].town == town
    assert found[double].probability > max(place.probability for place in places(judge, f"{double}没水").values() if place.name == double)


def test_another_county_is_a_file_and_a_name(tmp_path: Path) -> None:
    table = tmp_path / "places.csv"
    table.write_text("code,name,town,kind\n330381001000,飞云街道,飞云街道,town\n", encoding="utf-8")
    judge = Judge.load(JudgeSettings(gazetteer=table, county=("瑞安市", "瑞安", "温州市", "温州")))
    assert [place.name for place in judge.explain(Text(id="1", title="瑞安飞云停水了")).places] == ["飞云街道"]
    assert any(reason.about == "place" for reason in judge.explain(Text(id="1", title="临海停水了")).reasons)
    assert not any(reason.about == "place" for reason in judge.explain(Text(id="1", title="瑞安停水了")).reasons)
