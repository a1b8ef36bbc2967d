"""Commands about a home itself: init, check, user, verify, completion."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import click

from huiying.cli.common import ENVIRONMENT, FINDINGS, USAGE, Shared, everywhere, say, stop

#: a password that stands on standard input
STDIN = "-"


@click.command(
    "init", help="建一个目录：数据库、密钥、设置。别的命令也会自己建，但不会建模拟目录。\n\n例：huiying --home sim init --simulated"
)
@click.option("--simulated", is_flag=True, help="模拟目录：可用 --now，消息只生成不发出")
@everywhere
def init(shared: Shared, simulated: bool) -> None:
    from huiying.home import is_simulated, make_home

    home = shared.home_dir
    make_home(home, simulated=simulated)
    target = home / "pipelines.yaml"
    if not target.exists() and shared.config is None:
        target.write_text(
            "# 本目录的设置：只写与出厂不同的；其余见出厂文件与 docs/reference/configuration.md\nextends: shipped\n", encoding="utf-8"
        )
    shared.app()
    kind = "模拟目录" if is_simulated(home) else "目录"
    if shared.json:
        shared.row({"home": str(home), "simulated": is_simulated(home), "config": str(target)})
    say(f"{kind} {home} 已备好。下一步：编辑 {target}，huiying check，huiying user add")


@click.command(
    "county",
    help="换一个县（市、区）：把它的镇街写进本目录的地名表和 pipelines.yaml。村、社区、景点可另给一张表。\n\n"
    "例：huiying --home ./xianju county 仙居县 --places villages.csv",
)
@click.argument("name")
@click.option("--places", type=click.Path(dir_okay=False, path_type=Path), help="CSV：code,name,town,kind（village、community、spot）")
@everywhere
def county(shared: Shared, name: str, places: Path | None) -> None:
    from huiying.county import CountyError, set_up
    from huiying.home import make_home

    home = shared.home_dir
    make_home(home)
    try:
        done = set_up(home, name, places)
    except CountyError as error:
        stop(USAGE, str(error))
    if shared.json:
        shared.row(done)
    say(f"已设为 {done['name']}：{done['towns']} 个镇街，地名共 {done['places']} 处")
    say(f"下一步：核对 {done['config']} 里的单位（units、departments）与常用词（judge.user_words），再 huiying check")


@click.command("check", help="检查配置与环境；--deep 还去连一连来源、邮件、检索服务器。\n\n例：huiying check --json")
@click.option("--deep", is_flag=True, help="真的去连")
@everywhere
def check(shared: Shared, deep: bool) -> None:
    from huiying.checks import check_all

    findings = check_all(shared.home_dir, shared.config, deep=deep)
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = sum(finding.severity == "warning" for finding in findings)
    for finding in findings:
        if shared.json:
            shared.row(finding.row())
        else:
            click.echo(f"{'错误' if finding.severity == 'error' else '提醒' if finding.severity == 'warning' else '说明'}  {finding}")
    say(f"{errors} 错，{warnings} 提醒")
    if errors:
        raise SystemExit(USAGE)
    if warnings:
        raise SystemExit(FINDINGS)


@click.group(
    "user", help="人员：add、list、disable、password。\n\n例：huiying user add wuchen --role commentator --name 吴晨 --email wuchen@…"
)
def user() -> None:
    pass


@user.command("add", help="添一人；不给 --password 就生成一个，首次登录要改")
@click.argument("username")
@click.option(
    "--role",
    type=click.Choice(["commentator", "spokesperson", "editor", "leader", "administrator"]),
    required=True,
    help="角色：网评员、发言人、编审、领导、管理员",
)
@click.option("--name", default="", help="显示的姓名")
@click.option("--unit", "units", multiple=True, help="发言人的单位，可多次")
@click.option("--email", default="", help="邮件地址")
@click.option("--password", help="密码（从标准输入读：-）")
@click.option("--duty", is_flag=True, help="在研判值班组里")
@click.option("--triage", is_flag=True, help="另给研判权限")
@everywhere
def user_add(
    shared: Shared, username: str, role: str, name: str, units: tuple[str, ...], email: str, password: str | None, duty: bool, triage: bool
) -> None:
    app = shared.app()
    from alerts import people

    made = password is None
    given = secrets.token_urlsafe(12) if password is None else sys.stdin.readline().rstrip("\n") if password == STDIN else password
    try:
        person = people.create(
            username,
            role=role,
            password=given,
            now=app.clock.now(),
            display=name,
            units=units,
            email=email,
            may_triage=triage,
            on_duty=duty,
            must_change=made,
            known_units={unit.name for unit in app.pipelines.units},
        )
    except people.PersonError as error:
        stop(USAGE, str(error))
    if shared.json:
        shared.row({**_person_row(person), **({"password": given} if made else {})})
    else:
        say(f"已添 {person.shown}（{username}）" + (f"，初始密码 {given}，首次登录要改" if made else ""))


def _person_row(person: object) -> dict[str, object]:
    names = ("username", "display", "role", "units", "email", "is_active", "on_duty", "may_triage")
    return {name: getattr(person, name) for name in names}


@user.command("list", help="全部账号")
@everywhere
def user_list(shared: Shared) -> None:
    shared.app()
    from alerts.models import Person

    columns = (
        ("username", "账号"),
        ("display", "姓名"),
        ("role", "角色"),
        ("units", "单位"),
        ("email", "邮件"),
        ("on_duty", "值班"),
        ("is_active", "可登录"),
    )
    shared.rows((_person_row(person) for person in Person.objects.order_by("username")), columns, empty="还没有账号：huiying user add")


@user.command("disable", help="停用：不能登录，不收消息；做过的事留在记录里")
@click.argument("username")
@everywhere
def user_disable(shared: Shared, username: str) -> None:
    app = shared.app()
    from alerts import people

    try:
        people.disable(username, now=app.clock.now())
    except people.PersonError as error:
        stop(USAGE, str(error))
    say(f"{username} 已停用")


@user.command("password", help="重设密码，首次登录要改；也解除锁定")
@click.argument("username")
@click.option("--password", help="新密码（从标准输入读：-）；不给就生成")
@everywhere
def user_password(shared: Shared, username: str, password: str | None) -> None:
    app = shared.app()
    from axes.utils import reset

    from alerts import people

    given = secrets.token_urlsafe(12) if password is None else sys.stdin.readline().rstrip("\n") if password == STDIN else password
    try:
        people.set_password(username, given, now=app.clock.now(), must_change=password is None)
    except people.PersonError as error:
        stop(USAGE, str(error))
    reset(username=username)
    if shared.json:
        shared.row({"username": username, **({"password": given} if password is None else {})})
    else:
        say(f"{username} 的密码已重设" + (f"：{given}" if password is None else ""))


@click.command("verify", help="核对台账与查阅记录：逐条相链、状态与经过一致、触发器都在。\n\n例：huiying verify --json")
@everywhere
def verify(shared: Shared) -> None:
    shared.app()
    from alerts.verify import verify as verify_ledger

    report = verify_ledger()
    for finding in report.findings:
        if shared.json:
            shared.row({"kind": finding.kind, "what": finding.what, "message": finding.message})
        else:
            click.echo(f"{finding.kind}  {finding.what}  {finding.message}")
    if shared.json:
        shared.row({"alerts": report.alerts, "audit": report.audit, "access": report.access, "findings": len(report.findings)})
    say(
        f"告警 {report.alerts} 件，经过 {report.audit} 条，查阅记录 {report.access} 条，"
        + ("逐条相链，核对无缺" if not report.findings else f"有 {len(report.findings)} 处不符")
    )
    if report.findings:
        raise SystemExit(FINDINGS)


@click.command("completion", help="命令补全脚本。\n\n例：huiying completion bash > ~/.local/share/bash-completion/completions/huiying")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    from click.shell_completion import get_completion_class

    from huiying.cli.main import huiying

    kind = get_completion_class(shell)
    if kind is None:
        stop(ENVIRONMENT, f"没有 {shell} 的补全")
    click.echo(kind(huiying, {}, "huiying", "_HUIYING_COMPLETE").source())


COMMANDS = {"init": init, "county": county, "check": check, "user": user, "verify": verify, "completion": completion}
