"""The ledger: twenty columns, Shanghai times, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dashboards.taizhang import COLUMNS, safe, workbook
from tests.alerts.town import ECOLOGY, WATER, at
from tests.dashboards.month import Month

SINCE, UNTIL, NOW = at("01 00:00"), at("22 21:38"), at("21:38")


def test_safe_cells() -> None:
    for text in ("=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "\n=1"):
        assert safe(text).startswith("'")
    assert safe("水管\x00爆\x0b裂") == "水管爆裂"
    assert safe("1=1") == "1=1"
    assert safe(7) == 7


@pytest.mark.slow
def test_the_workbook_opens_with_its_columns_and_rows(month: Month) -> None:
    month.alert(WATER, day=22, hour=18, answered=30, title='=HYPERLINK("http://x","点")', body="@停水\x0b三小时")
    count, content = workbook(SINCE, UNTIL, NOW)
    sheet = load_workbook(io.BytesIO(content))["台账"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == COLUMNS
    assert len(COLUMNS) == 20
    assert len(rows) == count + 1 == 33
    by_name = [dict(zip(COLUMNS, row, strict=True)) for row in rows[1:]]
    assert [row["序号"] for row in by_name] == list(range(1, count + 1))
    hostile = next(row for row in by_name if "HYPERLINK" in str(row["标题"]))
    assert hostile["标题"].startswith("'=")
    assert hostile["原贴摘要"] == "'@停水 三小时" or hostile["原贴摘要"].startswith("'@")
    assert hostile["发布时间"] == datetime(2026, 11, 22, 18, 0)  # Asia/Shanghai, as on the wall
    assert hostile["首回时间"] == datetime(2026, 11, 22, 18, 30)
    assert hostile["责任单位"] == WATER
    assert "30 分，按时" in hostile["线上情况"]
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


@pytest.mark.slow
def test_only_of_some_units(month: Month) -> None:
    count, _ = workbook(SINCE, UNTIL, NOW, [ECOLOGY])
    assert count == 6


@pytest.mark.slow
def test_an_empty_ledger_still_has_its_head(month: Month) -> None:
    count, content = workbook(at("01 00:00"), at("01 00:00") + timedelta(seconds=1), NOW)
    assert count == 0
    assert next(load_workbook(io.BytesIO(content))["台账"].iter_rows(values_only=True)) == COLUMNS


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_reads_texts_and_runs_no_formula(month: Month, tmp_path: Path) -> None:
    month.alert(WATER, day=22, hour=18, answered=30, title="=2*21", body="+3停水")
    _, content = workbook(SINCE, UNTIL, NOW)
    book = tmp_path / "taizhang.xlsx"
    book.write_bytes(content)
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76",
        "--outdir",
        str(tmp_path),
        str(book),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "taizhang.csv").read_text(encoding="utf-8"))))
    titles = [row["标题"] for row in rows]
    assert "'=2*21" in titles
    assert "42" not in titles
