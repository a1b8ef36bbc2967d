"""Commands that report: digest, ledger, record, sources."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from huiying.cli.common import ENVIRONMENT, FINDINGS, INSTANT, USAGE, Shared, everywhere, say, stop


class DayType(click.ParamType[date]):
    """A day, 2026-11-22."""

    name = "日期"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} 不是日期，写成 2026-11-22", param, ctx)


DAY = DayType()


def _written(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        stop(ENVIRONMENT, f"{out} 写不了（{error.strerror}）；换一个 --out")


@click.command("digest", help="舆情日报：当日草稿，或已归档的一期。\n\n例：huiying digest --date 2026-11-22 --format docx --out 日报.docx")
@click.option("--date", "day", type=DAY, help="哪一天的一期（默认正在编的这一期）")
@click.option("--format", "form", type=click.Choice(["html", "docx", "text", "json"]), default="text", show_default=True, help="格式")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="写到文件")
@everywhere
def digest(shared: Shared, day: date | None, form: str, out: Path | None) -> None:
    app = shared.app()
    from alerts.policy import current
    from dashboards import digest as issues
    from dashboards import digest_forms

    now, policy = app.clock.now(), current()
    found = issues.find(day or issues.today(now, policy), now, policy)
    row = {
        "number": found.number,
        "date": found.date.isoformat(),
        "draft": found.pk is None,
        "items": [{key: item.get(key) for key in ("group", "title", "url", "post")} for item in found.content["items"]],
        "file": str(out) if out else None,
    }
    if form == "docx" and out is None:
        stop(USAGE, "Word 格式要写到文件：--out 日报.docx")
    if out is not None:
        made = {
            "html": lambda: digest_forms.as_html(found, now, policy).encode(),
            "docx": lambda: digest_forms.as_docx(found, now, policy),
            "text": lambda: digest_forms.as_text(found, now, policy).encode(),
            "json": lambda: (json.dumps({**row, **found.content}, ensure_ascii=False, indent=1) + "\n").encode(),
        }[form]()
        _written(out, made)
        say(f"第 {found.number} 期{'（草稿）' if found.pk is None else ''}，{len(found.content['items'])} 条 → {out}")
    if shared.json or form == "json":
        shared.row(row)
    elif out is None:
        click.echo(digest_forms.as_html(found, now, policy) if form == "html" else digest_forms.as_text(found, now, policy))


@click.command("ledger", help="台账（Excel，20 列）。\n\n例：huiying ledger --from 2026-11-01 --to 2026-12-01 --out 台账.xlsx")
@click.option("--from", "since", type=INSTANT, required=True, help="从（发布时间）")
@click.option("--to", "until", type=INSTANT, required=True, help="到")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="写到 .xlsx")
@everywhere
def ledger(shared: Shared, since: datetime, until: datetime, out: Path) -> None:
    app = shared.app()
    from dashboards.taizhang import workbook
    from store import access

    now = app.clock.now()
    count, content = workbook(since, until, now)
    _written(out, content)
    access.record("", "", "export", "ledger", count=count, now=now)
    if shared.json:
        shared.row({"rows": count, "file": str(out)})
    say(f"{count} 行 → {out}")


@click.command("record", help="回应实录：按单位、镇街、主题、来源、级别。\n\n例：huiying record --from 2026-11-01 --by unit --json")
@click.option("--from", "since", type=INSTANT, help="从（时钟起点；默认 30 天）")
@click.option("--to", "until", type=INSTANT, help="到（默认此刻）")
@click.option("--by", type=click.Choice(["unit", "town", "topic", "source", "level"]), help="分组（默认合计）")
@everywhere
def record(shared: Shared, since: datetime | None, until: datetime | None, by: str | None) -> None:
    app = shared.app()
    from alerts.policy import current
    from alerts.shown import duration
    from dashboards import figures

    now, policy = app.clock.now(), current()
    start, end = figures.period("30d", now)
    items = figures.cohort(since or start, until or end)
    if by is None:
        rows = [figures.figures(items, now, policy.minimum_sample).row("total")]
    else:
        rows = [found.row(key) for key, found in figures.by_key(items, by, now, policy.minimum_sample)]  # type: ignore[arg-type]
    if shared.json:
        for row in rows:
            shared.row(row)
        return
    for row in rows:
        for name in ("on_time_rate", "answer_rate"):
            row[name] = "不算率" if row["too_few"] else f"{row[name]:.1%}" if row[name] is not None else ""
        for name in ("median_s", "p90_s"):
            row[name] = duration(timedelta(seconds=row[name])) if row[name] is not None else ""
    columns = (
        ("key", "组"),
        ("valid", "有效"),
        ("due", "到期"),
        ("on_time", "按时"),
        ("on_time_rate", "按时率"),
        ("answered", "已答"),
        ("answer_rate", "答复率"),
        ("median_s", "中位"),
        ("p90_s", "九成"),
        ("open_overdue", "超时未回应"),
    )
    shared.rows(rows, columns, empty="这一段没有件")


@click.command("sources", help="来源健康：每个来源与版块的状态、上次读成、该做什么。\n\n例：huiying sources --json")
@everywhere
def sources(shared: Shared) -> None:
    app = shared.app()
    from huiying.wire import configured_boards
    from store.health import sources_rows

    rows = sources_rows(app.clock.now(), configured_boards(app.pipelines))
    shared.rows(
        rows,
        (
            ("source", "来源"),
            ("board", "版块"),
            ("name", "名称"),
            ("state", "状态"),
            ("last_success", "上次读成"),
            ("last_post", "最新帖"),
            ("advice", "该做什么"),
        ),
        empty="没有配置来源",
    )
    if any(row["state"] not in ("ok", "disabled", "starting") for row in rows):
        raise SystemExit(FINDINGS)


COMMANDS = {"digest": digest, "ledger": ledger, "record": record, "sources": sources}
