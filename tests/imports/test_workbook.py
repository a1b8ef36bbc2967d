from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from huiying.imports import ImportFailed
from store.clock import iso
from store.models import Post
from tests.imports.tables import HEADER, ROWS, run

pytestmark = pytest.mark.django_db


def workbook(path: Path, *rows: list[object], title: bool = False) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["本表由 12345 热线导出"])
    sheet = book.create_sheet("工单")
    if title:
        sheet.append(["临海市 12345 热线工单"])
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_gives_its_rows(tmp_path: Path):
    rows = [
        [20261121001, "水管爆了", "人民路口", datetime(2026, 11, 21, 9, 15), None, None, None, "张三", 13812345678],
        [None] * 9,
        ROWS[1],
    ]
    report = run(workbook(tmp_path / "a.xlsx", *rows, title=True), tmp_path)
    assert (report.rows, report.taken, report.refused) == (2, 2, 0)
    first = Post.objects.get(pid="20261121001")
    assert (iso(first.posted_at), first.precision) == ("2026-11-21T09:15:00+08:00", "second")


def test_an_excel_serial_is_a_time(tmp_path: Path):
    run(workbook(tmp_path / "a.xlsx", ["GD1", "t", "b", 46347.3854166667]), tmp_path)
    assert iso(Post.objects.get().posted_at) == "2026-11-21T09:15:00+08:00"


def test_a_formula_is_never_computed(tmp_path: Path):
    path = workbook(
        tmp_path / "a.xlsx", ["GD1", '=CONCATENATE("水管","爆了")', "人民路口", "2026-11-21"], ROWS[1], ["GD3", "t", "=1+1", "2026-11-21"]
    )
    report = run(path, tmp_path)
    assert (report.taken, report.refused) == (1, 2)
    assert report.reasons[0][0] == 2
    assert "「标题」是公式" in report.reasons[0][1]
    assert "存盘后再导入" in report.reasons[0][1]


def test_a_formula_with_its_stored_value_is_taken(tmp_path: Path):
    path = workbook(tmp_path / "a.xlsx", ["GD1", "=1+1", "人民路口", "2026-11-21"])
    stored = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(stored, "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member.endswith("sheet2.xml"):
                content = content.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
            new.writestr(member, content)
    assert run(stored, tmp_path).taken == 1
    assert Post.objects.get().title == "2"


def test_a_workbook_without_a_header_names_its_sheets(tmp_path: Path):
    book = openpyxl.Workbook()
    book.active.append(["甲", "乙"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ImportFailed, match=r"工作表 Sheet.*表头"):
        run(tmp_path / "a.xlsx", tmp_path)


def test_a_zip_that_is_no_workbook(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "x")
    with pytest.raises(ImportFailed, match="先解开"):
        run(tmp_path / "a.zip", tmp_path)


def test_a_workbook_that_was_cut_off(tmp_path: Path):
    path = workbook(tmp_path / "a.xlsx", *ROWS)
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(ImportFailed, match="不完整或已损坏"):
        run(path, tmp_path)
