"""Commands that judge a stream without a store: assess, events."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, TextIO

import click

from huiying.cli.common import ENVIRONMENT, FINDINGS, Shared, everywhere, stop

if TYPE_CHECKING:
    from nlp.judge import Judge
    from nlp.second_reader import Turn


@click.command(
    "assess",
    help='标准输入逐行研判，标准输出同序逐行给出，不落库。\n\n例：echo \'{"id":"1","title":"河水又黑了","body":""}\' | huiying assess',
)
@click.option("--second-reader", is_flag=True, help="标出的和拿不准的再由二读看一遍（每条 5 至 50 毫秒）")
@everywhere
def assess(shared: Shared, second_reader: bool) -> None:
    from nlp.stream import assess_lines

    judge, second = judge_in_force(shared), asked_second(second_reader)
    if assess_lines(sys.stdin.buffer, _utf8_stdout(), judge, second):
        raise SystemExit(FINDINGS)


@click.command("events", help="标准输入逐行归并事件，标准输出同序给出事件号，不落库。\n\n例：huiying events < posts.jsonl")
@everywhere
def events(shared: Shared) -> None:
    from nlp.events import EventIndex
    from nlp.stream import events_lines

    if events_lines(sys.stdin.buffer, _utf8_stdout(), EventIndex()):
        raise SystemExit(FINDINGS)


def judge_in_force(shared: Shared) -> Judge:
    """The judge by configuration and what the home learned; no home is made for a mere stream."""
    from huiying.config import find_config, load
    from huiying.learning import chosen_judge

    loaded = load(find_config(shared.home_dir, shared.config))
    return chosen_judge(loaded.pipelines, loaded.path.resolve().parent, shared.home_dir)


def second_wished(shared: Shared) -> bool:
    """Whether the engine of this home reads twice."""
    from huiying.config import find_config, load

    return load(find_config(shared.home_dir, shared.config)).pipelines.judge.second_reader == "on"


def asked_second(asked: bool) -> Turn | None:
    """A turn of the second reader for who asks for it; ends with what is wrong when its weights are spoilt."""
    if not asked:
        return None
    from nlp.second_reader import NoSecondReader, SecondReader

    try:
        return SecondReader.load().turn()
    except NoSecondReader as error:
        stop(ENVIRONMENT, str(error))


def _utf8_stdout() -> TextIO:
    """Standard output in UTF-8 whatever the locale says."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    return sys.stdout


COMMANDS = {"assess": assess, "events": events}
