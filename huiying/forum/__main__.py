"""`python -m huiying.forum`: the sample forum as a process of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from huiying.forum.scenarios import SCENARIOS, UnknownScenario
from huiying.forum.server import ForumInUse, serve


def main(arguments: list[str] | None = None) -> int:
    """Prints {"url": …} on stdout when it answers; ends on SIGTERM, Ctrl-C or, with --parent-pipe, when stdin closes."""
    names = "\n".join(f"  {name:<13} {kind.promise}" for name, kind in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog="python -m huiying.forum",
        description=f"示例论坛，只在本机。场景（可用逗号并列）：\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dir", type=Path, required=True, help="数据放在这里（forum.sqlite3、truth.jsonl）")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="被占用时用下一个空闲的；0 = 任意")
    parser.add_argument("--charset", choices=("utf-8", "gbk"), default="utf-8")
    parser.add_argument("--scenario", default="plain", metavar="NAME[:参数][,…]")
    parser.add_argument("--residents", action="store_true", help="居民自己发帖、官方账号有时答复")
    parser.add_argument("--opening", choices=("demo", "empty"), default="demo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parent-pipe", action="store_true", help="标准输入关闭时结束")
    chosen = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if chosen.parent_pipe:
        threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()

    def ready(url: str) -> None:
        port = int(url.rstrip("/").rpartition(":")[2])
        if chosen.port and port != chosen.port:
            sys.stderr.write(f"端口 {chosen.port} 被占用，改用 {port}\n")
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()

    try:
        serve(
            chosen.dir, host=chosen.host, port=chosen.port, charset=chosen.charset, scenario=chosen.scenario, residents=chosen.residents,
            seed=chosen.seed, opening=chosen.opening, on_ready=ready, stop=stop,
        )  # fmt: skip
    except (UnknownScenario, ValueError) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    except (ForumInUse, OSError) as failed:
        sys.stderr.write(f"{failed}\n")
        return 3
    return 0


def _until_closed(stop: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
