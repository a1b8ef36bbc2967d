"""The moves of the ledger, as on the pages: assign, ack, return, reassign, answer, dismiss, undo, merge, split, reopen, close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from huiying.cli.common import FINDINGS, INSTANT, USAGE, Shared, everywhere, say, stop

Move = Callable[..., Any]


def _command(name: str, help_: str, *options: Callable[[Move], Move]) -> Callable[[Move], click.Command]:
    """A command `huiying NAME ID --as USER [--version N]` around a function (shared, app, now, id, **options) → alert."""

    def decorate(function: Move) -> click.Command:
        def body(shared: Shared, id: int, actor: str, version: int | None, **given: Any) -> None:
            app = shared.app()
            from alerts import ledger
            from alerts.moves.errors import Conflict, MoveError

            now = app.clock.now()
            try:
                alert = function(id, actor, version=version, now=now, **given)
            except Conflict as error:
                say(str(error))
                shared.row(ledger.row(error.alert, now)) if shared.json else None
                raise SystemExit(FINDINGS) from error
            except MoveError as error:
                stop(USAGE, str(error))
            row = ledger.row(alert, now)
            if shared.json:
                shared.row(row)
            else:
                say(f"告警 {row['id']}：{row['label']}" + (f"，{row['department']}" if row.get("department") else ""))

        wrapped: Any = everywhere(body)
        for option in reversed(options):
            wrapped = option(wrapped)
        wrapped = click.option("--version", type=int, help="看到的版本；其间有变就不做")(wrapped)
        wrapped = click.option("--as", "actor", metavar="账号", required=True, help="以谁的名义")(wrapped)
        wrapped = click.argument("id", type=int, metavar="告警号")(wrapped)
        return click.command(name, help=help_)(wrapped)

    return decorate


_UNIT = click.option("--unit", help="牵头单位（默认按研判拟定）")
_CO = click.option("--co", "co_units", multiple=True, help="协办单位，可多次")
_LEVEL = click.option("--level", type=click.IntRange(1, 4), help="改级别：1 特大 … 4 网络诉求")
_TOPIC = click.option("--topic", help="改主题")
_PLACE = click.option("--place", help="改地点")
_REASON = click.option("--reason", required=True, help="理由")


def _moves() -> Any:
    from alerts import moves

    return moves


@_command("assign", "确认并派发。\n\n例：huiying assign 17 --as wuchen --unit 市水务集团", _UNIT, _CO, _LEVEL, _TOPIC, _PLACE)
def assign(id: int, actor: str, *, version: int | None, now: datetime, **given: Any) -> Any:
    return _moves().assign(id, actor, version=version, now=now, **{key: value for key, value in given.items() if value})


@_command("ack", "签收。\n\n例：huiying ack 17 --as chenli")
def ack(id: int, actor: str, *, version: int | None, now: datetime) -> Any:
    return _moves().ack(id, actor, version=version, now=now)


@_command("return", "退回：不属本单位。\n\n例：huiying return 17 --as chenli --reason 属供电公司", _REASON)
def return_(id: int, actor: str, *, version: int | None, now: datetime, reason: str) -> Any:
    return _moves().return_(id, actor, reason=reason, version=version, now=now)


@_command(
    "reassign",
    "改派。\n\n例：huiying reassign 17 --as wuchen --unit 国网临海市供电公司",
    click.option("--unit", required=True, help="改派给"),
    _CO,
)
def reassign(id: int, actor: str, *, version: int | None, now: datetime, **given: Any) -> Any:
    return _moves().reassign(id, actor, version=version, now=now, **{key: value for key, value in given.items() if value})


@_command(
    "answer",
    "登记已有的官方回复：链接、时刻、原文；先记为待核。"
    "\n\n例：huiying answer 17 --as chenli --url https://… --at 2026-11-22T21:05 --text 已到现场…",
    click.option("--url", required=True, help="回复的链接"),
    click.option("--at", "answered_at", type=INSTANT, help="回复的时刻（默认此刻）"),
    click.option("--text", default="", help="回复原文"),
    click.option("--result", "form", flag_value="result", help="是结果回应"),
    click.option("--holding", "form", flag_value="holding", default="holding", help="是知晓性回应（默认）"),
)
def answer(
    id: int, actor: str, *, version: int | None, now: datetime, url: str, answered_at: datetime | None, text: str, form: str | None
) -> Any:
    return _moves().answer(id, actor, url=url, at=answered_at or now, text=text, form=form or "holding", version=version, now=now)


@_command(
    "dismiss",
    "不需回应，写明理由。\n\n例：huiying dismiss 17 --as wuchen --reason 买卖、招聘、广告",
    _REASON,
    click.option("--note", default="", help="理由为「其他」时的一句说明"),
)
def dismiss(id: int, actor: str, *, version: int | None, now: datetime, reason: str, note: str) -> Any:
    return _moves().dismiss(id, actor, reason=reason, note=note, version=version, now=now)


@_command("undo", "撤销（12 秒内）；不需回应可随时撤销，时限照旧。\n\n例：huiying undo 17 --as wuchen")
def undo(id: int, actor: str, *, version: int | None, now: datetime) -> Any:
    return _moves().undo(id, actor, version=version, now=now)


@_command(
    "merge",
    "并入另一告警的事件。\n\n例：huiying merge 17 --as wuchen --into 12",
    click.option("--into", type=int, required=True, help="并入的告警号"),
)
def merge(id: int, actor: str, *, version: int | None, now: datetime, into: int) -> Any:
    return _moves().merge(id, actor, into=into, version=version, now=now)


@_command("split", "从并入的事件拆出，原时限照旧。\n\n例：huiying split 17 --as wuchen")
def split(id: int, actor: str, *, version: int | None, now: datetime) -> Any:
    return _moves().split(id, actor, version=version, now=now)


@_command("reopen", "重启，轮次加一。\n\n例：huiying reopen 17 --as wuchen --reason 网民追问，问题未解决", _REASON)
def reopen(id: int, actor: str, *, version: int | None, now: datetime, reason: str) -> Any:
    return _moves().reopen(id, actor, reason=reason, version=version, now=now)


@_command("close", "办结。\n\n例：huiying close 17 --as wuchen")
def close(id: int, actor: str, *, version: int | None, now: datetime) -> Any:
    return _moves().close(id, actor, version=version, now=now)


COMMANDS = {
    "assign": assign,
    "ack": ack,
    "return": return_,
    "reassign": reassign,
    "answer": answer,
    "dismiss": dismiss,
    "undo": undo,
    "merge": merge,
    "split": split,
    "reopen": reopen,
    "close": close,
}
