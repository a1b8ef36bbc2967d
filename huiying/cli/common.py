"""What every command shares: options, home, output, exit codes."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from store.clock import FixedClock, SystemClock, parse_instant

if TYPE_CHECKING:
    from huiying.app import App

DONE, FINDINGS, USAGE, ENVIRONMENT = 0, 1, 2, 3


class InstantType(click.ParamType[datetime]):
    """An ISO 8601 instant; without an offset it is Asia/Shanghai; a bare date is its midnight."""

    name = "T"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_instant(value)
        except ValueError:
            self.fail(f"{value!r} 不是时刻，写成 2026-11-22T09:15:00+08:00 或 2026-11-22", param, ctx)


INSTANT = InstantType()


@dataclass
class Shared:
    """The options that stand everywhere, from before or after the command's name."""

    home: Path | None = None
    config: Path | None = None
    json: bool = False
    lang: str = "zh"
    now: datetime | None = None
    #: set by commands whose home is elsewhere unless named (`demo`)
    fallback_home: Path | None = field(default=None)
    _app: App | None = None

    @property
    def home_dir(self) -> Path:
        named = self.home or (Path(os.environ["HUIYING_HOME"]) if os.environ.get("HUIYING_HOME") else None)
        return (named or self.fallback_home or Path("var")).resolve()

    def clock(self) -> SystemClock | FixedClock:
        """The machine's clock, or the one that `--now` fixes (only in a simulated home)."""
        if self.now is None:
            return SystemClock()
        from huiying.home import is_simulated

        if not is_simulated(self.home_dir):
            stop(USAGE, f"{self.home_dir} 不是模拟目录，不能用 --now；先 huiying --home DIR init --simulated")
        return FixedClock(self.now)

    def app(self) -> App:
        """The opened home: database migrated, policy in force. Exits 2 or 3 with what is wrong."""
        if self._app is None:
            from huiying.app import open_app

            self._app = open_app(self.home_dir, self.config, clock=self.clock())
        return self._app

    def row(self, row: dict[str, Any]) -> None:
        """One JSON object a line on standard output."""
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")

    def rows(self, rows: Iterable[dict[str, Any]], columns: Sequence[tuple[str, str]], *, empty: str) -> int:
        """Rows as JSON lines, or as a table of `columns` (key, heading); returns how many."""
        count = 0
        if self.json:
            for row in rows:
                self.row(row)
                count += 1
            return count
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="bold")
        for _, heading in columns:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(_cell(row.get(key)) for key, _ in columns))
            count += 1
        if count:
            Console(file=sys.stdout).print(table)
        else:
            say(empty)
        return count


def _cell(value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, (list, tuple)):
        return "、".join(str(part) for part in value)
    return escape(str(value).replace("\n", " ")[:200])


def say(text: str) -> None:
    """A message for people: on standard error, so that standard output stays clean."""
    click.echo(text, err=True)


def stop(code: int, text: str) -> NoReturn:
    """End with a message and an exit code."""
    say(text)
    raise SystemExit(code)


@contextmanager
def progress(shared: Shared, what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while something long runs; tells nothing where nobody looks. Yields (done, of how many) → None."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=shared.json or not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(ctx: click.Context, _: click.Parameter, value: Any) -> Any:
        shared = ctx.ensure_object(Shared)
        if value not in (None, False):
            setattr(shared, name, value)
        return value

    return callback


def everywhere(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that every command takes, and hands `Shared` over as first argument."""

    @click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        callback=_keep("home"),
        expose_value=False,
        help="目录：数据库、密钥、证据、日志（默认 $HUIYING_HOME，再 ./var）",
    )
    @click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_keep("config"),
        expose_value=False,
        help="配置文件（默认目录里的，再 ./pipelines.yaml）",
    )
    @click.option("--json", is_flag=True, callback=_keep("json"), expose_value=False, help="每行一个 JSON 对象")
    @click.option("--lang", type=click.Choice(["zh", "en"]), callback=_keep("lang"), expose_value=False, help="语言")
    @click.option("--now", type=INSTANT, callback=_keep("now"), expose_value=False, help="当作此刻（只在模拟目录里）")
    @click.pass_context
    @functools.wraps(function)
    def wrapper(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        return ctx.invoke(function, ctx.ensure_object(Shared), *args, **kwargs)

    return wrapper
