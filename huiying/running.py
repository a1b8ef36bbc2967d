"""`huiying run`: holds the home, chooses the port, supervises the children, says when it answers."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from huiying.app import App
from huiying.children.role import hold
from huiying.cli.common import ENVIRONMENT, say, stop
from huiying.ports import NoPort, free_port
from huiying.supervise import Child, Supervisor, python

#: seconds until a page must answer after the start
ANSWER_S = 60.0


def run_home(
    app: App,
    *,
    config: Path | None,
    host: str | None,
    port: int | None,
    crawl: bool = True,
    web: bool = True,
    json_output: bool = False,
    more: Sequence[Child] = (),
    ready: Callable[[str], None] | None = None,
) -> None:
    """Run everything on `app`'s home until stopped; `more` are further children (the demo's forum)."""
    pipelines = app.pipelines
    host = host or pipelines.web.host
    with hold(app, "run"):
        wanted = port or pipelines.web.port
        try:
            chosen = free_port(host, wanted)
        except NoPort as error:
            stop(ENVIRONMENT, str(error))
        if chosen != wanted:
            say(f"端口 {wanted} 被占用，改用 {chosen}")
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - a comparison, not a bind
        address = f"http://{f'[{shown}]' if ':' in shown else shown}:{chosen}"
        (app.home / "address").write_text((pipelines.web.url or address).rstrip("/") + "\n", encoding="ascii")
        for warning in app.loaded.warnings:
            say(f"提醒 {warning}")
        enabled = [source.name or name for name, source in pipelines.sources.items() if source.enabled]
        if not enabled:
            say(
                "没有启用的来源：不抓取任何网站，也不发消息。四步开始："
                "① 在 pipelines.yaml 的 sources 写上论坛并 enabled: true ② huiying check ③ huiying user add ④ 再运行"
            )
        if not pipelines.channels.email.host:
            say("邮件还没有配置（channels.email.host 为空）：消息照样生成，存着等渠道")

        base = ["--home", str(app.home), *(("--config", str(config)) if config else ())]
        children = [*more, Child("engine", python("huiying.children.engine", *base))]
        if web:
            children.append(Child("web", python("huiying.children.web", *base, "--host", host, "--port", str(chosen))))
        if crawl:
            children.append(Child("crawl", python("huiying.children.crawl", *base)))
        supervisor = Supervisor(children, home=app.home, clock=app.clock, say=say)
        if web:
            threading.Thread(target=_announce, args=(supervisor, address, app, json_output, ready), daemon=True).start()
        try:
            _quit_database()
            supervisor.run()
        finally:
            with contextlib.suppress(FileNotFoundError):
                (app.home / "address").unlink()
        say("已停下，没有留下进程；再次运行接着做。")


def _announce(supervisor: Supervisor, address: str, app: App, json_output: bool, ready: Callable[[str], None] | None) -> None:
    if not answers(address + "/login", ANSWER_S, supervisor.stop):
        if not supervisor.stop.is_set():
            say(f"网页 {ANSWER_S:g} 秒内没有应答；原因见 {app.home / 'logs' / 'web.log'}")
        return
    if json_output:
        sys.stdout.write(json.dumps({"url": address, "pid": os.getpid()}) + "\n")
        sys.stdout.flush()
    if ready is not None:
        ready(address)
    else:
        say(f"回应已在 {address} 运行。Ctrl-C 停下。")


def answers(url: str, seconds: float, stop: threading.Event) -> bool:
    """Whether `url` answers 200 within `seconds`."""
    for _ in range(int(seconds / 0.1)):
        if stop.is_set():
            return False
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            stop.wait(0.1)
    return False


def _quit_database() -> None:
    """The supervisor needs no connection while it supervises; an open one would hold the WAL."""
    from django.db import connections

    connections.close_all()
