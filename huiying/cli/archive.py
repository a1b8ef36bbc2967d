"""Commands on what was collected: posts, import, search, index."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from huiying.cli.common import ENVIRONMENT, FINDINGS, INSTANT, USAGE, Shared, everywhere, progress, say, stop

POST_COLUMNS = (("id", "号"), ("posted_at", "发布"), ("board", "版块"), ("author", "作者"), ("title", "标题"), ("body", "正文"))


@click.command("posts", help="列出存档的帖子，新的在前。\n\n例：huiying posts --source sample --limit 20 --json")
@click.option("--source", help="来源")
@click.option("--thread", help="主题帖号：站点:号，或只写号")
@click.option("--since", type=INSTANT, help="从何时起（发布时间）")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="至多几条")
@everywhere
def posts(shared: Shared, source: str | None, thread: str | None, since: datetime | None, limit: int) -> None:
    shared.app()
    from store.posts import post_rows

    shared.rows(post_rows(source=source, thread=thread, since=since, limit=limit), POST_COLUMNS, empty="没有符合的帖子")


@click.command(
    "import",
    help="导入工单或留言：CSV（UTF-8、GBK）、.xlsx、JSON 行，可以是 .gz。重复导入不会重复。"
    "\n\n例：huiying import 12345.xlsx --source hotline --dry-run",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--source", default="import", show_default=True, help="记在哪个来源名下")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="列名对照（YAML 或 JSON）")
@click.option("--dry-run", is_flag=True, help="只检查，不写")
@everywhere
def import_(shared: Shared, file: Path, source: str, mapping: Path | None, dry_run: bool) -> None:
    app = shared.app()
    from huiying.app import store_sink
    from huiying.imports import ImportFailed, import_file

    try:
        with progress(shared, "导入") as told:
            report = import_file(
                file,
                source=source,
                mapping=mapping,
                dry_run=dry_run,
                sink=store_sink(app),
                home=app.home,
                clock=app.clock,
                simulated=app.simulated,
                progress=told,
            )
    except ImportFailed as error:
        stop(USAGE, str(error))
    row = {
        "rows": report.rows,
        "taken": report.taken,
        "repeated": report.repeated,
        "refused": report.refused,
        "refused_file": report.refused_file,
    }
    if shared.json:
        shared.row(row)
    else:
        say(
            f"{report.rows} 行：{'可收' if dry_run else '收下'} {report.taken}，已有 {report.repeated}，拒收 {report.refused}"
            + (f"，见 {report.refused_file}" if report.refused_file else "")
        )
    if report.refused:
        raise SystemExit(FINDINGS)


@click.command("search", help="全文检索：空格为同时含，「」 为原词，− 为不含。\n\n例：huiying search '停水 杜桥' --from 2026-11-01 --json")
@click.argument("query")
@click.option("--from", "since", type=INSTANT, help="从何时起")
@click.option("--to", "until", type=INSTANT, help="到何时止")
@click.option("--board", help="版块")
@click.option("--topic", help="主题")
@click.option("--limit", type=click.IntRange(min=1, max=1000), default=20, show_default=True, help="至多几条")
@everywhere
def search(
    shared: Shared, query: str, since: datetime | None, until: datetime | None, board: str | None, topic: str | None, limit: int
) -> None:
    app = shared.app()
    from huiying.searching import open_search
    from store import access
    from store.search.query import QueryError

    archive = open_search(app)
    try:
        rows = archive.rows(query, since=since, until=until, board=board, topic=topic, limit=limit)
    except QueryError as error:
        stop(USAGE, str(error))
    access.record("", "", "search", query[:200], count=len(rows), now=app.clock.now())
    shared.rows(
        rows,
        (("id", "号"), ("posted_at", "发布"), ("board", "版块"), ("author", "作者"), ("thread_title", "标题"), ("snippet", "摘录")),
        empty="没有找到；试试少写几个词",
    )


@click.group("index", help="检索索引：check 对数，rebuild 重建，follow 跟上。")
def index() -> None:
    pass


def _index(shared: Shared) -> Any:
    app = shared.app()
    from huiying.searching import open_search

    return open_search(app)


@index.command("check", help="索引与库是否一致")
@everywhere
def index_check(shared: Shared) -> None:
    archive = _index(shared)
    from store.search import SearchUnavailable

    try:
        found = archive.index.check()
    except SearchUnavailable as error:
        stop(ENVIRONMENT, f"{error}（{error.detail}）")
    missing, extra, stale = len(found.missing), len(found.extra), len(found.stale)
    row = {
        "backend": archive.backend,
        "posts": found.posts,
        "indexed": found.indexed,
        "missing": missing,
        "extra": extra,
        "stale": stale,
        "broken": found.broken,
        "equal": found.equal,
    }
    if shared.json:
        shared.row(row)
    else:
        wrong = (
            f"缺 {missing}，多 {extra}，旧 {stale}{'，' + found.broken if found.broken else ''}；huiying index follow 跟上，或 rebuild 重建"
        )
        say(f"库 {found.posts} 条，索引 {found.indexed} 条：" + ("一致" if found.equal else wrong))
    if not found.equal:
        raise SystemExit(FINDINGS)


@index.command("rebuild", help="从库重建索引；期间旧索引照常可查")
@everywhere
def index_rebuild(shared: Shared) -> None:
    began = time.monotonic()
    archive = _index(shared)
    with progress(shared, "重建索引") as told:
        count = archive.rebuild(told)
    if shared.json:
        shared.row({"indexed": count, "seconds": round(time.monotonic() - began, 2)})
    say(f"重建 {count} 条，{time.monotonic() - began:.1f} 秒")


@index.command("follow", help="把还没进索引的帖子跟上")
@everywhere
def index_follow(shared: Shared) -> None:
    archive = _index(shared)
    from store.search import SearchUnavailable

    try:
        count = archive.catch_up()
    except SearchUnavailable as error:
        stop(ENVIRONMENT, f"{error}（{error.detail}）")
    if shared.json:
        shared.row({"indexed": count})
    say(f"跟上 {count} 条")


COMMANDS = {"posts": posts, "import": import_, "search": search, "index": index}
