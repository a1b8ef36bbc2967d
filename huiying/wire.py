"""From pipelines.yaml to what each part wants to know: the only place where configuration meets the parts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.policy import Policy, Rung, Unit
from huiying.config import Pipelines
from huiying.config.model import Source
from huiying.config.types import show_duration
from store.records import Level

if TYPE_CHECKING:
    from crawlers.settings_types import SourceSettings
    from nlp.settings import JudgeSettings
    from store.health import Configured

_MILESTONES = {timedelta(hours=5): "5 小时 首次发布", timedelta(hours=24): "24 小时 发布会", timedelta(hours=48): "48 小时 回应"}


def policy_of(pipelines: Pipelines, *, url: str = "") -> Policy:
    """What the ledger and the pages need."""
    accounts: dict[str, list[tuple[str, str]]] = {}
    for (site, uid), unit in official_accounts(pipelines).items():
        accounts.setdefault(unit, []).append((site, uid))
    ladders: dict[Level, tuple[Rung, ...]] = {}
    for ladder in pipelines.ladders.values():
        rungs = tuple(
            Rung(
                name=f"rung-{show_duration(rung.after)}",
                after=rung.after,
                label=rung.label,
                to=rung.to,
                unowned_only=rung.unowned_only,
                channels=rung.channels,
                every=rung.every,
            )
            for rung in ladder.rungs
        )
        ladders.update(dict.fromkeys(ladder.levels, rungs))
    milestones = tuple(
        (_MILESTONES.get(limit, f"{show_duration(limit)}"), limit, Level.IV if limit >= timedelta(hours=48) else Level.II)
        for limit in pipelines.sla.milestones
    )
    return Policy(
        county=pipelines.county.name,
        product_url=(url or web_url(pipelines)).rstrip("/"),
        units=tuple(
            Unit(name=unit.name, short=unit.short, kind=unit.kind, town=unit.town, accounts=tuple(accounts.get(unit.name, ())))
            for unit in pipelines.units
        ),
        topics=pipelines.topics,
        towns=pipelines.towns,
        duty_unit=pipelines.alerts.duty_unit,
        clock=pipelines.sla.clock,
        target=pipelines.sla.target,
        milestones=milestones,
        result_days=pipelines.sla.result_days,
        max_age=pipelines.alerts.max_age,
        undo=pipelines.alerts.undo,
        recorded_grace=pipelines.alerts.recorded_grace,
        claim=pipelines.alerts.claim,
        ladders=ladders,
        minimum_sample=pipelines.sla.minimum_sample,
        target_rate=pipelines.sla.target_rate,
        messages={cause: {"subject": message.subject, "body": message.body} for cause, message in pipelines.messages.items()},
        crawlable_sites=frozenset(site_of(pipelines, name) for name, source in pipelines.sources.items() if source.enabled),
        site_names={site_of(pipelines, name): source.name or name for name, source in pipelines.sources.items()},
        digest_at=(pipelines.digest.send_at.hour, pipelines.digest.send_at.minute),
        digest_draft_at=(pipelines.digest.draft_at.hour, pipelines.digest.draft_at.minute),
    )


def web_url(pipelines: Pipelines) -> str:
    """The address that messages name."""
    return pipelines.web.url or f"http://{pipelines.web.host}:{pipelines.web.port}"


def site_of(pipelines: Pipelines, source: str) -> str:
    """The site key under which a source's posts are stored."""
    return pipelines.sources[source].site or source


def official_accounts(pipelines: Pipelines) -> dict[tuple[str, str], str]:
    """(site, uid) → unit, over all sources."""
    return {(site_of(pipelines, name), uid): unit for name, source in pipelines.sources.items() for uid, unit in source.official.items()}


def configured_boards(pipelines: Pipelines) -> list[Configured]:
    """Every source with its named boards, for source health; board "" is the source itself."""
    from store.health import Configured

    rows = []
    for name, source in pipelines.sources.items():
        rows.append(Configured(source=name, board="", name=source.name or name, enabled=source.enabled))
        rows += [Configured(source=name, board=board, name="", enabled=source.enabled) for board in source.boards]
    return rows


def source_settings(pipelines: Pipelines) -> tuple[SourceSettings, ...]:
    """The enabled sources, as the crawl wants them."""
    from crawlers.settings_types import SourceSettings

    return tuple(
        SourceSettings(
            name=name,
            site=site_of(pipelines, name),
            engine=source.engine,
            url=source.url,
            charset="" if source.charset == "auto" else source.charset,
            boards=source.boards,
            guide=source.guide,
            requests_per_minute=source.requests_per_minute,
            min_delay_s=source.min_delay.total_seconds(),
            poll_s=source.poll.total_seconds(),
            max_age=source.first_crawl,
            user_agent=pipelines.crawl.user_agent,
            timeout_s=pipelines.crawl.timeout.total_seconds(),
            max_page_bytes=int(pipelines.crawl.max_page_mb * 1024 * 1024),
            robots=source.robots,
            allow_private=source.allow_private,
            rules=rules_of(source),
        )
        for name, source in pipelines.sources.items()
        if source.enabled
    )


def rules_of(source: Source) -> dict[str, tuple[str, ...]]:
    """The rules of a configured site, each as the texts that stand in the file."""
    told = source.rules.model_dump() if source.rules else {}
    return {name: (value,) if isinstance(value, str) else tuple(value) for name, value in told.items() if value or name == "end"}


def judge_settings(pipelines: Pipelines, folder: Path) -> JudgeSettings:
    """The judge's settings; `folder` is the configuration's, for the gazetteer beside it."""
    from nlp.settings import LEVEL_WORDS, JudgeSettings

    judge = pipelines.judge
    topic_units = {rule.topic: rule.unit for rule in reversed(pipelines.departments) if rule.topic and not rule.words}
    keyword_units = tuple((rule.unit, rule.words) for rule in pipelines.departments if rule.words)
    return JudgeSettings(
        topics=pipelines.topics,
        topic_units=topic_units,
        keyword_units=keyword_units,
        gazetteer=(folder / pipelines.county.gazetteer) if pipelines.county.gazetteer else None,
        county=(pipelines.county.name, *pipelines.county.aliases),
        user_words=judge.user_words,
        threshold=judge.threshold,
        board_thresholds=judge.boards,
        band=judge.band,
        level_words={**LEVEL_WORDS, **{int(level): words for level, words in judge.levels.items()}},
    )
