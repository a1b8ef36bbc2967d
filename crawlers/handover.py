"""A page that was read → the snapshot that goes to the store, and the report about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crawlers.canary import Yield
from crawlers.frontier import ThreadState
from crawlers.pages import Fetched, ThreadPage
from store.snapshots import FetchOutcome, FetchReport, ThreadSnapshot


def snapshot_of(page: ThreadPage, known: ThreadState, site: str, url: str, fetched_at: datetime) -> ThreadSnapshot:
    """The page with what only the list told: the board where the page names none, the counts where it shows none."""
    row = known.row
    board = page.board or known.board or (row.board if row else "")
    board_name = page.board_name or known.board_name or (row.board_name if row else "")
    posts = page.posts
    if board != page.board or board_name != page.board_name:
        posts = tuple(replace(post, board=board, board_name=board_name) for post in posts)
    return ThreadSnapshot(
        site=site,
        tid=page.tid,
        board=board,
        board_name=board_name,
        title=page.title or (row.title if row else ""),
        url=url,
        page=page.page,
        pages=page.pages,
        posts=posts,
        details=page.details,
        replies=known.replies,
        views=page.views if page.views is not None else (row.views if row else None),
        last_post_at=known.last_post_at,
        activity=round(known.activity, 3),
        fetched_at=fetched_at,
        server_now=page.server_now,
        complete=page.complete,
        lifted=page.lifted,
        raw_sha256=page.raw_sha256,
    )


def gone_snapshot(site: str, tid: str, board: str, url: str, fetched_at: datetime) -> ThreadSnapshot:
    """The forum said that the thread does not exist."""
    return ThreadSnapshot(site=site, tid=tid, board=board, url=url, fetched_at=fetched_at, gone=True)


def newest_of(page: ThreadPage) -> datetime:
    """The newest instant on the page."""
    return max(post.posted_at for post in page.posts)


def read_report(
    source: str,
    board: str,
    kind: str,
    fetched: Fetched,
    at: datetime,
    yielded: int,
    findings: tuple[str, ...],
    newest: datetime | None,
    *,
    partial: bool,
    waiting: int | None,
    shown: Yield | None = None,
) -> FetchReport:
    """A page that was read, with what was odd about it, and how much of what it should tell it told."""
    counts = {"bytes": len(fetched.body), "findings": len(findings), "partial": int(partial)}
    if shown is not None:
        counts |= {"wanted": shown.wanted, "found": shown.found}
    return FetchReport(
        source=source,
        board=board,
        page_kind=kind,
        url=fetched.url,
        at=at,
        outcome=FetchOutcome.OK,
        yielded=yielded,
        newest_at=newest,
        failure="；".join(findings[:3]),
        advice="打开此网址核对；模板改版时把样本交给开发者" if findings else "",
        seconds=fetched.seconds,
        waiting=waiting,
        counts=counts,
    )
