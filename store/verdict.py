"""How a source fares, decided from facts: a pure function, no tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf, log1p

from store.records import SourceState
from store.rhythm import HOURS, Rhythm
from store.snapshots import FetchOutcome

#: no word about speed or silence before a source was watched for a day
YOUNG = timedelta(hours=24)
#: a silence is believed when chance makes one like it once in a thousand times (e^-7)
SILENCE = 7.0
#: posts come in bursts: rates never rest on more than so many that came independently of each other
INDEPENDENT = 20.0
#: an answer is slow above both
SLOW_S = 3.0
SLOW_TIMES = 4.0
#: a single broken answer is a blip; walls and changed pages are believed at once
BLIPS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the decision rests on."""

    enabled: bool = True
    first_crawl_at: datetime | None = None
    last_success_at: datetime | None = None
    last_post_at: datetime | None = None
    #: FetchOutcome of the newest read, "" = never read
    outcome: str = ""
    detail: str = ""
    failures_in_row: int = 0
    failure: str = ""
    #: the reader's own advice on that failure
    advice: str = ""
    seconds_recent: float | None = None
    seconds_usual: float | None = None
    #: posts an hour by hour of week (`store.rhythm`) and the posts they rest on; empty = no history
    rates: Sequence[float] = field(default_factory=tuple)
    rates_evidence: float = 0.0
    backfilled: int = 0
    #: what a canary thread told of a changed template, "" = nothing is wrong with it
    canary: str = ""
    waiting: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    state: SourceState
    #: Chinese: what is the matter and what to do
    advice: str


_ADVICE = {
    SourceState.BLOCKED: "站点拦下了读取，已自动退避，少量再试。系统不破解验证；请与站方商定放行，或改用授权数据导入",
    SourceState.CHANGED: "页面读到了，但认不出帖子，多半是换了模板或版块已变。"
    "请打开版块核对，用 huiying crawl 来源 --try 网址 试读后改规则",
    SourceState.UNREACHABLE: "站方服务器不应答。会一直再试，恢复后补读；请先确认本机网络和网址",
    SourceState.LOGIN: "页面改为登录后可看。系统不登录；请与站方商定开放或授权导出",
}
_STATE_OF = {
    FetchOutcome.UNREACHABLE: SourceState.UNREACHABLE,
    FetchOutcome.HTTP: SourceState.UNREACHABLE,
    FetchOutcome.PARSER: SourceState.CHANGED,
    FetchOutcome.NOT_A_FORUM: SourceState.CHANGED,
    FetchOutcome.NOTICE: SourceState.CHANGED,
    FetchOutcome.WALL: SourceState.BLOCKED,
    FetchOutcome.LOGIN: SourceState.LOGIN,
    FetchOutcome.ROBOTS: SourceState.BLOCKED,
    FetchOutcome.REFUSED: SourceState.UNREACHABLE,
    FetchOutcome.GONE: SourceState.CHANGED,
}
#: so many pages may wait on any day
_SOME = 50
_SOFT = frozenset({FetchOutcome.UNREACHABLE, FetchOutcome.HTTP})


def failed_state(outcome: FetchOutcome, detail: str) -> SourceState:
    """The state that a failed read speaks for."""
    if outcome == FetchOutcome.HTTP and any(code in detail for code in ("401", "403", "429")):
        return SourceState.BLOCKED
    if outcome == FetchOutcome.NOTICE and detail in ("no_permission", "login", "password"):
        return SourceState.LOGIN
    if outcome == FetchOutcome.NOTICE and detail == "closed":  # for maintenance: nothing about its pages has changed
        return SourceState.UNREACHABLE
    return _STATE_OF.get(outcome, SourceState.CHANGED)


def decide(facts: Facts, now: datetime) -> Verdict:
    """The state of a board and one sentence for the operator; trouble goes before youth, youth before speed and silence."""
    if not facts.enabled:
        return Verdict(state=SourceState.DISABLED, advice="在 pipelines.yaml 停用，不读也不计入")
    if not facts.outcome:
        return Verdict(state=SourceState.STARTING, advice="还没有读过，稍候")
    outcome = FetchOutcome(facts.outcome)
    if outcome != FetchOutcome.OK and (facts.failures_in_row >= BLIPS or outcome not in _SOFT or facts.last_success_at is None):
        return _trouble(facts, outcome)
    if facts.canary:  # pages answer and are read, but no longer in full
        return Verdict(state=SourceState.CHANGED, advice=facts.canary)
    if facts.first_crawl_at is None or now - facts.first_crawl_at < YOUNG:
        told = f"旧帖 {facts.backfilled:,} 帖已入档，不开告警。" if facts.backfilled else ""
        told += f"还有 {facts.waiting:,} 页待读。" if facts.waiting else ""
        return Verdict(state=SourceState.STARTING, advice=f"刚启用，读得到。{told}满 24 小时才判断快慢")
    if facts.last_post_at is not None and silence(facts.rates, facts.rates_evidence, facts.last_post_at, now) > SILENCE:
        gap = _span((now - facts.last_post_at).total_seconds())
        return Verdict(state=SourceState.SILENT, advice=f"读得到，但 {gap}没有新帖，平时这段时间不会没有。先看版块是否改名或关闭")
    recent, usual = facts.seconds_recent or 0.0, facts.seconds_usual or inf
    if recent > SLOW_S and recent > SLOW_TIMES * usual:
        told = f"应答 {recent:.1f} 秒，平时 {usual:.1f} 秒。会自动放慢，不必处理；持续一小时以上请问站方"
        return Verdict(state=SourceState.SLOW, advice=told)
    return Verdict(state=SourceState.OK, advice=f"不用管；旧帖还有 {facts.waiting:,} 页待读" if facts.waiting > _SOME else "不用管")


def _trouble(facts: Facts, outcome: FetchOutcome) -> Verdict:
    state = failed_state(outcome, facts.detail)
    often = f"（连续 {facts.failures_in_row} 次）" if facts.failures_in_row > 1 else ""
    what = f"{facts.failure}{often}。" if facts.failure else ""
    todo = facts.advice or _ADVICE[state]
    return Verdict(state=state, advice=f"{what}{todo}")


def silence(rates: Sequence[float], evidence: float, start: datetime, end: datetime) -> float:
    """How little chance explains that nothing came between two instants: minus the logarithm of its probability.

    The rate is itself only known from `evidence` posts: under its gamma posterior a silence that should have held m posts has
    the probability (1 + m/a)^-a with a = evidence, which is e^-m for much evidence and far more for little.
    """
    if len(rates) != HOURS or evidence <= 0:
        return 0.0
    known = min(evidence, INDEPENDENT)
    return known * log1p(Rhythm(tuple(rates)).expected(start, end) / known)


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时"
    return f"{hours} 小时 {rest} 分" if hours else f"{rest} 分"
