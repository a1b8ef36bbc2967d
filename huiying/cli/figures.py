"""How the figures of evaluate and train are shown to people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from huiying.learning import TrainingReport
    from nlp.evaluation.figures import Wish
    from nlp.evaluation.labelled import Judged

TOTAL = "合计"


def print_evaluation(found: list[tuple[str, dict[str, Any]]], rows: Sequence[Judged], wish: Wish, *, model: str, by: str) -> None:
    """Tables by group, the curve and the thresholds of the total, and the worst errors with the beginning of their texts."""
    from nlp.evaluation.figures import worst

    console = Console(file=sys.stdout)
    console.print(f"模型 {escape(model)}；按正例占 {wish.share:.0%} 折算")
    heads = ("版块" if by == "board" else "来源", "条数", "正例", "精确", "召回", "F1", "误报", "折算精确", "校准误差")
    keys = ("n", "positives", "precision", "recall", "f1", "false_alarms", "precision_weighted", "calibration_error")
    _table(console, heads, [(_name(name), *(_figure(row[key]) for key in keys)) for name, row in found])
    ranked = [(_name(name), _interval(row["ap"]), _interval(row["auc"])) for name, row in found if row["auc"][0] is not None]
    if ranked:
        _table(console, (heads[0], "AP（95% 区间）", "AUC（95% 区间）"), ranked)
    topics = [
        (_name(name), str(row["topic_n"]), _figure(row["topic_accuracy"]), _figure(row["topic_macro_f1"]))
        for name, row in found
        if row["topic_n"]
    ]
    if topics:
        _table(console, (heads[0], "主题条数", "主题正确", "主题宏 F1"), topics)
    total = found[-1][1]
    if total["curve"]:
        console.print("校准：给出的概率与实际占比")
        _table(
            console,
            ("概率段", "条数", "平均概率", "实际占比"),
            [
                (f"{part['low']:.1f}–{part['high']:.1f}", str(part["n"]), _figure(part["mean"]), _figure(part["share"]))
                for part in total["curve"]
            ],
        )
    for line in _wishes(total, wish):
        console.print(line)
    errors = worst(rows, wish.worst)
    if errors:
        console.print(f"错得最远的 {len(errors)} 条")
        _table(
            console,
            ("号", "概率", "标签", "开头"),
            [(escape(each.id), _figure(each.score), "需回应" if each.label else "不需", escape(each.shown)) for each in errors],
        )


def _wishes(total: dict[str, Any], wish: Wish) -> list[str]:
    lines = []
    if cut := total["for_recall"]:
        lines.append(
            f"召回 {wish.recall:g}：门槛 {cut['threshold']:.4f}，误报 {cut['false_alarms']:.1%}，折算精确 {cut['precision_weighted']:.1%}"
        )
    if wish.budget is not None:
        cut = total["for_budget"]
        asked = f"每天 {wish.per_day} 帖、至多 {wish.budget} 件"
        lines.append(
            f"{asked}：门槛 {cut['threshold']:.4f}，召回 {cut['recall']:.1%}，约 {cut['flagged_weighted'] * wish.per_day:.0f} 件"
            if cut
            else f"{asked}：算不出（须两类标签都有，且最高分的一批不超过预算）"
        )
    return lines


def print_training(report: TrainingReport) -> None:
    """The comparison on held-out decisions, by board and in total, and what was learned."""
    learned, console = report.learned, Console(file=sys.stdout)
    labels = learned.labels
    console.print(f"{labels['positives']} 条确认、{labels['negatives']} 条不需回应；留出各版块最近的 {report.rows[-1]['n']} 条作比较")
    pairs = ("threshold", "log_loss", "recall", "f1")
    _table(
        console,
        ("版块", "留出", "正例", "门槛", "对数损失", "召回", "F1"),
        [
            (
                _name(row["board"]),
                str(row["n"]),
                str(row["positives"]),
                *(f"{_figure(row[f'{key}_before'], 2)}→{_figure(row[key], 2)}" for key in pairs),
            )
            for row in report.rows
        ],
    )
    boards = "，".join(f"{escape(board)} {value:.2f}" for board, value in sorted(learned.board_thresholds.items()))
    console.print(f"学得：校正 {learned.offset:+.2f}，门槛 {learned.threshold:.2f}" + (f"；{boards}" if boards else ""))


def _name(name: str) -> str:
    return TOTAL if name == "total" else escape(name)


def _figure(value: float | None, digits: int = 3) -> str:
    if value is None:
        return "—"
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def _interval(values: list[float | None]) -> str:
    return f"{_figure(values[0])}（{_figure(values[1])}–{_figure(values[2])}）"


def _table(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print()
