"""The rows of the page 来源: each board's state in words, since when, how it was read hour by hour, and what is known beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboards.words import instant, interval
from store.clock import parse_instant
from store.models import HealthHour
from store.records import SourceState

#: state → word, look, icon
LOOKS: dict[str, tuple[str, str, str]] = {
    SourceState.OK: ("正常", "tag-ok", "circle-check"),
    SourceState.SILENT: ("久无新帖", "tag-soon", "alert-triangle"),
    SourceState.SLOW: ("变慢", "tag-soon", "alert-triangle"),
    SourceState.BLOCKED: ("被拦", "tag-late", "alert-square"),
    SourceState.CHANGED: ("解析失败", "tag-late", "alert-square"),
    SourceState.LOGIN: ("要登录", "tag-late", "alert-square"),
    SourceState.UNREACHABLE: ("连不上", "tag-late", "alert-square"),
    SourceState.DISABLED: ("已停用", "", "circle-dashed"),
    SourceState.STARTING: ("刚启用", "", "refresh"),
}
FAILED = frozenset({SourceState.BLOCKED, SourceState.CHANGED, SourceState.LOGIN, SourceState.UNREACHABLE})
WATCHED = frozenset({SourceState.SILENT, SourceState.SLOW})
HOURS = 24
#: a yield so far below the usual one is coloured
DROPPED = 0.1
Hours = Mapping[tuple[str, str], Mapping[int, HealthHour]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """One hour of a board: height as well as hue tells how it was read."""

    x: int
    y: int
    height: int
    css: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow:
    name: str
    word: str
    look: str
    icon: str
    #: how long ago, or — when never
    read: str
    newest: str
    usual: str
    #: share of the wanted fields that its pages gave lately, and whether it fell
    got: str
    dropped: bool
    strips: Sequence[Strip]
    strip_words: str
    #: `18:38 起，已 3 小时`, "" for what is no trouble
    since: str
    advice: str
    #: when it is tried again after a wall or a word of the site, "" = at once
    again: str
    #: name → words of what else is known
    facts: Sequence[tuple[str, str]]
    #: class and text of the newest failure, for administrators
    failure: str
    #: no trouble and no doubt: said in grey
    calm: bool
    #: nothing to be said at all
    quiet: bool
    off: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    name: str
    #: 4 处要看, 全部正常, 已停用
    sum: str
    #: how far the first crawl came, "" when it is over
    first: str
    bad: int
    rows: Sequence[BoardRow]


def hours_of(now: datetime) -> Hours:
    """(source, board) → hours back from now (0 = this hour) → what was read in it."""
    this = now.replace(minute=0, second=0, microsecond=0)
    found: dict[tuple[str, str], dict[int, HealthHour]] = {}
    for hour in HealthHour.objects.filter(hour__gt=this - timedelta(hours=HOURS), hour__lte=this):
        found.setdefault((hour.source, hour.board), {})[int((this - hour.hour).total_seconds() // 3600)] = hour
    return found


def group_of(name: str, rows: Sequence[dict[str, Any]], hours: Hours, now: datetime, *, admin: bool) -> Group:
    """A source with its boards, those to be looked at first."""
    bad = sum(row["state"] in FAILED | WATCHED for row in rows)
    on = [row for row in rows if row["state"] != SourceState.DISABLED]
    starting = any(row["state"] == SourceState.STARTING for row in on)
    calm = "全部正常" if not starting else "没有要看的"
    ranked = sorted(rows, key=lambda row: 0 if row["state"] in FAILED else 1 if row["state"] in WATCHED else 2)
    return Group(
        name=name,
        sum=f"{bad} 处要看" if bad else calm if on else "已停用",
        first=_first_crawl(on, starting=starting),
        bad=bad,
        rows=tuple(_row(row, hours.get((row["source"], row["board"]), {}), now, admin=admin) for row in ranked),
    )


def _first_crawl(rows: Sequence[dict[str, Any]], *, starting: bool) -> str:
    """`第一次读：9 处中 3 处读到头，还有 310 页待读，旧帖 2,140 帖已入档`."""
    waiting = sum(row["waiting"] for row in rows)
    covered = sum(bool(row["covered"]) for row in rows)
    if not starting or (covered == len(rows) and not waiting):
        return ""
    archived = next((row["archived"] for row in rows if not row["board"]), 0) or sum(row["archived"] for row in rows)
    said = [f"{len(rows)} 处中 {covered} 处读到头"]
    said += [f"还有 {waiting:,} 页待读"] if waiting else []
    said += [f"旧帖 {archived:,} 帖已入档，不开告警"] if archived else []
    return f"第一次读：{'，'.join(said)}"


def _row(row: dict[str, Any], hours: Mapping[int, HealthHour], now: datetime, *, admin: bool) -> BoardRow:
    state = row["state"]
    word, look, icon = LOOKS[state]
    off, calm = state == SourceState.DISABLED, state not in FAILED | WATCHED
    strips = [strip for back, hour in sorted(hours.items(), reverse=True) if (strip := _strip(back, hour))] if not off else []
    failed = sum(strip.css == "s-x" for strip in strips)
    advice = _advice(row["advice"], row["failure"])
    return BoardRow(
        name=("整站" if not row["board"] else row["name"] or f"版块 {row['board']}"),
        word=word,
        look=look,
        icon=icon,
        read="—" if off or not row["last_success"] else f"{interval(now - parse_instant(row['last_success']))}前",
        newest="—" if off or not row["last_post"] else instant(parse_instant(row["last_post"]), now),
        usual="—" if off else "未知" if row["expected_s"] is None else interval(timedelta(seconds=row["expected_s"])),
        got="—" if off else _share(row["yield"]),
        dropped=not off and row["yield"] is not None and row["yield_usual"] is not None and row["yield_usual"] - row["yield"] > DROPPED,
        strips=strips,
        strip_words=f"近 24 小时读了 {len(strips)} 个钟点，其中 {failed} 个读不成",
        since="" if calm else _since(row, now),
        advice=advice,
        again=instant(parse_instant(row["rests_until"]), now) if row["rests_until"] and not off else "",
        facts=() if off else tuple(_facts(row, hours, now)),
        failure=row["failure"] if admin else "",
        calm=calm and "注意：" not in advice,
        quiet=calm and advice == "不用管",
        off=off,
    )


def _since(row: dict[str, Any], now: datetime) -> str:
    """Since when nothing new came in full; a slow board is not late."""
    if row["state"] == SourceState.SLOW or not row["since"]:
        return ""
    since = parse_instant(row["since"])
    return f"{instant(since, now)} 起，已 {interval(now - since)}"


def _facts(row: dict[str, Any], hours: Mapping[int, HealthHour], now: datetime) -> list[tuple[str, str]]:
    """What is known beside the columns, in words; what is not known is left out."""
    found = []
    if row["yield"] is not None:
        usual = f"，平时 {_share(row['yield_usual'])}" if row["yield_usual"] is not None else ""
        found.append(("读出", f"{_share(row['yield'])}{usual}"))
    if row["canary"]:
        told = "认不全，见左" if row["canary"]["told"] else "读得全"
        found.append(("核对帖", f"{instant(parse_instant(row['canary']['at']), now)} 重读一篇旧帖，{told}"))
    if row["seconds"] is not None:
        usual = f"，平时 {row['seconds_usual']:.1f} 秒" if row["seconds_usual"] is not None else ""
        found.append(("应答", f"{row['seconds']:.1f} 秒{usual}"))
    if hours:
        reads, failures = sum(hour.reads for hour in hours.values()), sum(hour.failures for hour in hours.values())
        bad = f"，{failures:,} 次不成" if failures else ""
        found.append(("近 24 小时", f"读 {reads:,} 次{bad}，得 {sum(hour.posts for hour in hours.values()):,} 帖"))
    if row["first_crawl"]:
        old = [f"旧帖 {row['archived']:,} 帖入档"] if row["archived"] else []
        old += [f"{row['waiting']:,} 页待读"] if row["waiting"] else []
        old += [f"列表读到头（{instant(parse_instant(row['covered']), now)}）"] if row["covered"] else ["列表还没有读到头"]
        found.append(("从头读起", f"{instant(parse_instant(row['first_crawl']), now)} 开始，{'，'.join(old)}"))
    return found


def _share(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.0f}%"


def _advice(advice: str, failure: str) -> str:
    """The advice without the failure's own words, which stand in 看记录 for administrators."""
    if not failure or not advice.startswith(failure):
        return advice
    rest = advice[len(failure) :].removeprefix("。")
    if rest.startswith("（") and "）。" in rest:
        often, _, rest = rest[1:].partition("）。")
        return f"{often}读不成。{rest}"
    return rest


def _strip(back: int, hour: HealthHour) -> Strip | None:
    if not hour.reads:
        return None
    x = (HOURS - 1 - back) * 6
    if hour.failures * 2 > hour.reads:
        return Strip(x=x, y=13, height=3, css="s-x")
    if hour.slow * 2 > hour.reads or hour.failures * 5 > hour.reads:
        return Strip(x=x, y=8, height=8, css="s-s")
    return Strip(x=x, y=2, height=14, css="s-o")
