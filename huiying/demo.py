"""`huiying demo`: a sample forum on loopback, accounts to try, and everything else as in `huiying run`."""

from __future__ import annotations

import shutil
from pathlib import Path

from huiying.cli.common import ENVIRONMENT, USAGE, say, stop
from huiying.home import make_home
from huiying.ports import NoPort, free_port
from huiying.supervise import Child, python

#: marks a home as a demo's: only such a one is emptied by --fresh and gets demo accounts
MARK = "demo"
PASSWORD = "sanxiaoshi-3h"  # noqa: S105 - printed on purpose; a demo answers on loopback only
FORUM_PORT, MAIL_PORT = 8100, 8125

CONFIG = """\
# Made by `huiying demo` at each start; edits are lost. A real home holds a pipelines.yaml of its own.
extends: shipped
sources:
  sample:
    engine: discuz
    name: 示例论坛
    url: http://127.0.0.1:{forum}/
    enabled: true
    allow_private: true
    requests_per_minute: 120
    min_delay: 200ms
    poll: 4s
    official:
{official}
channels:
  email: {{host: 127.0.0.1, port: {mail}, tls: none, sender: 回应 <huiying@localhost>}}
web:
  port: {web}
"""

#: user name, shown name, role, units ("*" = all that nobody else speaks for)
ACCOUNTS = (
    ("wuchen", "吴晨", "commentator", ()),
    ("chenli", "陈立", "spokesperson", ("市水务集团",)),
    ("linxiao", "林晓", "spokesperson", ("*",)),
    ("hubian", "胡编", "editor", ()),
    ("zhouming", "周明", "leader", ()),
    ("shenjie", "沈洁", "administrator", ()),
)


def run_demo(home: Path, *, port: int, fresh: bool, json_output: bool) -> None:
    """Everything on one machine; keeps its data over restarts."""
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        stop(USAGE, f"{home} 不是示例目录，demo 不动它；换一个：huiying demo --home 目录")
    # Before anything is written: a running demo's settings must stay as they are.
    _refuse_if_held(home)
    if fresh and home.exists():
        shutil.rmtree(home)
    first = not (home / MARK).exists()
    say("[1/4] 准备目录与数据库" if first else "[1/4] 接着用上次的示例数据（--fresh 重新开始）")
    make_home(home)
    (home / MARK).write_text("made by huiying demo\n", encoding="ascii")
    try:
        forum, mail = free_port("127.0.0.1", FORUM_PORT), free_port("127.0.0.1", MAIL_PORT)
    except NoPort as error:
        stop(ENVIRONMENT, str(error))
    config = home / "pipelines.yaml"
    config.write_text(CONFIG.format(forum=forum, mail=mail, web=port, official=_official()), encoding="utf-8")

    from huiying.app import open_app

    app = open_app(home, config)
    say("[2/4] 建示例账号" if first else "[2/4] 示例账号")
    _accounts(app.pipelines.units)
    say("[3/4] 开示例论坛与示例邮箱")
    more = (
        Child(
            "forum",
            python(
                "huiying.forum", "--dir", str(home / "forum"), "--port", str(forum), "--residents", "--opening", "demo", "--parent-pipe"
            ),
        ),
        Child("mail", python("huiying.children.mail", "--dir", str(home / "mail"), "--port", str(mail))),
    )
    say("[4/4] 启动抓取、引擎、网页")

    from huiying.running import run_home

    def ready(address: str) -> None:
        say(
            f"\n  回应      {address}\n"
            f"  示例论坛  http://127.0.0.1:{forum}/   （可在上面发帖，或以官方账号回复）\n"
            f"  示例邮箱  {home / 'mail'}\n\n"
            f"  账号（密码都是 {PASSWORD}）\n"
            "    wuchen    吴晨  网评员：研判，确认并派发\n"
            "    chenli    陈立  发言人，市水务集团\n"
            "    linxiao   林晓  发言人，其余单位\n"
            "    hubian    胡编  编审：日报\n"
            "    zhouming  周明  市领导：时效\n"
            "    shenjie   沈洁  管理员：来源、查阅记录\n\n"
            "  头两分钟：帖子被读到 → 研判页出现告警与剩余时间 → 确认派发 → 在示例论坛以官方账号回复 → 时钟停下。Ctrl-C 停下。\n"
        )

    run_home(app, config=config, host="127.0.0.1", port=port, json_output=json_output, more=more, ready=ready)


def _official() -> str:
    from huiying.forum.accounts import OFFICIAL

    return "\n".join(f'      "{uid}": {unit}' for uid, unit in OFFICIAL.items())


def _accounts(units: object) -> None:
    from alerts.models import Person

    names = [unit.name for unit in units]  # type: ignore[attr-defined]
    taken = {name for _, _, _, own in ACCOUNTS for name in own}
    for username, display, role, own in ACCOUNTS:
        speaks_for = [name for name in names if name not in taken] if "*" in own else list(own)
        person, new = Person.objects.get_or_create(
            username=username,
            defaults={
                "display": display,
                "role": role,
                "units": speaks_for,
                "email": f"{username}@example.org",
                "on_duty": role == "commentator",
            },
        )
        if new:
            person.set_password(PASSWORD)
            person.save(update_fields=["password"])


def _refuse_if_held(home: Path) -> None:
    from store.lease import LeaseHeld, held_by

    try:
        held_by(home, "run")
    except LeaseHeld as error:
        stop(ENVIRONMENT, str(error))
