"""Each says what, where, what to do; nothing is written."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from huiying.imports import ImportFailed
from store.models import Post
from tests.imports.tables import ROWS, csv_text, json_lines, run, save

pytestmark = pytest.mark.django_db

WHOLE = csv_text().encode()


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.csv", b"", "空文件"),
        ("a.csv", b"\xef\xbb\xbf\r\n  \r\n", "空文件"),
        ("a.pdf", b"%PDF-1.7 \x00", "PDF"),
        ("a.bin", bytes(range(256)) * 20, "不是文字"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "另存为 .xlsx"),
        ("a.csv", WHOLE + b"GD9,\xff\xfe\xfd\x00\x01", "第 6 行附近不是文字"),
        ("a.csv", csv_text().encode("gbk") + b"GD9,\xff\xff\xff", "第 6 行附近不是文字"),
        ("a.csv", (csv_text() + 'GD9,t,"没有写完').encode(), "第 6 行起有一个引号"),
        ("a.csv", (csv_text() + 'GD9,t,"').encode(), "第 6 行起有一个引号"),
        ("a.csv", "只有一句话，没有表".encode(), "找不到 title"),
        ("a.jsonl", b'{"a": 1}\n', "表头是：a"),
        ("a.zip", b"PK\x03\x04" + bytes(100), "损坏"),
    ],
)
def test_a_file_that_is_no_table(name, content, complaint, tmp_path: Path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImportFailed, match=complaint) as caught:
        run(path, tmp_path)
    assert str(path) in str(caught.value)
    assert not Post.objects.exists()


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(ImportFailed, match="打不开"):
        run(tmp_path / "none.csv", tmp_path)
    with pytest.raises(ImportFailed, match="打不开"):
        run(tmp_path, tmp_path)


def test_a_gzip_that_was_cut_off(tmp_path: Path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(os.urandom(5000))[:-2000])
    with pytest.raises(ImportFailed, match="压缩文件不完整"):
        run(path, tmp_path)
    assert not list((tmp_path / "cache").iterdir())


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huiying.imports.reading.UNFOLDED_LIMIT", 1 << 20)
    path = save(tmp_path / "a.csv.gz", b"a" * (3 << 20))
    with pytest.raises(ImportFailed, match="分成几份"):
        run(path, tmp_path)


def test_broken_rows_among_good_ones(tmp_path: Path):
    text = csv_text() + "GD7,t,b,2026-11-21,,,,,,多,余\r\nGD8,断了\r\nGD9,t,b,2026-11-21,,,,,\r\n,,,,,,,,\r\n\r\n"
    report = run(save(tmp_path / "a.csv", text), tmp_path)
    assert (report.rows, report.taken, report.refused) == (6, 4, 2)
    assert [(number, reason[:6]) for number, reason in report.reasons] == [(6, "有 11 格"), (7, "只有 2 格")]


def test_broken_json_lines_among_good_ones(tmp_path: Path):
    text = json_lines() + '{"工单编号": "GD8", \n[1]\n' + json_lines([["GD9", *ROWS[0][1:]]])
    report = run(save(tmp_path / "a.jsonl", text), tmp_path)
    assert (report.rows, report.taken, report.refused) == (6, 4, 2)
    assert [number for number, _ in report.reasons] == [4, 5]
    assert "不是有效的 JSON" in report.reasons[0][1]


def test_a_line_of_a_megabyte_is_taken_bounded(tmp_path: Path):
    report = run(save(tmp_path / "a.csv", csv_text([["GD9", "t", "水" * 400_000, "2026-11-21", "", "", "", "", ""]])), tmp_path)
    assert report.taken == 1
    assert len(Post.objects.get().body) < 61_000
