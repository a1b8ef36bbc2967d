"""设置, read only: what the check finds, how the judge stands, then each key of pipelines.yaml with its line, value and meaning."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboards import clock, trail, wiring
from dashboards.reading import source_names
from dashboards.rights import page
from dashboards.wiring import JudgeFacts, Setting
from dashboards.words import hour_minute

TITLES = {
    "extends": "底本",
    "county": "地区",
    "sources": "来源",
    "crawl": "读取",
    "judge": "判别",
    "topics": "主题",
    "towns": "镇街",
    "units": "单位",
    "departments": "分工",
    "sla": "时限",
    "alerts": "告警",
    "ladders": "催办阶梯",
    "channels": "渠道",
    "messages": "消息文字",
    "digest": "日报",
    "stores": "存放",
    "retention": "留存",
    "web": "网页",
}

#: state of a row of the drift → word, look, icon
STATES = {
    "ok": ("如常", "tag-ok", "circle-check"),
    "shifted": ("变了", "tag-soon", "alert-triangle"),
    "few": ("帖少，不比", "", "circle-dashed"),
}
#: posts under which a share is not shown; from so many on the drift compares
ENOUGH = 100
MOVED = {"share_flagged": "标出的比例", "share_unsure": "拿不准的比例", "index": "把握的分布"}


@require_GET
@page("settings")
def settings_page(request: HttpRequest) -> HttpResponse:
    here = wiring.current()
    found = list(here.findings())
    sections: dict[str, list[Setting]] = {}
    for row in here.settings():
        sections.setdefault(row.section, []).append(row)
    panels: list[dict[str, object]] = [
        {"name": TITLES.get(name, name), "rows": rows, "lines": _lines(rows)} for name, rows in sections.items()
    ]
    trail.note(request, "open", "settings")
    context = {
        "findings": found,
        "errors": sum(one.severity == "error" for one in found),
        "warnings": sum(one.severity == "warning" for one in found),
        "checked_at": hour_minute(clock.now()),
        "columns": _two(panels),
        "file": here.config_path.name if here.config_path else "pipelines.yaml",
        "simulated": here.simulated,
        "judge": _judge(here.judge()),
    }
    return render(request, "dashboards/settings.html", context)


def _judge(facts: JudgeFacts | None) -> dict[str, Any] | None:
    """The block on the judge: the facts, the rows of its drift in words, and the sentence on them."""
    if facts is None:
        return None
    names = source_names()
    # with one source its sum says nothing new
    told = facts.drift if len(facts.drift) > 2 else facts.drift[:1]
    rows = [{**row, "name": "合计" if row["source"] == "total" else names.get(row["source"], row["source"])} for row in told]
    for row in rows:
        row["word"], row["look"], row["icon"] = STATES[row["state"]]
        row["what"] = "、".join(MOVED[name] for name in row["moved"])
        for name in ("share_flagged", "share_unsure"):
            row[name] = _share(row[name], row["posts"])
            row[f"{name}_before"] = _share(row[f"{name}_before"], row["posts_before"])
    return {
        "facts": facts,
        "boards": sorted(facts.boards.items()),
        "rows": rows,
        "shifted": [row["name"] for row in rows if row["state"] == "shifted" and row["source"] != "total"],
        "compared": any(row["state"] != "few" for row in rows),
        "at": hour_minute(facts.at),
    }


def _share(share: float, posts: int) -> str:
    """A share of too few posts is no figure."""
    return f"{share:.1%}" if posts >= ENOUGH else "—"


def _lines(rows: list[Setting]) -> str:
    lines = [row.line for row in rows if row.line]
    if not lines:
        return ""
    return f"第 {min(lines)} 行" if min(lines) == max(lines) else f"第 {min(lines)}–{max(lines)} 行"


def _two(panels: list[dict[str, object]]) -> list[list[dict[str, object]]]:
    """Two columns of about equal length, in the file's order within each."""
    columns: list[list[dict[str, object]]] = [[], []]
    weights = [0, 0]
    for panel in panels:
        side = 0 if weights[0] <= weights[1] else 1
        columns[side].append(panel)
        weights[side] += 2 + len(panel["rows"])  # type: ignore[arg-type]
    return columns
