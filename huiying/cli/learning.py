"""Commands about the judge itself: evaluate, train, models."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from huiying.cli.common import FINDINGS, USAGE, Shared, everywhere, say, stop
from huiying.cli.judging import asked_second, judge_in_force, second_wished

if TYPE_CHECKING:
    from nlp.evaluation.labelled import Judged


@click.command(
    "evaluate",
    help="用带标签的文件量研判：每行是 assess 的输入加 needs_response（0 或 1）和/或 topic，可加 source。\n\n"
    "例：huiying evaluate labelled.jsonl --by source --recall 0.95 --budget 20 --per-day 2000",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", type=click.Choice(["source", "board"]), default="source", show_default=True, help="分组")
@click.option("--recall", type=click.FloatRange(0, 1, min_open=True), default=0.95, show_default=True, help="想要的召回率")
@click.option("--budget", type=click.IntRange(1), help="每天看得过来的告警数")
@click.option("--per-day", type=click.IntRange(1), default=2_000, show_default=True, help="每天的帖数，与 --budget 同用")
@click.option(
    "--share", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.05, show_default=True, help="实际来帖中需回应的占比"
)
@click.option("--worst", type=click.IntRange(0), default=20, show_default=True, help="列出多少条最大的错误")
@click.option(
    "--second-reader/--no-second-reader", default=None, help="标出的和拿不准的是否再由二读看一遍；不写就同引擎，按 judge.second_reader"
)
@everywhere
def evaluate(
    shared: Shared,
    file: Path,
    by: str,
    recall: float,
    budget: int | None,
    per_day: int,
    share: float,
    worst: int,
    second_reader: bool | None,
) -> None:
    from nlp.evaluation import figures
    from nlp.evaluation.labelled import Refused, judged_lines

    rows: list[Judged] = []
    refused = 0
    judge, second = judge_in_force(shared), asked_second(second_wished(shared) if second_reader is None else second_reader)
    version = judge.version + (f"/{second.version}" if second else "")
    with file.open("rb") as source:
        for entry in judged_lines(_with_progress(source, file.stat().st_size, slow=second is not None), judge, second):
            if isinstance(entry, Refused):
                refused += 1
                if shared.json:
                    shared.row({"id": entry.id, "line": entry.line, "error": entry.error})
                else:
                    say(f"{file}:{entry.line}：{entry.error}；这一行没有算")
            else:
                rows.append(entry)
    if not rows:
        stop(FINDINGS, f'{file}：没有一行可用（拒收 {refused} 行）；每行写 {{"id","title","body","needs_response":0或1}}')
    unknown = sorted({row.topic for row in rows if row.topic} - set(judge.model.topics))
    if unknown:
        say(f"标签里有研判不认识的主题，都算错：{'、'.join(unknown[:8])}")
    wish = figures.Wish(recall=recall, budget=budget, per_day=per_day, share=share, worst=worst)
    found = figures.by_group(rows, lambda row: row.board if by == "board" else row.source, wish)
    if shared.json:
        for name, row in found:
            shared.row({by: name, **row, "model": version})
    else:
        from huiying.cli.figures import print_evaluation

        print_evaluation(list(found), rows, wish, model=version, by=by)
    if refused:
        say(f"拒收 {refused} 行")
        raise SystemExit(FINDINGS)


def _with_progress(source: BinaryIO, size: int, *, slow: bool) -> Iterator[bytes]:
    """The lines, with a bar on standard error when it is a terminal and the file is more than two seconds of reading."""
    if size < (100_000 if slow else 20_000_000) or not sys.stderr.isatty():
        yield from source
        return
    with click.progressbar(length=size, label="研判", file=sys.stderr) as bar:
        for line in source:
            bar.update(len(line))
            yield line


@click.command(
    "train",
    help="从本目录的研判决定学习：按版块定门槛，并对出厂权重作小校正；在留出的决定上更好才启用。\n\n例：huiying train",
)
@everywhere
def train(shared: Shared) -> None:
    app = shared.app()
    from huiying.learning import NotEnough, learn

    try:
        report = learn(app)
    except NotEnough as short:
        if shared.json:
            shared.row(short.row())
        stop(FINDINGS, str(short))
    if shared.json:
        for row in report.rows[:-1]:
            shared.row(row)
        shared.row({**report.rows[-1], **report.facts})
    else:
        from huiying.cli.figures import print_training

        print_training(report)
    say(report.verdict)


@click.command("models", help="列出出厂与本目录学得的模型，或换用其一。\n\n例：huiying models --use shipped")
@click.option("--use", "chosen", metavar="ID", help="换用；shipped 是出厂")
@everywhere
def models(shared: Shared, chosen: str | None) -> None:
    app = shared.app()
    from huiying.learning import UnknownModel, models_rows, use

    if chosen is not None:
        try:
            before = use(app.home, chosen, at=app.clock.now())
        except UnknownModel as error:
            stop(USAGE, str(error))
        say(f"已换用 {chosen}（此前 {before}）；以后的研判用它，已有的研判不变。退回：huiying models --use {before}")
    rows: list[dict[str, Any]] = models_rows(app)
    shared.rows(
        rows if shared.json else [{**row, "made_at": (row["made_at"] or "")[:10]} for row in rows],
        (
            ("id", "模型"),
            ("in_use", "在用"),
            ("made_at", "何时"),
            ("labels", "决定"),
            ("threshold", "门槛"),
            ("offset", "校正"),
            ("log_loss", "对数损失"),
            ("f1", "F1"),
            ("note", "说明"),
        ),
        empty="没有模型",
    )


_STATES = {"ok": "平稳", "shifted": "变了", "few": "帖太少"}
_MOVED = {"share_flagged": "提醒占比", "share_unsure": "存疑占比", "index": "概率分布"}


@click.command(
    "drift",
    help="研判是否走样：近几天各来源的提醒占比、存疑占比、把握，与此前几周相比。变了不等于错了，先看几条帖再说。\n\n"
    "例：huiying drift --days 7 --against 28",
)
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="近几天")
@click.option("--against", type=click.IntRange(1, 400), default=28, show_default=True, help="与此前几天比")
@everywhere
def drift(shared: Shared, days: int, against: int) -> None:
    app = shared.app()
    from huiying.drift import rows as drift_rows

    rows = list(drift_rows(app.clock.now(), days, against))
    shown = [
        {
            **row,
            "source": "合计" if row["source"] == "total" else row["source"],
            "state": _STATES[row["state"]],
            "moved": "、".join(_MOVED[name] for name in row["moved"]),
            **{name: f"{row[name]:.1%}" for name in row if name.startswith("share_")},
        }
        for row in rows
    ]
    shared.rows(
        rows if shared.json else shown,
        (
            ("source", "来源"),
            ("posts", "帖数"),
            ("posts_before", "此前帖数"),
            ("share_flagged", "提醒"),
            ("share_flagged_before", "此前"),
            ("share_unsure", "存疑"),
            ("share_unsure_before", "此前"),
            ("index", "偏移"),
            ("state", "情形"),
            ("moved", "变了的"),
        ),
        empty="还没有研判过的帖",
    )
    if any(row["state"] == "shifted" for row in rows):
        raise SystemExit(FINDINGS)


COMMANDS = {"evaluate": evaluate, "train": train, "models": models, "drift": drift}
