from __future__ import annotations

from pathlib import Path

import pytest

from huiying.imports import ImportFailed
from huiying.imports.columns import find_columns, read_mapping


@pytest.mark.parametrize(
    "header",
    [
        ["留言编号", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"],
        ["工单编号", "标题", "来电时间", "诉求内容", "区域"],
        [" 编号 ", "*主题（必填）", "受理时间", "内容[限500字]"],
        ["id", "Title", "posted_at", "body"],
    ],
)
def test_headers_of_hotlines_and_mailboxes_are_known(header):
    columns = find_columns(header)
    assert all(columns.of[field] for field in ("id", "title", "body", "posted_at"))


def test_the_more_telling_column_comes_first_and_an_empty_one_gives_way():
    columns = find_columns(["编号", "工单编号", "内容", "受理时间", "来电时间"])
    row = {"编号": "1", "工单编号": "GD1", "受理时间": "b", "来电时间": ""}
    assert columns.cell(row, "id") == "GD1"
    assert columns.cell(row, "posted_at") == "b"


def test_a_table_without_time_or_text_is_refused_with_its_header():
    with pytest.raises(ImportFailed, match=r"posted_at.*表头是：编号、内容.*--mapping"):
        find_columns(["编号", "内容"])
    with pytest.raises(ImportFailed, match="title"):
        find_columns(["编号", "来电时间"])


def test_the_operators_mapping_comes_first(tmp_path: Path):
    path = tmp_path / "map.yaml"
    path.write_text("title: 事由\nbody: [经过, 补充]\nposted_at: 何时\n", encoding="utf-8")
    columns = find_columns(["事由", "经过", "补充", "何时"], read_mapping(path))
    assert columns.cell({"经过": "", "补充": "x"}, "body") == "x"
    path = tmp_path / "map.json"
    path.write_text('{"title": "事由", "posted_at": "何时"}', encoding="utf-8")
    assert find_columns(["事由", "何时"], read_mapping(path)).of["title"] == ("事由",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("titel: 事由\n", "titel.*可写"),
        ("- a\n", "字段: 列名"),
        ("a: [b\n", "YAML"),
        ("title: 没有的列\nposted_at: 何时\n", "没有的列.*表头是"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(text, complaint, tmp_path: Path):
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ImportFailed, match=complaint):
        find_columns(["事由", "何时"], read_mapping(path))
