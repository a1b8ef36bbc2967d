"""Commands that run things: run, demo, forum, crawl, tick."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from huiying.cli.common import FINDINGS, INSTANT, USAGE, Shared, everywhere, say, stop


@click.command("run", help="全部运行，直到 Ctrl-C：抓取、引擎、网页。\n\n例：huiying run --host 0.0.0.0 --port 8000")
@click.option("--host", help="监听地址（默认配置里的 web.host）")
@click.option("--port", type=click.IntRange(1, 65535), help="端口；被占用就往后找")
@click.option("--no-crawl", is_flag=True, help="不抓取")
@click.option("--no-web", is_flag=True, help="不开网页")
@everywhere
def run_(shared: Shared, host: str | None, port: int | None, no_crawl: bool, no_web: bool) -> None:
    from huiying.running import run_home

    app = shared.app()
    run_home(app, config=shared.config, host=host, port=port, crawl=not no_crawl, web=not no_web, json_output=shared.json)


@click.command("demo", help="示例论坛加全部功能，只在本机；数据留在 ./var/demo。\n\n例：huiying demo --fresh")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, help="网页端口；被占用就往后找")
@click.option("--fresh", is_flag=True, help="清空上次的示例数据再开始")
@everywhere
def demo(shared: Shared, port: int, fresh: bool) -> None:
    shared.fallback_home = Path("var/demo")
    if shared.now is not None or shared.config is not None:
        stop(USAGE, "demo 用自己的配置与此刻的时间；不接受 --config 与 --now")
    from huiying.demo import run_demo

    run_demo(shared.home_dir, port=port, fresh=fresh, json_output=shared.json)


@click.command("forum", help="只开示例论坛，用来试抓取与测试。\n\n例：huiying forum --port 8100 --charset gbk --scenario flood")
@click.option("--port", type=click.IntRange(0, 65535), default=8100, help="端口；被占用就往后找；0 由系统给")
@click.option("--charset", type=click.Choice(["utf-8", "gbk"]), default="utf-8", help="页面编码")
@click.option("--scenario", default="plain", help="情形（--scenario list 列出）")
@click.option("--residents/--no-residents", default=False, help="让示例居民不断发帖")
@everywhere
def forum(shared: Shared, port: int, charset: str, scenario: str, residents: bool) -> None:
    from huiying.forum.scenarios import SCENARIOS
    from huiying.forum.server import serve
    from huiying.home import make_home

    if scenario not in SCENARIOS:
        for name in SCENARIOS:
            click.echo(name)
        if scenario != "list":
            stop(USAGE, f"没有情形 {scenario!r}，以上是全部")
        return
    halt = threading.Event()
    from huiying.children.parent import on_signals

    on_signals(halt)
    home = make_home(shared.home_dir)

    def ready(url: str) -> None:
        if shared.json:
            shared.row({"url": url})
            import sys

            sys.stdout.flush()
        say(f"示例论坛：{url}  （{scenario}，{charset}）Ctrl-C 停下")

    serve(
        home / "forum",
        port=port,
        charset=charset,
        scenario=scenario,
        residents=residents,
        opening="demo",
        on_ready=ready,
        stop=halt,
        clock=shared.clock(),
    )


@click.command(
    "crawl", help="抓取来源；不给名字就是全部已启用的。\n\n例：huiying crawl --once --json      huiying crawl linhai-bbs --try https://…"
)
@click.argument("sources", nargs=-1, metavar="[来源…]")
@click.option("--once", is_flag=True, help="抓一轮就停")
@click.option("--since", type=INSTANT, help="首次抓取读到多早")
@click.option("--try", "try_", metavar="URL", help="只试读一页：每条规则从哪个元素读到什么，不落库")
@everywhere
def crawl(shared: Shared, sources: tuple[str, ...], once: bool, since: datetime | None, try_: str | None) -> None:
    from huiying.wire import source_settings

    app = shared.app()
    settings = _chosen(source_settings(app.pipelines), sources, app.pipelines.sources)
    if not settings:
        stop(FINDINGS, "没有启用的来源：在 pipelines.yaml 的 sources 里写上论坛，设 enabled: true")
    if try_:
        _try(shared, settings[0], try_)
        return
    import dataclasses

    from crawlers.hang import ReadingWatch
    from crawlers.run import run_sources
    from huiying.app import store_sink
    from huiying.children.parent import on_signals
    from huiying.children.role import hold

    if since is not None:
        settings = tuple(dataclasses.replace(one, max_age=max(app.clock.now() - since, timedelta(0))) for one in settings)
    halt = threading.Event()
    on_signals(halt)
    with hold(app, "crawl"):
        watch = ReadingWatch(app.home / "cache" / "reading")
        samples = app.home / "evidence" / "samples"
        reports = run_sources(settings, store_sink(app), app.clock, once=once, stop=halt, on_event=_progress, samples=samples, watch=watch)
    columns = (
        ("source", "来源"),
        ("board", "版块"),
        ("requests", "请求"),
        ("threads", "主题帖"),
        ("posts_new", "新"),
        ("posts_changed", "改"),
        ("replies_official", "官方回复"),
        ("failures", "失败"),
        ("seconds", "秒"),
    )
    rows = [report.row() for report in reports]
    shared.rows(rows, columns, empty="没有读到什么")
    if any(row["failures"] for row in rows):
        raise SystemExit(FINDINGS)


def _progress(event: Any) -> None:
    say(" ".join(part for part in (event.source, event.board, event.text) if part))


def _chosen(settings: tuple[Any, ...], names: tuple[str, ...], configured: Any) -> tuple[Any, ...]:
    unknown = [name for name in names if name not in configured]
    if unknown:
        stop(USAGE, f"没有来源 {'、'.join(unknown)}；配置里有：{'、'.join(configured) or '（无）'}")
    disabled = [name for name in names if name not in {one.name for one in settings}]
    if disabled:
        stop(USAGE, f"来源 {'、'.join(disabled)} 没有启用：在 pipelines.yaml 里设 enabled: true")
    return tuple(one for one in settings if not names or one.name in names)


def _end_of(path: str) -> str:
    """The last steps of an element's path, which a person looks for; a whole one fills a screen."""
    steps = path.split("/")
    return path if len(steps) <= 6 else "…/" + "/".join(steps[-3:])


def _try(shared: Shared, source: Any, url: str) -> None:
    from crawlers.fetch import FetchError
    from crawlers.trial import try_page

    try:
        trial = try_page(source, url, shared.clock())
    except FetchError as error:
        stop(FINDINGS, f"{error}；{error.advice}")
    columns = [("record", "记录"), ("field", "字段"), ("value", "读到")]
    if any(one.rule for one in trial.fields):
        columns += [("rule", "规则"), ("element", "元素")]
    rows = [{key: getattr(one, key) for key, _ in columns} for one in trial.fields]
    if not shared.json:
        rows = [row | {"element": _end_of(row["element"])} if "element" in row else row for row in rows]
    shared.rows(rows, tuple(columns), empty="这一页什么也没读到")
    if trial.failure is not None:
        stop(FINDINGS, f"{trial.failure}；{trial.failure.advice}")
    if not rows:
        raise SystemExit(FINDINGS)


@click.command("tick", help="引擎走一轮：研判 → 归并 → 告警 → 催办 → 发送。\n\n例：huiying --home sim tick --now 2019-11-22T18:00:00+08:00")
@everywhere
def tick(shared: Shared) -> None:
    from huiying.rounds import Rounds

    report = Rounds(shared.app()).tick_once()
    if shared.json:
        shared.row(report)
        return
    words = {
        "assessed": "研判",
        "opened": "开告警",
        "notified": "催办",
        "breached": "超时",
        "answered": "停钟",
        "sent": "送达",
        "failed": "未送达",
    }
    say("，".join(f"{text} {report[key]}" for key, text in words.items()))


COMMANDS = {"run": run_, "demo": demo, "forum": forum, "crawl": crawl, "tick": tick}
