"""设置, read only: what the check finds, then each key of pipelines.yaml with its line, value and meaning."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dashboards import clock, trail, wiring
from dashboards.rights import page
from dashboards.wiring import Setting
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
    }
    return render(request, "dashboards/settings.html", context)


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
