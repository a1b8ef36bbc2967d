"""The command `huiying`: commands are imported only when called, so that `--help` costs no library."""

from __future__ import annotations

import importlib
import os
import sys

import click

from huiying.cli.common import ENVIRONMENT, USAGE, everywhere, say

#: command → (module under huiying.cli, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("homes", "建一个目录：数据库、密钥、设置"),
    "county": ("homes", "换一个县：镇街地名与设置"),
    "run": ("runs", "全部运行，直到停下：抓取、引擎、网页"),
    "demo": ("runs", "示例论坛加全部功能，只在本机"),
    "forum": ("runs", "只开示例论坛，用来试抓取"),
    "check": ("homes", "检查配置与环境"),
    "crawl": ("runs", "抓取来源；--once 抓一轮就停"),
    "posts": ("archive", "列出存档的帖子"),
    "import": ("archive", "导入 CSV、.xlsx、JSON 行"),
    "assess": ("judging", "标准输入逐行研判，不落库"),
    "events": ("judging", "标准输入逐行归并事件，不落库"),
    "evaluate": ("learning", "用带标签的文件量研判"),
    "train": ("learning", "从研判决定学习门槛与校正"),
    "models": ("learning", "列出或换用模型"),
    "drift": ("learning", "研判是否走样"),
    "tick": ("runs", "引擎走一轮：研判、归并、告警、发送"),
    "alerts": ("ledgers", "列出告警"),
    "alert": ("ledgers", "看一条告警的全部"),
    "assign": ("moves", "确认并派发"),
    "ack": ("moves", "签收"),
    "return": ("moves", "退回：不属本单位"),
    "reassign": ("moves", "改派"),
    "answer": ("moves", "登记已有的官方回复"),
    "dismiss": ("moves", "不需回应"),
    "undo": ("moves", "撤销"),
    "merge": ("moves", "并入另一告警的事件"),
    "split": ("moves", "拆出"),
    "reopen": ("moves", "重启，轮次加一"),
    "close": ("moves", "办结"),
    "digest": ("reports", "舆情日报"),
    "ledger": ("reports", "台账（Excel）"),
    "record": ("reports", "回应实录"),
    "sources": ("reports", "来源健康"),
    "search": ("archive", "全文检索"),
    "index": ("archive", "检索索引：check、rebuild、follow"),
    "user": ("homes", "人员：add、list、disable、password"),
    "verify": ("homes", "核对台账：逐条相链、状态一致"),
    "completion": ("homes", "命令补全脚本"),
}


class Lazy(click.Group):
    """A group whose commands are loaded by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"huiying.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("命令"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="""回应：盯住本地论坛，三小时内回应市民。

    先试：huiying demo        上线：huiying init，编辑 pipelines.yaml，huiying check，huiying run
    """,
)
@everywhere
def huiying(_shared: object) -> None:
    pass


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code (0 done, 1 findings, 2 wrong use, 3 environment)."""
    from huiying.config import ConfigError
    from huiying.home import HomeError

    try:
        code = huiying.main(args=arguments, prog_name="huiying", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        say("已停下；同一条命令可以接着做。")
        return 130
    except ConfigError as error:
        for finding in error.findings:
            say(str(finding))
        say(f"配置有 {len(error.findings)} 处错误，先改好再运行；逐条说明见 docs/reference/errors.md")
        return USAGE
    except HomeError as error:
        say(str(error))
        return ENVIRONMENT
    except BrokenPipeError:
        # The reader of our output is gone (`huiying posts | head`): not our error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        told = _told_by_store(error)
        if told is None:
            raise
        say(told)
        return ENVIRONMENT


def _told_by_store(error: Exception) -> str | None:
    """What a full, locked, damaged or newer store means, in words; None for any other error."""
    if "django" not in sys.modules:
        return None
    from pathlib import Path

    from store.database import StoreError, explain

    found = error if isinstance(error, StoreError) else explain(error, Path(os.environ.get("HUIYING_HOME", "var")))
    return None if found is None else str(found)


def entry() -> None:
    raise SystemExit(main())
