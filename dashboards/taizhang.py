"""台账: the ledger that offices keep, an Excel table of 20 columns A–T, one row an alert."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from alerts.models import Alert, Evidence, Person
from alerts.policy import Policy, current
from alerts.shown import LEVELS, duration
from alerts.states import EvidenceState, label
from dashboards import figures
from dashboards.digest import excerpt
from store.clock import SHANGHAI

COLUMNS = (
    "序号", "巡查单位", "发布时间", "发布平台", "标题", "链接", "责任单位", "涉及领域", "首接人", "交办时间",
    "首回时间", "办结时间", "关注量", "跟帖数", "原贴摘要", "办结回复摘要", "线上情况", "线下情况", "原文截图", "备注",
)  # fmt: skip
INSTANTS = ("发布时间", "交办时间", "首回时间", "办结时间")
#: width of each column in characters
WIDTHS = (6, 14, 17, 14, 36, 34, 20, 16, 10, 17, 17, 17, 8, 8, 48, 48, 26, 14, 10, 36)
#: a cell that begins with one of these is read as a formula by a spreadsheet
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST = 32_000


def workbook(since: datetime, until: datetime, now: datetime, units: Collection[str] | None = None) -> tuple[int, bytes]:
    """(rows, .xlsx) of every alert that the record counts in since ≤ clock start < until; of `units` only, when given."""
    import pandas as pd
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    rows = ledger_rows(since, until, now, units)
    frame = pd.DataFrame([[row[column] for column in COLUMNS] for row in rows], columns=list(COLUMNS), dtype=object)
    out = BytesIO()
    with pd.ExcelWriter(out, engine="openpyxl") as writer:
        frame.to_excel(writer, sheet_name="台账", index=False)
        sheet = writer.sheets["台账"]
        sheet.freeze_panes = "F2"
        sheet.auto_filter.ref = sheet.dimensions
        for number, width in enumerate(WIDTHS, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        for cell in sheet[1]:
            cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center", vertical="center")
        for line in sheet.iter_rows(min_row=2):
            for cell, column in zip(line, COLUMNS, strict=True):
                cell.alignment = Alignment(vertical="top", wrap_text=column in ("标题", "原贴摘要", "办结回复摘要", "线上情况", "备注"))
                if column in INSTANTS and cell.value is not None:
                    cell.number_format = "yyyy-mm-dd hh:mm"
    return len(rows), out.getvalue()


def ledger_rows(since: datetime, until: datetime, now: datetime, units: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The rows, oldest first; every text is safe for a spreadsheet, instants are naive Asia/Shanghai (Excel knows no zones)."""
    items = sorted(figures.cohort(since, until), key=lambda item: (item.clock_start, item.pk))
    if units is not None:
        items = [item for item in items if item.unit in units]
    rules = current()
    rows: list[dict[str, Any]] = []
    people = {person.username: person.shown for person in Person.objects.all()}
    for start in range(0, len(items), 500):
        part = [item.pk for item in items[start : start + 500]]
        found = Alert.objects.select_related("anchor__thread").in_bulk(part)
        answers = _answers(part)
        for pk in part:
            if pk in found:
                rows.append(_row(len(rows) + 1, found[pk], answers.get(pk), people, rules, now))
    return rows


def _answers(alerts: Collection[int]) -> dict[int, Evidence]:
    """The newest answer of each alert that was not withdrawn or refused."""
    standing = Evidence.objects.filter(alert__in=alerts, state__in=[EvidenceState.STANDS, EvidenceState.PROVISIONAL])
    return {answer.alert_id: answer for answer in standing.select_related("post").order_by("answered_at", "id")}


def _row(number: int, alert: Alert, answer: Evidence | None, people: dict[str, str], rules: Policy, now: datetime) -> dict[str, Any]:
    post = alert.anchor
    said = (answer.text or (answer.post.body if answer.post else "")) if answer else ""
    row = {
        "序号": number,
        "巡查单位": rules.duty_unit,
        "发布时间": local(alert.posted_at),
        "发布平台": rules.site_names.get(post.site, alert.source),
        "标题": alert.title or post.title or post.thread_title,
        "链接": post.url,
        "责任单位": alert.unit or (f"（原拟 {alert.proposed_unit}）" if alert.proposed_unit else "（待研判）"),
        "涉及领域": alert.topic,
        "首接人": people.get(alert.owner, alert.owner),
        "交办时间": local(alert.dispatched_at),
        "首回时间": local(alert.answered_at),
        "办结时间": local(alert.closed_at),
        "关注量": post.thread.views,
        "跟帖数": post.thread.replies,
        "原贴摘要": excerpt(post.body, 200),
        "办结回复摘要": excerpt(said, 200),
        "线上情况": _online(alert, now),
        "线下情况": "",
        "原文截图": "",
        "备注": _remarks(alert),
    }
    return {column: safe(value) for column, value in row.items()}


def _online(alert: Alert, now: datetime) -> str:
    words = label(alert.state, unit=alert.unit, returned=alert.returned)
    if alert.answered_at is not None:
        late = alert.answered_at > alert.due_at
        return f"{words}，用时 {duration(alert.answered_at - alert.clock_start)}，{'超时' if late else '按时'}"
    if alert.due_at <= now and alert.paused_at is None:
        return f"{words}，超时 {duration(now - alert.due_at)}未回应"
    return words


def _remarks(alert: Alert) -> str:
    parts = [f"告警 {alert.pk}", LEVELS[alert.level]]
    if alert.round > 1:
        parts.append(f"第 {alert.round} 轮")
    if alert.co_units:
        parts.append(f"协办 {'、'.join(alert.co_units)}")
    if alert.breach_leg and alert.breached_at is not None:
        parts.append(f"超时主要在「{alert.breach_leg}」")
    if alert.dismiss_reason:
        parts.append(f"不需回应：{alert.dismiss_reason}")
    return "；".join(parts)


def local(moment: datetime | None) -> datetime | None:
    """Asia/Shanghai without a zone, to the minute."""
    return None if moment is None else moment.astimezone(SHANGHAI).replace(tzinfo=None, second=0, microsecond=0)


def safe(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula, without control signs and within a cell's length."""
    if not isinstance(value, str):
        return value
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST]
    # Blanks before the sign do not stop every program, so the first visible sign decides.
    return f"'{text}" if text.startswith(STARTS) or text.lstrip().startswith(STARTS) else text


def file_name(since: datetime, until: datetime) -> str:
    """`台账-20261024-20261122.xlsx`."""
    end = until - timedelta(seconds=1)
    return f"台账-{since.astimezone(SHANGHAI):%Y%m%d}-{end.astimezone(SHANGHAI):%Y%m%d}.xlsx"
