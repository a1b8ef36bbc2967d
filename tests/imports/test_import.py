from __future__ import annotations

import stat
from pathlib import Path

import pytest

from huiying.imports import ImportFailed
from store.clock import iso, parse_instant
from store.models import BoardHealth, Counter, Edit, Post, Thread
from store.watermark import changed_posts
from tests.imports.tables import HEADER, NOW, ROWS, csv_text, json_lines, run, save

pytestmark = pytest.mark.django_db


def bodies() -> list[str]:
    return list(Post.objects.order_by("pid").values_list("body", flat=True))


def test_a_row_becomes_a_topic_and_its_answer_an_official_reply(tmp_path: Path):
    report = run(save(tmp_path / "a.csv", csv_text()), tmp_path)
    assert (report.rows, report.taken, report.repeated, report.refused, report.refused_file) == (3, 3, 0, 0, None)
    topic, answer = Post.objects.get(pid="GD001"), Post.objects.get(pid="GD001-a")
    assert (topic.title, topic.body, topic.kind, topic.official) == ("水管爆了", "人民路口水管爆了，电话 <号码>", "topic", False)
    assert (iso(topic.posted_at), topic.precision) == ("2026-11-21T09:15:00+08:00", "minute")
    assert topic.author.startswith("网友 ")
    assert (answer.kind, answer.official, answer.official_unit, answer.author) == ("reply", True, "市水务集团", "市水务集团")
    assert iso(answer.posted_at) == "2026-11-21T11:02:03+08:00"
    assert answer.thread == topic.thread
    assert (topic.source, topic.site, topic.detected_at) == ("hotline", "hotline", NOW)
    assert Post.objects.get(pid="GD003").precision == "hour"


def test_names_and_numbers_reach_the_disk_nowhere(tmp_path: Path):
    run(save(tmp_path / "a.csv", csv_text()), tmp_path)
    for row in [*Post.objects.values(), *Thread.objects.values()]:
        assert not [value for value in row.values() if isinstance(value, str) and ("138" in value or "张三" in value)]


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("a.csv", csv_text(), "utf-8"),
        ("a.csv", csv_text(), "utf-8-sig"),
        ("a.csv", csv_text(), "gbk"),
        ("a.csv", csv_text(), "utf-16"),
        ("a.csv.gz", csv_text(), "gb18030"),
        ("a.tsv", csv_text(separator="\t"), "utf-8"),
        ("a.csv", csv_text(separator=";"), "utf-8"),
        ("a.csv", "临海市 12345 热线工单\n导出时间：2026-11-22\n\n" + csv_text(), "utf-8"),
        ("a.csv", csv_text().replace("\r\n", "\n").rstrip(), "utf-8"),
        ("a.jsonl", json_lines(), "utf-8"),
        ("a.jsonl.gz", json_lines(), "gbk"),
    ],
)
def test_every_accepted_form_gives_the_same_posts(name, text, encoding, tmp_path: Path):
    report = run(save(tmp_path / name, text, encoding), tmp_path)
    assert (report.taken, report.refused) == (3, 0)
    assert bodies() == ["人民路口水管爆了，电话 <号码>", "已派人抢修", "巾山路的路灯坏了三天，\n晚上看不见", "公交 217 路总是晚点"]


def test_the_same_file_again_changes_nothing(tmp_path: Path):
    path = save(tmp_path / "a.csv", csv_text())
    run(path, tmp_path)
    before = list(Post.objects.order_by("pk").values("pid", "seq", "version", "body"))
    report = run(path, tmp_path)
    assert (report.taken, report.repeated) == (0, 3)
    assert list(Post.objects.order_by("pk").values("pid", "seq", "version", "body")) == before


def test_a_later_export_brings_the_answer_and_the_correction(tmp_path: Path):
    run(save(tmp_path / "a.csv", csv_text()), tmp_path)
    later = [ROWS[0], [*ROWS[1][:4], "已修好", "2026-11-22 10:00", "市城管局", "李四", ""], ["GD003", "", "公交 217 路晚点", *ROWS[2][3:]]]
    report = run(save(tmp_path / "b.csv", csv_text(later)), tmp_path)
    assert (report.taken, report.repeated) == (2, 1)
    assert Post.objects.get(pid="GD002-a").official_unit == "市城管局"
    assert Edit.objects.get().body == "公交 217 路总是晚点"


def test_a_row_without_id_has_the_same_one_in_every_export(tmp_path: Path):
    rows = [["", *row[1:]] for row in ROWS]
    run(save(tmp_path / "a.csv", csv_text(rows)), tmp_path)
    assert run(save(tmp_path / "b.csv", csv_text(rows[::-1])), tmp_path).repeated == 3
    assert Thread.objects.count() == 3


def test_bad_rows_are_refused_with_reasons_and_the_rest_is_taken(tmp_path: Path):
    rows = [
        *ROWS,
        ["GD004", "", "", "2026-11-21", "", "", "", "", ""],
        ["GD005", "没有时间", "x", "", "", "", "", "", "13812345678"],
        ["GD006", "答复无时间", "x", "2026-11-21", "好的", "", "", "", ""],
        ["GD007", "答复太早", "x", "2026-11-21", "好的", "2026-11-20", "", "", ""],
        ["GD001", "另一件事", "x", "2026-11-21", "", "", "", "", ""],
        ROWS[1],
        ["GD 008", "编号有空格", "x", "2026-11-21", "", "", "", "", ""],
    ]
    report = run(save(tmp_path / "a.csv", csv_text(rows)), tmp_path)
    assert (report.rows, report.taken, report.repeated, report.refused) == (10, 3, 1, 6)
    assert [reason.split("，")[0].split("；")[0] for _, reason in report.reasons] == [
        "标题和内容都是空的",
        "没有时间",
        "有答复意见",
        "答复时间 2026-11-20 早于来件时间 2026-11-21",
        "编号 GD001 与第 2 行重复",
        "编号「GD 008」里有空格、冒号",
    ]
    # GD002 has a line break in its text: rows are counted as lines of the file.
    assert [number for number, _ in report.reasons] == [6, 7, 8, 9, 10, 13]


def test_refused_rows_lie_masked_in_the_home_for_their_owner_only(tmp_path: Path):
    bad = ["GD9", "=cmd|'x'!A1", "电话 13812345678", "不知道", "", "", "", "", "13812345678"]
    report = run(save(tmp_path / "工单.csv", csv_text([bad])), tmp_path)
    assert report.refused_file is not None
    path = Path(report.refused_file)
    text = path.read_text(encoding="utf-8-sig")
    assert path == tmp_path / "imports" / "工单.csv-refused.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "138" not in text
    assert "'=cmd" in text
    assert text.splitlines()[0] == "行号,未收原因," + ",".join(HEADER)


def test_a_dry_run_writes_nothing(tmp_path: Path):
    path = save(tmp_path / "a.csv", csv_text([*ROWS, ["GD9", "x", "x", "不知道", "", "", "", "", ""]]))
    report = run(path, tmp_path, dry_run=True)
    assert (report.rows, report.taken, report.repeated, report.refused, report.refused_file) == (4, 3, 0, 1, None)
    assert not Post.objects.exists()
    assert not (tmp_path / "imports").exists()
    run(path, tmp_path)
    assert run(path, tmp_path, dry_run=True).repeated == 3


def test_an_import_that_breaks_off_leaves_nothing_and_goes_on_when_repeated(tmp_path: Path):
    path = save(tmp_path / "a.csv", csv_text([[f"GD{n}", "t", f"b{n}", "2026-11-21", "", "", "", "", ""] for n in range(1200)]))

    def stop(done: int, total: int) -> None:
        if done >= 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(path, tmp_path, progress=stop)
    assert not Post.objects.exists()
    assert not Counter.objects.filter(name="posts").exists()
    assert run(path, tmp_path).taken == 1200


def test_in_a_simulated_home_everything_is_detected_when_it_was_written(tmp_path: Path):
    rows = [[f"GD{n}", "t", f"b{n}", f"2027-01-{n:02d} 08:00", "答", f"2027-02-{n:02d} 08:00", "", "", ""] for n in (3, 1)]
    run(save(tmp_path / "a.csv", csv_text(rows)), tmp_path, simulated=True)
    run(save(tmp_path / "b.csv", csv_text([["GD2", "t", "b2", "2027-01-02 08:00", "", "", "", "", ""]])), tmp_path, simulated=True)
    assert [post.pid for post in changed_posts("engine")] == ["GD1", "GD2", "GD3", "GD1-a", "GD3-a"]
    assert [post.pid for post in changed_posts("engine", detected_by=parse_instant("2027-01-02T09:00"))] == ["GD1", "GD2"]
    assert not Post.objects.filter(backfill=True).exists()
    assert all(post.detected_at == post.posted_at for post in Post.objects.all())


def test_in_a_live_home_old_messages_of_the_first_import_are_archive(tmp_path: Path):
    old = ["GD0", "旧事", "x", "2019-01-02", "", "", "", "", ""]
    run(save(tmp_path / "a.csv", csv_text([old, *ROWS[1:]])), tmp_path)
    assert list(Post.objects.filter(backfill=True).values_list("pid", flat=True)) == ["GD0"]


def test_a_time_in_the_future_is_taken_at_the_import(tmp_path: Path):
    run(save(tmp_path / "a.csv", csv_text([["GD0", "t", "b", "2030-01-02", "", "", "", "", ""]])), tmp_path)
    assert Post.objects.get().posted_at == NOW


def test_a_crawled_forums_name_is_not_taken(tmp_path: Path):
    BoardHealth.objects.create(source="hotline", board="2", outcome="ok")
    with pytest.raises(ImportFailed, match="--source hotline-export"):
        run(save(tmp_path / "a.csv", csv_text()), tmp_path)
