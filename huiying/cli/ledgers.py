"""Commands that read the ledger: alerts, alert."""

from __future__ import annotations

import click

from huiying.cli.common import FINDINGS, USAGE, Shared, everywhere, say, stop

COLUMNS = (
    ("id", "号"),
    ("left", "时间"),
    ("label", "状态"),
    ("level", "级"),
    ("topic", "主题"),
    ("department", "单位"),
    ("place", "地点"),
    ("title", "标题"),
)


@click.command("alerts", help="列出告警，剩余时间最短的在前。\n\n例：huiying alerts --overdue --json")
@click.option("--state", type=click.Choice(["OPEN", "OWNED", "ANSWERED", "CLOSED", "DISMISSED", "MERGED"]), help="状态")
@click.option("--unit", help="牵头单位")
@click.option("--overdue", is_flag=True, help="只看超时未回应")
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="至多几件")
@everywhere
def alerts(shared: Shared, state: str | None, unit: str | None, overdue: bool, limit: int) -> None:
    app = shared.app()
    from alerts import ledger
    from alerts.shown import left_words

    if unit and unit not in {one.name for one in app.pipelines.units}:
        stop(USAGE, f"没有单位「{unit}」；名称见 pipelines.yaml 的 units")
    now = app.clock.now()
    rows = ledger.rows(now=now, state=state, unit=unit, overdue=overdue, limit=limit)
    shared.rows(
        ({**row, "left": left_words(row["left_s"]) if row["left_s"] is not None else ""} if not shared.json else row for row in rows),
        COLUMNS,
        empty="没有符合的告警",
    )


@click.command("alert", help="看一条告警的全部：时限、经过、凭据、消息。\n\n例：huiying alert 17 --json")
@click.argument("id", type=int, metavar="告警号")
@everywhere
def alert(shared: Shared, id: int) -> None:
    app = shared.app()
    from alerts import ledger
    from alerts.models import Alert

    now = app.clock.now()
    found = Alert.objects.select_related("anchor", "event").filter(pk=id).first()
    if found is None:
        stop(FINDINGS, f"没有告警 {id}；huiying alerts 列出全部")
    row = ledger.detail(found, now)
    if shared.json:
        shared.row(row)
        return
    for key, value in row.items():
        if isinstance(value, list):
            say(f"{key}：{len(value)} 条")
            for entry in value:
                click.echo("  " + "  ".join(f"{name}={entry[name]}" for name in entry if entry[name] not in (None, "", [], {})))
        else:
            click.echo(f"{key}：{value}")


COMMANDS = {"alerts": alerts, "alert": alert}
