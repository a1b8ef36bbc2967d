"""Small tables of our own, written the ways offices write them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huiying.imports import ImportReport, import_file
from store.clock import FixedClock
from store.intake import StoreSink

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HEADER = ["工单编号", "标题", "内容", "来电时间", "答复意见", "答复时间", "承办单位", "来电人", "联系电话"]
ROWS = [
    [
        "GD001",
        "水管爆了",
        "人民路口水管爆了，电话 13812345678",
        "2026/11/21 9:15",
        "已派人抢修",
        "2026/11/21 11:02:03",
        "市水务集团",
        "张三",
        "13812345678",
    ],
    ["GD002", "路灯不亮", "巾山路的路灯坏了三天，\n晚上看不见", "2026-11-21 20:30:00", "", "", "", "李四", "0576-85123456"],
    ["GD003", "", "公交 217 路总是晚点", "2026年11月22日 8点", "", "", "", "", ""],
]


def csv_text(rows: Sequence[Sequence[str]] = ROWS, header: Sequence[str] = HEADER, separator: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=separator).writerows([header, *rows])
    return file.getvalue()


def save(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    """Write a file; gzipped when its name says so."""
    raw = content.encode(encoding) if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


def json_lines(rows: Sequence[Sequence[str]] = ROWS) -> str:
    return "".join(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)


def run(path: Path, home: Path, **options: Any) -> ImportReport:
    """Import at noon of 22 November into the home."""
    return import_file(
        path,
        sink=StoreSink(home_key="k"),
        home=home,
        clock=FixedClock(NOW),
        **{"source": "hotline", **options},
    )
